"""Tickets: good for one account, once, until they expire."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.db.engine import Database
from core.errors import InvalidInput, NotAuthenticated, NotFound, RuleRefused
from core.files import ticket as tickets
from core.files.store import Stored
from core.files.ticket import (
    begin_upload,
    end_tickets,
    finish_upload,
    give_upload_back,
    prepare_download,
    prepare_upload,
    use_download,
)
from core.transaction import transact
from core.work import ANONYMOUS, Actor, Work
from tests.acting import entries
from tests.authorities import Grants
from tests.conftest import NOW
from tests.core.files.test_file import make_actor

CONTENT = Stored("ab" * 32, 5, "application/pdf")
SECOND = timedelta(seconds=1)


def work_of(database: Database, actor: Actor, later: timedelta = timedelta(0)):  # type: ignore[no-untyped-def]
    return transact(database, actor=actor, authority=Grants({}), now=NOW + later)


async def announce(work: Work, **changes: object) -> str:
    given = {"name": "a.pdf", "largest": 20} | changes
    return (await prepare_upload(work, **given))[1]  # type: ignore[arg-type]


async def test_upload_ticket_is_good_once_for_its_account_and_not_long(database: Database) -> None:
    mine, other = await make_actor(database), await make_actor(database)
    async with work_of(database, mine) as work:
        text = await announce(work)
        late = await announce(work)
    for actor, later, code in (
        (other, timedelta(0), "UPLOAD_LINK_UNKNOWN"),
        (mine, timedelta(minutes=15), "UPLOAD_LINK_EXPIRED"),
    ):
        async with work_of(database, actor, later) as work:
            with pytest.raises(InvalidInput, match=code):
                await begin_upload(work, late)
    async with work_of(database, mine, timedelta(minutes=15) - SECOND) as work:
        ticket = await begin_upload(work, text)
        with pytest.raises(InvalidInput, match="UPLOAD_LINK_BUSY"):  # somebody sends just now
            await begin_upload(work, text)
        await give_upload_back(work, ticket)
        ticket = await begin_upload(work, text)
        file = await finish_upload(work, ticket, CONTENT)
        assert (file.name, file.uploaded_by_id) == ("a.pdf", mine.account_id)
        with pytest.raises(InvalidInput, match="UPLOAD_LINK_USED"):  # sent twice at once
            await finish_upload(work, ticket, CONTENT)
    async with work_of(database, mine) as work:
        with pytest.raises(InvalidInput, match="UPLOAD_LINK_USED"):
            await begin_upload(work, text)


async def test_prepare_upload_refuses_what_the_announcement_tells(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = await make_actor(database)
    monkeypatch.setattr(tickets, "MOST_WAITING", 2)
    async with work_of(database, ANONYMOUS) as work:
        with pytest.raises(NotAuthenticated):
            await announce(work)
    async with work_of(database, actor) as work:
        for changes, code in (
            ({"size": 21}, "FILE_TOO_LARGE"),
            ({"size": 0}, "FILE_EMPTY"),
            ({"name": "a.exe"}, "FILE_TYPE_NOT_ALLOWED"),
            ({"name": " "}, "FILE_NAME"),
        ):
            with pytest.raises(InvalidInput, match=code):
                await announce(work, **changes)
        ticket = await begin_upload(work, await announce(work, size=20))
        await finish_upload(work, ticket, CONTENT)
        await announce(work)
        with pytest.raises(RuleRefused, match="UPLOADS_WAITING"):
            await announce(work)
    async with work_of(database, actor, timedelta(minutes=15)) as work:
        await announce(work)  # the unused ticket has expired


async def test_download_link_is_good_once_and_not_long(database: Database) -> None:
    mine, other = await make_actor(database), await make_actor(database)
    async with work_of(database, mine) as work:
        file = await finish_upload(work, await begin_upload(work, await announce(work)), CONTENT)
        links = [(await prepare_download(work, file.id))[1] for _ in range(4)]
    texts = [link.removeprefix("/files/") for link in links]
    async with work_of(database, other) as work:
        with pytest.raises(NotFound):
            await prepare_download(work, file.id)
        with pytest.raises(NotFound):
            await use_download(work, texts[3])
    last = timedelta(seconds=300)
    async with work_of(database, mine, last - SECOND) as work:
        assert (await use_download(work, texts[0])).id == file.id
        for text, code in ((texts[0], "USED"), ("x" * 43, "UNKNOWN"), ("x" * 999, "UNKNOWN")):
            with pytest.raises(InvalidInput, match=f"DOWNLOAD_LINK_{code}"):
                await use_download(work, text)
    async with work_of(database, mine, last) as work:
        with pytest.raises(InvalidInput, match="DOWNLOAD_LINK_EXPIRED"):
            await use_download(work, texts[1])
    async with work_of(database, mine) as work:
        await end_tickets(work, mine.account_id or 0)
        with pytest.raises(InvalidInput, match="DOWNLOAD_LINK_EXPIRED"):
            await use_download(work, texts[2])
    linked = await entries(database, "fileLinked")
    assert [each.account_id for each in linked] == [mine.account_id] * 4
    assert not [text for text in texts if text in str([each.after for each in linked])]
