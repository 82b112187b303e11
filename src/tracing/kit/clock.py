"""The one place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, timezone-aware, UTC."""
    return datetime.now(UTC)  # the ban points here
