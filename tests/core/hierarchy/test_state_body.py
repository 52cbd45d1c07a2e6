"""Registering state bodies."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

import pytest

from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT, NotAllowed, NotFound, PlatformError
from core.hierarchy.state_body import (
    StateBody,
    StateBodyKind,
    edit_state_body,
    register_state_body,
)
from core.texts import Names
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import Actor, Decision, Work
from tests.acting import acting, arranging, committed_world, entries, refuses
from tests.conftest import NOW
from tests.factories import make_node, make_region

NAMES = Names(kk="Қаржы министрлігі", ru="Министерство финансов", en="Ministry of Finance")
BIN = "100000000001"
OTHER_BIN = "100000001003"


async def register(database: Database, **given: Any) -> int:
    async with acting(database) as work:
        dull = {"names": NAMES, "kind": StateBodyKind.CENTRAL}
        return (await register_state_body(work, **(dull | given))).id


async def edit(database: Database, body_id: int, version: int = 1, **given: Any) -> Work:
    async with acting(database) as work:
        await edit_state_body(work, body_id, expected_version=version, **given)
    return work


async def read(database: Database, body_id: int) -> tuple[Node, StateBody]:
    async with arranging(database) as session:
        return await session.get_one(Node, body_id), await session.get_one(StateBody, body_id)


async def test_register_national_body(database: Database) -> None:
    world = await committed_world(database)
    body_id = await register(database, bin=BIN)
    node, body = await read(database, body_id)
    assert (node.parent_id, node.state_body_id, node.region_id, node.stage) == (
        world.country.id,
        body_id,
        None,
        None,
    )
    assert (body.kind, body.bin, body.name_en) == (
        StateBodyKind.CENTRAL,
        BIN,
        "Ministry of Finance",
    )
    (entry,) = await entries(database, "stateBodyRegistered")
    assert (entry.chain, entry.clause, entry.after) == (
        body_id,
        "R2023 §1",
        {
            "kind": "CENTRAL",
            "bin": BIN,
            "name_kk": "Қаржы министрлігі",
            "name_ru": "Министерство финансов",
            "name_en": "Ministry of Finance",
        },
    )


async def test_register_akimat_belongs_to_its_region(database: Database) -> None:
    world = await committed_world(database)
    body_id = await register(
        database, kind=StateBodyKind.LOCAL_EXECUTIVE, region_id=world.region.id
    )
    node, _ = await read(database, body_id)
    assert node.region_id == world.region.id


async def test_register_akimat_without_region_is_refused(database: Database) -> None:
    await committed_world(database)
    with refuses("AKIMAT_NEEDS_REGION", PRODUCT_DEFAULT, "regionId"):
        await register(database, kind=StateBodyKind.LOCAL_EXECUTIVE)
    with refuses("NOT_FOUND", None, "regionId"):
        await register(database, kind=StateBodyKind.LOCAL_EXECUTIVE, region_id=99)


@pytest.mark.parametrize(
    "kind",
    [StateBodyKind.CENTRAL, StateBodyKind.LAW_ENFORCEMENT, StateBodyKind.PRESIDENT_SUBORDINATE],
)
async def test_register_national_body_with_a_region_is_refused(
    database: Database, kind: StateBodyKind
) -> None:
    world = await committed_world(database)
    with refuses("NATIONAL_BODY_HAS_NO_REGION", PRODUCT_DEFAULT, "regionId"):
        await register(database, kind=kind, region_id=world.region.id)
    await register(database, kind=kind)


@pytest.mark.parametrize(
    "given",
    [
        {"kind": StateBodyKind.NATIONAL_SECURITY},
        {"names": Names(kk="ҚР Ұлттық  Қауіпсіздік комитеті")},
        {"names": Names(ru="Комитет национальной безопасности Республики Казахстан")},
        {"names": Names(ru="Департамент Комитета Национальной Безопасности")},
        {"names": Names(kk="X", en="National Security Committee")},
        {"names": Names(en="Committee for National Security")},
    ],
)
async def test_register_national_security_committee_is_refused(
    database: Database, given: dict[str, Any]
) -> None:
    await committed_world(database)
    with refuses("NATIONAL_SECURITY_IS_OUTSIDE", "R2023 §1", "kind"):
        await register(database, **given)


@pytest.mark.parametrize(
    "names",
    [
        Names(kk="Ұлттық экономика министрлігі"),
        Names(ru="Комитет государственных доходов"),
        Names(ru="Совет безопасности"),
    ],
)
async def test_register_other_committees(database: Database, names: Names) -> None:
    await committed_world(database)
    await register(database, names=names)


async def test_register_body_with_a_bin(database: Database) -> None:
    await committed_world(database)
    with refuses("BIN_MALFORMED", PRODUCT_DEFAULT, "bin"):
        await register(database, bin="100000000002")
    await register(database, bin=BIN)
    with refuses("BIN_TAKEN", PRODUCT_DEFAULT, "bin"):
        await register(database, bin=BIN)
    await register(database)
    await register(database)


async def test_register_body_twice_at_once_refuses_one(database: Database) -> None:
    await committed_world(database)
    results = await asyncio.gather(
        *(register(database, bin=BIN) for _ in range(2)), return_exceptions=True
    )
    assert sorted(
        each.code if isinstance(each, PlatformError) else "registered" for each in results
    ) == ["BIN_TAKEN", "registered"]


async def test_register_body_needs_its_action(database: Database) -> None:
    await committed_world(database)
    with pytest.raises(NotAllowed) as caught:
        async with acting(database, may={"region.manage"}) as work:
            await register_state_body(work, names=NAMES, kind=StateBodyKind.CENTRAL)
    assert caught.value.action == "state_body.manage"


class Managing:
    """May manage these bodies, sees all."""

    version = "managing"

    def __init__(self, bodies: Collection[int]) -> None:
        self.bodies = bodies

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        allowed = action == "state_body.manage" and node_id in self.bodies
        return Decision(allowed, action, role="regional_administrator" if allowed else None)

    async def sees(self, work: Work, node_id: int) -> bool:
        return True


async def register_as(database: Database, bodies: Collection[int], region_id: int) -> None:
    actor = Actor(person_id=1, account_id=1, label="person 1")
    async with transact(database, actor=actor, authority=Managing(bodies), now=NOW) as work:
        await register_state_body(
            work, names=NAMES, kind=StateBodyKind.LOCAL_EXECUTIVE, region_id=region_id
        )


async def test_register_body_of_a_region_by_who_manages_all_of_its_bodies(
    database: Database,
) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        second = await make_node(
            session, NodeKind.STATE_BODY, world.country, region=world.region,
            kind=StateBodyKind.LOCAL_EXECUTIVE,
        )  # fmt: skip
        elsewhere = await make_region(session, "KZ-11")
    with pytest.raises(NotAllowed):
        await register_as(database, {world.body.id}, world.region.id)
    with pytest.raises(NotAllowed):
        await register_as(database, {world.body.id, second.id}, elsewhere.id)
    await register_as(database, {world.body.id, second.id}, world.region.id)
    (entry,) = await entries(database, "stateBodyRegistered")
    assert (entry.person_id, entry.acting_as) == (1, "regional_administrator")


async def test_register_body_in_a_hidden_country_is_not_found(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotFound):
        async with acting(database, may={"state_body.manage"}, hidden={world.country.id}) as work:
            await register_state_body(work, names=NAMES, kind=StateBodyKind.CENTRAL)


async def test_edit_body_changes_only_what_is_given(database: Database) -> None:
    await committed_world(database)
    body_id = await register(database, bin=BIN)
    work = await edit(database, body_id, kind=StateBodyKind.LAW_ENFORCEMENT, bin=OTHER_BIN)
    node, body = await read(database, body_id)
    assert (body.kind, body.bin, body.name_en, node.version) == (
        StateBodyKind.LAW_ENFORCEMENT,
        OTHER_BIN,
        "Ministry of Finance",
        2,
    )
    assert work.warnings == []
    (entry,) = await entries(database, "stateBodyEdited")
    assert entry.before == {"kind": "CENTRAL", "bin": BIN}
    with refuses("CONFLICT", None, "expectedVersion"):
        await edit(database, body_id, bin=None)
    await edit(database, body_id, version=2, bin=None)


async def test_edit_body_keeps_to_the_rules_of_registration(database: Database) -> None:
    world = await committed_world(database)
    await register(database, bin=BIN)
    body_id = await register(database)
    with refuses("BIN_TAKEN", PRODUCT_DEFAULT, "bin"):
        await edit(database, body_id, bin=BIN)
    with refuses("BIN_MALFORMED", PRODUCT_DEFAULT, "bin"):
        await edit(database, body_id, bin="1")
    with refuses("AKIMAT_NEEDS_REGION", PRODUCT_DEFAULT, "regionId"):
        await edit(database, body_id, kind=StateBodyKind.LOCAL_EXECUTIVE)
    with refuses("NATIONAL_BODY_HAS_NO_REGION", PRODUCT_DEFAULT, "regionId"):
        await edit(database, world.body.id, kind=StateBodyKind.CENTRAL)
    with refuses("NATIONAL_SECURITY_IS_OUTSIDE", "R2023 §1", "kind"):
        await edit(database, body_id, kind=StateBodyKind.NATIONAL_SECURITY)
    with refuses("NATIONAL_SECURITY_IS_OUTSIDE", "R2023 §1", "kind"):
        await edit(database, body_id, names=Names(en="National Security Committee"))


async def test_edit_body_needs_its_action_at_it(database: Database) -> None:
    world = await committed_world(database)
    with pytest.raises(NotAllowed):
        async with acting(database, may=()) as work:
            await edit_state_body(work, world.body.id, expected_version=1, names=NAMES)


async def test_edit_archived_body_is_refused(database: Database) -> None:
    world = await committed_world(database)
    async with arranging(database) as session:
        (await session.get_one(Node, world.body.id)).archived_at = NOW
    with refuses("NODE_ARCHIVED", "product default; R2023 §98"):
        await edit(database, world.body.id, names=NAMES)
