"""Short reads of SQLite, over real connections: done before there is a task."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.applications import Starlette

from core.decisions.log import DecisionLog
from core.people.account import Account
from schema.planner import run
from schema.planner.run import SqliteReads
from tests.zhoba.conftest import Client
from tests.zhoba.express.place import Place, alone, bearer, change_by_hand, express_of
from tests.zhoba.express.serving import DOCUMENT, Line, Served, body_of, told
from zhoba.express.snapshots import SqliteSnapshots
from zhoba.http.body import Asked

pytestmark = alone


@pytest.fixture
def here(app: Starlette, served: Served) -> Served:
    """The same, where short reads are done before there is a task; what was kept is gone."""
    express, reads = express_of(app), app.state.operations.services.reads
    if not isinstance(reads, SqliteReads):
        pytest.skip("answers of PostgreSQL are waited for")
    assert isinstance(express.snapshots, SqliteSnapshots)
    express.near = reads, express.snapshots
    if express.answers is not None:
        express.answers.kept.clear()
    return served


@pytest.fixture
def new(app: Starlette, place: Place) -> str:
    """What nobody has asked, though the document was met, as were two like it."""
    document = f'{{ project(id: "Project:{place.world.project.id}") {{ number name }} }}'
    for field in ("name", "id", "stage"):
        express_of(app).documents.whole(Asked(document.replace("name", field), {}, None))
    return document


@pytest.mark.parametrize("kept", [True, False])
async def test_a_short_read_needs_no_application(
    app: Starlette, here: Served, line: Line, new: str, kept: bool
) -> None:
    express = express_of(app)
    hits = express.answers.hits
    if not kept:
        express.answers = None
    first, again = [await line.ask(here.request(new)) for _ in range(2)]
    assert here.calls == []
    assert first == again
    app.state.express = None
    assert told(first) == told(await line.ask(here.request(new)))
    assert here.calls == ["/graphql?"]
    if kept:
        assert (express.answers.hits - hits, len(express.answers.kept)) == (1, 1)


async def test_what_is_missing_from_a_short_read_is_said_and_logged_each_time(
    client: Client,
    place: Place,
    here: Served,
    line: Line,
    new: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here.proof = bearer(client, place.accounts["manager"])
    unit = "parent { ... on ProjectGroup { responsibleUnit { name } } }"
    denied = new.replace("name", unit)
    usual = body_of(await line.ask(here.request(denied)))  # signs in
    here.calls.clear()
    noted: list[Any] = []
    monkeypatch.setattr(DecisionLog, "note", lambda _, *lines: noted.append(len(lines)))
    for _ in range(3):
        assert body_of(await line.ask(here.request(denied))) == usual
    assert b'"FORBIDDEN"' in usual
    assert here.calls == []
    assert noted == [noted[0]] * 3
    assert noted[0] > 0


async def test_a_document_that_was_not_met_is_judged_in_a_task(
    here: Served, line: Line, new: str
) -> None:
    document = new.replace("name", "goal")
    answers = [await line.ask(here.request(document)) for _ in range(2)]
    assert answers == [answers[0]] * 2
    assert here.calls == ["lane"]


async def test_a_longer_read_takes_a_task(
    here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await line.ask(here.request(new))
    monkeypatch.setattr(run, "SHORT_COST", 0)
    other = here.request(new.replace("name", "stage"))
    assert b'"stage"' in await line.ask(other)
    assert here.calls == ["lane"]
    assert usual == await line.ask(here.request(new))


async def test_a_write_beside_a_short_read_leaves_it_to_a_task(
    app: Starlette, here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    express = express_of(app)
    usual = await line.ask(here.request(new))
    express.answers.kept.clear()
    real, looks = express.snapshots.look, []

    def look() -> str:
        looks.append(real())
        return looks[-1] if len(looks) != 2 else "another"

    monkeypatch.setattr(express.snapshots, "look", look)
    assert usual == await line.ask(here.request(new))
    assert here.calls == ["lane"]
    assert {kept.snapshot for kept in express.answers.kept.values()} == {real()}


@pytest.mark.parametrize(
    "refused",
    ["{ nothing }", "{ programs(first: 0) { nodes { id } } }", "{", "mutation { nothing }"],
)
async def test_what_is_refused_is_refused_by_the_application(
    app: Starlette, here: Served, line: Line, new: str, refused: str
) -> None:
    answer = await line.ask(here.request(refused))
    assert here.calls == ["lane", "/graphql?"]
    app.state.express = None
    assert told(answer) == told(await line.ask(here.request(refused)))


async def test_a_change_is_in_the_next_short_read(
    here: Served, line: Line, new: str, database_url: str
) -> None:
    for number in ("PRJ-2026-000017", "PRJ-2026-000018"):
        await change_by_hand(database_url, f"UPDATE project SET number = '{number}'")
        for document in (DOCUMENT, "{ projects { nodes { number id } } }", DOCUMENT):
            assert f'"number":"{number}"'.encode() in await line.ask(here.request(document))


async def test_a_locked_account_reads_nothing(
    app: Starlette, place: Place, here: Served, line: Line, new: str
) -> None:
    assert b'"data"' in await line.ask(here.request(new))
    async with app.state.operations.services.database.session() as session, session.begin():
        account = await session.get_one(Account, place.accounts["office"])
        account.locked_at = datetime.now(UTC)
    for _ in range(3):
        assert b'"NOT_AUTHENTICATED"' in await line.ask(here.request(new))


async def test_a_database_that_is_away_is_the_applications_to_tell(
    app: Starlette, here: Served, line: Line, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> str:
        raise sqlite3.OperationalError("unable to open database file")

    usual = await line.ask(here.request(new))
    with monkeypatch.context() as patch:
        patch.setattr(express_of(app).snapshots, "look", away)
        assert b'"data"' in await line.ask(here.request(new))  # without the lane
    assert here.calls == ["lane", "/graphql?"]
    assert usual == await line.ask(here.request(new))


async def test_of_many_reads_in_one_packet_the_first_is_done_at_once(
    here: Served, line: Line, new: str
) -> None:
    documents = [new, new.replace("name", "id"), new.replace("name", "stage")]
    line.writer.write(b"".join(here.request(each) for each in documents))
    together = [await line.answer() for _ in documents]
    assert here.calls == ["lane", "/graphql?"]
    assert together == [await line.ask(here.request(each)) for each in documents]
    assert here.calls == ["lane", "/graphql?"]


async def test_what_is_too_large_to_be_read_at_once_is_refused_once(
    app: Starlette, here: Served, line: Line, new: str
) -> None:
    limits = express_of(app).operations.limits  # of this application alone
    object.__setattr__(limits, "response_bytes", 20)
    refused = [await line.ask(here.request(new)) for _ in range(2)]
    assert here.calls == []
    app.state.express = None
    refused.append(await line.ask(here.request(new)))
    assert b'"code":"RESPONSE_TOO_LARGE"' in refused[0]
    assert [told(each) for each in refused] == [told(refused[0])] * 3
