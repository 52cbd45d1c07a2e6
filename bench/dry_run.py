"""What a dry run costs: ``python -m bench.dry_run [--db sqlite|postgresql|both]``.

The made-up country of :mod:`bench.authority`, half of it: 50 000 projects, 10 000 people (of whom
100 hold a role of the whole country) and 250 000 appointments. Drafts of every size are tried, from
a rule about a few heads to one about everybody at everything; each must be told within 10 s, whole,
and agree with the rules themselves.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench import authority
from bench.authority import NOW, TODAY, Made
from bench.databases import DIALECTS, empty_databases
from bench.results import keep, show, verdict
from core.authority.appointment import Appointment, Attachment, Employment
from core.authority.catalogue import core_catalogue
from core.authority.policies.change import ADD, DISABLE, REPLACE, Change
from core.authority.policies.draft import DraftState, PolicyDraft
from core.authority.policies.effective import Ground
from core.authority.policies.policy_version import PolicyChange, rows_of
from core.authority.trial.dry_run import dry_run, snapshot
from core.db.engine import Database
from core.hierarchy.conditions import core_conditions
from core.people.person import Person
from core.tree.node import NodeKind
from core.work import Profile

LIMIT = 10.0

SCALE = 5
"""Tenths of the country; people are all there."""

NATIONAL = 100


def disable(ground: Ground, *, role: str, actions: str = "", region: str = "*") -> list[Change]:
    """The rules of a role about these actions, switched off."""
    return [
        Change(act=DISABLE, rule=rule.id, region=region)
        for rule in ground.defaults
        if rule.role == role and rule.action.startswith(actions)
    ]


def add(name: str, role: str, action: str, relation: str = "tree", **parts: Any) -> Change:
    return Change(
        act=ADD, rule=f"local:{name}", role=role, action=action, relation=relation, **parts
    )


def drafts(ground: Ground) -> dict[str, list[Change]]:
    """Drafts by what they are about, the smallest first."""
    return {
        "a rule of direction heads": [add("heads", "bd_head", "lessons_log.edit", "self")],
        "a denial in one region": [
            add("deny", "project_manager", "project.edit_plan", effect="deny", region="KZ-13")
        ],
        "a condition for project managers": [
            Change(
                act=REPLACE,
                rule="core:project_manager:project.read",
                role="project_manager",
                action="project.read",
                relation="tree",
                condition="no_project_group",
            ),
        ],
        "project managers read no more": disable(ground, role="project_manager", actions="project"),
        "the whole Office, in a region": disable(ground, role="office_member", region="KZ-13"),
        "the whole Office": disable(ground, role="office_member"),
        "every rule of project managers": disable(ground, role="project_manager"),
        "personnel of programs": disable(ground, role="program_personnel"),
        "everybody reads everything": [
            add("all", "registered_person", action)
            for action in ("project.read", "task.read", "program.read", "basic_direction.read")
        ],
    }


async def fill(database: Database) -> Made:
    """The country with all its people."""
    made = await authority.fill(database, SCALE)
    async with database.session() as session, session.begin():
        few = authority.people(SCALE)
        whole = iter(authority.people(10)[len(few) :])
        while piece := list(itertools.islice(whole, 20_000)):
            await session.execute(insert(Person), piece)
        root = made.by_kind[NodeKind.COUNTRY][0]
        await session.execute(
            insert(Appointment),
            [
                {"person_id": person, "role": "office_member", "node_id": root,
                 "valid_from": TODAY, "employment": Employment.COMBINED,
                 "attachment": Attachment.STAFF, "version": 1}
                for person in range(len(few) - NATIONAL, len(few))
            ],
        )  # fmt: skip
        # Appointments of the other half of the people: everybody holds some.
        await session.execute(
            text("UPDATE appointment SET person_id = person_id + :half"
                 " WHERE person_id > 5 AND id % 2 = 0"),
            {"half": len(few) - 5},
        )  # fmt: skip
        await session.execute(text("ANALYZE"))
    return made


async def draft_of(database: Database, name: str, changes: Sequence[Change]) -> PolicyDraft:
    async with database.session() as session, session.begin():
        draft = PolicyDraft(
            title=name, based_on=0, state=DraftState.OPEN, created_at=NOW, version=1
        )
        session.add(draft)
        await session.flush()
        await session.execute(insert(PolicyChange), rows_of(changes, draft_id=draft.id))
    return draft


async def measure(url: str) -> list[dict[str, Any]]:
    database = await Database.open(url)
    ground = Ground.of(core_catalogue(), core_conditions(), Profile.R2023)
    made = await fill(database)
    rows = []
    for name, changes in drafts(ground).items():
        draft = await draft_of(database, name, changes)
        async with database.reading_session() as session:
            started = time.perf_counter()
            await snapshot(session)
            run = await dry_run(session, ground, draft, TODAY)
            spent = round(time.perf_counter() - started, 2)
        rows.append(
            {"database": database.dialect, "projects": len(made.projects), "draft": name,
             "rules": len(changes), "groups": len(run.groups), "people": run.losing + run.gaining,
             "pairs": sum(group.pairs for group in run.groups), "compared":
             run.checks + run.predicates, "notes": ", ".join(note.code for note in run.notes),
             "seconds": spent, "limit": LIMIT,
             "verdict": "CUT" if run.notes else verdict(spent, LIMIT)}
        )  # fmt: skip
    await database.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--db", choices=(*DIALECTS, "both"), default="both")
    chosen = parser.parse_args()
    dialects = DIALECTS if chosen.db == "both" else (chosen.db,)
    rows: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="zhoba-bench-") as folder,
        empty_databases(Path(folder), dialects) as urls,
    ):
        for url in urls.values():
            rows += asyncio.run(measure(url))
    show("Dry runs", rows)
    keep("dry_run", rows)


if __name__ == "__main__":
    main()
