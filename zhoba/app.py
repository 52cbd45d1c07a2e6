"""The ASGI application. Importing this module does nothing; :func:`build_app` makes it all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import cast

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import core.models  # noqa: F401 - the tables must know each other before a row is written
from core.authority.policies.live import LivePolicies
from core.background.acting import Background
from core.db.engine import Database
from core.decisions.log import DecisionLog
from core.errors import InvalidInput
from core.events.attempts import Retrying
from core.events.feed import EventFeed
from core.files.store import FileStore
from core.hierarchy.conditions import core_ground
from core.messages import Messages
from core.plugins.host import NO_PLUGINS
from schema.compose import ZhobaSchema
from schema.context import Services
from schema.planner.run import open_reads
from zhoba.dispatch import Dispatcher
from zhoba.documents import Documents
from zhoba.express.answers import Answers
from zhoba.express.express import Express
from zhoba.express.lane import ExpressLane
from zhoba.express.snapshots import open_snapshots
from zhoba.host.installation import Installation
from zhoba.host.loading import load_for_database
from zhoba.http.answers import MethodNotAllowed, refuse_request
from zhoba.http.body import COST_HEADER
from zhoba.http.correlation import HEADER, Correlated
from zhoba.http.files import TICKET_HEADER, Files
from zhoba.http.graphiql import PAGE, GraphiQL
from zhoba.http.graphql import GraphQLEndpoint
from zhoba.http.health import Health
from zhoba.http.metrics import Metrics
from zhoba.http.operation import Operations
from zhoba.http.signing_in import SigningIn
from zhoba.http.websocket import GraphQLSocket
from zhoba.settings import Settings
from zhoba.sign_in.door import Door
from zhoba.sweeping import Sweeping


def build_app(
    settings: Settings,
    schema: strawberry.Schema | None = None,
    installation: Installation | None = None,
) -> Starlette:
    """The application of an installation, which is loaded as the settings say unless given.

    ``schema`` stands in for that of the installation, and for all of it if none is given. It
    answers from the moment its lifespan has begun, which is when the database is opened.
    """
    messages = Messages.load() if installation is None else installation.messages

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            operations = await open_operations(settings, schema, installation, stack)
            app.state.operations = operations
            app.state.express = await open_express(settings, operations, stack)
            stack.callback(setattr, app.state, "express", None)
            app.router.routes[:] = routes_of(settings, operations, app.state.express)
            yield

    async def missing(request: Request, _error: Exception) -> Response:
        error = InvalidInput("ROUTE_NOT_FOUND")
        return refuse_request(request, error, messages, settings.language)

    async def wrong_method(request: Request, error: Exception) -> Response:
        allowed: str = (getattr(error, "headers", None) or {}).get("Allow", "")
        refused = MethodNotAllowed(sorted(allowed.split(", ")))
        return refuse_request(request, refused, messages, settings.language)

    layers = [Middleware(Correlated, messages=messages, default_language=settings.language)]
    if settings.cors_origins:
        layers.append(cors(settings))
    app = Starlette(
        lifespan=lifespan,
        exception_handlers={404: missing, 405: wrong_method},
        middleware=layers,
    )
    app.state.express = None
    app.router.redirect_slashes = False
    # In front of all layers, the one that starlette puts around the others included: nothing in the
    # lane asks from where a request comes.
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
    app.middleware_stack = ExpressLane(
        cast(ASGIApp, ProxyHeadersMiddleware(app.build_middleware_stack(), trusted)),  # type: ignore[arg-type]
        default_language=settings.language,
        cors_origins=settings.cors_origins,
    )
    return app


def cors(settings: Settings) -> Middleware:
    """What lets pages of other origins ask, those the settings name."""
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", HEADER, COST_HEADER, TICKET_HEADER],
        expose_headers=[HEADER],
    )


async def open_operations(
    settings: Settings,
    schema: strawberry.Schema | None,
    installation: Installation | None,
    stack: AsyncExitStack,
) -> Operations:
    """Open what the requests share; closed in the opposite order when the server ends."""
    if installation is None and schema is None:
        installation = await open_installation(settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = await Database.open(settings.database, pool_size=settings.pool_size)
    stack.push_async_callback(database.close)
    feed = EventFeed(database)
    stack.push_async_callback(feed.close)
    door = Door.build(settings)
    stack.push_async_callback(door.close)
    profile = settings.rules().profile
    composed = schema or (installation.schema if installation else None)
    assert composed is not None
    planner, reads = None, None
    if isinstance(composed, ZhobaSchema):
        reads = await open_reads(
            settings.database, pool_size=settings.pool_size, seconds=settings.request_seconds
        )
        stack.push_async_callback(reads.close)
        planner = composed.planner(reads.dialect, reads.version)
    decisions = DecisionLog(database, kept_days=settings.decision_days)
    stack.push_async_callback(decisions.close)
    decisions.start()
    policies = LivePolicies(installation.ground(profile) if installation else core_ground(profile))
    await policies.warm(database)
    services = Services(
        database=database,
        messages=installation.messages if installation else Messages.load(),
        installation=installation or NO_PLUGINS,
        rules=settings.rules(),
        policies=policies,
        feed=feed,
        files=FileStore(settings.files_dir, largest=settings.max_file_bytes),
        planner=planner,
        reads=reads,
        most_objects=settings.max_cost,
        decisions=decisions,
        seal=settings.seal(),
    )
    if settings.dispatch:
        background = Background(
            database=database,
            host=services.installation,
            rules=services.rules,
            retrying=Retrying(settings.dispatch_attempts),
            seconds=settings.dispatch_seconds,
            seal=services.seal,
            files=services.files,
        )
        dispatcher = Dispatcher(background, feed)
        stack.push_async_callback(dispatcher.close)
        await dispatcher.start()
        sweeping = Sweeping(database, services.files, session_days=settings.session_kept_days)
        stack.push_async_callback(sweeping.close)
        sweeping.start()
    documents = Documents(settings.documents, only=settings.only_documents)
    return Operations(composed, services, door, settings.limits(), documents)


async def open_express(
    settings: Settings, operations: Operations, stack: AsyncExitStack
) -> Express | None:
    """The express lane of this process, where the settings want one."""
    if not settings.express or operations.services.planner is None:
        return None
    answers = Answers(settings.answer_cache_bytes) if settings.answer_cache_bytes else None
    express = Express(operations, await open_snapshots(settings.database), answers)
    stack.push_async_callback(express.close)
    return express


def routes_of(
    settings: Settings, operations: Operations, express: Express | None
) -> list[BaseRoute]:
    """All addresses of the application."""
    sockets = GraphQLSocket(
        operations=operations,
        default_language=settings.language,
        origins=settings.cors_origins,
        most_operations=settings.websocket_operations,
        init_seconds=settings.websocket_init_seconds,
    )
    graphql = GraphQLEndpoint(operations, sockets, settings.language)
    health = Health(operations.services)
    files = Files(operations, settings.language)
    signing_in = SigningIn(settings, operations)
    routes: list[BaseRoute] = [
        Route("/graphql", graphql),
        WebSocketRoute("/graphql", graphql),
        Route("/healthz", health.alive),
        Route("/readyz", health.ready),
        Route("/files", files.upload, methods=["POST"]),
        Route("/files/tickets", files.announce, methods=["POST"]),
        Route("/files/{link}", files.download),
        Route("/sign-in", signing_in.page),
        Route("/sign-in", signing_in.enter, methods=["POST"]),
        Route("/sign-in/page.js", signing_in.script),
        Route("/sign-in/token", signing_in.token, methods=["POST"]),
        Route("/sign-out", signing_in.leave, methods=["POST"]),
    ]
    if settings.metrics:
        routes.append(Route("/metrics", Metrics(operations, express).show))
    if settings.graphiql and not settings.only_documents:
        graphiql = GraphiQL(settings, operations)
        routes += [
            Route("/graphiql", graphiql.page),
            Route("/graphiql/roles.json", graphiql.roles),
            Mount("/graphiql/assets", StaticFiles(directory=PAGE / "assets")),
        ]
    return routes


async def open_installation(settings: Settings) -> Installation:
    """The core and the plugins the settings name, as far as they fit this database.

    Raises :class:`~zhoba.host.failing.PluginsFailed` where the settings are strict.
    """
    return await load_for_database(
        settings.database, only=settings.plugins, strict=settings.strict_plugins
    )
