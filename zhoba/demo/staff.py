"""Appointments of the demonstration: one body fully staffed by acts, the others in outline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from core.acts.act import Act, ActKind, register_act
from core.authority.appointing import appoint
from core.authority.appointment import Appointment, Employment
from core.authority.catalogue import ROLES
from core.db.text import fold, sort_key
from core.hierarchy.governing_committee import approve_committee_composition
from core.hierarchy.project_office import ProjectOfficeForm, create_project_office
from core.imports.bulk import BulkInsert
from core.imports.journal import Journal, Note
from core.imports.keys import take_keys
from core.people.person import Person
from core.rows import entered
from core.tree.node import Node, NodeKind
from core.work import Work
from zhoba.demo.people import enter, made_up_names, open_account
from zhoba.demo.roles import COMMITTEE, DEMO_ROLES, UNAPPOINTED, act_kind, place_of, terms_of
from zhoba.demo.sample import SYSTEM, project_list, regions, themes

SINCE = date(2024, 1, 8)
"""The first day of every appointment."""

SHOWN = "KZ-10"
"""The region whose akimat has somebody in every role."""

PERSON = cast("sa.Table", Person.__table__)
APPOINTMENT = cast("sa.Table", Appointment.__table__)


@dataclass(slots=True)
class Staffing:
    """What filling the roles needs to know: nodes by external id, acts by body, names to come."""

    work: Work
    nodes: dict[str, int]
    country_id: int
    names: Iterator[dict[str, str]] = field(default_factory=made_up_names)
    acts: dict[tuple[int | None, ActKind], int] = field(default_factory=dict)
    seats: set[tuple[str, int]] = field(default_factory=set)

    async def act(self, body_id: int | None, kind: ActKind | None) -> int | None:
        """The body's act of this kind, registered when first asked for."""
        if kind is None:
            return None
        if (body_id, kind) not in self.acts:
            act: Act = await register_act(
                self.work, kind=kind, number="1-Ө", dated_on=SINCE, body_id=body_id,
                title="Тағайындау туралы (үлгі)",
            )  # fmt: skip
            self.acts[body_id, kind] = act.id
        return self.acts[body_id, kind]

    async def fill(self, role: str, person_id: int, node_id: int, body_id: int | None) -> None:
        """Appoint by the act the Rules ask for."""
        await appoint(
            self.work,
            person_id=person_id,
            role=role,
            node_id=node_id,
            valid_from=SINCE,
            act_id=await self.act(body_id, act_kind(role)),
            terms=terms_of(role),
        )
        self.seats.add((role, node_id))


async def staff(work: Work) -> None:
    """Fill all roles, unless that was done already."""
    done = sa.select(Person.id).where(Person.origin_system == SYSTEM).limit(1)
    if await work.session.scalar(done) is not None:
        return
    rows = await work.session.execute(
        sa.select(Node.origin_id, Node.id).where(Node.origin_system == SYSTEM)
    )
    root = await work.session.scalar(sa.select(Node.id).where(Node.parent_id.is_(None)))
    staffing = Staffing(work, {str(id_): key for id_, key in rows}, cast("int", root))
    await staff_shown_body(staffing)
    for region in regions():
        if region["iso_3166_2"] != SHOWN:
            await staff_in_outline(staffing, staffing.nodes[f"akimat: {region['iso_3166_2']}"])
    await staff_projects(staffing)
    family, given = UNAPPOINTED.split()
    person = await enter(work, {"family_name": family, "given_name": given}, "person: unappointed")
    await open_account(work, person)


async def staff_shown_body(staffing: Staffing) -> None:
    """Somebody with an account in every role of the core."""
    work, body_id = staffing.work, staffing.nodes[f"akimat: {SHOWN}"]
    standard = await work.session.scalar(
        sa.select(Node.id).where(Node.parent_id == body_id, Node.kind == NodeKind.BASIC_DIRECTION)
    )
    shown = next(
        project["id"]
        for project in project_list()
        if project["parent"] == f"group: {SHOWN} roads" and project["stage"] == "IMPLEMENTATION"
    )
    places: dict[NodeKind | str, int] = {
        NodeKind.COUNTRY: staffing.country_id,
        NodeKind.NATIONAL_PRIORITY: staffing.nodes[f"priority: {themes()['priority'][0]['code']}"],
        NodeKind.STATE_BODY: body_id,
        NodeKind.ORGANIZATION_UNIT: staffing.nodes[f"unit: {SHOWN} economy"],
        NodeKind.BASIC_DIRECTION: staffing.nodes[f"direction: {SHOWN} infrastructure"],
        NodeKind.PROJECT_GROUP: staffing.nodes[f"group: {SHOWN} roads"],
        NodeKind.PROJECT: staffing.nodes[shown],
        "standard": cast("int", standard),
    }
    persons: dict[str, int] = {}
    for role in DEMO_ROLES:
        place = place_of(role)
        national = place in (NodeKind.COUNTRY, NodeKind.NATIONAL_PRIORITY)
        unit = places[place] if place is NodeKind.ORGANIZATION_UNIT else None
        person = await enter(
            work, next(staffing.names), f"person: {role}", role=role,
            body_id=None if national else body_id, unit_id=unit,
        )  # fmt: skip
        await open_account(work, person)
        persons[role] = person.id
        if role not in COMMITTEE:
            await staffing.fill(role, person.id, places[place], None if national else body_id)
    chair, deputy, member = (persons[role] for role in COMMITTEE)
    await found_bodies(staffing, body_id, chair, [persons["po_head"], deputy], [member])


