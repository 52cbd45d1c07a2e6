"""Somebody who writes beside the readers, past Zhoba."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg


@contextmanager
def writing(url: str, per_second: float) -> Iterator[None]:
    """Somebody else changes a project so many times a second.

    Raises :class:`SystemExit` when they wrote less than half of that: nothing measured beside it
    would count.
    """
    ended = threading.Event()
    started, number = time.monotonic(), 0

    async def write() -> None:
        nonlocal number
        connection = await asyncpg.connect(url)
        while not ended.is_set():
            number += 1
            await connection.execute(
                "UPDATE project SET goal = $1 WHERE id = (SELECT min(id) FROM project)",
                f"goal {number}",
            )
            await asyncio.sleep(1 / per_second)
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(write()))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if number < (time.monotonic() - started) * per_second / 2:
        raise SystemExit(f"only {number} writes beside the load")
