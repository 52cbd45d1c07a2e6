"""The demonstration: what it holds, and that filling it again changes nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from core.audit.chain import verify_chain
from core.audit.entry import AuditChain
from core.authority.appointment import Appointment
from core.authority.catalogue import ROLES
from core.db.engine import Database
from core.hierarchy.governing_committee import GoverningCommittee
from core.hierarchy.project_office import ProjectOffice
from core.models import (
    Account,
    AdministrativeUnit,
    Node,
    Person,
    Program,
    Project,
    ProjectLocation,
    Region,
    Task,
)
from core.tree.node import NodeKind, Origin
from core.work import COUNTRY_TIME
from tests.core.imports.small import everything
from zhoba.demo import DEMO_ROLES, UNAPPOINTED, fill_demo
from zhoba.demo.sample import DATA, akimat, genitive, project_list, regions
from zhoba.sign_in.holders import find_holders, role_holders

NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
TODAY = NOW.astimezone(COUNTRY_TIME).date()


@pytest.mark.early
async def test_fill_demo_fills_everything_once(database: Database) -> None:
    told: list[str] = []
    await fill_demo(database, now=NOW, progress=lambda name, _position, _size: told.append(name))
    assert told[-1] == "people and appointments"
    before = await everything(database)
    await check_content(database)
    await check_people(database)
    await check_chains(database)
    await fill_demo(database, now=NOW)
    assert await everything(database) == before


async def check_content(database: Database) -> None:
    async with database.reading_session() as session:

        async def count(table: type, *conditions: object) -> int:
            query = select(func.count()).select_from(table)
            for condition in conditions:
                query = query.where(condition)  # type: ignore[arg-type]
            return int(await session.scalar(query) or 0)

        assert await count(Region) == 20
        assert await count(AdministrativeUnit) == 40
        assert await count(ProjectOffice) == await count(GoverningCommittee) == 20
        assert await count(Project) == len(project_list()) + 105 == 2005
        assert await count(ProjectLocation) == len(project_list())
        assert await count(Task) > 4000
        kinds = select(Node.kind, Node.origin, func.count()).where(Node.origin_system.is_not(None))
        rows = await session.execute(kinds.group_by(Node.kind, Node.origin))
        counts = {(kind, origin): number for kind, origin, number in rows}
        assert counts[NodeKind.PROJECT, Origin.SAMPLE] == len(project_list())
        assert counts[NodeKind.PROJECT, Origin.IMPORTED] == 105
        assert counts[NodeKind.STATE_BODY, Origin.SAMPLE] == 20
        names = await session.execute(
            select(Project.name_kk, Project.name_ru, Project.name_en)
            .join(Node, Node.id == Project.id)
            .where(Node.origin == Origin.SAMPLE)
        )
        for kk, ru, en in names:
            assert (kk[-7:], ru[-10:], en[-9:]) == (" (үлгі)", " (образец)", " (sample)")
            assert "{" not in kk + ru + en
        within = (
            select(func.count())
            .select_from(Project)
            .join(Node, Node.id == Project.id)
            .join(Program, Program.id == Node.program_scope_id)
            .where(Node.origin == Origin.SAMPLE, Project.ends_on <= Program.ends_on)
        )
        assert await session.scalar(within) == len(project_list())


async def check_people(database: Database) -> None:
    """Somebody with an account in every role; one project manager never in two directions."""
    async with database.reading_session() as session:
        holders = await role_holders(session, TODAY)
        assert set(holders) == set(DEMO_ROLES)
        (nobody,) = await find_holders(session, UNAPPOINTED, TODAY)
        held = select(func.count()).select_from(Appointment)
        mine = await session.scalar(held.where(Appointment.person_id == nobody.person_id))
        assert mine == 0
        accounts = await session.scalar(select(func.count()).select_from(Account))
        assert accounts == len(DEMO_ROLES) + 1
        unmarked = select(func.count()).select_from(Person).where(Person.origin_system.is_(None))
        assert await session.scalar(unmarked) == 0
        project, group = aliased(Node), aliased(Node)
        directions = (
            select(func.count(func.distinct(group.parent_id)))
            .select_from(Appointment)
            .join(project, project.id == Appointment.node_id)
            .join(group, group.id == project.parent_id)
            .where(Appointment.role == "project_manager")
            .group_by(Appointment.person_id)
        )
        assert set(await session.scalars(directions)) == {1}
        for role in ("project_manager", "project_sponsor", "project_customer", "project_initiator"):
            per_project = await session.execute(
                select(func.count(), func.count(func.distinct(Appointment.node_id))).where(
                    Appointment.role == role
                )
            )
            assert per_project.one() == (len(project_list()), len(project_list()))


async def check_chains(database: Database) -> None:
    async with database.reading_session() as session:
        chains = list(await session.scalars(select(AuditChain.chain)))
        assert len(chains) == 1 + 20 + 1
        assert [await verify_chain(session, chain) for chain in chains] == [None] * 22


def test_demo_roles_are_the_roles_of_the_edition_that_have_a_place() -> None:
    assert set(ROLES) - set(DEMO_ROLES) == {"assignment_executor", "cab_secretary_under_president"}


def test_names_of_akimats_are_grammatical() -> None:
    names = {region["iso_3166_2"]: akimat(region) for region in regions()}
    assert names["KZ-10"] == {
        "kk": "Абай облысының әкімдігі",
        "ru": "Акимат области Абай",
        "en": "Akimat of Abai Region",
    }
    assert names["KZ-71"]["kk"] == "Астана қаласының әкімдігі"
    assert genitive("Западно-Казахстанская область") == "Западно-Казахстанской области"
    assert genitive("город Шымкент") == "города Шымкента"


def test_every_data_file_names_its_source() -> None:
    licences = (DATA / "LICENSES.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+\.(?:csv|toml))`", licences))
    assert named == {path.name for path in Path(DATA).iterdir()} - {"LICENSES.md"}
    assert "CC BY 4.0" in licences
