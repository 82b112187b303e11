"""Tracing: Restoring Family Links. See README.md; the storeys of the code are in docs/discussion/house.md."""

__version__ = "0.1.0"