async def staff_in_outline(staffing: Staffing, body_id: int) -> None:
    """The first head, who chairs the committee, and the head of the project office."""
    persons = {}
    for role in ("program_manager", "po_head"):
        person = await enter(
            staffing.work, next(staffing.names), f"person: {body_id} {role}", role=role,
            body_id=body_id,
        )  # fmt: skip
        await staffing.fill(role, person.id, body_id, body_id)
        persons[role] = person.id
    await found_bodies(staffing, body_id, persons["program_manager"], [persons["po_head"]], [])


async def found_bodies(
    staffing: Staffing, body_id: int, chair: int, deputies: list[int], members: list[int]
) -> None:
    """The project office and the governing committee of an akimat [R2023 §51, §54]."""
    act_id = await staffing.act(body_id, ActKind.ORDER)
    await create_project_office(
        staffing.work,
        state_body_id=body_id,
        form=ProjectOfficeForm.LOCAL_EXECUTIVE,
        created_on=SINCE,
        act_id=act_id,
    )
    await approve_committee_composition(
        staffing.work,
        node_id=body_id,
        chair_id=chair,
        deputy_ids=deputies,
        member_ids=members,
        act_id=act_id,
        first_day=SINCE,
    )


@dataclass(slots=True)
class Bulk:
    """Rows that are written together; seven thousand acts one by one would take a minute."""

    persons: list[dict[str, Any]] = field(default_factory=list)
    appointments: list[dict[str, Any]] = field(default_factory=list)

    def person(self, staffing: Staffing, origin_id: str, role: str, body_id: int) -> int:
        """A new person; its place in the list stands for its key until there is one."""
        names = next(staffing.names)
        full = " ".join(names.values())
        self.persons.append(
            {
                **names,
                "full_name": full,
                "full_name_sort": sort_key(full),
                "full_name_search": fold(full),
                "post": ROLES[role].labels["kk"],
                "state_body_id": body_id,
                "origin_system": SYSTEM,
                "origin_id": origin_id,
            }
        )
        return len(self.persons) - 1

    def seat(self, staffing: Staffing, role: str, person: int, node_id: int, body_id: int) -> None:
        """An appointment, unless the seat is taken."""
        if (role, node_id) in staffing.seats:
            return
        kind = act_kind(role)
        self.appointments.append(
            {
                "person_id": person,
                "role": role,
                "node_id": node_id,
                "employment": Employment.COMBINED,
                "act_id": None if kind is None else staffing.acts[body_id, kind],
                "valid_from": SINCE,
                "body_id": body_id,
            }
        )


async def staff_projects(staffing: Staffing) -> None:
    """Heads of directions and groups, and the four roles of every project's charter [R2023 §85].

    One manager leads the projects of one direction [R2023 §87].
    """
    bulk = Bulk()
    by_group: dict[str, list[int]] = defaultdict(list)
    for project in project_list():
        by_group[project["parent"]].append(staffing.nodes[project["id"]])
    for region in regions():
        code = region["iso_3166_2"]
        body_id = staffing.nodes[f"akimat: {code}"]
        for kind in (ActKind.ORDER, ActKind.PROTOCOL):
            await staffing.act(body_id, kind)
        customer = bulk.person(staffing, f"person: {code} customer", "unit_head", body_id)
        unit_id = staffing.nodes[f"unit: {code} construction"]
        bulk.seat(staffing, "unit_head", customer, unit_id, body_id)
        for theme in themes()["theme"]:
            id_ = f"{code} {theme['code']}"
            head = bulk.person(staffing, f"person: {id_} head", "bd_head", body_id)
            manager = bulk.person(staffing, f"person: {id_} manager", "project_manager", body_id)
            bulk.seat(staffing, "bd_head", head, staffing.nodes[f"direction: {id_}"], body_id)
            for group in theme["group"]:
                group_id = f"group: {code} {group['code']}"
                pg_head = bulk.person(staffing, f"person: {group_id} head", "pg_head", body_id)
                bulk.seat(staffing, "pg_head", pg_head, staffing.nodes[group_id], body_id)
                for project_id in by_group[group_id]:
                    for role, person in (
                        ("project_manager", manager), ("project_sponsor", head),
                        ("project_customer", customer), ("project_initiator", pg_head),
                    ):  # fmt: skip
                        bulk.seat(staffing, role, person, project_id, body_id)
    await write_bulk(staffing.work, bulk)


async def write_bulk(work: Work, bulk: Bulk) -> None:
    """Insert the rows, each with its entry in the audit log."""
    session, journal = work.session, Journal(work)
    bodies = {}
    persons = await take_keys(session, PERSON, len(bulk.persons))
    for key, row in zip(persons, bulk.persons, strict=True):
        row["id"] = key
        journal.add(
            Note(row["state_body_id"], "Person", key, row["state_body_id"], None, entered(row))
        )
    keys = await take_keys(session, APPOINTMENT, len(bulk.appointments))
    for key, row in zip(keys, bulk.appointments, strict=True):
        row["id"] = key
        row["person_id"] = persons[row["person_id"]]
        bodies[key] = row.pop("body_id")
        journal.add(Note(bodies[key], "Appointment", key, row["node_id"], None, entered(row)))
    for table, rows in ((PERSON, bulk.persons), (APPOINTMENT, bulk.appointments)):
        await BulkInsert(session, table, list(rows[0])).insert(
            [tuple(row.values()) for row in rows]
        )
    try:
        await journal.write(session)
    finally:
        journal.close()
