"""The shipped mappings against the data they were written for."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.audit.chain import verify_chain
from core.audit.entry import AuditChain
from core.db.engine import Database
from core.hierarchy.program import ProgramPriority
from core.hierarchy.project import FundingSource, Project, ProjectFunding
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.task import Task
from core.imports.mapping import load_mapping
from core.models import Node, NodeClosure, Region
from core.tree.node import NodeKind, Stage
from tests.core.imports.small import bring_in, everything, found_country

ROOT = Path(__file__).parents[3]
ITALY = ROOT / "tests/data/italia_domani"
WORLD_BANK = ROOT / "zhoba/demo/data"


def table(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
async def italy(database: Database) -> Database:
    await found_country(database)
    report = await bring_in(database, ITALY, load_mapping("italia_domani"))
    assert (report.bad, report.kept_rows) == (0, [])
    return database


async def test_italian_objects_are_as_many_as_the_source_has(italy: Database) -> None:
    levels = Counter(row["level"] for row in table(ITALY / "nodes.csv"))
    agencies = {row["lead_agency"] for row in table(ITALY / "nodes.csv")} - {""}
    async with italy.reading_session() as session:
        rows = await session.execute(
            select(Node.kind, func.count())
            .where(Node.origin_system == "italia-domani")
            .group_by(Node.kind)
        )
        counts = dict(rows.all())
        regions = await session.scalars(
            select(Region.code).where(Region.origin_system == "italia-domani")
        )
        codes = set(regions)
    assert counts == {
        NodeKind.STATE_BODY: 1,
        NodeKind.NATIONAL_PRIORITY: levels["1"],
        NodeKind.PROGRAM: levels["2"],
        NodeKind.ORGANIZATION_UNIT: len(agencies),
        NodeKind.BASIC_DIRECTION: levels["3"],
        NodeKind.PROJECT_GROUP: levels["4"],
        NodeKind.PROJECT: 300,
        NodeKind.TASK: len(table(ITALY / "milestones.csv")),
    }
    assert len(codes) == 20
    assert {code[:3] for code in codes} == {"IT-"}


async def test_italian_funding_by_mission_is_the_decimal_sum_of_the_source(
    italy: Database,
) -> None:
    expected: dict[str, Decimal] = {}
    sources: Counter[FundingSource] = Counter()
    for row in table(ITALY / "projects.csv.gz"):
        mission = row["node_code"][:2]
        expected[mission] = expected.get(mission, Decimal(0)) + Decimal(row["funding_total_eur"])
        sources[FundingSource.FOREIGN] += int(Decimal(row["funding_pnrr_eur"]) * 100)
        sources[FundingSource.OTHER_PUBLIC] += int(Decimal(row["funding_other_public_eur"]) * 100)
        sources[FundingSource.PRIVATE] += int(Decimal(row["funding_private_eur"]) * 100)
    mission_of = select(Node.id, Node.origin_id).where(Node.kind == NodeKind.NATIONAL_PRIORITY)
    missions = mission_of.subquery()
    async with italy.reading_session() as session:
        rows = await session.execute(
            select(missions.c.origin_id, func.sum(Project.budget_minor))
            .join(NodeClosure, NodeClosure.ancestor_id == missions.c.id)
            .join(Project, Project.id == NodeClosure.descendant_id)
            .group_by(missions.c.origin_id)
        )
        assert {mission: Decimal(int(total)) / 100 for mission, total in rows} == expected
        parts = await session.execute(
            select(ProjectFunding.source, func.sum(ProjectFunding.amount_minor)).group_by(
                ProjectFunding.source
            )
        )
        assert {source: int(total) for source, total in parts} == {
            source: total for source, total in sources.items() if total
        }
        assert list(await session.scalars(select(Project.currency).distinct())) == ["EUR"]
        assert list(await session.scalars(select(Project.cost_class).distinct())) == [None]


async def test_italian_projects_all_have_a_name_and_a_place(italy: Database) -> None:
    rows = table(ITALY / "projects.csv.gz")
    untitled = sorted(row["cup"] for row in rows if not row["title"].strip())
    assert len(untitled) == 4
    async with italy.reading_session() as session:
        named = await session.scalars(
            select(Project.name_en).where(Project.name_en.in_(untitled)).order_by(Project.name_en)
        )
        assert list(named) == untitled
        places = await session.execute(
            select(
                ProjectLocation.nationwide, ProjectLocation.region_id.is_not(None), func.count()
            ).group_by(ProjectLocation.nationwide, ProjectLocation.region_id.is_not(None))
        )
        found = {(bool(everywhere), bool(region)): count for everywhere, region, count in places}
    nationwide = sum(row["region_code"] == "0" for row in rows)
    assert nationwide > 0
    assert found == {(True, False): nationwide, (False, False): 1, (False, True): 299 - nationwide}


async def test_italian_stages_services_and_due_days(italy: Database) -> None:
    rows = table(ITALY / "projects.csv.gz")
    async with italy.reading_session() as session:
        stages = await session.execute(
            select(Node.stage, func.count())
            .where(Node.kind == NodeKind.PROJECT)
            .group_by(Node.stage)
        )
        closed = sum(row["status"] == "closed" for row in rows)
        assert dict(stages.all()) == {
            Stage.IMPLEMENTATION: 300 - closed, Stage.CLOSED: closed,
        }  # fmt: skip
        links = await session.execute(select(ProgramPriority.program_id, ProgramPriority.lead))
        assert [lead for _, lead in links] == [True] * 16
        due = {row.isoformat()[5:] for row in await session.scalars(select(Task.due_on))}
    assert due <= {"03-31", "06-30", "09-30", "12-31"}
    assert len(due) > 1


async def test_italian_import_again_changes_nothing(italy: Database) -> None:
    before = await everything(italy)
    await bring_in(italy, ITALY, load_mapping("italia_domani"))
    assert await everything(italy) == before
    async with italy.reading_session() as session:
        for chain in await session.scalars(select(AuditChain.chain)):
            assert await verify_chain(session, chain) is None


async def test_world_bank_projects_keep_status_dollars_and_gaps(database: Database) -> None:
    await found_country(database)
    report = await bring_in(database, WORLD_BANK, load_mapping("world_bank_kazakhstan"))
    assert (report.bad, report.kept_rows) == (0, [])
    rows = table(WORLD_BANK / "kazakhstan.csv")
    (_, projects) = report.files[1].nouns
    assert (projects.created, projects.gaps["GAP_PROJECT_BUDGET"]) == (105, 1)
    async with database.reading_session() as session:
        stages = await session.execute(
            select(Node.stage, func.count())
            .where(Node.kind == NodeKind.PROJECT)
            .group_by(Node.stage)
        )
        assert dict(stages.all()) == {
            Stage.STOPPED: 41, Stage.CLOSED: 55, Stage.IMPLEMENTATION: 9,
        }  # fmt: skip
        total = await session.scalar(select(func.sum(Project.budget_minor)))
        assert total is not None
        assert Decimal(int(total)) / 100 == sum(
            Decimal(row["curr_project_cost"]) for row in rows if row["curr_project_cost"]
        )
        assert list(await session.scalars(select(Project.currency).distinct())) == ["USD"]
        undated = await session.scalar(
            select(func.count()).select_from(Project).where(Project.starts_on.is_(None))
        )
        assert undated == sum(not row["boardapprovaldate"] for row in rows) == 10
