"""The whole platform in a test: persons with roles in a tree of two regions, who ask and act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette

from core.background.acting import Background
from core.background.delivering import deliver, take_places
from core.db.engine import Database
from core.events.feed import BEHIND_POLL_SECONDS
from core.people.account import Account, AccountKind
from core.people.person import Person
from core.places.region import Region
from core.plugins.enabling import disable_plugin, enable_plugin
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import OPERATOR, Actor, OperatorAuthority, Work
from migrations.run import Owner
from schema.planner.run import statements
from zhoba.app import build_app
from zhoba.host.installation import Installation
from zhoba.host.loading import load_installation
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.testing.areas import Tree, make_area
from zhoba.testing.rows import (
    MADE_AT,
    make_appointment,
    make_node,
    make_person,
    note_installed,
)

REFUSALS = "userErrors { code clause field message }"


@dataclass(frozen=True, slots=True)
class Member:
    """A person with an account, who holds a role at a node."""

    person_id: int
    account_id: int

    @property
    def id(self) -> str:
        """Their id in GraphQL."""
        return f"Person:{self.person_id}"

    @property
    def actor(self) -> Actor:
        return Actor(
            person_id=self.person_id,
            account_id=self.account_id,
            label=f"Person:{self.person_id}",
        )


@dataclass(slots=True)
class Platform:
    """The running platform with the plugin under test, ``plugin`` being its id.

    Handlers and jobs do not run by themselves: :meth:`deliver` and :meth:`run_job` do it.
    """

    plugin: str
    installation: Installation
    settings: Settings
    database: Database
    app: Starlette
    http: httpx.AsyncClient
    background: Background

    async def person(self, role: str, node: Node, name: str | None = None) -> Member:
        """Somebody new who holds a role at a node, of the core or of a plugin."""
        async with self.arranging() as session:
            person = await make_person(session, name)
            await make_appointment(session, person, role, node)
            account = Account(
                kind=AccountKind.PERSON,
                label=person.full_name,
                person_id=person.id,
                created_at=MADE_AT,
            )
            session.add(account)
            await session.flush()
            return Member(person.id, account.id)

    async def appoint(self, member: Member, role: str, node: Node) -> None:
        """Give somebody one more role."""
        async with self.arranging() as session:
            person = await session.get_one(Person, member.person_id)
            await make_appointment(session, person, role, node)

    async def enable(
        self, region: Region | None, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Switch the plugin on in a region, None: for the republic, as the operator."""
        async with self.work() as work:
            await enable_plugin(
                work, self.plugin, region_id=region.id if region else None, settings=settings
            )

    async def disable(self, region: Region | None, reason: str = "a test") -> None:
        """Switch it off there. Raises what the plugin holds against it."""
        async with self.work() as work:
            await disable_plugin(work, self.plugin, reason, region_id=region.id if region else None)

    def work(
        self, member: Member | None = None, *, now: datetime | None = None
    ) -> AbstractAsyncContextManager[Work]:
        """A unit of work of somebody, else of the operator, which commits when the block ends."""
        rules = self.settings.rules()
        return transact(
            self.database,
            actor=member.actor if member else OPERATOR,
            authority=self.installation.policy(rules.profile)
            if member
            else OperatorAuthority(self.installation.catalogue),
            now=now or datetime.now(UTC),
            rules=rules,
            host=self.installation,
            seal=self.settings.seal(),
        )

    @asynccontextmanager
    async def arranging(self) -> AsyncIterator[AsyncSession]:
        """A session whose rows are simply put there, without acts."""
        async with self.database.session() as session, session.begin():
            yield session

    async def ask(
        self, document: str, variables: Mapping[str, Any] | None = None, *, by: Member | None = None
    ) -> Any:
        """The answer to a document: ``{"data": ..., "errors": [...]}``; anonymous unless ``by``."""
        headers = {"Accept-Language": "en"}
        if by is not None:
            token = own_token(self.settings, by.account_id, datetime.now(UTC))
            headers["Authorization"] = f"Bearer {token}"
        body = {"query": document, "variables": dict(variables or {})}
        return (await self.http.post("/graphql", json=body, headers=headers)).json()

    async def read(
        self, document: str, variables: Mapping[str, Any] | None = None, *, by: Member | None = None
    ) -> Any:
        """The data of a document that must not fail anywhere."""
        answer = await self.ask(document, variables, by=by)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def send(self, mutation: str, selection: str, *, by: Member | None, **given: Any) -> Any:
        """The whole answer to a mutation: ``selection`` and ``userErrors``."""
        name = mutation[0].upper() + mutation[1:]
        document = (
            f"mutation M($input: {name}Input!) {{"
            f" {mutation}(input: $input) {{ {selection} {REFUSALS} }} }}"
        )
        return await self.ask(document, {"input": given}, by=by)

    async def done(self, mutation: str, selection: str, *, by: Member, **given: Any) -> Any:
        """The changed object of a mutation that must not be refused."""
        answer = await self.send(mutation, selection, by=by, **given)
        assert "errors" not in answer, answer["errors"]
        payload = answer["data"][mutation]
        assert payload["userErrors"] == [], payload["userErrors"]
        return payload[selection.split()[0]]

    async def refused(self, mutation: str, selection: str, *, by: Member, **given: Any) -> str:
        """The code by which the rules must refuse a mutation: its one user error."""
        answer = await self.send(mutation, selection, by=by, **given)
        assert "errors" not in answer, answer["errors"]
        payload = answer["data"][mutation]
        assert payload[selection.split()[0]] is None, payload
        (refusal,) = payload["userErrors"]
        code: str = refusal["code"]
        return code

    async def failure(
        self, mutation: str, selection: str, *, by: Member | None = None, **given: Any
    ) -> str:
        """The code with which a mutation must fail as a whole: who are you, may not."""
        answer = await self.send(mutation, selection, by=by, **given)
        (error,) = answer["errors"]
        code: str = error["extensions"]["code"]
        return code

    async def deliver(self) -> None:
        """Hand the handlers that run after acts everything that happened since the last time.

        What one of them fails with is raised nowhere; it is kept as in the running server. Waits
        while other transactions of the database's server hold events back.
        """
        for named in self.background.handlers:
            behind = True
            while behind:
                behind = await deliver(self.background, named, datetime.now(UTC))
                await asyncio.sleep(BEHIND_POLL_SECONDS if behind else 0)

    async def run_job(
        self, name: str, region: Region | None = None, *, now: datetime | None = None
    ) -> None:
        """Run one job of the plugin, for a region or for the republic. Raises what it raises."""
        jobs = {job.name: job for job in self.installation.plugin(self.plugin).jobs}
        at = now or datetime.now(UTC)
        async with self.background.transact(self.plugin, at, "test") as work:
            if jobs[name].while_off:
                work.gate = None
            await jobs[name].run(work, region.id if region else None)

    def statements(self) -> AbstractContextManager[list[str]]:
        """Collects the SQL of every read planned in the block: one for each root field."""
        return statements()


