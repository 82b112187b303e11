"""Training: how the tables of weights in `matching/data` are made from data that never enters the project."""
