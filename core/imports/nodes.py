"""Writing records of the nouns that hang in the tree, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from core.db.base import name_columns
from core.errors import InvalidInput, PlatformError
from core.hierarchy.classification import cost_class, duration_class
from core.hierarchy.program_priority import ProgramPriority
from core.hierarchy.project import take_project_numbers
from core.hierarchy.standard_direction import found_standard_direction
from core.hierarchy.state_body import refuse_national_security
from core.imports.bulk import BulkInsert
from core.imports.details import change_details, create_details, load_details
from core.imports.journal import Journal, Note
from core.imports.keys import take_keys
from core.imports.merge import imported_before, merge
from core.imports.nouns import NAMES, Noun, Value
from core.imports.records import Record
from core.imports.report import FileReport, ImportReport, NounCount
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.rows import plain
from core.texts import Names
from core.transaction import NO_BODY
from core.tree.closure import COLUMNS, link_service, move_subtree, opens_program_scope
from core.tree.copied import copies_in
from core.tree.node import Node, NodeClosure, NodeKind, Origin
from core.work import Work

NODE = cast(sa.Table, Node.__table__)
CLOSURE = cast(sa.Table, NodeClosure.__table__)

KNOWN_LIMIT = 20_000
"""Nodes a writer remembers as parents before it forgets them and asks again."""

ON_NODE = ("parent_id", "stage")
"""Compared columns that stand in the node's row."""

DETAILS = ("funding", "place", "node_kind")
"""Compared values that stand in rows of their own."""


class Spot(NamedTuple):
    """A node as its children see it."""

    id: int
    kind: NodeKind
    region_id: int | None
    state_body_id: int | None
    program_scope_id: int | None


ON_SPOT = (*Spot._fields, *ON_NODE)
"""Columns of a node that say where it stands."""


@dataclass(slots=True)
class Standing:
    """A node an earlier import made; ``values`` are its comparable columns."""

    id: int
    state_body_id: int | None
    archived: bool
    values: dict[str, Value]


