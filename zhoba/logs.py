"""Structured logs: one event a line, with the correlation id, without anybody's data.

Nothing a client sent is logged: no bodies, no variables, no query strings, no headers, no texts of
errors (a database error quotes the row). What is logged: codes, names of types, places in our code.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from zhoba.settings import Settings

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="-")
"""Number of the request being served; in every log line, audit entry, event and error."""

log = structlog.stdlib.get_logger("zhoba")

QUIET = ("httpx", "httpcore", "aiosqlite", "strawberry", "multipart", "python_multipart")
"""Libraries whose log lines carry addresses, values or texts of errors."""

CHATTY = ("alembic",)
"""Libraries that tell at every look that nothing is wrong."""


def configure_logs(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Send the logs of Zhoba and of its libraries to ``stream``. Called once by the server."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        add_correlation_id,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = structlog.dev.ConsoleRenderer(colors=False)
    if settings.log_format == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    foreign = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            Places(texts=settings.log_error_texts),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            last,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(foreign)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def add_correlation_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    event.setdefault("correlation_id", correlation_id.get())
    return event


class Places:
    """Puts an exception into a log line as its type and the places it passed."""

    def __init__(self, *, texts: bool) -> None:
        self.texts = texts

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        found = event.pop("exc_info", None)
        record = event.get("_record")
        if not found and record is not None:
            found, record.exc_info, record.exc_text = record.exc_info, None, None
        error = found[1] if isinstance(found, tuple) else found
        if error is True:
            error = sys.exc_info()[1]
        if isinstance(error, BaseException):
            event["error"] = type(error).__qualname__
            event["places"] = places(error)
            if self.texts:
                event["text"] = str(error)
        return event


def places(error: BaseException) -> list[str]:
    """Where an exception passed, outermost first: ``folder/file.py:12 function``."""
    return [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


class LogReports:
    """Tells the log what a request was refused for, and what broke."""

    def refused(self, code: str) -> None:
        log.info("refused", code=code)

    def failed(self, error: BaseException) -> None:
        log.error("failed", exc_info=error)
