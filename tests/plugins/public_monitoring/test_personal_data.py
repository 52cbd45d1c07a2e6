"""What identifies members lies nowhere in the clear: not in the database, in events or in logs."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.plugins.public_monitoring.conftest import IINS, KINDS, Body, Group, active, apply
from zhoba.host.installation import Installation
from zhoba.testing.platform import Platform, Tree

SEEN = "query Q($id: ID!) { monitoringApplication(id: $id) { members { iin iinMasked email } } }"
EMAIL = "planted-address@example.kz"


async def dump(platform: Platform, installation: Installation) -> dict[str, str]:
    """Everything in the database, by table."""
    found = {}
    async with platform.arranging() as session:
        for owner in installation.owners:
            for table in owner.metadata.sorted_tables:
                rows = (await session.execute(select(table))).all()
                found[table.name] = "\n".join(repr(tuple(row)) for row in rows)
    return found


async def test_planted_numbers_are_found_nowhere(
    platform: Platform,
    tree: Tree,
    body: Body,
    installation: Installation,
    capfd: pytest.CaptureFixture[str],
) -> None:
    group = await active(platform, tree, body)
    other: Group = await apply(platform, tree)
    await other.join("Third Gulnar")
    await other.confirm(0, kinds=KINDS, email=EMAIL, idempotencyKey="once")
    wrong = IINS[2][:-1] + "4"
    for iin in (IINS[0], wrong):  # the same person, and no person at all
        await platform.send(
            "monitoringConfirmMembership",
            "monitoringMember { id }",
            by=other.members[1],
            memberId=other.member_ids[1],
            iin=iin,
            consent=True,
        )
    for reader in (body.head, body.office, group.contact):
        await platform.ask(SEEN, {"id": group.id}, by=reader)
    await platform.deliver()
    await platform.app.state.operations.services.decisions.flush()
    tables = await dump(platform, installation)
    planted = (*IINS, wrong)
    assert {name for name, text in tables.items() if any(iin in text for iin in planted)} == set()
    assert {name for name, text in tables.items() if EMAIL in text} == {"monitoring_member"}
    logged = capfd.readouterr()
    assert "/graphql" in logged.out
    assert [each for each in (*planted, EMAIL) if each in logged.out + logged.err] == []
