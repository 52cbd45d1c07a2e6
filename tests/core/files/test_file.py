"""Who may open a stored file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.db.engine import Database
from core.errors import InvalidInput, NotFound
from core.files.file import File, readable_file, register_file, shown_name
from core.files.store import Stored
from core.hierarchy.conditions import core_policy
from core.people.account import Account, AccountKind
from core.transaction import transact
from core.tree.node import Node, NodeKind
from core.work import ANONYMOUS, Actor
from tests.factories import make_act, make_appointment, make_node, make_person

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
CONTENT = Stored("ab" * 32, 5, "application/pdf")
POLICY = core_policy()


async def make_actor(database: Database, role: str | None = None, body: int | None = None) -> Actor:
    """A person with an account, holding a role at a body."""
    async with database.session() as session, session.begin():
        person = await make_person(session)
        account = Account(kind=AccountKind.PERSON, label="x", person_id=person.id, created_at=NOW)
        session.add(account)
        await session.flush()
        if role is not None and body is not None:
            await make_appointment(session, person, role, await session.get_one(Node, body))
        return Actor(person_id=person.id, account_id=account.id)


async def upload(database: Database, actor: Actor, **changes: str) -> File:
    given = {"name": "order.pdf"} | changes
    async with transact(database, actor=actor, authority=POLICY, now=NOW) as work:
        return await register_file(work, CONTENT, **given)


async def opens(database: Database, actor: Actor, file_id: int) -> bool:
    async with transact(database, actor=actor, authority=POLICY, now=NOW) as work:
        try:
            return (await readable_file(work, file_id)).id == file_id
        except NotFound:
            return False


@pytest.fixture
async def body(database: Database) -> int:
    async with database.session() as session, session.begin():
        country = await make_node(session, NodeKind.COUNTRY, None)
        await make_node(session, NodeKind.STATE_BODY, country)
        return (await make_node(session, NodeKind.STATE_BODY, country)).id


async def test_register_file_keeps_name_kind_and_uploader(database: Database) -> None:
    actor = await make_actor(database)
    file = await upload(database, actor, name="C:\\docs\\Бұйрық 301.pdf")
    assert (file.name, file.media_type, file.size, file.uploaded_by_id, file.uploaded_at) == (
        "Бұйрық 301.pdf",
        "application/pdf",
        5,
        actor.account_id,
        NOW,
    )


@pytest.mark.parametrize("name", ["", " ", "folder/", "a\nb", "a\u202efdp.exe", "x" * 201])
async def test_register_file_refuses_a_name_that_is_none(database: Database, name: str) -> None:
    actor = await make_actor(database)
    with pytest.raises(InvalidInput, match="FILE_NAME"):
        await upload(database, actor, name=name)
    assert (await upload(database, actor, name="x" * 200)).name == "x" * 200


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Анықтама 900101300126.pdf", "Анықтама xxxxxxxx0126.pdf"),
        ("a_900101300126-2.pdf", "a_xxxxxxxx0126-2.pdf"),
        ("901301300126.pdf", "901301300126.pdf"),  # there is no thirteenth month
        ("1900101300126.pdf", "1900101300126.pdf"),  # thirteen digits
        ("IMG_20260321_101500.jpg", "IMG_20260321_101500.jpg"),
    ],
)
def test_shown_name_keeps_no_identification_number(name: str, shown: str) -> None:
    assert shown_name(name) == shown


async def test_file_that_hangs_nowhere_is_its_uploaders_only(database: Database, body: int) -> None:
    uploader = await make_actor(database)
    other = await make_actor(database, "po_head", body)
    file = await upload(database, uploader)
    assert [await opens(database, actor, file.id) for actor in (uploader, other, ANONYMOUS)] == [
        True,
        False,
        False,
    ]


async def test_file_of_an_act_opens_for_readers_of_its_body(database: Database, body: int) -> None:
    uploader = await make_actor(database)
    reader = await make_actor(database, "po_head", body)
    elsewhere = await make_actor(database, "po_head", body - 1)
    file = await upload(database, uploader)
    async with database.session() as session, session.begin():
        await make_act(session, body=await session.get_one(Node, body), file_id=file.id)
    actors = (reader, elsewhere, uploader, ANONYMOUS)
    assert [await opens(database, actor, file.id) for actor in actors] == [
        True,
        False,
        False,
        False,
    ]


async def test_absent_file_is_not_found(database: Database) -> None:
    actor = await make_actor(database)
    assert [await opens(database, actor, key) for key in (0, -1, 1, 10**30)] == [False] * 4
