"""Give every request an id, time it, count it, log it: method, route template, status; nothing of anybody."""

import logging
import re
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing.kit import log
from tracing.kit.ids import new_id

# It lands in the log and on the trail, so it must not spell a name or a number that somebody is reached by: a UUID
# (RFC 9562) or a trace id (W3C Trace Context), and of either no such one as is all digits or all letters.
GOOD_ID = re.compile(
    r"(?=[^0-9]*[0-9])(?=[^A-Fa-f]*[A-Fa-f])"
    r"(?:[0-9a-f]{32}|[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[1-8][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12})",
    re.ASCII,
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counters of one application; labels are methods, route templates and statuses only."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("tracing_requests_total", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "tracing_request_seconds",
            "Time to answer, in seconds.",
            ("method", "route"),
            registry=self.registry,
        )


class RequestId:
    """ASGI middleware; a client's own `X-Request-Id` is kept if it is a UUID or a W3C trace id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if GOOD_ID.fullmatch(given) else str(new_id())
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500
        started = time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, named)
        finally:
            self._count(scope, status, time.perf_counter() - started, request_id)

    def _count(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = route_template(scope)
        self.metrics.requests.labels(method, route, str(status)).inc()
        self.metrics.seconds.labels(method, route).observe(seconds)
        log.say(
            logging.INFO,
            "answered",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            request_id=request_id,
        )


def route_template(scope: Any) -> str:
    """Return the template of the matched route (``/v1/sightings/{sighting_id}``), never the path itself."""
    context = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(context, "path", None) or getattr(context, "path_format", None) or "unmatched")
