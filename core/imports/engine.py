"""Running an import: one transaction per source, each source once through per noun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import text

from core.db.engine import Database
from core.errors import InvalidInput, PlatformError
from core.hierarchy.country import Country
from core.imports.gap_counter import GapCounter
from core.imports.journal import Journal
from core.imports.mapping import Mapping, NounMapping, SourceMapping
from core.imports.nodes import NodeWriter
from core.imports.nouns import NOUNS
from core.imports.places import PlaceWriter
from core.imports.records import Record, RecordReader
from core.imports.report import FileReport, ImportReport, NounCount
from core.imports.sources import Table, open_table
from core.node_facts import country_id
from core.people.sign_in import actor_of_account
from core.rows import find
from core.transaction import transact
from core.tree.lock import reshape_tree
from core.tree.node import Origin
from core.work import Actor, Authority, OperatorAuthority, Work

CHUNK = 1000
"""Rows written together; 1 000 keeps memory flat and statements few."""

Errors = Literal["skip", "stop"]
Progress = Callable[[str, int, int], None]
"""Called with what is being read, how far, and of how much."""


class RollBack(Exception):
    """Ends a transaction that must leave nothing behind."""


def silent(_name: str, _position: int, _size: int) -> None:
    """No progress is shown."""


async def account_actor(database: Database, account_id: int) -> Actor:
    """The actor an account stands for; raises NotAuthenticated unless the account is open."""
    async with database.reading_session() as session:
        return await actor_of_account(session, account_id)


async def run_import(
    database: Database,
    mapping: Mapping,
    directory: Path,
    *,
    actor: Actor,
    now: datetime,
    authority: Authority | None = None,
    dry_run: bool = False,
    errors: Errors = "stop",
    progress: Progress = silent,
    correlation_id: str = "-",
) -> ImportReport:
    """Bring the folder's data in, as ``mapping`` says, and tell what came of every row.

    Objects are recognised by the external id the mapping composes: a second run of the same data
    changes nothing, a changed row changes its object, and nothing is ever deleted. Columns edited
    here since the last import are kept. Each source is one transaction with one audit entry per
    changed row and one event; with ``errors="stop"`` a source with a bad row is not imported and
    ends the run, with ``"skip"`` the bad rows alone are left out. ``dry_run`` does all this in one
    transaction and takes it back. The Rules about dates, roles and stages do not bind imported
    rows (they do from the first act on); the shape of the tree does.

    Raises :class:`~core.errors.NotAllowed` without ``import.run``, and
    :class:`~core.errors.InvalidInput` when a file, a sheet or a column the mapping names is
    missing.
    """
    report = ImportReport(mapping.system, dry_run)

    @asynccontextmanager
    async def edge() -> AsyncIterator[Work]:
        async with transact(
            database,
            actor=actor,
            authority=authority or OperatorAuthority(),
            now=now,
            correlation_id=correlation_id,
        ) as work:
            yield work

    async def bring_in(work: Work, source: SourceMapping) -> None:
        file = await import_source(work, mapping, source, directory, report, progress)
        if file.bad and errors == "stop":
            file.imported = False
            raise RollBack

    with suppress(RollBack):
        if dry_run:
            async with edge() as work:
                for source in mapping.sources:
                    await bring_in(work, source)
                raise RollBack
        for source in mapping.sources:
            async with edge() as work:
                await bring_in(work, source)
    if not dry_run and sum(file.changed for file in report.files if file.imported) >= CHUNK:
        await refresh_statistics(database)
    return report


async def refresh_statistics(database: Database) -> None:
    """Let the database count its rows anew: plans for an empty table are slow on a full one."""
    async with database.session() as session, session.begin():
        await session.execute(text("ANALYZE"))


async def import_source(
    work: Work,
    mapping: Mapping,
    source: SourceMapping,
    directory: Path,
    report: ImportReport,
    progress: Progress,
) -> FileReport:
    """Write one source through ``work``; the caller decides whether it stays."""
    # Held to the end: an import adds, links and moves, and nobody else may meanwhile.
    await reshape_tree(work.session)
    country = await find(work.session, Country, await country_id(work.session))
    await work.require("import.run", country.id)
    file = FileReport(source.file or "mapping")
    report.files.append(file)
    journal = Journal(work)
    try:
        for noun_mapping in source.nouns:
            with open_table(source, directory) as table:
                await import_noun(
                    work, mapping, noun_mapping, table, country.id, journal, file, report, progress
                )
        await journal.write(work.session)
    finally:
        journal.close()
    if file.changed:
        after = {"system": mapping.system, "file": file.file, "bad": file.bad}
        for count in file.nouns:
            after[count.noun] = {"created": count.created, "updated": count.updated}
        work.record("fileImported", country, node_id=country.id, after=after)
    return file


async def import_noun(
    work: Work,
    mapping: Mapping,
    noun_mapping: NounMapping,
    table: Table,
    country_id: int,
    journal: Journal,
    file: FileReport,
    report: ImportReport,
    progress: Progress,
) -> None:
    noun = NOUNS[noun_mapping.noun]
    reader = RecordReader(
        noun_mapping, noun, table.header, mapping.value_formats(), mapping.currency, file.file
    )
    count = next((known for known in file.nouns if known.noun == noun.name), None)
    if count is None:
        file.nouns.append(count := NounCount(noun.name))
    gaps = GapCounter(noun, count)
    origin = Origin.SAMPLE if mapping.sample else Origin.IMPORTED
    writer: NodeWriter | PlaceWriter
    if noun.kind is None:
        writer = PlaceWriter(work, noun, mapping.system, journal, file, report, count)
    else:
        writer = NodeWriter(
            work, noun, mapping.system, journal, file, report, count, country_id, origin
        )
    label = f"{file.file}: {noun.name}"
    chunks = read_chunks(reader, table, noun_mapping.repeats)
    # The next chunk is read in a thread while the database, which does not hold the interpreter,
    # writes this one.
    following = asyncio.create_task(asyncio.to_thread(next, chunks, None))
    try:
        while chunk := await following:
            following = asyncio.create_task(asyncio.to_thread(next, chunks, None))
            for line, error in chunk.bad:
                report.refuse(file, line, error)
            for record in chunk.records:
                gaps.add(record)
            await writer.write(chunk.records)
            journal.spill()
            progress(label, chunk.position, table.size)
    finally:
        await asyncio.gather(following, return_exceptions=True)
    progress(label, table.size, table.size)


@dataclass(slots=True)
class Chunk:
    """Good records, refused lines, and how far the table was read."""

    records: list[Record]
    bad: list[tuple[int, PlatformError]]
    position: int


def read_chunks(reader: RecordReader, table: Table, repeats: bool) -> Iterator[Chunk]:
    """The records of a table in chunks. An id counts once."""
    seen: set[str] = set()
    chunk = Chunk([], [], 0)
    for line, row in table.rows:
        try:
            if (id_ := reader.identify(row)) is None:
                continue
            if id_ in seen:
                if repeats:
                    continue
                raise InvalidInput("IMPORT_ID_REPEATED", field=", ".join(reader.id_columns), id=id_)
            chunk.records.append(reader.read(line, id_, row))
            seen.add(id_)
        except InvalidInput as error:
            chunk.bad.append((line, error))
        if len(chunk.records) + len(chunk.bad) >= CHUNK:
            chunk.position = table.position
            yield chunk
            chunk = Chunk([], [], 0)
    chunk.position = table.size
    yield chunk
