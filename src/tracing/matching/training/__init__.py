"""Learn the tables of weights in ``matching/data`` from public name lists; never needed to run the engine."""
