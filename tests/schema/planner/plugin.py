"""A plugin made for tests, with a table of its own: visits to projects."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Integer, Text, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from core.db.engine import Database
from core.db.types import named_enum
from core.hierarchy.project import Project
from core.plugins.plugin_region import PluginRegion
from schema.compose import ZhobaSchema
from schema.contribution import Contribution, Extension
from schema.limits import AdmittedDocument
from schema.planner.binding import Condition, Fact, Level, bind
from schema.planner.registry import ById, ByIds, Own, Page
from schema.planner.row import Row
from schema.planner.words import (
    aggregate,
    col,
    computed,
    connection,
    expr,
    ident,
    many,
    money,
    one,
)
from schema.platform import registry_of
from tests.conftest import NOW
from tests.schema.planner.nouns import NODE, WORDS, make_registry
from tests.schema.planner.world import Made

VISITS = "visits"


class OwnBase(DeclarativeBase):
    """Tables of the plugin, apart from the core's."""


class VisitsResult(enum.Enum):
    """How a visit ended."""

    PASSED = "nothing is wrong"
    FAILED = "something is wrong"


class Visit(OwnBase):
    """A visit to a project."""

    __tablename__ = "visits_visit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    project_id: Mapped[int] = mapped_column(BigInteger)
    score: Mapped[int | None]
    fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    result: Mapped[VisitsResult | None] = mapped_column(named_enum(VisitsResult))


class VisitKind(OwnBase):
    """A kind of visit: it lies in no region."""

    __tablename__ = "visits_kind"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    code: Mapped[str] = mapped_column(Text)


def of_visits(what: Any) -> Any:
    """Something of a project's visits."""

    def sql(row: Row) -> ColumnElement[Any]:
        visit = aliased(Visit)
        found = select(what(visit)).where(visit.project_id == row[Project.id])
        return found.correlate(None).scalar_subquery()

    return sql


visit_count = of_visits(lambda visit: func.count())
last_score = of_visits(lambda visit: func.max(visit.score))
fees = of_visits(lambda visit: func.sum(visit.fee_minor))
secret = of_visits(lambda visit: func.max(visit.note))


def is_last(me: Row, it: Row) -> ColumnElement[bool]:
    visit = aliased(Visit)
    last = select(func.max(visit.id)).where(visit.project_id == me[Project.id])
    return it[Visit.id] == last.correlate(None).scalar_subquery()


def is_latest(_: Row, it: Row) -> ColumnElement[bool]:
    visit = aliased(Visit)
    return it[Visit.id] == select(func.max(visit.id)).correlate(None).scalar_subquery()


def same_project(me: Row, it: Row) -> ColumnElement[bool]:
    return it[Visit.project_id] == me[Project.id]


ON_PROJECT = Extension(
    target="Project",
    fields=[
        expr("visitCount", Integer(), visit_count, WORDS, nullable=False, where=True, order=True,
             group=True),
        expr("lastScore", Integer(), last_score, WORDS, where=True, order=True, group=True),
        expr("visitSecret", Text(), secret, WORDS, level=Level.FULL, where=True, order=True),
        money("visitFee", fees, Project.currency, WORDS, where=True, order=True, total=True),
        computed("visitMark", str, [Fact(Integer(), visit_count)], lambda n: f"{n} visits", WORDS),
        one("lastVisit", "VisitsVisit", is_last, WORDS, where=True),
        connection("visits", "VisitsVisit", same_project, WORDS, where=True),
        many("visitList", "VisitsVisit", same_project, WORDS),
        aggregate("visitStats", "VisitsVisit", same_project, WORDS),
    ],
    filters=[
        Condition(
            name="wasVisited", description=WORDS, type=bool, column=Project.contractual.type,
            sql=lambda row, given: (visit_count(row) > 0) == given,
        )
    ],
)  # fmt: skip

