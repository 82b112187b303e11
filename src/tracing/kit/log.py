"""One JSON line per event, from an allow-list of fields: what is not on it cannot leak."""

import json
import logging
import sys
from typing import Any

FIELDS = frozenset(
    {
        "event",
        "method",
        "route",
        "status",
        "ms",
        "request_id",
        "error",
        "host",
        "port",
        "run_id",
        "job_id",
        "step",
        "count",
    }
)


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        known = getattr(record, "tracing", None)
        fields |= known if known is not None else {"event": "library"}
        return json.dumps(fields, default=str)


def say(level: int, event: str, **fields: object) -> None:
    """Log `event` with `fields`; a field that is not in `FIELDS` is a bug and raises `KeyError`."""
    if unknown := fields.keys() - FIELDS:
        raise KeyError(f"not on the allow-list of log fields: {sorted(unknown)}")
    logging.getLogger("tracing").log(level, event, extra={"tracing": {"event": event, **fields}})


def install(level: str) -> None:
    """Send the service's own lines to stderr; libraries' messages shrink to their logger's name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn.access", "sqlalchemy", "alembic", "httpx"):
        logging.getLogger(noisy).setLevel("WARNING")
