"""One import in a process of its own, so that its memory is its own.

``python -m bench.import_once URL MAPPING DIR`` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

import core.models  # noqa: F401 - the tables must know each other
from core.db.engine import Database
from core.hierarchy.country import Country, found_country
from core.imports.engine import run_import
from core.imports.mapping import load_mapping
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority
from zhoba.admin import COUNTRY_NAMES


async def import_once(url: str, mapping: str, folder: Path) -> dict[str, Any]:
    now = datetime.now(UTC)
    database = await Database.open(url)
    authority = OperatorAuthority()
    async with transact(database, actor=OPERATOR, authority=authority, now=now) as work:
        if await work.session.scalar(select(Country.id)) is None:
            await found_country(work, names=COUNTRY_NAMES)
    start = time.perf_counter()
    report = await run_import(database, load_mapping(mapping), folder, actor=OPERATOR, now=now)
    seconds = time.perf_counter() - start
    await database.close()
    nouns = [noun for file in report.files for noun in file.nouns]
    return {
        "seconds": round(seconds, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "created": sum(noun.created for noun in nouns),
        "updated": sum(noun.updated for noun in nouns),
        "unchanged": sum(noun.unchanged for noun in nouns),
        "bad": report.bad,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(import_once(sys.argv[1], sys.argv[2], Path(sys.argv[3])))))
