"""A small folder and its mapping, for tests of the import."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from core.db.engine import Database
from core.imports.engine import run_import
from core.imports.mapping import Mapping, parse_mapping
from core.imports.report import ImportReport
from core.tree.node import NodeKind
from core.work import Actor, Authority
from tests.acting import arranging
from tests.conftest import NOW
from tests.factories import make_node, make_region

MAPPING = """
system = "elsewhere"
title = "Elsewhere"
licence = "none"
attribution = "nobody"
currency = "EUR"

[[source]]
rows = [{ id = "top" }]

[[source.noun]]
noun = "national_priority"
id = "{id}: priority"
fields = { code = "E-1", name_en = "Priority" }

[[source.noun]]
noun = "state_body"
id = "{id}: body"
fields = { kind = "CENTRAL", name_en = "Body" }

[[source.noun]]
noun = "organization_unit"
id = "{id}: unit"
parent = "{id}: body"
fields = { name_en = "Unit" }

[[source.noun]]
noun = "program"
id = "{id}: program"
parent = "{id}: body"
serves = ["{id}: priority"]
fields = { kind = "PROGRAM", name_en = "Program" }

[[source.noun]]
noun = "basic_direction"
id = "{id}: direction"
parent = "{id}: program"
fields = { kind = "ORDINARY", name_en = "Direction" }

[[source]]
file = "groups.csv"

[[source.noun]]
noun = "project_group"
id = "{code}"
parent = "{parent|top}"
fields = { name_en = "{name}", responsible_unit = "top: unit" }

[[source]]
file = "projects.csv"

[[source.noun]]
noun = "project"
id = "{code}"
parent = "{group}"
unless = { kind = "rumour" }

[source.noun.fields]
name_ru = "{name}"
budget = "{sum}"
starts_on = "{from}"
ends_on = "{to}"
stage = "{state}"

[source.noun.codes.state]
open = "IMPLEMENTATION"
done = "CLOSED"

[source.noun.funding]
FOREIGN = "{loan}"
PRIVATE = "{own}"

[source.noun.location]
region = "{region}"
address = ["{town}"]

[source.noun.codes.region]
0 = "nationwide"
A = "KZ-10"
"""

GROUPS = [
    "code,name,parent,top",
    "G1,First,,top: direction",
    "G2,Inner,G1,top: direction",
]
PROJECTS = [
    "code,group,name,sum,from,to,state,loan,own,region,town,kind",
    "P1,G1,Дорога,100.10,2024-01-01,2024-12-31,open,60.10,40,A,Семей,",
    "P2,G2,Мост,90071992547409.93,,,done,0,,0,,",
    "P3,G2,Школа,,2024-02-01,,open,,,,,",
    "P4,G2,Слух,1,,,open,,,,,rumour",
]


def mapping(text: str = MAPPING) -> Mapping:
    return parse_mapping(text)


def write_folder(
    folder: Path, *, groups: list[str] | None = None, projects: list[str] | None = None
) -> Path:
    """The two files, or changed ones."""
    folder.mkdir(exist_ok=True)
    (folder / "groups.csv").write_text("\n".join(groups or GROUPS) + "\n", encoding="utf-8")
    (folder / "projects.csv").write_text("\n".join(projects or PROJECTS) + "\n", encoding="utf-8")
    return folder


async def found_country(database: Database) -> int:
    """The root and one region; the root's key."""
    async with arranging(database) as session:
        await make_region(session, "KZ-10")
        return (await make_node(session, NodeKind.COUNTRY, None, stage=None)).id


async def bring_in(
    database: Database,
    folder: Path,
    how: Mapping | None = None,
    *,
    actor: Actor | None = None,
    now: datetime = NOW,
    authority: Authority | None = None,
    **options: Any,
) -> ImportReport:
    return await run_import(
        database,
        how or mapping(),
        folder,
        actor=actor or Actor(person_id=1, account_id=7, label="importer"),
        now=now,
        authority=authority,
        **options,
    )


async def rows_of(database: Database, table: Table, *columns: str) -> list[tuple[Any, ...]]:
    """The columns of a table's rows, ordered by them."""
    chosen = [table.c[name] for name in columns]
    async with database.reading_session() as session:
        rows = await session.execute(select(*chosen).order_by(*chosen))
        return [tuple(row) for row in rows]


async def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    from core.models import metadata

    return {
        table.name: await rows_of(database, table, *table.primary_key.columns.keys())
        for table in metadata.sorted_tables
    }
