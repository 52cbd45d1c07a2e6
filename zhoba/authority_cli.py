"""``zhoba policy explain`` and ``zhoba policy who-can``: questions about authority, at the machine.

They answer like ``explainAccess`` and ``whoCan``, without asking who asks: whoever reads the
database may know.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.explanation import Explanation, HeldRole
from core.authority.policies.live import LivePolicies
from core.authority.policy import PolicySet
from core.authority.who_can import Entitled, who_can
from core.errors import InvalidInput
from core.people.person import Person
from core.tree.node import Node
from core.work import COUNTRY_TIME
from schema.mutations.fields import TREE_TYPES
from schema.types import parse_global_id
from zhoba.terminal import fail, opened, run, settings_of

PersonId = Annotated[str, typer.Argument(help="Who would act, like Person:5.")]
NodeId = Annotated[str, typer.Argument(help="The object of the tree, like Project:42.")]
Action = Annotated[str, typer.Argument(help="The permission, like project.create.")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day of the appointments; today if absent."),
]


def explain(person: PersonId, node: NodeId, action: Action) -> None:
    """Say why a person may or may not do something at an object."""
    out = Console(highlight=False)
    told = run(explained(key_of(person, "Person"), key_of(node, *TREE_TYPES), action))
    out.print("allowed" if told.allowed else "not allowed", style="bold")
    out.print(f"policy {told.policy_version}, decided by {told.deciding_rule or 'no rule'}")
    for held in told.roles:
        out.print(f"  holds {words_of(held)}", markup=False)
    table = whole("rule", "effect", "region", "role", "condition")
    for one in told.rules:
        marks = ("yes" if part else "no" for part in (one.region, one.role, one.condition))
        table.add_row(one.rule.id, one.rule.effect, *marks)
    out.print(table)


def who(node: NodeId, action: Action, as_of: AsOf = None) -> None:
    """List everybody who may do something at an object, since when, by which act and rule."""
    day = as_of.date() if as_of else datetime.now(UTC).astimezone(COUNTRY_TIME).date()
    out = Console(highlight=False)
    table = whole("person", "name", "role", "since", "act", "rule")
    for each in run(entitled(key_of(node, *TREE_TYPES), action, day)):
        since = each.appointment.valid_from.isoformat() if each.appointment else "-"
        act = f"{each.act.kind.name} {each.act.number}" if each.act else "-"
        table.add_row(
            f"Person:{each.person.id}", each.person.full_name, words_of(each.held), since, act,
            each.rule,
        )  # fmt: skip
    out.print(table)


def whole(*headings: str) -> Table:
    """A table that breaks what is too long for the terminal, and cuts nothing."""
    return Table(*(Column(heading, overflow="fold") for heading in headings))


def words_of(held: HeldRole) -> str:
    """A role with where it comes from."""
    words = held.role
    if held.follows_from:
        words += f" (from {held.follows_from})"
    if held.via:
        words += f" (acting, Substitution:{held.via.substitution_id})"
    if held.appointment_id:
        words += f" by Appointment:{held.appointment_id}"
    if held.distance:
        words += f", {held.distance} above" if held.relation.value != "up" else " below"
    return words


async def explained(person_id: int, node_id: int, action: str) -> Explanation:
    async with asking(action) as (session, policy):
        if await session.get(Person, person_id) is None:
            fail(f"There is no Person:{person_id}.")
        if await session.get(Node, node_id) is None:
            fail("There is no such object.")
        today = datetime.now(UTC).astimezone(COUNTRY_TIME).date()
        return await policy.explain(session, person_id, node_id, action, today)


async def entitled(node_id: int, action: str, day: date) -> list[Entitled]:
    found: list[Entitled] = []
    async with asking(action) as (session, policy):
        if await session.get(Node, node_id) is None:
            fail("There is no such object.")
        more = True
        while more:
            after = found[-1].person.id if found else 0
            page, more = await who_can(session, policy, action, node_id, day, after=after)
            found += page
    return found


@asynccontextmanager
async def asking(action: str) -> AsyncIterator[tuple[AsyncSession, PolicySet]]:
    """A session, and the policy in force; ends the command for an action there is not."""
    from zhoba.app import open_installation

    settings = settings_of()
    installation = await open_installation(settings)
    policies = LivePolicies(installation.ground(settings.rules().profile))
    async with opened(settings) as database, database.reading_session() as session:
        _, policy = await policies.current(session)
        if action not in policy.actions:
            fail(f"There is no permission {action}; docs/permissions.md lists them.")
        yield session, policy


def key_of(text: str, *types: str) -> int:
    """The key in an id of one of these types; ends the command for anything else."""
    try:
        kind, key = parse_global_id(text)
    except InvalidInput:
        fail(f"{text!r} is no id; an id looks like {types[0]}:42.")
    if kind not in types:
        fail(f"{text!r} is no id of {' or '.join(types)}.")
    return key
