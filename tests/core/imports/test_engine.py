"""Importing: whole sources, again and again, under a named account."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from core.audit.chain import verify_chain
from core.audit.entry import AuditChain, AuditEntry
from core.db.engine import Database
from core.errors import InvalidInput, NotAuthenticated, NotFound, RuleRefused
from core.events.outbox import OutboxEvent
from core.hierarchy.project import CostClass, DurationClass, FundingSource, Project, ProjectFunding
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.standard_direction import reference
from core.imports.engine import account_actor
from core.models import Account, Node, NodeClosure
from core.people.account import AccountKind
from core.tree.closure import insert_node
from core.tree.node import NodeKind, Origin, Stage
from core.work import Actor
from tests.acting import arranging
from tests.authorities import Grants
from tests.conftest import NOW
from tests.core.imports.small import (
    GROUPS,
    MAPPING,
    PROJECTS,
    bring_in,
    everything,
    found_country,
    mapping,
    write_folder,
)
from tests.factories import MADE_AT, make_person


async def node_of(database: Database, origin_id: str) -> Node:
    async with database.reading_session() as session:
        node = await session.scalar(select(Node).where(Node.origin_id == origin_id))
        assert node is not None
        return node


async def project_of(database: Database, origin_id: str) -> Project:
    node = await node_of(database, origin_id)
    async with database.reading_session() as session:
        return await session.get_one(Project, node.id)


async def test_import_writes_every_column_the_mapping_names(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    report = await bring_in(database, write_folder(tmp_path))
    assert (report.bad, report.stopped, report.kept_rows) == (0, False, [])
    node, project = await node_of(database, "P1"), await project_of(database, "P1")
    assert (node.origin, node.origin_system, node.stage) == (
        Origin.IMPORTED, "elsewhere", Stage.IMPLEMENTATION,
    )  # fmt: skip
    assert (node.created_at, node.version, node.archived_at) == (NOW, 1, None)
    assert (project.name_kk, project.name_ru, project.name_en) == (None, "Дорога", None)
    assert project.name_search == "дорога"
    assert (project.budget_minor, project.currency) == (10010, "EUR")
    assert (project.starts_on, project.ends_on) == (date(2024, 1, 1), date(2024, 12, 31))
    assert (project.duration_class, project.cost_class) == (DurationClass.MEDIUM_TERM, None)
    assert (project.goal, project.implementing_body, project.contractual) == (None, None, False)
    async with database.reading_session() as session:
        funding = await session.execute(
            select(ProjectFunding.source, ProjectFunding.amount_minor)
            .where(ProjectFunding.project_id == project.id)
            .order_by(ProjectFunding.amount_minor)
        )
        assert [tuple(row) for row in funding] == [
            (FundingSource.PRIVATE, 4000), (FundingSource.FOREIGN, 6010),
        ]  # fmt: skip


async def test_import_computes_the_class_by_cost_for_tenge_only(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path), mapping(MAPPING.replace("EUR", "KZT")))
    project = await project_of(database, "P2")
    assert (project.budget_minor, project.cost_class) == (9007199254740993, CostClass.HIGH_BUDGET)


async def test_import_gives_every_project_its_place(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    report = await bring_in(database, write_folder(tmp_path))
    async with database.reading_session() as session:
        places = await session.execute(
            select(
                Node.origin_id,
                ProjectLocation.nationwide,
                ProjectLocation.region_id.is_not(None),
                ProjectLocation.address,
            )
            .join(Node, Node.id == ProjectLocation.project_id)
            .order_by(Node.origin_id)
        )
        assert [tuple(row) for row in places] == [
            ("P1", False, True, "Семей"), ("P2", True, False, None), ("P3", False, False, None),
        ]  # fmt: skip
    assert report.files[2].nouns[0].gaps["GAP_PROJECT_LOCATION"] == 1


async def test_import_numbers_projects_one_after_the_other(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    async with database.reading_session() as session:
        numbers = list(await session.scalars(select(Project.number).order_by(Project.number)))
    assert numbers == ["PRJ-2026-000001", "PRJ-2026-000002", "PRJ-2026-000003"]


async def test_import_gives_a_body_its_standard_direction(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    body = await node_of(database, "top: body")
    async with database.reading_session() as session:
        direction = (
            await session.scalars(
                select(Node).where(Node.parent_id == body.id, Node.kind == NodeKind.BASIC_DIRECTION)
            )
        ).one()
        groups = await session.scalars(
            select(ProjectGroup.standard_code)
            .join(Node, Node.id == ProjectGroup.id)
            .where(Node.parent_id == direction.id)
            .order_by(ProjectGroup.id)
        )
        assert list(groups) == [each["code"] for each in reference()["project_groups"]]
    assert (direction.program_scope_id, direction.origin) == (direction.id, Origin.ENTERED)


async def test_import_makes_the_rows_an_act_would_make(database: Database, tmp_path: Path) -> None:
    """Node and closure of an imported project equal those of one put beside it."""
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    imported = await node_of(database, "P2")
    async with arranging(database) as session:
        parent = await session.get_one(Node, imported.parent_id)
        beside = await insert_node(session, kind=NodeKind.PROJECT, parent=parent, now=MADE_AT)

        async def above(node_id: int) -> list[tuple[int, int, bool]]:
            rows = await session.execute(
                select(NodeClosure.ancestor_id, NodeClosure.depth, NodeClosure.service)
                .where(NodeClosure.descendant_id == node_id, NodeClosure.depth > 0)
                .order_by(NodeClosure.ancestor_id)
            )
            return [tuple(row) for row in rows]

        assert await above(imported.id) == await above(beside.id)
        assert len(await above(imported.id)) == 7
        own = await session.get(NodeClosure, (imported.id, imported.id))
        assert own is not None
        assert (own.depth, own.service) == (0, False)
    same = ("kind", "parent_id", "region_id", "state_body_id", "program_scope_id")
    assert [getattr(imported, name) for name in same] == [getattr(beside, name) for name in same]


async def test_import_again_changes_nothing(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    first = await bring_in(database, write_folder(tmp_path))
    before = await everything(database)
    second = await bring_in(database, tmp_path, now=NOW + timedelta(days=1))
    assert await everything(database) == before
    created = [(noun.noun, noun.created) for file in first.files for noun in file.nouns]
    assert created == [
        ("national_priority", 1), ("state_body", 1), ("organization_unit", 1), ("program", 1),
        ("basic_direction", 1), ("project_group", 2), ("project", 3),
    ]  # fmt: skip
    assert created == [(noun.noun, noun.unchanged) for file in second.files for noun in file.nouns]
    assert [file.changed for file in second.files] == [0, 0, 0]


async def test_import_changes_what_the_source_changed(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    number = (await project_of(database, "P1")).number
    changed = [*PROJECTS]
    changed[1] = "P1,G1,Дорога II,100.10,2024-01-01,2024-06-30,done,60.10,,0,,"
    report = await bring_in(database, write_folder(tmp_path, projects=changed))
    assert [(noun.updated, noun.unchanged) for noun in report.files[2].nouns] == [(1, 2)]
    node, project = await node_of(database, "P1"), await project_of(database, "P1")
    assert (node.version, node.stage) == (2, Stage.CLOSED)
    assert (project.name_ru, project.name_search) == ("Дорога II", "дорога ii")
    assert (project.number, project.duration_class) == (number, DurationClass.SHORT_TERM)
    async with database.reading_session() as session:
        entry = (
            await session.scalars(
                select(AuditEntry)
                .where(AuditEntry.subject == "Project", AuditEntry.subject_id == node.id)
                .order_by(AuditEntry.id.desc())
                .limit(1)
            )
        ).one()
        region = entry.before["place"]["region_id"] if entry.before else None
        nowhere = {"administrative_unit_id": None}
        assert entry.before == {
            "name_ru": "Дорога", "ends_on": "2024-12-31", "stage": "IMPLEMENTATION",
            "funding": {"FOREIGN": 6010, "PRIVATE": 4000},
            "place": {"nationwide": False, "region_id": region, "address": "Семей"} | nowhere,
        }  # fmt: skip
        assert entry.after == {
            "name_ru": "Дорога II", "ends_on": "2024-06-30", "stage": "CLOSED",
            "funding": {"FOREIGN": 6010},
            "place": {"nationwide": True, "region_id": None, "address": None} | nowhere,
        }  # fmt: skip
        place = (
            await session.scalars(
                select(ProjectLocation).where(ProjectLocation.project_id == node.id)
            )
        ).one()
        assert (place.nationwide, place.region_id, place.address) == (True, None, None)
    assert (await bring_in(database, tmp_path)).files[2].changed == 0


async def test_import_moves_what_the_source_moved(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    moved = [GROUPS[0], GROUPS[1], "G2,Inner,,top: direction"]
    report = await bring_in(database, write_folder(tmp_path, groups=moved))
    assert report.files[1].nouns[0].updated == 1
    direction, group = await node_of(database, "top: direction"), await node_of(database, "G2")
    assert (group.parent_id, group.version) == (direction.id, 2)
    async with database.reading_session() as session:
        depth = await session.scalar(
            select(NodeClosure.depth).where(
                NodeClosure.ancestor_id == direction.id,
                NodeClosure.descendant_id == (await node_of(database, "P2")).id,
            )
        )
    assert depth == 2


async def test_import_keeps_what_was_edited_here(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    key = (await node_of(database, "P1")).id
    async with arranging(database) as session:
        await session.execute(update(Project).where(Project.id == key).values(budget_minor=5))
    assert (await bring_in(database, tmp_path)).files[2].changed == 0
    changed = [*PROJECTS]
    changed[1] = "P1,G1,Тракт,200,2024-01-01,2024-12-31,open,60.10,40,A,Семей,"
    report = await bring_in(database, write_folder(tmp_path, projects=changed))
    project = await project_of(database, "P1")
    assert (project.budget_minor, project.name_ru) == (5, "Тракт")
    assert [(row.file, row.line, row.id, row.columns) for row in report.kept_rows] == [
        ("projects.csv", 2, "P1", ("budget_minor",))
    ]


async def test_import_leaves_an_archived_object_alone(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    async with arranging(database) as session:
        await session.execute(update(Node).where(Node.origin_id == "P1").values(archived_at=NOW))
    changed = [*PROJECTS]
    changed[1] = changed[1].replace("Дорога", "Тракт")
    report = await bring_in(database, write_folder(tmp_path, projects=changed))
    assert (await project_of(database, "P1")).name_ru == "Дорога"
    assert [row.columns for row in report.kept_rows] == [("name_ru",)]


async def test_import_deletes_nothing(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    await bring_in(database, write_folder(tmp_path, projects=PROJECTS[:2]))
    async with database.reading_session() as session:
        assert await session.scalar(select(func.count()).select_from(Project)) == 3


BAD = [
    *PROJECTS,
    "P5,G9,Нет группы,1,,,open,,,,,",
    "P6,G1,Сумма,1.005,,,open,,,,,",
    "P7,G1,Дата,1,2024-02-30,,open,,,,,",
    "P8,G1,Код,1,,,maybe,,,,,",
    "P9,G1,Коротко,1",
    "P1,G1,Повтор,1,,,open,,,,,",
    "P10,G1,,1,,,open,,,,,",
    "P11,G1,Где,1,,,open,,,B,,",
    "P12,G1,Займ,1,,,open,x,,,,",
    "P13,G1,Наоборот,1,2024-02-01,2024-01-31,open,,,,,",
    "P14,top: body,В орган,1,,,open,,,,,",
    "P15,G1,Минус,-1,,,open,,,,,",
    ",G1,Без кода,1,,,open,,,,,",
]
REASONS = [
    (7, "sum", "IMPORT_AMOUNT_TOO_FINE"),
    (8, "from", "IMPORT_NOT_A_DATE"),
    (9, "state", "IMPORT_UNKNOWN_CODE"),
    (10, None, "IMPORT_ROW_LENGTH"),
    (11, "code", "IMPORT_ID_REPEATED"),
    (12, "name", "IMPORT_VALUE_MISSING"),
    (13, "region", "IMPORT_UNKNOWN_CODE"),
    (14, "loan", "IMPORT_NOT_A_NUMBER"),
    (15, "to", "IMPORT_DATES_REVERSED"),
    (17, "sum", "AMOUNT_NEGATIVE"),
    (18, "code", "IMPORT_ID_EMPTY"),
    (6, "parent", "IMPORT_PARENT_UNKNOWN"),
    (16, "parent", "IMPORT_PARENT_KIND"),
]


async def test_import_skips_bad_rows_and_says_why(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    report = await bring_in(database, write_folder(tmp_path, projects=BAD), errors="skip")
    assert [(row.line, row.column, row.error.code) for row in report.bad_rows] == REASONS
    assert {row.file for row in report.bad_rows} == {"projects.csv"}
    assert (report.bad, report.stopped) == (13, False)
    assert [noun.created for noun in report.files[2].nouns] == [3]


async def test_import_stops_at_a_source_with_a_bad_row(database: Database, tmp_path: Path) -> None:
    """Earlier sources stay whole; of the bad one and of later ones there is nothing."""
    await found_country(database)
    groups = [*GROUPS, "G3,,,top: direction"]
    report = await bring_in(database, write_folder(tmp_path, groups=groups), errors="stop")
    assert [(file.file, file.imported) for file in report.files] == [
        ("mapping", True), ("groups.csv", False),
    ]  # fmt: skip
    assert report.stopped
    async with database.reading_session() as session:
        imported = await session.scalars(
            select(Node.origin_id).where(Node.origin_system == "elsewhere").order_by(Node.origin_id)
        )
        assert list(imported) == [
            "top: body", "top: direction", "top: priority", "top: program", "top: unit",
        ]  # fmt: skip


@pytest.mark.parametrize("errors", ["skip", "stop"])
async def test_dry_run_reports_the_same_and_writes_nothing(
    database: Database, tmp_path: Path, errors: str
) -> None:
    await found_country(database)
    write_folder(tmp_path, projects=BAD)
    before = await everything(database)
    dry = await bring_in(database, tmp_path, errors=errors, dry_run=True)
    assert await everything(database) == before
    real = await bring_in(database, tmp_path, errors=errors)
    assert dry.files == real.files
    assert [(row.line, row.error.code) for row in dry.bad_rows] == [
        (row.line, row.error.code) for row in real.bad_rows
    ]
    assert (dry.dry_run, real.dry_run) == (True, False)


async def test_import_is_one_entry_per_row_and_one_event_per_source(
    database: Database, tmp_path: Path
) -> None:
    country = await found_country(database)
    await bring_in(database, write_folder(tmp_path))
    async with database.reading_session() as session:
        entries = list(
            await session.scalars(
                select(AuditEntry).where(AuditEntry.act == "imported").order_by(AuditEntry.id)
            )
        )
        imported = [each.subject for each in entries]
        assert sorted(imported) == sorted(
            ["NationalPriority", "StateBody", "OrganizationUnit", "Program", "Project"]
            + ["BasicDirection"] * 2 + ["ProjectGroup"] * 8 + ["Project"] * 2
        )  # fmt: skip
        assert {
            (each.account_id, each.person_id, each.actor, each.acting_as, each.at)
            for each in entries
        } == {(7, 1, "importer", "operator", NOW)}
        events = await session.scalars(select(OutboxEvent).order_by(OutboxEvent.id))
        assert [(each.act, each.node_id) for each in events] == [("fileImported", country)] * 3
        files = await session.scalars(
            select(AuditEntry).where(AuditEntry.act == "fileImported").order_by(AuditEntry.id)
        )
        assert [each.after for each in files][2] == {
            "system": "elsewhere", "file": "projects.csv", "bad": 0,
            "project": {"created": 3, "updated": 0},
        }  # fmt: skip
        chains = list(await session.scalars(select(AuditChain.chain).order_by(AuditChain.chain)))
        assert chains == [0, (await node_of(database, "top: body")).id]
        assert [await verify_chain(session, chain) for chain in chains] == [None, None]


async def test_import_needs_its_permission(database: Database, tmp_path: Path) -> None:
    country = await found_country(database)
    write_folder(tmp_path)
    before = await everything(database)
    with pytest.raises(NotFound):
        await bring_in(database, tmp_path, authority=Grants({1: []}, hidden=[country]))
    after = await everything(database)
    assert len(after.pop("decision_entry")) == len(before.pop("decision_entry")) + 1
    assert after == before
    report = await bring_in(database, tmp_path, authority=Grants({1: ["import.run"]}))
    assert report.files[2].nouns[0].created == 3


async def test_import_needs_a_country(database: Database, tmp_path: Path) -> None:
    with pytest.raises(RuleRefused, match="COUNTRY_NOT_FOUNDED"):
        await bring_in(database, write_folder(tmp_path))


async def test_import_refuses_a_file_without_a_mapped_column(
    database: Database, tmp_path: Path
) -> None:
    await found_country(database)
    write_folder(tmp_path, projects=["code,group,name", "P1,G1,Дорога"])
    with pytest.raises(InvalidInput) as refused:
        await bring_in(database, tmp_path)
    assert (refused.value.code, refused.value.params) == (
        "IMPORT_COLUMN_MISSING", {"file": "projects.csv", "column": "kind"},
    )  # fmt: skip


async def test_progress_ends_with_every_source(database: Database, tmp_path: Path) -> None:
    await found_country(database)
    told: list[tuple[str, int, int]] = []
    await bring_in(database, write_folder(tmp_path), progress=lambda *step: told.append(step))
    ends = {name: (position, size) for name, position, size in told}
    assert list(ends)[-2:] == ["groups.csv: project_group", "projects.csv: project"]
    size = (tmp_path / "projects.csv").stat().st_size
    assert ends["projects.csv: project"] == (size, size)


async def test_account_actor_is_the_person_behind_the_account(database: Database) -> None:
    await found_country(database)
    async with arranging(database) as session:
        person = await make_person(session)
        accounts = [
            Account(
                kind=AccountKind.PERSON, label=label, person_id=person.id, created_at=MADE_AT,
                locked_at=locked,
            )
            for label, locked in (("open", None), ("locked", MADE_AT))
        ]  # fmt: skip
        session.add_all(accounts)
        await session.flush()
        key, locked_key = (account.id for account in accounts)
        person_id = person.id
    actor = await account_actor(database, key)
    assert actor == Actor(person_id=person_id, account_id=key, label="open")
    with pytest.raises(NotAuthenticated):
        await account_actor(database, locked_key)
