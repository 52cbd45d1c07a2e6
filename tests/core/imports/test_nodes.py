"""What the tree refuses of an imported row."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from core.db.engine import Database
from core.models import Node
from tests.core.imports.small import MAPPING, bring_in, found_country, mapping, write_folder

TOP = MAPPING.split('[[source]]\nfile = "groups.csv"')[0]


async def codes(database: Database, tmp_path: Path, text: str) -> list[tuple[str | None, str]]:
    report = await bring_in(database, write_folder(tmp_path), mapping(text), errors="skip")
    return [(row.column, row.error.code) for row in report.bad_rows]


async def test_parents_may_stand_in_the_same_chunk(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    chain = ["code,name,parent,top", "G0,Zero,,top: direction"]
    chain += [f"G{n},Group {n},G{n - 1},top: direction" for n in range(1, 20)]
    write_folder(tmp_path, groups=chain)
    report = await bring_in(database, tmp_path, mapping(MAPPING), errors="skip")
    assert report.files[1].nouns[0].created == 20
    async with database.reading_session() as session:
        deepest = await session.scalar(select(Node).where(Node.origin_id == "G19"))
        above = await session.scalar(select(Node).where(Node.origin_id == "G18"))
    assert deepest is not None
    assert above is not None
    assert deepest.parent_id == above.id


async def test_national_security_stays_outside(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    found = await codes(database, tmp_path, TOP.replace("CENTRAL", "NATIONAL_SECURITY"))
    assert found[0] == ("kind", "NATIONAL_SECURITY_IS_OUTSIDE")
    async with database.reading_session() as session:
        bodies = select(func.count()).select_from(Node).where(Node.origin_id == "top: body")
        assert await session.scalar(bodies) == 0


async def test_a_program_serves_priorities_only(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    text = TOP.replace('serves = ["{id}: priority"]', 'serves = ["{id}: body"]')
    assert (await codes(database, tmp_path, text))[0] == ("serves", "IMPORT_PRIORITY_UNKNOWN")


async def test_a_group_answers_to_a_known_unit(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    text = MAPPING.replace('responsible_unit = "top: unit"', 'responsible_unit = "top: body"')
    found = await codes(database, tmp_path, text)
    assert found[0] == ("responsible_unit_id", "IMPORT_UNIT_UNKNOWN")


async def test_an_unknown_region_is_refused(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    assert await codes(database, tmp_path, MAPPING.replace("KZ-10", "KZ-99")) == [
        ("region", "IMPORT_REGION_UNKNOWN")
    ]


async def test_a_priority_code_is_unique(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    assert await codes(database, tmp_path, TOP) == []
    other = TOP.replace('system = "elsewhere"', 'system = "third"')
    assert (await codes(database, tmp_path, other))[0] == ("code", "IMPORT_VALUE_TAKEN")


async def test_an_id_keeps_its_kind(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path), mapping(TOP))
    swapped = TOP.replace('id = "{id}: unit"', 'id = "{id}: program"')
    assert await codes(database, tmp_path, swapped) == [("id", "IMPORT_ID_OF_OTHER_KIND")]


async def test_sample_data_says_so(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    text = MAPPING.replace('currency = "EUR"', 'currency = "EUR"\nsample = true')
    assert await codes(database, tmp_path, text) == []
    async with database.reading_session() as session:
        origins = await session.scalars(
            select(Node.origin).where(Node.origin_system == "elsewhere").distinct()
        )
        assert [origin.name for origin in origins] == ["SAMPLE"]