class NodeWriter:
    """Creates and updates the nodes of one noun from one source."""

    def __init__(
        self,
        work: Work,
        noun: Noun,
        system: str,
        journal: Journal,
        file: FileReport,
        report: ImportReport,
        count: NounCount,
        country_id: int,
        origin: Origin,
    ) -> None:
        assert noun.kind is not None
        self.work = work
        self.session = work.session
        self.noun = noun
        self.kind = noun.kind
        self.table = noun.table
        self.system = system
        self.origin = origin
        self.journal = journal
        self.file = file
        self.report = report
        self.count = count
        self.country = Spot(country_id, NodeKind.COUNTRY, None, None, None)
        self.known: dict[str, Spot] = {}
        self.regions: dict[str, int] | None = None
        self.units: dict[str, int] = {}
        self.unique = [
            column.name for column in self.table.c if column.unique and column.name in noun.fields
        ]
        # The database would copy these by itself, in twice the time of the row.
        self.copied = [ON_SPOT.index(each.name) for each in copies_in(self.table)
                       if each.name in ON_SPOT]  # fmt: skip
        self.nodes: BulkInsert | None = None
        self.rows: BulkInsert | None = None

    async def write(self, chunk: list[Record]) -> None:
        """Write the records; one whose parent stands in the same chunk waits for it."""
        batch: list[Record] = []
        ids: set[str] = set()
        for record in chunk:
            if record.parent in ids:
                await self.write_batch(batch)
                batch, ids = [], set()
            batch.append(record)
            ids.add(record.id)
        await self.write_batch(batch)

    async def write_batch(self, batch: list[Record]) -> None:
        await self.learn(batch)
        fit = [record for record in batch if self.accepts(record)]
        if not fit:
            return
        standing = await self.standing(fit)
        owners = await self.owners(fit)
        new: list[Record] = []
        old: list[tuple[Record, Standing]] = []
        for record in fit:
            known = standing.get(record.id)
            try:
                self.claim(record, known, owners)
            except InvalidInput as error:
                self.report.refuse(self.file, record.line, error)
                continue
            if known is None:
                new.append(record)
            else:
                old.append((record, known))
        if new:
            await self.create(new)
        if old:
            await self.compare(old)

    async def learn(self, batch: Iterable[Record]) -> None:
        """Look up the nodes and regions the records name, those not known yet, at once."""
        if self.regions is None:
            rows = await self.session.execute(sa.select(Region.code, Region.id))
            self.regions = dict(rows.all())
        await self.learn_units(batch)
        if len(self.known) > KNOWN_LIMIT:
            self.known.clear()
        named: set[str] = set()
        for record in batch:
            if record.parent:
                named.add(record.parent)
            named.update(record.serves)
            for column, id_ in record.references.items():
                if id_ and column != "region_id":
                    named.add(id_)
        if unknown := sorted(named - self.known.keys()):
            columns = [NODE.c.origin_id, *(NODE.c[name] for name in Spot._fields)]
            found = await self.session.execute(
                sa.select(*columns).where(
                    NODE.c.origin_system == self.system, NODE.c.origin_id.in_(unknown)
                )
            )
            for id_, *spot in found:
                self.known[id_] = Spot(*spot)

    async def learn_units(self, batch: Iterable[Record]) -> None:
        """Look up the administrative units the records name."""
        named = {record.place.unit for record in batch if record.place and record.place.unit}
        if unknown := sorted(named - self.units.keys()):
            rows = await self.session.execute(
                sa.select(AdministrativeUnit.origin_id, AdministrativeUnit.id).where(
                    AdministrativeUnit.origin_system == self.system,
                    AdministrativeUnit.origin_id.in_(unknown),
                )
            )
            self.units |= {str(origin_id): key for origin_id, key in rows}

    def parent_of(self, record: Record) -> Spot:
        return self.known[record.parent] if record.parent else self.country

    def accepts(self, record: Record) -> bool:
        """Whether everything the record names exists and may stand there; else it is reported."""
        try:
            if record.parent and record.parent not in self.known:
                raise InvalidInput("IMPORT_PARENT_UNKNOWN", field="parent", id=record.parent)
            parent = self.parent_of(record)
            if parent.kind not in self.noun.parents:
                raise InvalidInput(
                    "IMPORT_PARENT_KIND", field="parent", id=record.parent, kind=parent.kind
                )
            for id_ in record.serves:
                if self.kind_of(id_) is not NodeKind.NATIONAL_PRIORITY:
                    raise InvalidInput("IMPORT_PRIORITY_UNKNOWN", field="serves", id=id_)
            for column, named in record.references.items():
                if column == "region_id":
                    self.find_region(named)
                elif named and self.kind_of(named) is not NodeKind.ORGANIZATION_UNIT:
                    raise InvalidInput("IMPORT_UNIT_UNKNOWN", field=column, id=named)
            if record.place is not None:
                self.find_region(record.place.region)
                if record.place.unit is not None and record.place.unit not in self.units:
                    raise InvalidInput("IMPORT_PLACE_UNKNOWN", field="unit", id=record.place.unit)
            if self.kind is NodeKind.STATE_BODY:
                names = Names(*(record.columns.get(name) for name in NAMES))
                refuse_national_security(record.columns["kind"], names)
        except PlatformError as error:
            self.report.refuse(self.file, record.line, error)
            return False
        return True

    def kind_of(self, id_: str) -> NodeKind | None:
        return self.known[id_].kind if id_ in self.known else None

    def find_region(self, code: str | None) -> int | None:
        assert self.regions is not None
        if code is not None and code not in self.regions:
            raise InvalidInput("IMPORT_REGION_UNKNOWN", field="region", code=code)
        return self.regions[code] if code is not None else None

    def wanted(self, record: Record) -> dict[str, Value]:
        """The record as comparable columns, like :attr:`Standing.values`."""
        values = {**record.columns, "parent_id": self.parent_of(record).id}
        for column, id_ in record.references.items():
            if column != "region_id":
                values[column] = self.known[id_].id if id_ else None
        if record.funding is not None:
            values["funding"] = {source.name: amount for source, amount in record.funding.items()}
        if (place := record.place) is not None:
            values["place"] = {
                "nationwide": place.nationwide,
                "region_id": self.find_region(place.region),
                "administrative_unit_id": self.units[place.unit] if place.unit else None,
                "address": place.address,
            }
        return values

    async def standing(self, batch: list[Record]) -> dict[str, Standing]:
        """What the records became at earlier imports, by external id."""
        sample = batch[0]
        own = [
            name
            for name in (*sample.columns, *sample.references)
            if name not in (*ON_NODE, "region_id")
        ]
        head = [
            NODE.c[name]
            for name in ("origin_id", "id", "kind", "state_body_id", "archived_at", *ON_NODE)
        ]
        rows = await self.session.execute(
            sa.select(*head, *(self.table.c[name] for name in own))
            .select_from(NODE.outerjoin(self.table, self.table.c.id == NODE.c.id))
            .where(
                NODE.c.origin_system == self.system,
                NODE.c.origin_id.in_([record.id for record in batch]),
            )
        )
        found: dict[str, Standing] = {}
        for origin_id, node_id, kind, body_id, archived_at, parent_id, stage, *values in rows:
            columns = dict(zip(own, values, strict=True))
            columns["parent_id"] = parent_id
            if "stage" in sample.columns:
                columns["stage"] = stage
            columns["node_kind"] = kind
            found[origin_id] = Standing(node_id, body_id, archived_at is not None, columns)
        if found and (sample.funding is not None or sample.place is not None):
            details = await load_details(
                self.session,
                [known.id for known in found.values()],
                funding=sample.funding is not None,
                place=sample.place is not None,
            )
            for known in found.values():
                known.values |= details[known.id]
        return found

    async def owners(self, batch: list[Record]) -> dict[tuple[str, Value], int]:
        """Which nodes hold the unique values (a priority's code, a body's BIN) of the records."""
        found: dict[tuple[str, Value], int] = {}
        for column in self.unique:
            values = {record.columns.get(column) for record in batch} - {None}
            rows = await self.session.execute(
                sa.select(self.table.c[column], self.table.c.id).where(
                    self.table.c[column].in_(sorted(values))
                )
            )
            found |= {(column, value): node_id for value, node_id in rows}
        return found

    def claim(
        self, record: Record, known: Standing | None, owners: dict[tuple[str, Value], int]
    ) -> None:
        """Raise if the id belongs to another kind of object, or a unique value to another one."""
        if known is not None and known.values["node_kind"] is not self.kind:
            raise InvalidInput(
                "IMPORT_ID_OF_OTHER_KIND", field="id", id=record.id, kind=known.values["node_kind"]
            )
        for column in self.unique:
            key = (column, record.columns.get(column))
            mine = known.id if known else 0
            if key[1] is not None and owners.setdefault(key, mine) != mine:
                raise InvalidInput("IMPORT_VALUE_TAKEN", field=column, value=key[1])

    async def create(self, batch: list[Record]) -> None:
        """Insert nodes with everything that belongs to them, a few statements for all."""
        keys = await take_keys(self.session, NODE, len(batch))
        numbers: list[str] = []
        if self.kind is NodeKind.PROJECT:
            numbers = await take_project_numbers(self.session, self.work.today.year, len(batch))
        nodes: list[tuple[Any, ...]] = []
        rows: list[tuple[Any, ...]] = []
        details: list[tuple[int, dict[str, Value]]] = []
        columns: list[str] = []
        for place, (key, record) in enumerate(zip(keys, batch, strict=True)):
            values = self.wanted(record)
            spot = self.spot(key, record)
            node = (*spot, values["parent_id"], values.get("stage"), record.id)
            nodes.append(node)
            row = {"id": key, **self.own_columns(values)}
            if numbers:
                row["number"] = numbers[place]
            columns = columns or [*row, *(ON_SPOT[at] for at in self.copied)]
            rows.append((*row.values(), *(node[at] for at in self.copied)))
            if self.kind is NodeKind.PROJECT:
                details.append((key, values))
            elif self.kind is not NodeKind.TASK:
                self.known[record.id] = spot
            after = {name: plain(value) for name, value in values.items() if value is not None}
            self.journal.add(
                Note(spot.state_body_id or NO_BODY, self.noun.subject, key, key, None, after)
            )
        if self.nodes is None or self.rows is None:
            constants = {
                "origin": self.origin, "origin_system": self.system, "version": 1,
                "created_at": self.work.now,
            }  # fmt: skip
            self.nodes = BulkInsert(self.session, NODE, (*ON_SPOT, "origin_id"), constants)
            self.rows = BulkInsert(self.session, self.table, columns)
        await self.nodes.insert(nodes)
        await self.rows.insert(rows)
        await close_over(self.session, keys)
        if details:
            await create_details(self.session, details)
        for key, record in zip(keys, batch, strict=True):
            await self.serve(key, record)
        if self.kind is NodeKind.STATE_BODY:
            for key in keys:
                await self.found_direction(key)
        self.count.created += len(batch)

    async def found_direction(self, body_id: int) -> None:
        """Give a new body its standard direction [R2023 §63], recorded with the import's rows."""
        work = self.work
        before, work.entries = work.entries, []
        await found_standard_direction(work, await self.session.get_one(Node, body_id))
        for entry in work.entries:
            assert entry.node_id is not None
            self.journal.add(
                Note(
                    body_id, entry.subject, entry.subject_id, entry.node_id, None, entry.after or {}
                )
            )
        work.entries = before

    def spot(self, key: int, record: Record) -> Spot:
        """Where a new node stands, as :func:`core.tree.closure.insert_node` would put it."""
        parent = self.parent_of(record)
        body = self.kind is NodeKind.STATE_BODY
        scope = opens_program_scope(self.kind, parent.kind)
        return Spot(
            key,
            self.kind,
            self.find_region(record.references.get("region_id")) if body else parent.region_id,
            key if body else parent.state_body_id,
            key if scope else parent.program_scope_id,
        )

    def own_columns(self, values: dict[str, Value]) -> dict[str, Value]:
        """The noun's own columns, with those that follow from them."""
        columns = {
            name: value for name, value in values.items() if name not in (*ON_NODE, *DETAILS)
        }
        columns |= name_columns(*(values.get(name) for name in NAMES))
        if self.kind is NodeKind.PROJECT:
            columns["cost_class"] = cost_class(values.get("budget_minor"), values["currency"])
            columns["duration_class"] = duration_class(
                values.get("starts_on"), values.get("ends_on")
            )
        return columns

    async def serve(self, program_id: int, record: Record) -> None:
        """Link a new program to its priorities; the first leads."""
        for place, id_ in enumerate(record.serves):
            priority_id = self.known[id_].id
            await self.session.execute(
                sa.insert(ProgramPriority).values(
                    program_id=program_id, priority_id=priority_id, lead=place == 0
                )
            )
            await link_service(self.session, priority_id, program_id)

    async def compare(self, batch: list[tuple[Record, Standing]]) -> None:
        """Change what the source changed and nobody edited here since."""
        differing: list[tuple[Record, Standing, dict[str, Value]]] = []
        for record, known in batch:
            wanted = self.wanted(record)
            if any(known.values[name] != value for name, value in wanted.items()):
                differing.append((record, known, wanted))
            else:
                self.count.unchanged += 1
        if not differing:
            return
        last = await imported_before(
            self.session, self.noun.subject, [known.id for _, known, _ in differing]
        )
        updates: list[dict[str, Value]] = []
        for record, known, wanted in differing:
            changes, kept = merge(wanted, known.values, last.get(known.id, {}))
            if known.archived:
                changes, kept = {}, tuple(changes)
            if kept:
                self.report.keep(self.file, record.line, record.id, kept)
            if not changes:
                self.count.unchanged += 1
                continue
            merged = {name: known.values[name] for name in wanted} | changes
            updates.append({"b_id": known.id, **self.own_columns(merged)})
            await self.change_node(known, changes)
            self.count.updated += 1
            before = {name: plain(known.values[name]) for name in changes}
            after = {name: plain(value) for name, value in changes.items()}
            chain = known.state_body_id or NO_BODY
            self.journal.add(Note(chain, self.noun.subject, known.id, known.id, before, after))
        if updates:
            await self.session.execute(
                sa.update(self.table).where(self.table.c.id == sa.bindparam("b_id")), updates
            )

    async def change_node(self, known: Standing, changes: dict[str, Value]) -> None:
        """Move, restage and renew the version of one node; change its details."""
        if "parent_id" in changes:
            node = await self.session.get_one(Node, known.id)
            await move_subtree(
                self.session, node, await self.session.get_one(Node, changes["parent_id"])
            )
            self.session.expunge_all()
            self.known.clear()
        values: dict[str, Any] = {"version": NODE.c.version + 1}
        if "stage" in changes:
            values["stage"] = changes["stage"]
        await self.session.execute(sa.update(NODE).where(NODE.c.id == known.id).values(values))
        if self.kind is NodeKind.PROJECT:
            await change_details(self.session, known.id, changes)


async def close_over(session: AsyncSession, keys: list[int]) -> None:
    """The closure rows of new nodes: their parents' rows one level deeper, and themselves."""
    above = sa.select(
        CLOSURE.c.ancestor_id,
        NODE.c.id,
        CLOSURE.c.depth + 1,
        NODE.c.kind,
        CLOSURE.c.service,
    ).join_from(NODE, CLOSURE, CLOSURE.c.descendant_id == NODE.c.parent_id)
    own = sa.select(NODE.c.id, NODE.c.id.label("self"), sa.literal(0), NODE.c.kind, sa.false())
    rows = sa.union_all(above.where(NODE.c.id.in_(keys)), own.where(NODE.c.id.in_(keys)))
    await session.execute(sa.insert(CLOSURE).from_select(COLUMNS, rows))
