"""Finding rows and writing changes to them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from core.acts.act import ActKind
from core.db.engine import Database
from core.errors import RuleRefused
from core.places.region import Region
from core.rows import (
    BIGGEST_KEY,
    Lock,
    change,
    entered,
    find,
    flush_unique,
    plain,
    require_version,
)
from core.unset import UNSET
from tests.acting import arranging, refuses
from tests.factories import make_act, make_region


class Thing:
    name = "old"
    name_sort = "old"
    phone = "1"
    due: date | None = None


def test_change_sets_what_differs_and_tells_before_and_after() -> None:
    thing = Thing()
    before, after = change(thing, {"name": "new", "due": date(2026, 3, 2), "phone": UNSET})
    assert (before, after) == ({"name": "old", "due": None}, {"name": "new", "due": "2026-03-02"})
    assert (thing.name, thing.phone) == ("new", "1")


def test_change_tells_nothing_when_nothing_differs() -> None:
    assert change(Thing(), {"name": "old"}) == ({}, {})


def test_change_hides_personal_values() -> None:
    thing = Thing()
    assert change(thing, {"phone": "2"}, personal={"phone"}) == (
        {"phone": "changed"},
        {"phone": "changed"},
    )
    assert thing.phone == "2"


def test_change_leaves_computed_columns_out_of_the_log() -> None:
    thing = Thing()
    assert change(thing, {"name_sort": "new"}) == ({}, {})
    assert thing.name_sort == "new"


def test_entered_keeps_what_holds_something() -> None:
    values = {"kind": ActKind.ORDER, "title": None, "name_sort": "x", "iin": "1"}
    assert entered(values, personal={"iin"}) == {"kind": "ORDER", "iin": "changed"}


def test_plain_writes_moments_as_iso() -> None:
    assert plain(datetime(2026, 3, 2, 6, tzinfo=UTC)) == "2026-03-02T06:00:00+00:00"


def test_require_version_refuses_an_old_one() -> None:
    require_version(2, 2)
    with refuses("CONFLICT", None, "expectedVersion"):
        require_version(3, 2)


@pytest.mark.parametrize("key", [-1, 0, 99, BIGGEST_KEY, BIGGEST_KEY + 1])
async def test_find_knows_no_such_key(database: Database, key: int) -> None:
    async with arranging(database) as session:
        await make_region(session)
        with refuses("NOT_FOUND", None, "regionId"):
            await find(session, Region, key, field="regionId")


@pytest.mark.parametrize("lock", [None, Lock.SHARE, Lock.UPDATE])
async def test_find_reads_the_row(database: Database, lock: Lock | None) -> None:
    async with arranging(database) as session:
        region = await make_region(session)
        assert await find(session, Region, region.id, lock=lock) is region


async def test_flush_unique_turns_a_taken_value_into_the_refusal(database: Database) -> None:
    async with arranging(database) as session:
        await make_region(session)
    with refuses("TAKEN", "clause"):
        async with arranging(database) as session:
            twin = await make_region(session, "KZ-11")
            twin.code = "KZ-10"
            await flush_unique(session, RuleRefused("TAKEN", clause="clause"))


async def test_flush_unique_lets_other_violations_through(database: Database) -> None:
    async with database.session() as session:
        act = await make_act(session)
        act.file_id = 99
        with pytest.raises(IntegrityError):
            await flush_unique(session, RuleRefused("TAKEN", clause="clause"))
