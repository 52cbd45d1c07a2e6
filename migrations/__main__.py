"""``python -m migrations "what changes"``: write a core revision from the changed models."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from migrations.run import migrate, revise


async def main(message: str) -> None:
    """Migrate an empty database to the newest revision and record what the models add."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'zhoba.db'}"
        await migrate(url)
        await revise(url, message)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say what changes: make migration M="add a column"')
    asyncio.run(main(sys.argv[1]))
