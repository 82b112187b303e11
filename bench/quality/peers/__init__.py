"""Peers behind the neutral commands. Runs in the environment of requirements-bench.lock, without `tracing`."""
