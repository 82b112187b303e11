"""`tracing` and `python -m tracing`."""

import gc

from tracing.cli.main import app

_YOUNG = 50_000
"""Objects made before cycles are looked for; at Python's 700 that is a tenth of the start, and finds nothing."""


def main() -> None:
    """Run the command line; exit code 0 done, 1 refused or failed, 2 wrongly called."""
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    app()


if __name__ == "__main__":
    main()
