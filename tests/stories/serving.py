"""Real servers: ``zhoba serve`` in processes of their own."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from zhoba.settings import Settings


class Server:
    """``zhoba serve`` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port

    async def stop(self) -> int:
        """End it as a service manager would; its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 60)

    async def kill(self) -> None:
        """End it at once, as a power cut would: nothing of it gets to say goodbye."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[Server]:
    """A server on a free port, from the moment it answers until the block ends."""
    environment = {
        **os.environ,
        "ZHOBA_DATA_DIR": str(settings.data_dir),
        "ZHOBA_DATABASE_URL": settings.database,
        "ZHOBA_PORT": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "zhoba.cli", "serve",
        cwd=Path(__file__).parents[2], env=environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    running = Server(process, await asyncio.wait_for(port_in(process.stderr), 300))
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield running
    finally:
        await running.stop()
        await reading


async def port_in(log: asyncio.StreamReader) -> int:
    """The port the server says it listens on."""
    seen = b""
    async for line in log:
        seen += line
        found = re.search(rb"running on http://127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found[1])
    raise AssertionError(seen.decode())
