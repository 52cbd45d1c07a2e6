"""``zhoba policy dry-run``: what a draft would do to people, at the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy import select

from core.authority.policies.draft import PolicyDraft
from core.authority.trial.dry_run import DryRun, dry_run, snapshot
from core.people.person import Person
from core.rows import find
from core.work import COUNTRY_TIME
from zhoba.policy_desk import Desk, desk
from zhoba.terminal import run

out = Console(highlight=False, soft_wrap=True)

MOST_NAMES = 20


def try_draft(
    draft: Annotated[int, typer.Argument(help="Number of the draft.")],
) -> None:
    """Say who would gain and lose what if a draft were published. Nothing is changed.

    The exit code is 1 when the draft has problems, breaks an assertion or locks everybody out.
    """

    async def work() -> tuple[DryRun, dict[int, str], list[str]]:
        async with desk() as at, at.database.reading_session() as session:
            await snapshot(session)
            found = await find(session, PolicyDraft, draft, field="draft")
            today = datetime.now(UTC).astimezone(COUNTRY_TIME).date()
            made = await dry_run(session, at.ground, found, today)
            named = set(made.stripped[:MOST_NAMES])
            named |= {one.case.person_id for each in made.examples.values() for one in each}
            named |= {key for each in made.keepers for key in each.after[:MOST_NAMES]}
            rows = await session.execute(
                select(Person.id, Person.full_name).where(Person.id.in_(sorted(named)))
            )
            return made, {row.id: row.full_name for row in rows}, words(at, made)

    made, names, told = run(work())
    show(made, names)
    for line in told:
        out.print(line, markup=False)
    broken = any(each.broken for each in made.assertions)
    if made.problems or broken or any(each.locked_out for each in made.keepers):
        raise typer.Exit(1)


def words(at: Desk, made: DryRun) -> list[str]:
    """Problems and notes as sentences."""
    problems = [f"problem, line {each.line}: {at.told(each)}" for each in made.problems]
    texts = at.installation.messages
    return [
        *problems,
        *(f"note: {texts.text(each.code, 'en', each.params)}" for each in made.notes),
    ]


def show(made: DryRun, names: dict[int, str]) -> None:
    where = f"the region {made.region}" if made.region else "the whole country"
    out.print(f"Against version {made.head}, in {where}:", style="bold")
    out.print(f"People who lose something: {made.losing}; who gain something: {made.gaining}.")
    for each in made.groups:
        verb = "gain" if each.gained else "lose"
        out.print(
            f"  {each.people} people {verb} {each.action} as {each.role}, at {each.nodes} objects",
            markup=False,
        )
        for one in made.examples.get((each.action, each.role, each.gained), ()):
            who = names.get(one.case.person_id, "")
            out.print(
                f"    Person:{one.case.person_id} {who} at {one.case.node_id}: "
                f"{one.before.rule or '-'} -> {one.after.rule or '-'}",
                markup=False,
            )
    for action, gained, nodes in made.unsigned:
        verb = "gains" if gained else "loses"
        out.print(f"Whoever is not signed in {verb} {action} at {nodes} objects.")
    if made.stripped:
        told = ", ".join(names[key] for key in made.stripped[:MOST_NAMES])
        out.print(f"{len(made.stripped)} lose everything: {told}", markup=False)
    for keys in made.keepers:
        left = ", ".join(names[key] for key in keys.after[:MOST_NAMES]) or "nobody"
        out.print(f"{keys.action} at the country: {len(keys.after)} left ({left})", markup=False)
    for tried in made.assertions:
        if not tried.after:
            verb = "is broken by it" if tried.broken else "does not hold, now or then"
            out.print(f"PolicyAssertion:{tried.assertion.id} {verb}.")
    out.print(
        f"{made.people} people looked at in {made.seconds} s; {made.checks} decisions and "
        f"{made.predicates} sets of objects compared with the rules."
    )
