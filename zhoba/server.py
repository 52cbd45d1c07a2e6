"""Running the application with uvicorn."""

from __future__ import annotations

import gc

import uvicorn

from zhoba.app import build_app
from zhoba.express.protocol import ExpressProtocol
from zhoba.host.installation import Installation
from zhoba.logs import configure_logs
from zhoba.settings import Settings

PING_SECONDS = 20.0
"""How often an idle WebSocket is asked whether anybody is still there."""


def serve(settings: Settings, installation: Installation | None = None) -> None:
    """Serve until SIGTERM or SIGINT; then running requests get ``shutdown_seconds`` to end."""
    configure_logs(settings)
    server = uvicorn.Server(server_config(settings, installation))
    # What lives as long as the server need not be looked at by every collection.
    gc.collect()
    gc.freeze()
    server.run()


def server_config(settings: Settings, installation: Installation | None = None) -> uvicorn.Config:
    """How the server listens. Its own access log is off: it would write query strings."""
    return uvicorn.Config(
        build_app(settings, installation=installation),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        http=ExpressProtocol,
        proxy_headers=False,  # the application looks at them itself, where it needs to
        server_header=False,
        ws_max_size=settings.websocket_message_bytes,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
