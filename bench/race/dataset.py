"""A country made up for the race: programs, directions, groups, projects, milestones, people.

5 national priorities x 20 programs x 6 directions x 5 groups x 8 projects = 24 000 projects, each
with 6 milestones and 4 appointments; the same rows on every machine. :mod:`bench.race.growth` makes
four and sixteen times as many of them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, literal, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.appointment import Appointment, Employment
from core.db.base import name_columns
from core.db.engine import Database
from core.db.text import fold, sort_key
from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.country import Country
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import Program, ProgramKind, ProgramPriority
from core.hierarchy.project import Project
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.state_body import StateBody, StateBodyKind
from core.hierarchy.task.model import Task, TaskKind
from core.imports.bulk import BulkInsert
from core.people.account import Account, AccountKind
from core.people.person import Person
from core.tree.node import Node, NodeClosure, NodeKind, Origin, Stage

PRIORITIES, PROGRAMS, DIRECTIONS, GROUPS, PROJECTS = 5, 20, 6, 5, 8
MILESTONES, PEOPLE = 6, 2_000
TEAM = ("project_manager", "project_sponsor", "project_customer", "project_initiator")
STAGES = (Stage.INITIATION, Stage.PLANNING, Stage.IMPLEMENTATION, Stage.CLOSED)
SINCE = date(2025, 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

SUBJECTS = (
    ("мектеп салу", "строительство школы", "building a school"),
    ("ауруханаларды жаңарту", "обновление больниц", "renewing hospitals"),
    ("жол жөндеу", "ремонт дорог", "repairing roads"),
    ("ауыз су құбыры", "водопровод питьевой воды", "drinking water mains"),
    ("цифрлық қызметтер", "цифровые услуги", "digital services"),
    ("шағын бизнесті қолдау", "поддержка малого бизнеса", "support of small business"),
)


@dataclass
class Tables:
    """Rows by table, each a mapping with the same columns."""

    rows: dict[Table, list[dict[str, Any]]]

    def add(self, model: Any, **row: Any) -> None:
        self.rows[model.__table__].append(row)


class Country24000:
    """Makes the rows."""

    def __init__(self) -> None:
        self.chance = random.Random(1)
        self.tables = Tables(defaultdict(list))
        self.last = 0

    def node(self, kind: NodeKind, parent: int | None, **more: Any) -> int:
        """A node, and its key."""
        self.last += 1
        given = {"region_id": None, "state_body_id": None, "program_scope_id": None, "stage": None}
        self.tables.add(
            Node,
            id=self.last,
            kind=kind,
            parent_id=parent,
            origin=Origin.SAMPLE,
            created_at=NOW,
            **{**given, **more},
        )
        return self.last

    def names(self, what: str, number: int) -> dict[str, Any]:
        """A name in three languages with all its columns."""
        kk, ru, en = SUBJECTS[number % len(SUBJECTS)]
        return dict(name_columns(f"{what} {number}: {kk}", f"{what} {number}: {ru}",
                                 f"{what} {number}: {en}"))  # fmt: skip

    def make(self) -> Tables:
        """The whole country."""
        country = self.node(NodeKind.COUNTRY, None)
        self.tables.add(Country, id=country, code="KZ", **self.names("Country", 0))
        for number in range(1, PEOPLE + 1):
            full = f"Тұлға Фамилия{number}"
            self.tables.add(
                Person,
                id=number,
                family_name=f"Фамилия{number}",
                given_name="Тұлға",
                full_name=full,
                full_name_sort=sort_key(full),
                full_name_search=fold(full),
            )
        for number in range(1, PRIORITIES + 1):
            priority = self.node(NodeKind.NATIONAL_PRIORITY, country)
            self.tables.add(
                NationalPriority, id=priority, code=f"P{number}", **self.names("Priority", number)
            )
            body = self.last + 1
            self.node(NodeKind.STATE_BODY, country, state_body_id=body)
            self.tables.add(
                StateBody, id=body, kind=StateBodyKind.CENTRAL, **self.names("Body", number)
            )
            for place in range(PROGRAMS):
                self.program(priority, body, number * 10_000 + place)
        self.readers(country)
        return self.tables

    def program(self, priority: int, body: int, number: int) -> None:
        """A program with everything inside it."""
        key = self.last + 1
        inside = {"state_body_id": body, "program_scope_id": key}
        self.node(NodeKind.PROGRAM, body, stage=Stage.IMPLEMENTATION, **inside)
        self.tables.add(
            Program,
            id=key,
            kind=ProgramKind.NATIONAL_PROJECT,
            starts_on=date(2025, 1, 1),
            ends_on=date(2029, 12, 31),
            **self.names("Program", number),
        )
        self.tables.add(ProgramPriority, program_id=key, priority_id=priority, lead=True)
        for direction_number in range(1, DIRECTIONS + 1):
            direction = self.node(
                NodeKind.BASIC_DIRECTION, key, stage=Stage.IMPLEMENTATION, **inside
            )
            self.tables.add(
                BasicDirection,
                id=direction,
                kind=BasicDirectionKind.ORDINARY,
                **self.names("Direction", direction_number),
            )
            for group_number in range(1, GROUPS + 1):
                group = self.node(
                    NodeKind.PROJECT_GROUP, direction, stage=Stage.IMPLEMENTATION, **inside
                )
                self.tables.add(ProjectGroup, id=group, **self.names("Group", group_number))
                for _ in range(PROJECTS):
                    self.project(group, inside)

    def project(self, group: int, inside: dict[str, int]) -> None:
        """A project with milestones and a team."""
        starts = date(2025, 1, 1) + timedelta(days=self.chance.randrange(700))
        key = self.node(NodeKind.PROJECT, group, stage=self.chance.choice(STAGES), **inside)
        self.tables.add(
            Project,
            id=key,
            number=f"R-{key:07}",
            starts_on=starts,
            ends_on=starts + timedelta(days=self.chance.randrange(90, 900)),
            budget_minor=self.chance.randrange(10**8, 10**12),
            currency="KZT",
            **self.names("Project", key),
        )
        for number in range(1, MILESTONES + 1):
            task = self.node(NodeKind.TASK, key, **inside)
            self.tables.add(
                Task,
                id=task,
                kind=TaskKind.MILESTONE,
                due_on=starts + timedelta(days=15 * number),
                **self.names("Milestone", number),
            )
        for role in TEAM:
            self.tables.add(
                Appointment,
                person_id=self.chance.randint(1, PEOPLE),
                role=role,
                node_id=key,
                employment=Employment.COMBINED,
                valid_from=SINCE,
            )

    def readers(self, country: int) -> None:
        """Two accounts: person 1 is of the Office, person 2 manages the first program."""
        program = self.tables.rows[Program.__table__][0]["id"]  # type: ignore[index]
        for person, role, place in (
            (1, "office_member", country),
            (2, "program_manager", program),
        ):
            self.tables.add(
                Account,
                id=person,
                kind=AccountKind.PERSON,
                label=role,
                person_id=person,
                created_at=NOW,
            )
            self.tables.add(
                Appointment,
                person_id=person,
                role=role,
                node_id=place,
                employment=Employment.COMBINED,
                valid_from=SINCE,
            )


async def fill(database: Database) -> None:
    """Write the country into an empty, migrated database."""
    tables = Country24000().make()
    async with database.session() as session, session.begin():
        for model in (
            Node, Country, NationalPriority, StateBody, Program, ProgramPriority, BasicDirection,
            ProjectGroup, Project, Task, Person, Account, Appointment,
        ):  # fmt: skip
            await insert_rows(session, model.__table__, tables.rows[model.__table__])  # type: ignore[arg-type]
        await fill_closure(session)
    async with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
        else:
            await connection.execute(text("ANALYZE"))
            await connection.commit()


async def insert_rows(session: AsyncSession, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    columns = tuple(rows[0])
    insert = BulkInsert(session, table, columns)
    await insert.insert([tuple(row.values()) for row in rows])
    if session.get_bind().dialect.name == "postgresql" and "id" in table.c:
        newest = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
        sequence = func.pg_get_serial_sequence(table.name, "id")
        await session.execute(select(func.setval(sequence, newest, False)).where(sequence != None))  # noqa: E711


async def fill_closure(session: AsyncSession) -> None:
    """All ancestors of all nodes, one level after the other; then what priorities reach."""
    closure = NodeClosure.__table__
    columns = ["ancestor_id", "descendant_id", "depth", "kind", "service"]
    insert = closure.insert().from_select  # type: ignore[attr-defined]
    await session.execute(insert(columns, select(Node.id, Node.id, literal(0), Node.kind, ~true())))
    depth = 0
    while True:
        above = select(
            Node.parent_id, NodeClosure.descendant_id, literal(depth + 1), NodeClosure.kind, ~true()
        ).join(Node, Node.id == NodeClosure.ancestor_id)
        made = await session.execute(
            insert(columns, above.where(NodeClosure.depth == depth, Node.parent_id.is_not(None)))
        )
        if not made.rowcount:
            break
        depth += 1
    served = select(
        ProgramPriority.priority_id,
        NodeClosure.descendant_id,
        NodeClosure.depth + 1,
        NodeClosure.kind,
        true(),
    ).join(NodeClosure, NodeClosure.ancestor_id == ProgramPriority.program_id)
    await session.execute(insert(columns, served))
