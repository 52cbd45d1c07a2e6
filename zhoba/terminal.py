"""What every command does: read the settings, say things, open the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError
from rich.console import Console

from core.db.engine import Database
from zhoba.settings import Settings

Result = TypeVar("Result")

say = Console(stderr=True, highlight=False)


def fail(words: str) -> NoReturn:
    say.print(words, style="red", markup=False, soft_wrap=True)
    sys.exit(1)


def settings_of(**changes: Any) -> Settings:
    """The settings, with what the command line changes."""
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        problems = [
            f"ZHOBA_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        ]
        fail("\n".join(problems))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(work)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    database = await Database.open(settings.database)
    try:
        yield database
    finally:
        await database.close()
