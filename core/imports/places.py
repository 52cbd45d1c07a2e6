"""Writing records of regions and administrative units."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from core.db.base import name_columns
from core.errors import InvalidInput
from core.imports.journal import Journal, Note
from core.imports.keys import take_keys
from core.imports.merge import imported_before, merge
from core.imports.nouns import NAMES, Noun, Value
from core.imports.records import Record
from core.imports.report import FileReport, ImportReport, NounCount
from core.places.region import Region
from core.rows import plain
from core.transaction import NO_BODY
from core.work import Work


class PlaceWriter:
    """Creates and updates the places of one noun from one source."""

    def __init__(
        self,
        work: Work,
        noun: Noun,
        system: str,
        journal: Journal,
        file: FileReport,
        report: ImportReport,
        count: NounCount,
    ) -> None:
        self.session = work.session
        self.noun = noun
        self.table = noun.table
        self.system = system
        self.journal = journal
        self.file = file
        self.report = report
        self.count = count

    async def write(self, chunk: list[Record]) -> None:
        """Create what is new, change what differs."""
        rows = await self.session.execute(sa.select(Region.code, Region.id))
        regions = dict(rows.all())
        standing = await self.standing(chunk)
        taken = {tuple(row) for row in await self.session.execute(sa.select(*self.identity()))}
        new: list[dict[str, Value]] = []
        old: list[tuple[Record, dict[str, Any], dict[str, Value]]] = []
        for record in chunk:
            values = dict(record.columns)
            try:
                for column, code in record.references.items():
                    if code not in regions:
                        raise InvalidInput("IMPORT_REGION_UNKNOWN", field=column, code=code)
                    values[column] = regions[code]
                key = tuple(values[column.name] for column in self.identity())
                known = standing.get(record.id)
                if known is None or key != tuple(known[column.name] for column in self.identity()):
                    if key in taken:
                        raise InvalidInput("IMPORT_VALUE_TAKEN", field="code", value=values["code"])
                    taken.add(key)
            except InvalidInput as error:
                self.report.refuse(self.file, record.line, error)
                continue
            if known is None:
                new.append({**values, "origin_system": self.system, "origin_id": record.id})
            else:
                old.append((record, known, values))
        await self.create(new)
        await self.compare(old)

    def identity(self) -> list[sa.Column[Any]]:
        """What no two places share: a region's code, a unit's region and code."""
        names = ["region_id", "code"] if "region_id" in self.table.c else ["code"]
        return [self.table.c[name] for name in names]

    async def standing(self, chunk: list[Record]) -> dict[str, dict[str, Any]]:
        rows = await self.session.execute(
            sa.select(self.table).where(
                self.table.c.origin_system == self.system,
                self.table.c.origin_id.in_([record.id for record in chunk]),
            )
        )
        return {row["origin_id"]: dict(row) for row in rows.mappings()}

    async def create(self, rows: list[dict[str, Value]]) -> None:
        if not rows:
            return
        for key, row in zip(
            await take_keys(self.session, self.table, len(rows)), rows, strict=True
        ):
            given = {name: plain(value) for name, value in row.items() if value is not None}
            self.journal.add(Note(NO_BODY, self.noun.subject, key, None, None, given))
            row |= {"id": key, "version": 1, **name_columns(*(row.get(name) for name in NAMES))}
        await self.session.execute(sa.insert(self.table), rows)
        self.count.created += len(rows)

    async def compare(self, rows: list[tuple[Record, dict[str, Any], dict[str, Value]]]) -> None:
        differing = [
            entry
            for entry in rows
            if any(entry[1][name] != value for name, value in entry[2].items())
        ]
        self.count.unchanged += len(rows) - len(differing)
        if not differing:
            return
        keys = [known["id"] for _, known, _ in differing]
        last = await imported_before(self.session, self.noun.subject, keys)
        for record, known, wanted in differing:
            changes, kept = merge(wanted, known, last.get(known["id"], {}))
            if kept:
                self.report.keep(self.file, record.line, record.id, kept)
            if not changes:
                self.count.unchanged += 1
                continue
            names = [(known | changes)[name] for name in NAMES]
            await self.session.execute(
                sa.update(self.table)
                .where(self.table.c.id == known["id"])
                .values(changes | name_columns(*names) | {"version": self.table.c.version + 1})
            )
            before = {name: plain(known[name]) for name in changes}
            after = {name: plain(value) for name, value in changes.items()}
            self.journal.add(Note(NO_BODY, self.noun.subject, known["id"], None, before, after))
            self.count.updated += 1