@pytest.fixture(scope="session")
def plugin_modules() -> Mapping[str, str] | None:
    """The plugins to load, id to module, that under test first; None: whatever is installed."""
    return None


@pytest.fixture(scope="session")
def installation(plugin_modules: Mapping[str, str] | None) -> Installation:
    """The platform's parts and the plugins'; the session stops when a plugin does not load."""
    return load_installation(plugin_modules, strict=True)


@pytest.fixture(scope="session")
def owners(installation: Installation) -> Sequence[Owner]:
    """Whose tables the databases have: the core's, and those of the plugins."""
    return installation.owners


@pytest.fixture
async def tree(database: Database) -> Tree:
    """The country and two regions, committed."""
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
        areas = [await make_area(session, country, code) for code in ("KZ-10", "KZ-11")]
        return Tree(country, *areas)


@pytest.fixture
async def platform(
    installation: Installation,
    plugin_modules: Mapping[str, str] | None,
    database: Database,
    tmp_path: Path,
) -> AsyncIterator[Platform]:
    """The application over the test's database, with the plugin under test."""
    # By default an error shows the values of all variables; those of a schema take minutes.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    settings = Settings(
        database_url=database.url,
        data_dir=tmp_path / "zhoba",
        language="en",
        demo=False,
        dispatch=False,
    )
    async with database.session() as session, session.begin():
        for each in installation.plugins:
            info = each.info
            await note_installed(
                session, info.id, version=info.version, prefix=info.prefix,
                requires=sorted(info.requires_plugins),
            )  # fmt: skip
    background = Background(
        database=database, host=installation, rules=settings.rules(), seal=settings.seal()
    )
    await take_places(background, datetime.now(UTC))
    app = build_app(settings, installation=installation)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="http://zhoba.test") as http:
            plugin = next(iter(plugin_modules or [each.id for each in installation.plugins]))
            yield Platform(plugin, installation, settings, database, app, http, background)
