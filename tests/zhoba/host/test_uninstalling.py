"""Uninstalling: everything of the plugin goes, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from core.audit.entry import AuditEntry
from core.authority.appointment import Appointment
from core.authority.policies.change import ADD, DISABLE, Change
from core.authority.policies.draft import DraftState, PolicyDraft
from core.authority.policies.policy_version import (
    PolicyChange,
    PolicyVersion,
    changes_of_draft,
    changes_of_version,
    head_number,
    rows_of,
)
from core.background.delivering import deliver_again, take_places
from core.background.running import run_due, schedule
from core.db.engine import Database
from core.events.attempts import AttemptState
from core.events.delivery import Delivery, HandlerPlace
from core.events.handler import Handler, When
from core.events.idempotency import IdempotencyKey
from core.events.outbox import OutboxEvent
from core.jobs.job import Job
from core.jobs.job_run import JobRun, JobSchedule
from core.people.account import Account, AccountKind
from core.people.service_key import ServiceKey
from core.plugins.installed_plugin import is_installed
from core.plugins.plugin import camel
from core.plugins.plugin_region import PluginAct, PluginChange, PluginRegion
from core.work import Work
from migrations.run import in_migration
from tests.conftest import NOW
from tests.core.background.hosts import SmallHost, background
from tests.factories import World, make_appointment, make_person, make_world
from tests.zhoba.host.everything import rows_of_all_tables, schema_of
from tests.zhoba.host.tiny import FIRST, SECOND, tiny
from zhoba.host.installing import Outcome, install
from zhoba.host.uninstalling import (
    NotInstalled,
    NotUninstalled,
    Removal,
    removal_of,
    uninstall,
)

ROLE = "visits_visitor"


@pytest.fixture
async def plugged(plugin_database_url: str) -> AsyncIterator[Database]:
    database = await Database.open(plugin_database_url)
    yield database
    await database.close()


@pytest.fixture
async def world(plugged: Database) -> World:
    async with plugged.session() as session, session.begin():
        world = await make_world(session)
        person = await make_person(session)
        await make_appointment(session, person, "project_manager", world.project)
        account = Account(
            kind=AccountKind.SYSTEM, label="System", person_id=person.id, created_at=NOW
        )
        session.add(account)
        await session.flush()
        for name, scopes in (("a", ["project.read", "visits.read"]), ("b", ["project.read"])):
            session.add(
                ServiceKey(
                    account_id=account.id, prefix=name, hash=name, scopes=scopes,
                    expires_on=date(2026, 9, 1), created_at=NOW,
                )
            )  # fmt: skip
        for mutation in ("visitProject", "visitsx", "projectEdit"):
            session.add(idempotency_key(mutation))
        session.add(PluginRegion(**region_row("walks", None)))
    return world


def idempotency_key(mutation: str) -> IdempotencyKey:
    return IdempotencyKey(
        account_id=1, key=mutation, mutation=mutation, body_hash="", result={}, at=NOW
    )


def region_row(plugin: str, region_id: int | None) -> dict[str, object]:
    return {
        "plugin": plugin, "region_id": region_id, "enabled": False, "settings": {},
        "changed_at": NOW,
    }  # fmt: skip


async def use(database: Database, world: World, plugin: str = "visits") -> None:
    """Leave traces of the plugin everywhere it can leave some."""
    async with database.session() as session, session.begin():
        person = await make_person(session) if plugin != "visits" else None
        person_id = person.id if person else 1
        held = Appointment(
            person_id=person_id, role=f"{plugin}_visitor", node_id=world.project.id,
            employment="COMBINED", valid_from=date(2026, 1, 5),
        )  # fmt: skip
        session.add(held)
        region = PluginRegion(**region_row(plugin, world.region.id))
        session.add(region)
        await session.flush()
        for number, following in ((2, "NULL"), (1, "2")):
            await session.execute(
                text(
                    f"INSERT INTO {plugin}_visit (id, node_id, appointment_id, next_id)"
                    f" VALUES ({number}, {world.project.id}, {held.id}, {following})"
                )
            )
        await session.execute(
            text(f"INSERT INTO {plugin}_remark (id, visit_id, text) VALUES (1, 1, 'seen')")
        )
        session.add_all(
            [
                *(
                    PluginChange(plugin_region_id=region.id, act=act, settings={}, at=NOW)
                    for act in (PluginAct.ENABLED, PluginAct.DISABLED)
                ),
                HandlerPlace(plugin=plugin, handler="h", transaction_id=1, event_id=1),
                Delivery(
                    plugin=plugin, handler="h", event_id=1, act="x",
                    state=AttemptState.DEAD, attempts=9,
                ),
                JobSchedule(plugin=plugin, job="j", scheduled_to=NOW),
                JobRun(
                    plugin=plugin, job="j", due_at=NOW, state=AttemptState.DEAD, attempts=9,
                ),
                idempotency_key(camel(f"{plugin}_report")),
            ]
        )  # fmt: skip


EXPECTED = Removal(
    plugin="visits",
    version="1.0",
    tables={"version_visits": 1, "visits_remark": 1, "visits_visit": 2},
    rows={
        "appointment": 1, "event_delivery": 1, "handler_place": 1, "idempotency_key": 1,
        "job_run": 1, "job_schedule": 1, "plugin_change": 2, "plugin_region": 1,
    },
    kept={"service_key.scopes": 1},
    obstacles=(),
)  # fmt: skip


async def test_uninstall_leaves_the_database_as_it_was_before(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    rows, schema = await rows_of_all_tables(plugged.url), await schema_of(plugged.url)
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    assert await removal_of(plugged.url, "visits") == EXPECTED
    assert await uninstall(plugged, "visits", now=NOW) == EXPECTED
    async with plugged.session() as session, session.begin():
        keys = (await session.scalars(select(ServiceKey).order_by(ServiceKey.id))).all()
        assert [key.scopes for key in keys] == [["project.read"], ["project.read"]]
        keys[0].scopes = ["project.read", "visits.read"]
    assert await rows_of_all_tables(plugged.url) == rows
    assert await schema_of(plugged.url) == schema


async def test_uninstall_is_recorded_as_the_operators_act(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    await uninstall(plugged, "visits", now=NOW)
    async with plugged.reading_session() as session:
        (entry,) = (await session.scalars(select(AuditEntry))).all()
        events = (await session.scalars(select(OutboxEvent.act))).all()
    assert (entry.actor, entry.act, entry.subject, entry.before) == (
        "operator", "pluginUninstalled", "InstalledPlugin",
        {"plugin": "visits", "version": "1.0", "tables": EXPECTED.tables},
    )  # fmt: skip
    assert events == ["pluginUninstalled"]


async def test_uninstalled_plugin_is_installed_again(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    plugin = tiny(tmp_path, FIRST, SECOND)
    for _ in range(2):
        (step,) = await install(plugged.url, [plugin], NOW)
        assert step.outcome is Outcome.CHANGED
        await use(plugged, world)
        await uninstall(plugged, "visits", now=NOW)
    with pytest.raises(NotInstalled, match="installed: none"):
        await uninstall(plugged, "visits", now=NOW)


async def test_survey_changes_nothing(plugged: Database, world: World, tmp_path: Path) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    before = await rows_of_all_tables(plugged.url), await schema_of(plugged.url)
    await removal_of(plugged.url, "visits")
    assert (await rows_of_all_tables(plugged.url), await schema_of(plugged.url)) == before


async def test_uninstall_takes_nothing_of_another_plugin(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    longer = tiny(tmp_path, id="visits_late")
    await install(plugged.url, [longer], NOW)
    await use(plugged, world, "visits_late")
    await install(plugged.url, [longer, tiny(tmp_path)], NOW)
    before = await rows_of_all_tables(plugged.url)
    await uninstall(plugged, "visits", now=NOW)
    after = await rows_of_all_tables(plugged.url)
    gone = {"visits_visit", "visits_remark", "version_visits", "installed_plugin", "service_key"}
    assert {name: rows for name, rows in after.items() if name not in gone} == {
        name: rows for name, rows in before.items() if name not in gone
    }
    assert len(after["installed_plugin"]) == 1


async def test_uninstall_is_refused_while_another_requires_it(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    needs = tiny(tmp_path, id="late", requires=("visits",))
    await install(plugged.url, [tiny(tmp_path), needs], NOW)
    before = await rows_of_all_tables(plugged.url)
    with pytest.raises(NotUninstalled, match=r"^late requires visits: uninstall it first\.$"):
        await uninstall(plugged, "visits", now=NOW)
    assert await rows_of_all_tables(plugged.url) == before
    await uninstall(plugged, "late", now=NOW)
    await uninstall(plugged, "visits", now=NOW)


async def test_uninstall_is_refused_where_it_is_switched_on(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    async with plugged.session() as session, session.begin():
        for region_id in (world.region.id, None):
            session.add(PluginRegion(**(region_row("visits", region_id) | {"enabled": True})))
    with pytest.raises(NotUninstalled) as refused:
        await uninstall(plugged, "visits", now=NOW)
    places = str(refused.value).removeprefix("visits is switched on in ").partition(":")[0]
    assert sorted(places.split(", ")) == ["KZ-10", "the republic"]


async def test_uninstall_is_refused_while_tables_of_others_refer_to_its_own(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await in_migration(
        plugged.url,
        lambda connection: connection.execute(
            text(
                "CREATE TABLE late_visit (id INTEGER PRIMARY KEY,"
                " visit_id BIGINT REFERENCES visits_visit (id))"
            )
        ),
    )
    with pytest.raises(NotUninstalled, match="The table late_visit refers to visits_visit"):
        await uninstall(plugged, "visits", now=NOW)


async def test_uninstall_is_refused_while_rows_of_others_refer_to_what_would_go(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path), tiny(tmp_path, id="late")], NOW)
    await use(plugged, world)
    async with plugged.session() as session, session.begin():
        held = (await session.scalars(select(Appointment).where(Appointment.role == ROLE))).one()
        await session.execute(
            text(
                "INSERT INTO late_visit (id, node_id, appointment_id)"
                f" VALUES (1, {world.project.id}, {held.id})"
            )
        )
    with pytest.raises(NotUninstalled, match="1 rows of late_visit refer to rows of appointment"):
        await uninstall(plugged, "visits", now=NOW)
    async with plugged.session() as session, session.begin():
        await session.execute(text("DELETE FROM late_visit"))
    await uninstall(plugged, "visits", now=NOW)


async def test_appointment_made_by_a_role_of_the_plugin_stays(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    async with plugged.session() as session, session.begin():
        held = (await session.scalars(select(Appointment).where(Appointment.role == ROLE))).one()
        person = await make_person(session)
        kept = await make_appointment(
            session, person, "project_team_member", world.project, appointed_by_id=held.id
        )
    removal = await uninstall(plugged, "visits", now=NOW)
    assert removal.kept == {"appointment.appointed_by_id": 1, "service_key.scopes": 1}
    async with plugged.reading_session() as session:
        found = await session.get(Appointment, kept.id)
    assert found is not None
    assert found.appointed_by_id is None


async def test_policy_in_force_goes_on_without_the_rules_of_the_plugin(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    other = Change(act=DISABLE, rule="core:pg_head:project.read")
    ours = [
        Change(act=DISABLE, rule="visits:project_manager:visits.read"),
        Change(act=ADD, rule="local:a", role=ROLE, action="project.read", relation="tree"),
        Change(act=ADD, rule="local:b", role="pg_head", action="visits.read", relation="tree"),
    ]
    async with plugged.session() as session, session.begin():
        version = PolicyVersion(number=1, reason="first", published_at=NOW)
        draft = PolicyDraft(
            title="", based_on=1, state=DraftState.OPEN, created_at=NOW, region_id=world.region.id
        )
        session.add_all([version, draft])
        await session.flush()
        for home in ({"version_id": version.id}, {"draft_id": draft.id}):
            await session.execute(insert(PolicyChange), rows_of([*ours, other], **home))
    removal = await uninstall(plugged, "visits", now=NOW)
    assert (removal.rows["policy_change"], removal.kept["the policy in force"]) == (3, 3)
    async with plugged.reading_session() as session:
        assert await head_number(session) == 2
        assert await changes_of_version(session, 1) == [*ours, other]
        assert await changes_of_version(session, 2) == [other]
        assert await changes_of_draft(session, draft.id) == [other]
        acts = (await session.scalars(select(AuditEntry.act).order_by(AuditEntry.id))).all()
    assert acts == ["policyPublished", "pluginUninstalled"]


async def test_tables_that_refer_to_each_other_in_a_circle_go_together(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    async with plugged.session() as session, session.begin():
        await session.execute(text("UPDATE visits_visit SET next_id = 1 WHERE id = 2"))
    assert (await uninstall(plugged, "visits", now=NOW)).tables == EXPECTED.tables


async def test_tables_of_the_core_are_never_dropped(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    async with plugged.session() as session, session.begin():
        await session.execute(text("""UPDATE installed_plugin SET tables = '["person"]'"""))
    assert (await uninstall(plugged, "visits", now=NOW)).tables == {"version_visits": 1}


async def test_failure_half_way_leaves_everything(
    plugged: Database, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    async with plugged.session() as session, session.begin():
        for statement in GUARDS[plugged.dialect]:
            await session.execute(text(statement))
    before = await rows_of_all_tables(plugged.url), await schema_of(plugged.url)
    with pytest.raises(Exception, match="guarded"):
        await uninstall(plugged, "visits", now=NOW)
    assert (await rows_of_all_tables(plugged.url), await schema_of(plugged.url)) == before


GUARDS = {
    "sqlite": [
        "CREATE TRIGGER guard BEFORE DELETE ON installed_plugin"
        " BEGIN SELECT RAISE(ABORT, 'guarded'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'guarded'; END $$",
        "CREATE TRIGGER guard BEFORE DELETE ON installed_plugin"
        " FOR EACH ROW EXECUTE FUNCTION guard()",
    ],
}
"""Refuse the last step."""


async def stay(work: Work, *given: object) -> None:
    raise AssertionError("it is on nowhere")


RUNNING = SmallHost(
    [("visits", Handler(name="h", acts=frozenset({"*"}), when=When.AFTER, run=stay))],
    [("visits", Job(name="j", cron="* * * * *", run=stay))],
)
"""What a server goes on with that has the plugin loaded."""


async def test_server_that_still_runs_it_notes_nothing_for_it(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    before = await rows_of_all_tables(plugged.url)
    server = background(plugged, RUNNING)
    await install(plugged.url, [tiny(tmp_path)], NOW)
    for now in (NOW, NOW + timedelta(minutes=1)):
        await take_places(server, now)
        await schedule(server, now)
    used = await rows_of_all_tables(plugged.url)
    assert (len(used["handler_place"]), len(used["job_schedule"])) == (1, 1)
    await uninstall(plugged, "visits", now=NOW)
    for now in (NOW + timedelta(minutes=2), NOW + timedelta(days=2)):
        await take_places(server, now)
        await schedule(server, now)
        await run_due(server, now)
        await deliver_again(server, now)
    after = await rows_of_all_tables(plugged.url)
    assert after["service_key"] != before["service_key"]
    assert {**after, "service_key": None} == {**before, "service_key": None}


async def test_uninstall_waits_for_what_a_server_notes_meanwhile(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    async with plugged.session() as session, session.begin():
        assert await is_installed(session, "visits", hold=True)
        session.add(HandlerPlace(plugin="visits", handler="h", transaction_id=1, event_id=1))
        await session.flush()
        removing = asyncio.create_task(uninstall(plugged, "visits", now=NOW))
        done, _ = await asyncio.wait({removing}, timeout=0.3)
        assert done == set()
    assert (await removing).rows == {"handler_place": 1}
    async with plugged.reading_session() as session:
        assert (await session.scalars(select(HandlerPlace))).all() == []
        assert not await is_installed(session, "visits")


async def test_two_that_uninstall_at_once_remove_it_once(
    plugged: Database, world: World, tmp_path: Path
) -> None:
    await install(plugged.url, [tiny(tmp_path)], NOW)
    await use(plugged, world)
    answers = await asyncio.gather(
        *(uninstall(plugged, "visits", now=NOW) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NotInstalled", "Removal"]
