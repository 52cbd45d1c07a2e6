"""Filling a database with the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from core.db.engine import Database
from core.hierarchy.country import Country, found_country
from core.imports.engine import run_import, silent
from core.imports.mapping import load_mapping
from core.transaction import transact
from core.work import OPERATOR, OperatorAuthority
from zhoba.admin import COUNTRY_NAMES
from zhoba.demo.sample import DATA, sample_mapping
from zhoba.demo.staff import staff


async def fill_demo(
    database: Database, *, now: datetime, progress: Callable[[str, int, int], None] = silent
) -> None:
    """Bring in the sample regions, the World Bank's portfolio, and somebody for every role.

    The same every time: a second run finds everything there and changes nothing, a run that was
    broken off goes on. The database must be migrated.
    """
    authority = OperatorAuthority()
    async with transact(database, actor=OPERATOR, authority=authority, now=now) as work:
        if await work.session.scalar(sa.select(Country.id)) is None:
            await found_country(work, names=COUNTRY_NAMES)
    for mapping in (sample_mapping(), load_mapping("world_bank_kazakhstan")):
        await run_import(database, mapping, DATA, actor=OPERATOR, now=now, progress=progress)
    progress("people and appointments", 0, 1)
    async with transact(database, actor=OPERATOR, authority=authority, now=now) as work:
        await staff(work)
    progress("people and appointments", 1, 1)
