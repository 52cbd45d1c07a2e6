"""``zhoba policy``: the rules in force, their history, and files of changes.

The operator at the machine acts here: recorded as such, under the checks of everybody else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import core.models  # noqa: F401 - the tables must know each other before a row is written
from core.authority.policies.change import Change
from core.authority.policies.difference import difference
from core.authority.policies.draft import (
    PolicyDraft,
    create_policy_draft,
    import_policy_draft,
)
from core.authority.policies.faults import faults
from core.authority.policies.files import Format, read_changes, write_changes
from core.authority.policies.ground import region_codes
from core.authority.policies.policy_version import (
    PolicyVersion,
    changes_of_draft,
    changes_of_version,
    head_number,
)
from core.authority.policies.proposal import problems, proposal
from core.authority.policies.publishing import publish_policy, roll_back_policy
from core.authority.rules import Rule
from core.errors import InvalidInput, NotFound
from core.messages import Messages
from core.places.region import Region
from core.rows import find
from core.work import COUNTRY_TIME
from zhoba import authority_cli, dry_run_cli
from zhoba.policy_cases import BadCases, answer_cases, read_cases
from zhoba.policy_desk import desk, rules_at_hand
from zhoba.terminal import fail, run, say

app = typer.Typer(
    no_args_is_help=True,
    help="The policy: who may do what, and why; its history, drafts, files of changes (.csv, "
    ".yaml) and tests.",
)

app.command("explain")(authority_cli.explain)
app.command("who-can")(authority_cli.who)
app.command("dry-run")(dry_run_cli.try_draft)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .csv or .yaml file.")]
Number = Annotated[
    int | None, typer.Option(help="Number of a version; the one in force if left out.")
]
Reason = Annotated[str, typer.Option(help="Why; it stays in the history.")]
Despite = Annotated[
    str | None, typer.Option(help="Why assertions that hold now may be broken; else none may.")
]
Head = Annotated[int, typer.Option(help="Number of the version in force, as you saw it.")]


def format_of(path: Path) -> Format:
    """How a file is written, by its name."""
    formats = {".csv": Format.CSV, ".yaml": Format.YAML, ".yml": Format.YAML}
    if path.suffix.lower() not in formats:
        fail(f"{path}: the name has to end in .csv, .yaml or .yml")
    return formats[path.suffix.lower()]


def text_in(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        fail(f"{path}: this is no text in UTF-8")


def changes_in(path: Path) -> list[Change]:
    """The changes in a file; ends the command with the line of what cannot be read."""
    format = format_of(path)
    try:
        return read_changes(text_in(path), format)
    except InvalidInput as error:
        told = Messages.load().text(error.code, "en", error.params)
        fail(f"{path}: {told} ({error.code})")


@app.command()
def export(
    output: Annotated[
        Path | None, typer.Option(help="Write it to this file; its name says how.")
    ] = None,
    version: Number = None,
    draft: Annotated[int | None, typer.Option(help="Number of a draft instead.")] = None,
) -> None:
    """Write the changes of a version or a draft as YAML, or as the file's name says."""
    format = format_of(output) if output else Format.YAML

    async def work() -> list[Change]:
        async with desk() as at, at.database.reading_session() as session:
            if draft is not None:
                await find(session, PolicyDraft, draft, field="draft")
                return await changes_of_draft(session, draft)
            return await changes_of_version(session, await known(session, version))

    text = write_changes(run(work()), format)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8", newline="")


async def known(session: AsyncSession, version: int | None) -> int:
    """The number of a version there is; that in force for None."""
    head = await head_number(session)
    if version is not None and not 0 <= version <= head:
        raise NotFound("version")
    return head if version is None else version


@app.command()
def validate(file: File) -> None:
    """Say everything that is wrong with a file: line, rule and reason. Nothing is changed."""
    changes = changes_in(file)

    async def work() -> list[str]:
        async with desk() as at, at.database.reading_session() as session:
            before = await changes_of_version(session, await head_number(session))
            regions = await region_codes(session)
            found = problems(at.ground, before, changes, changes, regions, None)
            return [f"{file}:{each.line}: {at.told(each)}" for each in found]

    found = run(work())
    for line in found:
        typer.echo(line)
    if found:
        raise typer.Exit(1)
    say.print(f"{len(changes)} changes, all in order.")


@app.command(name="import")
def import_(
    file: File,
    title: Annotated[str, typer.Option(help="What the draft is called.")],
    region: Annotated[
        str | None, typer.Option(help="Code of a region, for a draft of its own rules.")
    ] = None,
) -> None:
    """Make a draft of a file, and print its number."""
    changes_in(file)
    text, format = text_in(file), format_of(file)

    async def work() -> int:
        async with desk() as at, at.work() as work:
            region_id = None
            if region is not None:
                region_id = await work.session.scalar(
                    select(Region.id).where(Region.code == region)
                )
                if region_id is None:
                    raise NotFound("region")
            draft = await create_policy_draft(work, title=title, region_id=region_id)
            await import_policy_draft(work, draft.id, expected_version=1, format=format, text=text)
            return draft.id

    typer.echo(run(work()))


