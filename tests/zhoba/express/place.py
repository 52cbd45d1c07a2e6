"""A world, those who read it, and how they ask and change it."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import pytest
from starlette.applications import Starlette

from tests.factories import World
from tests.zhoba.conftest import Client
from zhoba.express.express import Express
from zhoba.sign_in.door import own_token
from zhoba.testing.databases import GIVEN

TREE = """query Tree($first: Int = 5, $short: Boolean = false) { programs(first: $first) {
  totalCount pageInfo { hasNextPage endCursor } nodes { __typename id name names { kk ru }
    directions(first: 9) { nodes { ...Named groups(first: 9) { nodes {
      name projects(first: 9) { nodes { ...Card } } } } } } } } }
  fragment Named on TreeNode { id name @skip(if: $short) }
  fragment Card on Project { number stage goal startsOn budget { amount currency } description
    ancestors { kind name } parent { ... on ProjectGroup { responsibleUnit { name } } } }"""

alone = pytest.mark.skipif(
    GIVEN in os.environ, reason="a snapshot moves with the writes of others on the same server"
)


@dataclass(frozen=True)
class Place:
    """A world and the accounts of those who read it; nobody in particular is None."""

    world: World
    accounts: dict[str, int | None]
    member: int
    """A person of the body, whose personal data the personnel service may read."""


def bearer(client: Client, account: int | None) -> dict[str, str]:
    """The header of one who sends the same token each time."""
    assert account is not None
    token = own_token(client.settings, account, datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


def express_of(app: Starlette) -> Express:
    express: Express = app.state.express
    return express


async def change_by_hand(url: str, statement: str) -> None:
    """Run a statement past Zhoba, as somebody with the database's own tool would."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"))
        other.execute(statement)
        other.commit()
        other.close()
    else:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()
