"""Figures of public monitoring: ``python -m bench.public_monitoring [--db ...]``.

A body whose unit has 1 000 open applications of two citizens each. Measured: the unit's inbox; the
figures of 100 000 applications to twenty bodies; and how long after the answer to a grant, and to a
revocation, two servers let an observer read, or show nothing any more. The office sends both to the
first server.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bench.databases import DIALECTS, empty_databases
from bench.enabling import server
from bench.regional_plan import row, timed
from bench.results import keep, show
from core.db.engine import Database
from core.hierarchy.state_body import StateBodyKind
from core.models import Node, Person, Region
from core.people.account import Account, AccountKind
from core.people.person import write_full_name
from core.plugins.plugin_region import PluginRegion
from core.tree.node import NodeKind
from plugins.public_monitoring.membership import IIN
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringMember,
    MonitoringTargetKind,
    Target,
)
from plugins.public_monitoring.observing import MonitoringParameter, MonitoringRecommendation
from plugins.public_monitoring.states import MonitoringApplicationState
from plugins.public_monitoring.states import MonitoringRecommendationState as Advice
from schema.planner.run import statements
from zhoba.app import build_app
from zhoba.host.installing import install
from zhoba.host.loading import load_installation
from zhoba.logs import configure_logs
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.days import today
from zhoba.testing.rows import make_appointment, make_node, make_person, make_region

PLUGIN = "public_monitoring"
MODULE = "plugins.public_monitoring.plugin"
OPEN = 1_000
MEMBERS = 2
ROUNDS = 60
SWITCHES = 20
NOW = datetime.now(UTC)

ANSWERED = 100_000
BODIES = 20
FIGURES_MS = 200.0
INBOX_MS = 15.0
SEEN_MS = 100.0

INBOX = """{ monitoringApplications(first: 50, orderBy: [{ field: DUE_ON }],
  where: { state: { in: [SUBMITTED, UNDER_CHECK] } }) {
  nodes { id state submittedAt dueOn overdue version targets { name }
    members { fullName iinMasked confirmedAt verifiedAt documents { kind } } } } }"""
OVERDUE = INBOX.replace("state: { in: [SUBMITTED, UNDER_CHECK] }", "overdue: { eq: true }")
FIGURES = """{ monitoringFigures(region: "Region:%d") {
  bodyName submitted answered answeredInTime overdue recommendations taken done reopened } }"""
OBJECTS = "{ monitoringObjects { nodes { id name } } }"
CHANGED = "monitoringApplication { version } userErrors { code }"
GRANT = f"""mutation G($input: MonitoringGrantAccessInput!) {{
  monitoringGrantAccess(input: $input) {{ {CHANGED} }} }}"""
REVOKE = f"""mutation R($input: MonitoringRevokeAccessInput!) {{
  monitoringRevokeAccess(input: $input) {{ {CHANGED} }} }}"""


class World:
    """Who and what there is: accounts of the body, and of the first member of some groups whose
    access is asked for, by application."""

    def __init__(self) -> None:
        self.head = self.head_person = self.office = self.region = self.project = 0
        self.observers: dict[int, int] = {}
        self.country: Node


async def found(database: Database, settings: Settings) -> World:
    """The body, its unit and its open applications."""
    world = World()
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
        region = await make_region(session, "KZ-10")
        session.add(
            PluginRegion(
                plugin=PLUGIN, region_id=region.id, enabled=True, settings={"public_list": True},
                changed_at=NOW,
            )
        )  # fmt: skip
        body = await make_node(
            session, NodeKind.STATE_BODY, country, region=region, stage=None,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip
        unit = await make_node(session, NodeKind.ORGANIZATION_UNIT, body, stage=None)
        program = await make_node(session, NodeKind.PROGRAM, body)
        direction = await make_node(session, NodeKind.BASIC_DIRECTION, program)
        group = await make_node(session, NodeKind.PROJECT_GROUP, direction)
        projects = [await make_node(session, NodeKind.PROJECT, group) for _ in range(20)]
        head = await make_person(session, "Unit Head")
        office = await make_person(session, "Project Office")
        await make_appointment(session, head, "unit_head", unit)
        await make_appointment(session, office, "po_administrator", body)
        world.head, world.office = [await account_of(session, who) for who in (head, office)]
        world.head_person, world.project = head.id, projects[0].id
        world.region, world.country = region.id, country
        people = [Person(family_name=f"Citizen{n}", given_name="A") for n in range(OPEN * MEMBERS)]
        for person in people:
            write_full_name(person)
        session.add_all(people)
        await session.flush()
        states = (MonitoringApplicationState.SUBMITTED, MonitoringApplicationState.UNDER_CHECK)
        day = today()
        await session.execute(
            insert(MonitoringApplication),
            [
                {
                    "id": n, "body_id": body.id, "node_id": unit.id, "wants_system": True,
                    "wants_territory": False, "target_kind": MonitoringTargetKind.PROJECT,
                    "state": states[n % 2], "contact_id": people[n - 1].id, "created_at": NOW,
                    "submitted_at": NOW, "due_on": day + timedelta(days=n % 30 - 5),
                    "version": 3,
                }
                for n in range(1, OPEN + 1)
            ],
        )  # fmt: skip
        await session.execute(
            insert(Target),
            [
                {"application_id": n, "node_id": projects[n % len(projects)].id}
                for n in range(1, OPEN + 1)
            ],
        )
        seal = settings.seal()
        await session.execute(
            insert(MonitoringMember),
            [
                {
                    "application_id": n % OPEN + 1, "person_id": person.id,
                    "position": n // OPEN + 1, "email": f"c{n}@example.kz",
                    "iin_sealed": seal.closed(f"{900101000000 + n}", IIN),
                    "iin_print": f"{n:064d}", "confirmed_at": NOW, "signature_kind": "link",
                }
                for n, person in enumerate(people)
            ],
        )  # fmt: skip
        for n in range(1, SWITCHES + 1):
            application = await session.get_one(MonitoringApplication, n)
            application.state = MonitoringApplicationState.ACCESS_REQUESTED
            world.observers[n] = await account_of(session, people[n - 1])
        await session.execute(
            update(MonitoringMember)
            .where(MonitoringMember.application_id <= SWITCHES)
            .values(verified_at=NOW)
        )
    return world


async def account_of(session: AsyncSession, person: Person) -> int:
    """An account for somebody."""
    account = Account(
        kind=AccountKind.PERSON, label=person.full_name, person_id=person.id, created_at=NOW
    )
    session.add(account)
    await session.flush()
    return account.id


async def answer(database: Database, world: World) -> None:
    """Applications of the years before, answered by twenty bodies, every fourth with advice."""
    async with database.session() as session, session.begin():
        country = await session.merge(world.country, load=False)
        region = await session.get_one(Region, world.region)
        bodies = [
            await make_node(
                session, NodeKind.STATE_BODY, country, region=region, stage=None,
                kind=StateBodyKind.LOCAL_EXECUTIVE,
            )
            for _ in range(BODIES)
        ]  # fmt: skip
        await session.execute(
            insert(MonitoringApplication),
            [
                {
                    "id": n, "body_id": (body := bodies[n % BODIES]).id, "node_id": body.id,
                    "wants_system": True, "wants_territory": False,
                    "target_kind": MonitoringTargetKind.PROJECT,
                    "state": MonitoringApplicationState.CLOSED,
                    "contact_id": world.head_person, "created_at": NOW, "submitted_at": NOW,
                    "answered_on": today(), "answered_in_time": n % 3 > 0, "version": 7,
                }
                for n in range(OPEN + 1, OPEN + ANSWERED + 1)
            ],
        )  # fmt: skip
        states = (Advice.SENT, Advice.TAKEN, Advice.NOT_ACCEPTED, Advice.DONE)
        await session.execute(
            insert(MonitoringRecommendation),
            [
                {
                    "application_id": n, "node_id": world.project, "state": states[n // 4 % 4],
                    "parameter": MonitoringParameter.TERM, "finding": "late", "advice": "hurry",
                    "written_by_id": world.head_person, "written_at": NOW, "sent_at": NOW,
                    "version": 2,
                }
                for n in range(OPEN + 4, OPEN + ANSWERED + 1, 4)
            ],
        )  # fmt: skip
    if database.dialect == "postgresql":
        await analyse(database)


async def analyse(database: Database) -> None:
    """What the server itself would do a while later."""
    async with database.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("ANALYZE"))


async def measure(url: str, folder: Path) -> list[dict[str, Any]]:
    """The figures of one database."""
    installation = load_installation({PLUGIN: MODULE}, strict=True)
    await install(url, installation.plugins, NOW)
    settings = Settings(
        database_url=url, data_dir=folder / "data", demo=False, dispatch=False, express=False,
        answer_cache_bytes=0,
    )  # fmt: skip
    database = await Database.open(url)
    world = await found(database, settings)
    await answer(database, world)
    rows = []
    app = build_app(settings, installation=installation)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://bench", headers=bearer(settings, world.head)
        ) as client:
            for name, document in (("inbox, page of 50", INBOX), ("overdue, page of 50", OVERDUE)):

                async def ask(document: str = document) -> None:
                    answer = (await client.post("/graphql", json={"query": document})).json()
                    assert "errors" not in answer, answer["errors"]
                    assert len(answer["data"]["monitoringApplications"]["nodes"]) == 50

                with statements() as ran:
                    await ask()
                assert len(ran) == 1, len(ran)
                times = [await timed(ask) for _ in range(ROUNDS)]
                rows.append(row(database.dialect, name, times, INBOX_MS))

            async def count() -> None:
                answer = (
                    await client.post("/graphql", json={"query": FIGURES % world.region})
                ).json()
                submitted = sum(each["submitted"] for each in answer["data"]["monitoringFigures"])
                assert submitted == OPEN + ANSWERED, submitted

            times = [await timed(count) for _ in range(ROUNDS // 3)]
            rows.append(row(database.dialect, "figures of 100 000 applications", times, FIGURES_MS))
    for name, times in zip(
        ("grant, until two servers show the project", "revocation, until two servers hide it"),
        await switches(database, settings, world, folder),
        strict=True,
    ):
        rows.append(row(database.dialect, name, times, SEEN_MS))
    await database.close()
    return rows


def bearer(settings: Settings, account: int) -> dict[str, str]:
    return {"authorization": f"Bearer {own_token(settings, account, NOW)}"}


async def switches(
    database: Database, settings: Settings, world: World, folder: Path
) -> tuple[list[float], list[float]]:
    """Milliseconds from the answer to each grant, and each revocation, until both servers obey."""
    environment = {
        **os.environ,
        "ZHOBA_DATABASE_URL": database.url,
        "ZHOBA_DATA_DIR": str(settings.data_dir),
        "ZHOBA_PORT": "0",
    }
    granted: list[float] = []
    revoked: list[float] = []
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        addresses = [await stack.enter_async_context(server(environment)) for _ in range(2)]

        async def send(document: str, number: int, version: int, **given: str) -> int:
            """An act of the office on an application; its version afterwards."""
            named = {"applicationId": f"MonitoringApplication:{number}", **given}
            body = {
                "query": document,
                "variables": {"input": {**named, "expectedVersion": version}},
            }
            headers = bearer(settings, world.office)
            answer = (await client.post(addresses[0], json=body, headers=headers)).json()
            (payload,) = answer["data"].values()
            assert payload["userErrors"] == [], payload
            found: int = payload["monitoringApplication"]["version"]
            return found

        async def follows(address: str, account: int, count: int) -> None:
            headers = bearer(settings, account)
            while True:
                answer = await client.post(address, json={"query": OBJECTS}, headers=headers)
                if len(answer.json()["data"]["monitoringObjects"]["nodes"]) == count:
                    return

        async def both(account: int, count: int) -> None:
            await asyncio.gather(*(follows(each, account, count) for each in addresses))

        for number, account in world.observers.items():
            await both(account, 0)  # the first request of somebody costs more than the others
            version = await send(GRANT, number, 3)
            granted.append(await timed(lambda account=account: both(account, 1)))
            await send(REVOKE, number, version, reason="a breach of ethics")
            revoked.append(await timed(lambda account=account: both(account, 0)))
    return granted, revoked


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    chosen = parser.parse_args()
    configure_logs(Settings(log_level="warning"))
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    rows: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="zhoba-bench-") as name,
        empty_databases(Path(name), dialects) as urls,
    ):
        for dialect, url in urls.items():
            rows += asyncio.run(measure(url, Path(name) / dialect))
    show("Public monitoring", rows)
    keep("public_monitoring", rows)


if __name__ == "__main__":
    main()
