"""Put the house together. The only module that knows every router."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import tracing.night  # noqa: F401  # an erasure reaches the tables that are known: the night knows all
from tracing import __version__
from tracing.accounts import routes as accounts
from tracing.audit import routes as audit
from tracing.consent import routes as consent
from tracing.contact import routes as contact
from tracing.courier import Courier
from tracing.disclosure import routes as disclosure
from tracing.enquirer import routes as enquirer
from tracing.exchange import routes as exchange
from tracing.fate import routes as fate
from tracing.gate.opening import Gate, open_gate
from tracing.gate.schema import is_current
from tracing.intake import routes as intake
from tracing.kit import log
from tracing.kit.errors import Busy
from tracing.kit.settings import Settings
from tracing.messages import routes as messages
from tracing.outcome import routes as outcome
from tracing.partners import routes as partners
from tracing.pfif import routes as pfif
from tracing.precheck import routes as precheck
from tracing.requests import routes as requests
from tracing.review import routes as review
from tracing.review import suggest
from tracing.rights import routes as rights
from tracing.risk import routes as risk
from tracing.sightings import routes as sightings
from tracing.tasks import routes as tasks
from tracing.verification import routes as verification
from tracing.web import openapi, problems
from tracing.web.door import gate_of, metered
from tracing.web.flood import Flood
from tracing.web.limits import Limits
from tracing.web.request_id import Metrics, RequestId
from tracing.webhooks import routes as webhooks

ROUTERS: tuple[APIRouter, ...] = (
    requests.router,
    sightings.router,
    intake.router,
    pfif.router,
    review.router,
    risk.router,
    verification.router,
    disclosure.router,
    fate.router,
    outcome.router,
    enquirer.router,
    contact.router,
    messages.router,
    exchange.router,
    precheck.router,
    partners.router,
    tasks.router,
    webhooks.router,
    consent.router,
    rights.router,
    accounts.router,
    audit.router,
)

TAGS = {
    "tracing requests": "Enquirers and the persons they seek; what happens to each search.",
    "sightings": "Reports of somebody who was seen, and registrations of those who say that they are alive.",
    "imports": "Lists of requests or sightings from a file.",
    "pfif": "People Finder Interchange Format: copies in, for matching only; consented names out.",
    "review": "Suggestions with reasons, decisions by hand, queries, the engine in words, nights as jobs.",
    "risk": "What may make it dangerous to reach out; broken glass.",
    "verification": "Whether a confirmed match is the person: both sides are interviewed apart.",
    "disclosure": "The asking of found persons, what they allow one enquirer to learn, and the telling.",
    "fate": "Reports of somebody's death or fate: two workers and evidence, never a sighting alone.",
    "outcome": "What an enquirer may be told and was told, and how a search is concluded.",
    "enquirer": "Case codes, and the status that an enquirer may read; found or not, it looks the same.",
    "contact": "Which ways to a person may be used now, how, and the tries to reach them.",
    "messages": "Red Cross Messages: short family news both ways, read by another worker before it leaves.",
    "exchange": "What we have with partner societies about one sought person; their signed messages.",
    "partners": "The registry of partner societies, their keys and ours.",
    "tasks": "What a team has to do; the night raises most of it.",
    "webhooks": "Signed notices to systems outside that something happened: ids and times, nothing of any person.",
    "consent": "Decisions of a person about each purpose, and their withdrawal.",
    "data subject": "The person's own rights, also over records that are hidden.",
    "accounts": "Who may do what; tokens are issued on the command line.",
    "trail": "Who did what to which record, when; ids only.",
    "health": "Whether the service is up, ready, and how it does; open to everybody.",
}


def create_app(settings: Settings, gate: Gate | None = None, *, with_courier: bool = False) -> FastAPI:
    """Return the service for `settings`; `gate` may be one that stands open already.

    With the courier, what waits for partners is delivered while it runs, if the settings name us to partners.

    Raises:
        Unsafe: a setting would make the service unsafe.
    """
    suggest.plain_engine(settings)
    opened = gate or open_gate(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        courier = Courier(opened, settings.exchange_every_s) if with_courier and _delivers(settings) else None
        if courier is not None:
            courier.start()
        yield
        if courier is not None:
            courier.stop()
        if gate is None:
            opened.close()

    app = FastAPI(
        title="Tracing: Restoring Family Links",
        version=__version__,
        summary="Tracing requests, sightings, suggestions with reasons, decisions by hand.",
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        openapi_tags=[{"name": name, "description": told} for name, told in TAGS.items()],
        separate_input_output_schemas=False,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        servers=[{"url": "/", "description": "this server"}],
    )
    app.state.gate = opened
    app.state.start_night = Nights()
    metrics = Metrics()
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    app.include_router(_health(metrics))
    app.add_middleware(Limits, max_body=settings.max_body_bytes, max_import=settings.max_import_bytes)
    app.add_middleware(Flood)
    app.add_middleware(RequestId, metrics=metrics)
    openapi.install(app)
    return app


def _delivers(settings: Settings) -> bool:
    return settings.exchange_origin is not None and settings.exchange_every_s > 0


class Nights:
    """Starts nights in processes of their own: a night forks, which no server with threads may do."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[bytes]] = []

    def __call__(self, settings: Settings, token: str) -> None:
        """Start a night under `token`, and collect those that have ended."""
        self._started = [night for night in self._started if night.poll() is None]
        environment = {**os.environ, **settings.environment(), "TRACING_TOKEN": token}
        command = (sys.executable, "-m", "tracing", "night", "--json")
        started = subprocess.Popen(  # noqa: S603  # our own interpreter and our own words, nothing of a caller's
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        self._started.append(started)


def _health(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/livez", operation_id="livez")
    def livez() -> dict[str, str]:
        """Answer that the process is up."""
        return {"status": "ok"}

    @router.get("/readyz", operation_id="readyz", responses=problems.documented())
    def readyz(request: Request) -> dict[str, str]:
        """Answer whether the case base can be reached and has this version's schema."""
        if not is_current(gate_of(request)):
            raise Busy("the case base is away or has another schema")
        return {"status": "ready"}

    text = {"text/plain": {"schema": {"type": "string"}}}

    @router.get(
        "/metrics",
        operation_id="metrics",
        response_class=Response,
        responses=problems.documented() | {200: {"description": "Prometheus' text format.", "content": text}},
        dependencies=[Depends(metered)],
    )
    def measure() -> Response:
        """Counters for Prometheus: methods, route templates and statuses. Needs an operator's token.

        They name nobody, but in a small society they tell that a step was taken, and so how a case goes. With
        `TRACING_METRICS_ON_LOOPBACK` callers on this machine need no token.
        """
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router


def serve() -> FastAPI:
    """Return the service as the environment configures it; the factory that uvicorn calls."""
    settings = Settings()
    log.install(settings.log_level)
    return create_app(settings, with_courier=True)
