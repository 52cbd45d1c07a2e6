"""Importing regions and administrative units."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, update

from core.audit.entry import AuditEntry
from core.db.engine import Database
from core.imports.mapping import Mapping
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region, RegionKind
from tests.acting import arranging
from tests.core.imports.small import bring_in, everything, found_country, mapping

PLACES = """
system = "places"
title = "Places"
licence = "none"
attribution = "nobody"

[[source]]
file = "places.csv"

[[source.noun]]
noun = "region"
id = "{code}"
repeats = true
fields = { code = "{code}", kind = "REGION", name_en = "{name}", special_regime = "{special}" }

[[source.noun]]
noun = "administrative_unit"
id = "{code}/{unit}"
fields = { code = "{unit}", kind = "CITY", name_en = "{town}", region = "{code}" }
"""
ROWS = [
    "code,name,special,unit,town",
    "IT-21,Piemonte,no,1,Torino",
    "IT-21,Piemonte,no,2,Alba",
    "IT-25,Lombardia,yes,1,Milano",
]


def write(folder: Path, rows: list[str]) -> Path:
    (folder / "places.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def places() -> Mapping:
    return mapping(PLACES)


async def test_import_makes_regions_and_their_towns(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    report = await bring_in(database, write(tmp_path, ROWS), places())
    assert [(noun.noun, noun.created) for noun in report.files[0].nouns] == [
        ("region", 2), ("administrative_unit", 3),
    ]  # fmt: skip
    async with database.reading_session() as session:
        regions = await session.execute(
            select(Region.code, Region.kind, Region.special_regime, Region.name_en)
            .where(Region.origin_system == "places")
            .order_by(Region.code)
        )
        assert [tuple(row) for row in regions] == [
            ("IT-21", RegionKind.REGION, False, "Piemonte"),
            ("IT-25", RegionKind.REGION, True, "Lombardia"),
        ]
        towns = await session.execute(
            select(Region.code, AdministrativeUnit.code, AdministrativeUnit.name_en)
            .join(Region, Region.id == AdministrativeUnit.region_id)
            .order_by(AdministrativeUnit.name_en)
        )
        assert [tuple(row) for row in towns] == [
            ("IT-21", "2", "Alba"), ("IT-25", "1", "Milano"), ("IT-21", "1", "Torino"),
        ]  # fmt: skip
    before = await everything(database)
    await bring_in(database, tmp_path, places())
    assert await everything(database) == before


async def test_import_renames_a_region_unless_that_was_done_here(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    await bring_in(database, write(tmp_path, ROWS), places())
    async with arranging(database) as session:
        await session.execute(
            update(Region).where(Region.code == "IT-25").values(name_en="Lombardy")
        )
    renamed = [row.replace("Piemonte", "Piedmont").replace("Lombardia", "L.") for row in ROWS]
    report = await bring_in(database, write(tmp_path, renamed), places())
    assert [row.columns for row in report.kept_rows] == [("name_en",)]
    async with database.reading_session() as session:
        names = await session.execute(
            select(Region.name_en, Region.name_en_sort, Region.version)
            .where(Region.origin_system == "places")
            .order_by(Region.code)
        )
        assert [tuple(row) for row in names] == [
            ("Piedmont", "piedmont", 2), ("Lombardy", "lombardia", 1),
        ]  # fmt: skip
        last = (
            await session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject == "Region")
                .order_by(AuditEntry.id.desc())
                .limit(1)
            )
        ).one()
    assert (last.before, last.after) == ({"name_en": "Piemonte"}, {"name_en": "Piedmont"})


async def test_a_region_code_is_unique(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    rows = [ROWS[0], "KZ-10,Abai,no,1,Semey"]
    report = await bring_in(database, write(tmp_path, rows), places(), errors="skip")
    assert [(row.column, row.error.code) for row in report.bad_rows] == [
        ("code", "IMPORT_VALUE_TAKEN")
    ]


async def test_a_town_needs_a_known_region(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    text = PLACES.replace('region = "{code}"', 'region = "{town}"')
    report = await bring_in(database, write(tmp_path, ROWS), mapping(text), errors="skip")
    assert {(row.column, row.error.code) for row in report.bad_rows} == {
        ("region_id", "IMPORT_REGION_UNKNOWN")
    }
    assert report.files[0].nouns[1].created == 0
