"""``zhoba doctor``: what could be wrong with an installation, looked at one by one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import Table, select, text

from core.authority.policies.effective import effective
from core.authority.policies.policy_version import changes_of_version, head_number
from core.db.engine import Database
from core.files.file import File
from core.files.store import FileStore
from core.hierarchy.project import Project
from core.messages import Messages
from core.tree.copied import differing
from core.work import COUNTRY_TIME
from migrations.run import drift, pending
from zhoba.host.loading import load_for_database
from zhoba.host.overview import overview
from zhoba.settings import Settings

OWN_PACKAGES = ("core", "schema", "zhoba", "migrations")
"""Generic names: another distribution in the same environment could own one of them."""

LARGEST_DRIFT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look showed."""

    name: str
    good: bool
    words: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a look that fails is a finding and never stops the others."""
    looks: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "packages": look_at_packages,
        "data folder": look_at_data_folder,
        "database": look_at_database,
        "migrations": look_at_migrations,
        "tables": look_at_tables,
        "plugins": look_at_plugins,
        "policy": look_at_policy,
        "messages": look_at_messages,
        "clock": look_at_clock,
        "files": look_at_files,
    }
    findings = []
    for name, look in looks.items():
        try:
            findings.append(Finding(name, True, await look(settings)))
        except Exception as error:
            findings.append(Finding(name, False, f"{type(error).__name__}: {error}"))
    return findings


class Unwell(Exception):
    """Something is not as it should be."""


def foreign_packages(names: tuple[str, ...] = OWN_PACKAGES) -> dict[str, str]:
    """Packages of ours that another distribution took over, and where they come from instead."""
    home = Path(__file__).resolve().parent.parent
    found = {name: Path(import_module(name).__file__ or "").resolve() for name in names}
    return {name: str(path) for name, path in found.items() if home not in path.parents}


async def look_at_packages(_settings: Settings) -> str:
    foreign = foreign_packages()
    if foreign:
        raise Unwell(", ".join(f"{name} is {path}" for name, path in foreign.items()))
    return str(Path(__file__).resolve().parent.parent)


async def look_at_data_folder(settings: Settings) -> str:
    folder = settings.data_dir
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise Unwell(f"{folder} is no folder one may write to")
    personal = settings.seal().path
    for key in (*folder.glob("*signing-key.json"), *([personal] if personal.exists() else [])):
        if key.stat().st_mode & 0o077:
            raise Unwell(f"{key} can be read by others: chmod 600")
    return str(folder)


async def look_at_database(settings: Settings) -> str:
    database = await Database.open(settings.database)
    try:
        async with database.reading_session() as session:
            if database.dialect == "sqlite":
                state = (await session.execute(text("PRAGMA quick_check"))).scalar_one()
                if state != "ok":
                    raise Unwell(str(state))
                version = (await session.execute(text("SELECT sqlite_version()"))).scalar_one()
                return f"SQLite {version}"
            version = (await session.execute(text("SHOW server_version"))).scalar_one()
            return f"PostgreSQL {version}"
    finally:
        await database.close()


async def look_at_migrations(settings: Settings) -> str:
    behind = await pending(settings.database)
    if behind:
        steps = [
            f"{owner}: {now or 'nothing'} -> {newest}" for owner, (now, newest) in behind.items()
        ]
        raise Unwell("run `zhoba migrate` (" + ", ".join(steps) + ")")
    return "at the newest revision"


async def look_at_tables(settings: Settings) -> str:
    """Compare tables and models of the core and of every plugin that could run."""
    if await pending(settings.database):
        raise Unwell("they cannot be compared before `zhoba migrate`")
    owners = (await load_for_database(settings.database, only=settings.plugins)).owners
    found = {owner.name: await drift(settings.database, owner, owners) for owner in owners}
    differences = [f"{name}: {', '.join(map(str, each))}" for name, each in found.items() if each]
    if differences:
        raise Unwell("not as their models: " + "; ".join(differences))
    database = await Database.open(settings.database)
    try:
        async with database.reading_session() as session:
            astray = await differing(session, cast("Table", Project.__table__))
    finally:
        await database.close()
    if astray:
        raise Unwell(
            f"projects that differ from their nodes: {len(astray)}; are the triggers there?"
        )
    return f"as the models of {', '.join(found)}"


async def look_at_plugins(settings: Settings) -> str:
    """Plugins left out, those whose packages are gone, and those whose settings no longer fit."""
    rows = await overview(settings.database, settings.plugins)
    bad = [f"{row.id}: {row.state.value}: {row.reason}" for row in rows if row.reason]
    if bad:
        raise Unwell(" ".join(bad))
    return ", ".join(f"{row.id} {row.version}".strip() for row in rows) or "none"


async def look_at_policy(settings: Settings) -> str:
    """The rules in force; changes that a release left without effect are an administrator's."""
    if await pending(settings.database):
        raise Unwell("it cannot be read before `zhoba migrate`")
    installation = await load_for_database(settings.database, only=settings.plugins)
    ground = installation.ground(settings.rules().profile)
    database = await Database.open(settings.database)
    try:
        async with database.reading_session() as session:
            number = await head_number(session)
            found = effective(ground, await changes_of_version(session, number))
    finally:
        await database.close()
    words = f"version {number}, {len(found.rules)} rules, edition {settings.rules_profile}"
    if found.dangling:
        words += f"; without effect: {', '.join(each.rule for each in found.dangling)}"
    return words


async def look_at_messages(_settings: Settings) -> str:
    return f"{len(Messages.load().sentences)} sentences in three languages"


async def look_at_clock(settings: Settings) -> str:
    """The days of the Rules need the zone; tokens and appointments need the right time."""
    try:
        local = datetime.now(UTC).astimezone(COUNTRY_TIME)
    except ZoneInfoNotFoundError as error:
        raise Unwell("the time zone Asia/Almaty is missing: pip install tzdata") from error
    database = await Database.open(settings.database)
    try:
        if database.dialect == "postgresql":
            async with database.reading_session() as session:
                theirs = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
            drift = abs((theirs - datetime.now(UTC)).total_seconds())
            if drift > LARGEST_DRIFT_SECONDS:
                raise Unwell(f"the database's clock is {drift:.0f} s off ours")
    finally:
        await database.close()
    return f"{local:%Y-%m-%d %H:%M} in Almaty"


async def look_at_files(settings: Settings) -> str:
    """Compare every stored content with its hash; a large store takes as long as reading it."""
    if await pending(settings.database):
        raise Unwell("they cannot be looked up before `zhoba migrate`")
    database = await Database.open(settings.database)
    try:
        async with database.reading_session() as session:
            contents = (await session.scalars(select(File.sha256).distinct())).all()
    finally:
        await database.close()
    store = FileStore(settings.files_dir, largest=settings.max_file_bytes)
    broken = [each for each in contents if not await asyncio.to_thread(store.is_whole, each)]
    if broken:
        shown = ", ".join(str(store.path(each)) for each in broken[:5])
        raise Unwell(f"{len(broken)} of {len(contents)} are missing or changed: {shown}")
    return f"{len(contents)} contents in {settings.files_dir}"
