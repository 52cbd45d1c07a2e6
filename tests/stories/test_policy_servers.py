"""Publications under load: two servers, many readers, and nobody sees half a set or an old one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.authority.policies.change import ADD, DISABLE, Change
from core.authority.policies.draft import create_policy_draft, import_policy_draft
from core.authority.policies.files import Format, write_changes
from core.authority.policies.ground import PolicyOperator
from core.authority.policies.publishing import publish_policy
from core.db.engine import Database
from core.hierarchy.conditions import core_ground
from core.transaction import transact
from core.work import OPERATOR
from tests.stories.serving import Server, server
from zhoba.admin import grant_administration
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token

TAKEN, GIVEN, KEPT = "history.read", "project.create", "policy.manage"
"""Version 1 takes the first from administrators and gives them the second; the third stays."""

CHANGES = [
    Change(act=DISABLE, rule=f"core:national_administrator:{TAKEN}"),
    Change(
        act=ADD,
        rule="local:given",
        role="national_administrator",
        action=GIVEN,
        relation="tree",
    ),
]

MAY = '{ myPermissions(node: "Country:1") { code } }'
BACK = """mutation ($number: Int!, $head: Int!) {
  rollBackPolicy(input: {number: $number, expectedHead: $head, reason: "Under load."}) {
    policyVersion { number } userErrors { code }
  }
}"""

PUBLICATIONS = 8


@dataclass
class Watch:
    """What readers saw, and since when a version is in force."""

    head: int = 1
    answers: int = 0
    wrong: list[str] = field(default_factory=list)
    over: bool = False


async def ask(
    client: httpx.AsyncClient, running: Server, token: str, query: str, **variables: Any
) -> Any:
    response = await client.post(
        f"http://127.0.0.1:{running.port}/graphql",
        json={"query": query, "variables": variables},
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
    )
    answer = response.json()
    assert "errors" not in answer, answer
    return answer["data"]


async def read(client: httpx.AsyncClient, running: Server, token: str, watch: Watch) -> None:
    """Ask again and again what an administrator may do; note every answer that is no version."""
    while not watch.over:
        before = watch.head
        data = await ask(client, running, token, MAY)
        after = watch.head
        found = {each["code"] for each in data["myPermissions"]}
        watch.answers += 1
        if KEPT not in found:
            watch.wrong.append("a wrong denial")
        if (TAKEN in found) == (GIVEN in found):
            watch.wrong.append("half a set")
        # While nobody published, it is the version in force; while somebody did, one of the two.
        if before == after and not publishing(watch) and (GIVEN in found) != is_odd(before):
            watch.wrong.append(f"an old set, {before}")


def publishing(watch: Watch) -> bool:
    return watch.head < 0


def is_odd(number: int) -> bool:
    return number % 2 == 1


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(database_url=database_url, data_dir=tmp_path / "data")


async def publish_first(database: Database) -> None:
    """Version 1, by the operator."""
    ground = core_ground()
    async with transact(
        database,
        actor=OPERATOR,
        authority=PolicyOperator(ground.catalogue, ground.conditions),
        now=datetime.now(UTC),
    ) as work:
        draft = await create_policy_draft(work, title="First")
        await import_policy_draft(
            work,
            draft.id,
            expected_version=1,
            format=Format.YAML,
            text=write_changes(CHANGES, Format.YAML),
        )
        await publish_policy(work, draft.id, expected_version=2, expected_head=0, reason="First")


@pytest.mark.early
async def test_a_publication_is_seen_whole_and_at_once_by_every_process(
    database: Database, settings: Settings
) -> None:
    account = await grant_administration(
        database,
        family_name="Омаров",
        given_name="Айдар",
        now=datetime.now(UTC),
        rules=settings.rules(),
    )
    await publish_first(database)
    token = own_token(settings, account, datetime.now(UTC))
    watch = Watch()
    async with (
        server(settings) as one,
        server(settings) as other,
        httpx.AsyncClient(timeout=60) as client,
    ):
        readers = [
            asyncio.create_task(read(client, running, token, watch))
            for running in (one, other)
            for _ in range(4)
        ]
        for number in range(1, PUBLICATIONS + 1):
            publisher, reader = (one, other) if is_odd(number) else (other, one)
            enough = watch.answers + 20
            while watch.answers < enough and not any(task.done() for task in readers):
                await ask(client, reader, token, MAY)
            watch.head = -number
            # Of the odd versions each is the first anew, of the even ones none has a change.
            wanted = 0 if is_odd(number) else 1
            data = await ask(client, publisher, token, BACK, number=wanted, head=number)
            assert data["rollBackPolicy"]["policyVersion"] == {"number": number + 1}
            watch.head = number + 1
            data = await ask(client, reader, token, MAY)
            found = {each["code"] for each in data["myPermissions"]}
            assert (GIVEN in found) == is_odd(number + 1)
        watch.over = True
        await asyncio.gather(*readers)
    assert watch.wrong == []
    assert watch.answers > PUBLICATIONS * 20