@app.command()
def diff(
    file: Annotated[
        Path | None, typer.Argument(exists=True, dir_okay=False, help="A .csv or .yaml file.")
    ] = None,
    draft: Annotated[int | None, typer.Option(help="Number of a draft.")] = None,
    before: Number = None,
    after: Annotated[int | None, typer.Option(help="Number of a version.")] = None,
) -> None:
    """What a file, a draft or a version does otherwise than a version, rule by rule."""
    if sum(each is not None for each in (file, draft, after)) != 1:
        fail("name one of a file, --draft and --after")
    given = changes_in(file) if file else []

    async def work() -> Iterable[str]:
        async with desk() as at, at.database.reading_session() as session:
            old = await changes_of_version(session, await known(session, before))
            new = given
            if draft is not None:
                found = await find(session, PolicyDraft, draft, field="draft")
                new = list((await proposal(session, at.ground, found)).after)
            elif after is not None:
                new = await changes_of_version(session, await known(session, after))
            made = difference(at.ground, old, new)
            lines: list[str] = []
            for each in made.rules:
                lines += [f"- {line_of(each.before)}"] if each.before else []
                lines += [f"+ {line_of(each.after)}"] if each.after else []
            lines += [f"! {at.told(each)}" for each in (*made.dangling, *made.drifted)]
            return lines

    for line in run(work()):
        typer.echo(line)


def line_of(rule: Rule) -> str:
    parts = (rule.effect, rule.role, rule.action, rule.relation.value, rule.condition, rule.region)
    return f"{rule.id}: {' '.join(parts)}"


@app.command()
def publish(
    draft: Annotated[int, typer.Argument(help="Number of the draft.")],
    reason: Reason,
    expected_head: Head,
    despite: Despite = None,
) -> None:
    """Put a draft in force, and print the number of the version."""

    async def work() -> int:
        async with desk() as at, at.work() as work:
            found = await find(work.session, PolicyDraft, draft, field="draft")
            made = await publish_policy(
                work,
                draft,
                expected_version=found.version,
                expected_head=expected_head,
                reason=reason,
                despite=despite,
            )
            return made.number

    typer.echo(run(work()))


@app.command()
def rollback(
    number: Annotated[int, typer.Argument(help="Number of the version; 0: as delivered.")],
    reason: Reason,
    expected_head: Head,
    despite: Despite = None,
) -> None:
    """Publish the content of an older version anew, and print the number of the new one."""

    async def work() -> int:
        async with desk() as at, at.work() as work:
            made = await roll_back_policy(
                work,
                number=number,
                expected_head=expected_head,
                reason=reason,
                despite=despite,
            )
            return made.number

    typer.echo(run(work()))


@app.command()
def history() -> None:
    """The versions, the newest first: number, moment, person, reason."""

    async def work() -> list[str]:
        async with desk() as at, at.database.reading_session() as session:
            rows = await session.scalars(
                select(PolicyVersion).order_by(PolicyVersion.number.desc())
            )
            return [
                "\t".join(
                    (
                        str(row.number),
                        row.published_at.astimezone(COUNTRY_TIME).strftime("%Y-%m-%d %H:%M"),
                        f"Person:{row.person_id}" if row.person_id else "operator",
                        row.reason,
                    )
                )
                for row in rows
            ]

    for line in run(work()):
        typer.echo(line)


@app.command(name="test")
def try_files(
    files: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help="Test files, in YAML.")
    ],
    changes: Annotated[
        Path | None,
        typer.Option(
            exists=True, help="Under these changes; under the version in force if left out."
        ),
    ] = None,
) -> None:
    """Ask what test files ask of the policy: exit code 1 if any answer is not as they expect.

    Without a database, or in one without tables, the rules are those of the program.
    """
    given = changes_in(changes) if changes else None

    async def work() -> bool:
        at = await rules_at_hand()
        ground, under = at.ground, at.in_force
        if given is not None:
            regions = at.regions if at.regions is not None else {each.region for each in given}
            named = (ground.defaults, ground.catalogue, ground.conditions, regions)
            if found := faults(given, *named):
                fail("\n".join(f"{changes}:{each.line}: {at.told(each)}" for each in found))
            under = given
        policy, good = ground.policy(under), True
        for file in files:
            try:
                cases = read_cases(text_in(file), ground.catalogue)
            except BadCases as error:
                fail(f"{file}: {error}")
            outcome = await answer_cases(cases, policy, at.installation.owners)
            for each in outcome.mismatches:
                typer.echo(f"{file}: {each}")
            good = good and not outcome.mismatches
            say.print(f"{file}: {outcome.asked} questions", markup=False)
        return good

    if not run(work()):
        raise typer.Exit(1)
