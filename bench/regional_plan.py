"""What regional plans cost: ``python -m bench.regional_plan [--db sqlite|postgresql|both]``.

Twenty akimats adopt an architecture of 12 directions and 60 groups; one plan has 3 000 projects.
Measured: an adoption; the findings of that plan, by the rules and through GraphQL; all twenty going
over to the next version, in which every direction drops a group, adds one and takes one of another;
all regions with their plans down to groups in one answer. Answers are put together anew each time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select, text

from bench.databases import DIALECTS, empty_databases
from bench.results import keep, show, verdict
from core.db.base import name_columns
from core.db.engine import Database
from core.hierarchy.program import ProgramKind
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.state_body import StateBodyKind
from core.models import Node, NodeClosure, Project, Region
from core.people.account import Account, AccountKind
from core.places.administrative_unit import AdministrativeUnit, AdministrativeUnitKind
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.tree.node import NodeKind, Stage
from core.work import OPERATOR, OperatorAuthority, Work
from plugins.regional_plan.compliance.knowing import compliance
from plugins.regional_plan.plan.adopting import adopt_template
from plugins.regional_plan.plan.plan import RegionalPlan, RegionalPlanGroup
from plugins.regional_plan.plan.upgrading import report, upgrade_plan
from plugins.regional_plan.template.editing import draft_template
from plugins.regional_plan.template.publishing import publish_template
from plugins.regional_plan.template.template import RegionalTemplate
from plugins.regional_plan.template.transfer import RegionalTemplateFormat, import_template
from schema.planner.run import statements
from zhoba.app import build_app
from zhoba.host.installation import Installation
from zhoba.host.installing import install
from zhoba.host.loading import load_installation
from zhoba.logs import configure_logs
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.rows import make_appointment, make_node, make_person, make_region, make_service

PLUGIN = "regional_plan"
MODULE = "plugins.regional_plan.plugin"
REGIONS = 20
DIRECTIONS = 12
GROUPS = 5
PROJECTS = 3_000
UNITS = 30
ROUNDS = 60
NOW = datetime.now(UTC)

LIMITS = {"adoption": 300.0, "compliance": 100.0, "upgrade": 5_000.0, "plans": 30.0}

PLANS = """{ regions(first: 20) { nodes { code plan { id template { number }
  directions(first: 50) { nodes { name(lang: EN) %s
    groups(first: 50) { nodes { name(lang: EN) %s } } } } } } } }"""
MARKS = "templateCode outsideTemplate"
FINDINGS = """query ($id: ID!) { regionalPlan(id: $id) {
  compliance { rule severity code clause place message } } }"""
FIGURES = """query ($id: ID!) { regionalPlan(id: $id) {
  unitFigures { code projects byStage { stage projects } budget { amount currency } }
  sphereFigures { code projects byStage { stage projects } budget { amount currency } } } }"""


def architecture(version: int) -> str:
    """The file of a version: the second moves, drops and adds a group in every direction."""

    def names(what: str) -> dict[str, str]:
        return {"kk": f"{what} kk", "ru": f"{what} ru", "en": f"{what} en"}

    directions = []
    for number in range(DIRECTIONS):
        codes = [f"G{number}-{place}" for place in range(GROUPS)]
        if version == 2:
            codes = [*codes[1:-1], f"G{number}-NEW", f"G{(number + 1) % DIRECTIONS}-{GROUPS - 1}"]
        directions.append(
            {
                "code": f"D{number}",
                "names": names(f"Direction {number}"),
                "groups": [{"code": code, "names": names(f"Group {code}")} for code in codes],
            }
        )
    return json.dumps({"directions": directions})


class Bench:
    """One database with what is measured on it."""

    def __init__(self, database: Database, installation: Installation) -> None:
        self.database = database
        self.installation = installation
        self.programs: list[int] = []
        self.account = 0

    def work(self) -> AbstractAsyncContextManager[Work]:
        return transact(
            self.database,
            actor=OPERATOR,
            authority=OperatorAuthority(self.installation.catalogue),
            now=datetime.now(UTC),
            host=self.installation,
        )

    async def publish(self, version: int) -> int:
        """A version of the architecture, approved; its key."""
        async with self.work() as work:
            draft = await draft_template(work)
            await import_template(
                work,
                draft.id,
                expected_version=draft.version,
                format=RegionalTemplateFormat.YAML,
                content=architecture(version),
            )
            await publish_template(work, draft.id, expected_version=draft.version)
            return draft.id

    async def found(self) -> None:
        """Akimats with programs that are to become plans, and a reader of all."""
        async with self.database.session() as session, session.begin():
            country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
            priority = await make_node(
                session, NodeKind.NATIONAL_PRIORITY, country, portfolio_deadline=date(2030, 12, 31)
            )
            for number in range(REGIONS):
                region = await make_region(session, f"KZ-{number + 10}")
                session.add(
                    PluginRegion(
                        plugin=PLUGIN, region_id=region.id, enabled=True, settings={},
                        changed_at=NOW,
                    )
                )  # fmt: skip
                body = await make_node(
                    session, NodeKind.STATE_BODY, country, region=region, stage=None,
                    kind=StateBodyKind.LOCAL_EXECUTIVE,
                )  # fmt: skip
                program = await make_node(
                    session, NodeKind.PROGRAM, body, kind=ProgramKind.REGIONAL_DEVELOPMENT_PLAN
                )
                await make_service(session, priority, program)
                self.programs.append(program.id)
            person = await make_person(session, "Bench Office")
            await make_appointment(session, person, "office_member", country)
            account = Account(
                kind=AccountKind.PERSON, label="bench", person_id=person.id, created_at=NOW
            )
            session.add(account)
            await session.flush()
            self.account = account.id

    async def fill(self) -> None:
        """Projects of the first plan in its groups, half of them in a district, every tenth with a
        place in another region, every hundredth too late; heads of half of the groups."""
        plan = self.programs[0]
        async with self.database.session() as session, session.begin():
            region_ids = list(await session.scalars(select(Region.id).order_by(Region.id)))
            units = [
                AdministrativeUnit(
                    region_id=region_ids[0], code=f"U{number}",
                    kind=AdministrativeUnitKind.DISTRICT,
                    **name_columns(f"U{number}", f"U{number}", f"U{number}"),
                )
                for number in range(UNITS)
            ]  # fmt: skip
            session.add_all(units)
            await session.flush()
            groups = list(
                await session.scalars(
                    select(RegionalPlanGroup.id)
                    .where(RegionalPlanGroup.plan_id == plan)
                    .order_by(RegionalPlanGroup.id)
                )
            )
            heads = groups[: len(groups) // 2]
            for group_id in heads:
                person = await make_person(session)
                await make_appointment(
                    session, person, "pg_head", await session.get_one(Node, group_id)
                )
            first = (await session.scalar(select(Node.id).order_by(Node.id.desc()).limit(1))) or 0
            keys = range(first + 1, first + 1 + PROJECTS)
            parents = {key: groups[key % len(groups)] for key in keys}
            above: dict[int, list[Any]] = {}
            for group_id in groups:
                rows = await session.execute(
                    select(NodeClosure.ancestor_id, NodeClosure.depth, NodeClosure.service).where(
                        NodeClosure.descendant_id == group_id
                    )
                )
                above[group_id] = list(rows)
            home = await session.get_one(Node, plan)
            await session.execute(
                insert(Node),
                [
                    {
                        "id": key, "kind": NodeKind.PROJECT, "parent_id": parents[key],
                        "region_id": home.region_id, "state_body_id": home.state_body_id,
                        "program_scope_id": plan, "stage": list(Stage)[key % 4],
                        "created_at": NOW,
                    }
                    for key in keys
                ],
            )  # fmt: skip
            await session.execute(
                insert(NodeClosure),
                [
                    {
                        "ancestor_id": ancestor, "descendant_id": key, "depth": depth + 1,
                        "kind": NodeKind.PROJECT, "service": service,
                    }
                    for key in keys
                    for ancestor, depth, service in above[parents[key]]
                ]
                + [
                    {
                        "ancestor_id": key, "descendant_id": key, "depth": 0,
                        "kind": NodeKind.PROJECT, "service": False,
                    }
                    for key in keys
                ],
            )  # fmt: skip
            await session.execute(
                insert(Project),
                [
                    {
                        "id": key, "number": f"PRJ-{key}", "currency": "KZT",
                        "budget_minor": key * 100,
                        "ends_on": date(2031, 6, 1) if key % 100 == 0 else date(2029, 6, 1),
                        **name_columns(f"Жоба {key}", f"Проект {key}", f"Project {key}"),
                    }
                    for key in keys
                ],
            )  # fmt: skip
            await session.execute(
                insert(ProjectLocation),
                [
                    {
                        "project_id": key,
                        "region_id": region_ids[1] if key % 10 == 0 else region_ids[0],
                        "administrative_unit_id": units[key % UNITS].id
                        if key % 2 and key % 10
                        else None,
                    }
                    for key in keys
                ],
            )
        if self.database.dialect == "postgresql":
            async with self.database.engine.connect() as connection:
                plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
                await plain.execute(
                    text("SELECT setval(pg_get_serial_sequence('node', 'id'), max(id)) FROM node")
                )
                await plain.execute(text("ANALYZE"))


@dataclass(frozen=True, order=True)
class Times:
    """Milliseconds of one act, its commit included; ``cpu``: of this process, without a server."""

    wall: float
    cpu: float


async def timed(act: Callable[[], Awaitable[Any]]) -> Times:
    """How long an act took."""
    wall, cpu = time.perf_counter(), time.process_time()
    await act()
    return Times((time.perf_counter() - wall) * 1e3, (time.process_time() - cpu) * 1e3)


async def measure(url: str, folder: Path) -> list[dict[str, Any]]:
    """The figures of one database."""
    installation = load_installation({PLUGIN: MODULE}, strict=True)
    await install(url, installation.plugins, NOW)
    database = await Database.open(url)
    bench = Bench(database, installation)
    await bench.found()
    first = await bench.publish(1)

    async def adopt(program_id: int) -> None:
        async with bench.work() as work:
            await adopt_template(work, program_id, first)

    adoptions = [await timed(lambda p=program: adopt(p)) for program in bench.programs]  # type: ignore[misc]
    await bench.fill()

    async def find() -> None:
        async with database.session() as session:
            found = await compliance(session, bench.programs[0], date(2026, 6, 1))
            assert len(found) > PROJECTS // 10, len(found)

    findings = [await timed(find) for _ in range(ROUNDS)]
    reads = await measure_reads(bench, url, folder)
    second = await bench.publish(2)

    async def upgrade() -> None:
        for program in bench.programs:
            async with bench.work() as work:
                plan = await work.session.get_one(RegionalPlan, program)
                template = await work.session.get_one(RegionalTemplate, second)
                version = (await report(work, plan, template)).version
                await upgrade_plan(work, program, second, expected_version=version)

    upgrades = [await timed(upgrade)]
    dialect = database.dialect
    await database.close()
    return [
        row(dialect, "adoption: 12 directions, 60 groups", adoptions, LIMITS["adoption"]),
        row(dialect, "compliance of 3 000 projects, the rules", findings, LIMITS["compliance"]),
        *[row(dialect, name, times, LIMITS.get(limit)) for name, times, limit in reads],
        row(dialect, "upgrade of 20 plans", upgrades, LIMITS["upgrade"]),
    ]


async def measure_reads(bench: Bench, url: str, folder: Path) -> list[tuple[str, list[Times], str]]:
    """Milliseconds of answers of the application; each is one statement."""
    settings = Settings(
        database_url=url,
        data_dir=folder / "zhoba",
        demo=False,
        dispatch=False,
        express=False,
        answer_cache_bytes=0,
    )
    app = build_app(settings, installation=bench.installation)
    token = own_token(settings, bench.account, NOW)
    found = []
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bench", headers=headers
        ) as client:
            plan = f"RegionalPlan:{bench.programs[0]}"
            for name, document, limit in (
                ("Region.plan down to groups, 20 regions", PLANS % ("", ""), "plans"),
                ("the same with codes and outsideTemplate", PLANS % (MARKS, MARKS), ""),
                ("compliance of 3 000 projects, over GraphQL", FINDINGS, "compliance"),
                ("figures by unit and sphere, over GraphQL", FIGURES, ""),
            ):
                body = {"query": document, "variables": {"id": plan} if "$id" in document else {}}

                async def ask(body: Any = body) -> None:
                    answer = (await client.post("/graphql", json=body)).json()
                    assert "errors" not in answer, answer["errors"]

                with statements() as ran:
                    await ask()
                assert len(ran) == 1, len(ran)
                found.append((name, [await timed(ask) for _ in range(ROUNDS)], limit))
    return found


def row(dialect: str, what: str, times: list[Times], limit: float | None) -> dict[str, Any]:
    median = statistics.median(each.wall for each in times)
    return {
        "database": dialect,
        "what": what,
        "p50_ms": round(median, 1),
        "longest_ms": round(max(times).wall, 1),
        "cpu_ms": round(statistics.median(each.cpu for each in times), 1),
        "limit_ms": limit or "",
        "verdict": verdict(median, limit),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    chosen = parser.parse_args()
    configure_logs(Settings(log_level="warning"))
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name:
        folder = Path(name)
        with empty_databases(folder, dialects) as urls:
            for url in urls.values():
                rows += asyncio.run(measure(url, folder))
    show("Regional plans", rows)
    keep("regional_plan", rows)


if __name__ == "__main__":
    main()
