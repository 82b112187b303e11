"""`tracing` and `python -m tracing`."""

from tracing.cli.main import app


def main() -> None:
    """Run the command line; exit code 0 done, 1 refused or failed, 2 wrongly called."""
    app()


if __name__ == "__main__":
    main()