VISIT = bind(
    "VisitsVisit",
    Visit,
    WORDS,
    [
        ident(),
        col("score", Visit.score, WORDS, where=True, order=True, group=True),
        col("result", Visit.result, WORDS, where=True, order=True, group=True),
        col("note", Visit.note, WORDS, level=Level.FULL, where=True, order=True),
        money("fee", Visit.fee_minor, Visit.currency, WORDS, where=True, order=True, total=True),
        one(
            "project", "Project", lambda me, it: it[Project.id] == me[Visit.project_id], WORDS,
            where=True,
        ),
    ],
    levels={Level.BASIC: "project.read_basic", Level.FULL: "project.read"},
    node=Visit.project_id,
    interfaces=[NODE],
    order=["-score"],
)  # fmt: skip

KIND = bind(
    "VisitsKind",
    VisitKind,
    WORDS,
    [ident(), col("code", VisitKind.code, WORDS, where=True, order=True)],
    public=True,
    interfaces=[NODE],
    order=["code"],
)

PLUGIN_LISTS = {
    "visitsVisits": "VisitsVisit",
    "visitsProjects": "Project",
    "visitsKinds": "VisitsKind",
}

CONTRIBUTION = Contribution(
    owner=VISITS,
    camel_prefix="visits",
    type_prefix="Visits",
    nouns=[VISIT, KIND],
    extensions=[ON_PROJECT],
    roots=[
        ById("visitsVisit", WORDS, "VisitsVisit"),
        ById("visitsProject", WORDS, "Project"),
        ByIds("visitsByIds", WORDS, "VisitsVisit"),
        Own(one("visitsLatest", "VisitsVisit", is_latest, WORDS)),
        *(Page(name, WORDS, to) for name, to in PLUGIN_LISTS.items()),
    ],
)


def of_tests() -> Contribution:
    """The bindings made for tests, as the core's contribution."""
    registry = make_registry()
    return Contribution(
        nouns=[binding for binding, _ in registry.bindings],
        roots=[root for root, _ in registry.root_fields],
    )


def plugged_schema(*further: Contribution) -> ZhobaSchema:
    """The bindings made for tests with the plugin."""
    return ZhobaSchema(
        registry_of([of_tests(), CONTRIBUTION, *further]), extensions=[AdmittedDocument]
    )


ROWS: list[tuple[str, dict[str, Any]]] = [
    ("p1", {"score": 5, "fee_minor": 100_00, "note": "жақсы", "result": VisitsResult.PASSED}),
    ("p1", {"score": 3, "fee_minor": None, "note": None, "result": VisitsResult.FAILED}),
    ("p2", {"score": None, "fee_minor": 50_00, "note": "Akimat", "currency": "USD"}),
    ("p4", {"score": 0, "fee_minor": 7, "note": "o", "result": VisitsResult.FAILED}),
    ("p5", {"score": 5, "fee_minor": 700, "note": "Жол салу", "result": VisitsResult.PASSED}),
    ("p6", {"score": 1, "fee_minor": None, "note": "қала"}),
]
"""Visits to three projects of the capital and to two of the republic."""


@asynccontextmanager
async def plugged_in(database: Database, made: Made) -> AsyncIterator[None]:
    """The plugin's tables with rows, switched on in the capital only."""
    async with database.engine.begin() as connection:
        await connection.run_sync(OwnBase.metadata.create_all)
    try:
        async with database.session() as session, session.begin():
            for place, (project, columns) in enumerate(ROWS, 1):
                given = {"currency": "KZT", **columns}
                session.add(Visit(id=place, project_id=made.keys[project], **given))
                made.keys[f"v{place}"] = place
            session.add(VisitKind(id=1, code="yearly"))
        await switch(database, VISITS, made.keys["KZ-71"], on=True)
        yield
    finally:
        async with database.engine.begin() as connection:
            await connection.run_sync(OwnBase.metadata.drop_all)


async def switch(database: Database, plugin: str, region_id: int | None, *, on: bool) -> None:
    """Switch a plugin on or off in a region; None: for the republic."""
    async with database.session() as session, session.begin():
        row = await session.scalar(
            select(PluginRegion).where(
                PluginRegion.plugin == plugin,
                PluginRegion.region_id.is_(None)
                if region_id is None
                else PluginRegion.region_id == region_id,
            )
        )
        if row is None:
            row = PluginRegion(plugin=plugin, region_id=region_id, settings={}, changed_at=NOW)
            session.add(row)
        row.enabled = on
