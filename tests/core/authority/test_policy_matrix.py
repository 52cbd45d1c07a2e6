"""Who may do what in a small world: one persona per column, one question per line.

``x`` = may, ``.`` = may not. The world has a program serving a priority, with a direction, a group
and a project; the standard direction of the same body; and another body with a program of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.authority.policy import PolicySet
from core.authority.reader import reader_of
from core.db.engine import Database
from core.people.person import Person
from core.tree.node import Node, NodeKind
from core.work import Actor
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.cases import TODAY, policy

PERSONAS = (
    ("anonymous", None, None),
    ("stranger", None, None),
    ("project_team_member", "project_team_member", "project"),
    ("project_manager", "project_manager", "project"),
    ("pg_head", "pg_head", "group"),
    ("bd_head", "bd_head", "direction"),
    ("standard_bd_head", "standard_bd_head", "standard"),
    ("po_head", "po_head", "body"),
    ("program_manager", "program_manager", "body"),
    ("gc_member", "gc_member", "body"),
    ("contractor_group_head", "contractor_group_head", "project"),
    ("hr_service", "hr_service", "body"),
    ("np_curator", "np_curator", "priority"),
    ("office_member", "office_member", "country"),
    ("auditor", "auditor", "country"),
    ("national_administrator", "national_administrator", "country"),
    ("regional_administrator", "regional_administrator", "body"),
    ("operator", "operator", "country"),
)

# Columns in the order of PERSONAS:
#   anonymous, stranger | team member, project manager, group head, direction head, standard head |
#   office head, program manager, committee member, contractor, personnel service |
#   curator, Office, auditor | national, regional administrator, operator
MATRIX = """
country.read                 country    xx xxxxx xxxxx xxx xxx
viewer.read                  country    xx xxxxx xxxxx xxx xxx
initiative.submit            country    .x xxxxx xxxxx xxx xxx
country.manage               country    .. ..... ..... ... ..x
region.manage                country    .. ..... ..... ... x..
portfolio.manage             country    .. ..... ..... .x. ...
audit.read                   country    .. ..... ..... ..x ...
portfolio.read_basic         priority   .. xxxx. xxx.. ... x..
portfolio.read               priority   .. ..... ..... xxx ...
portfolio.confirm_stage      priority   .. ..... ..... x.. ...
state_body.read_basic        body       .. xxxxx xxx.x ... ...
state_body.read              body       .. ..... xxx.. .xx xx.
state_body.read_basic        other      .. ..... ..... ... ...
state_body.manage            body       .. ..... ..... ... xx.
state_body.manage            other      .. ..... ..... ... x..
program.create               body       .. ..... x.... ... ...
gc.approve_composition       body       .. ..... .x... ... ...
project_office.create        body       .. ..... .x... ... ...
act.register                 body       .. ..xxx xxx.x .x. xx.
act.read                     body       .. xxxxx xxx.x .xx xx.
person.read_personal         body       .. ..... ....x ... ...
program.read_basic           program    .. xxxx. xxx.. ... xx.
program.read                 program    .. ..... xxx.. xxx ...
program.edit                 program    .. ..... xx... ... ...
program.set_architecture     program    .. ..... .x... ... ...
program.read                 foreign    .. ..... ..... .xx ...
program.read_basic           foreign    .. ..... ..... ... x..
basic_direction.read         direction  .. ...x. xxx.. xxx ...
basic_direction.read_basic   standard   .. ....x xxx.. ... xx.
bd.manage                    direction  .. ...x. ..... ... ...
bd.manage                    standard   .. ....x ..... ... ...
bd.confirm_stage             direction  .. ..... .x... ... ...
project_group.manage         group      .. ..x.. ..... ... ...
project_group.create         direction  .. ...x. ..... ... ...
project.create               group      .. ..xx. ..... ... ...
project.read_basic           project    .. xxxx. xxxx. ... xx.
project.read                 project    .. xxxx. xxx.. xxx ...
project.edit_charter         project    .. .x... ..... ... ...
project.move_stage           project    .. .xx.. ..... ... ...
project.confirm_stage        project    .. ..xx. ..... ... ...
project.propose_stop_start   project    .. ...x. ..... ... ...
project.decide_stop_start    project    .. ..... ..x.. ... ...
project.accept_results       project    .. ..... ..... ... ...
task.manage                  project    .. .x... ..... ... ...
task.manage                  group      .. ..xx. ..... ... ...
task.close                   task       .. .x... ..... ... ...
task.read                    task       .. xxxx. xxxx. xxx ...
appointment.read             project    .. xxxx. xxx.x xxx xx.
role_assignment.appoint      project    .. .xxx. .xx.. xx. xx.
node.move                    project    .. ...x. x.... ... xx.
archive.manage               project    .. .x... x.... ... ...
import.run                   body       .. ..... ..... ... xxx
"""

QUESTIONS = [
    (action, place, "".join(marks))
    for action, place, *marks in (line.split() for line in MATRIX.strip().splitlines())
]


@dataclass
class Cast:
    places: dict[str, Node]
    persons: dict[str, Person]


async def arrange(database: Database) -> Cast:
    async with arranging(database) as session:
        world = await make.make_world(session)
        other = await make.make_node(session, NodeKind.STATE_BODY, world.country)
        places = {
            "country": world.country,
            "priority": world.priority,
            "body": world.body,
            "program": world.program,
            "direction": world.direction,
            "group": world.group,
            "project": world.project,
            "task": world.task,
            "standard": await make.make_node(session, NodeKind.BASIC_DIRECTION, world.body),
            "other": other,
            "foreign": await make.make_node(session, NodeKind.PROGRAM, other),
        }
        persons = {}
        for persona, role, place in PERSONAS[1:]:
            persons[persona] = await make.make_person(session)
            if role and place:
                await make.make_appointment(session, persons[persona], role, places[place])
    return Cast(places, persons)


async def answers(database: Database, cast: Cast, asked: PolicySet) -> dict[tuple[str, str], str]:
    """A line of marks for each question, one per persona."""
    found: dict[tuple[str, str], str] = {(action, place): "" for action, place, _ in QUESTIONS}
    async with database.session() as session:
        for persona, _, _ in PERSONAS:
            person = cast.persons.get(persona)
            reader = await reader_of(session, Actor(person.id if person else None), TODAY)
            decisions = await asked.decisions(
                session,
                reader,
                {action for action, _ in found},
                [node.id for node in cast.places.values()],
                TODAY,
            )
            for action, place in found:
                allowed = decisions[action, cast.places[place].id].allowed
                found[action, place] += "x" if allowed else "."
    return found


async def test_each_persona_may_exactly_this(database: Database) -> None:
    cast = await arrange(database)
    expected = {(action, place): marks for action, place, marks in QUESTIONS}
    assert await answers(database, cast, policy()) == expected


@pytest.mark.parametrize("marks", [marks for _, _, marks in QUESTIONS])
def test_every_line_has_a_mark_for_every_persona(marks: str) -> None:
    assert len(marks) == len(PERSONAS)
    assert set(marks) <= {"x", "."}
