"""``zhoba plugins jobs`` and ``zhoba plugins dead-letters``: what plugins do by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table
from sqlalchemy import select

from core.events.attempts import AttemptState
from core.events.delivery import Delivery
from core.jobs.job_run import JobRun
from core.places.region import Region
from core.work import COUNTRY_TIME
from zhoba.terminal import opened, run, say, settings_of

Plugin = Annotated[str | None, typer.Option("--plugin", help="Of this plugin alone.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many at most.")]


def jobs(plugin: Plugin = None, limit: Limit = 20) -> None:
    """List the latest runs of jobs: when they were due, and what became of them."""
    rows = run(latest_runs(plugin, limit))
    show(
        ("plugin", "job", "region", "due", "state", "attempts", "next", "error"),
        [
            (
                each.plugin, each.job, region or "-", moment(each.due_at), each.state.name,
                str(each.attempts), moment(each.next_at), each.error or "-",
            )
            for each, region in rows
        ],
        "No job has run yet.",
    )  # fmt: skip


def dead_letters(plugin: Plugin = None, limit: Limit = 20) -> None:
    """List what was given up, events and runs of jobs; retryDelivery and retryJobRun revive it."""
    rows = run(given_up(plugin, limit))
    show(
        ("id", "plugin", "handler or job", "act or time", "ended", "attempts", "error"),
        [
            (
                f"{type(each).__name__}:{each.id}", each.plugin, *what(each),
                moment(each.ended_at), str(each.attempts), each.error or "-",
            )
            for each in rows
        ],
        "Nothing was given up.",
    )  # fmt: skip


async def latest_runs(plugin: str | None, limit: int) -> Sequence[Any]:
    asked = (
        select(JobRun, Region.code)
        .outerjoin(Region, Region.id == JobRun.region_id)
        .order_by(JobRun.due_at.desc(), JobRun.id.desc())
        .limit(limit)
    )
    if plugin is not None:
        asked = asked.where(JobRun.plugin == plugin)
    async with opened(settings_of()) as database, database.reading_session() as session:
        return (await session.execute(asked)).all()


async def given_up(plugin: str | None, limit: int) -> list[Delivery | JobRun]:
    found: list[Delivery | JobRun] = []
    async with opened(settings_of()) as database, database.reading_session() as session:
        for model in (Delivery, JobRun):
            asked = select(model).where(model.state == AttemptState.DEAD)
            if plugin is not None:
                asked = asked.where(model.plugin == plugin)
            found += await session.scalars(asked.order_by(model.ended_at.desc()).limit(limit))
    return found


def what(given_up: Delivery | JobRun) -> tuple[str, str]:
    if isinstance(given_up, Delivery):
        return given_up.handler, given_up.act
    return given_up.job, moment(given_up.due_at)


def moment(at: datetime | None) -> str:
    """A moment in the country's time."""
    return at.astimezone(COUNTRY_TIME).strftime("%Y-%m-%d %H:%M:%S") if at is not None else "-"


def show(titles: Sequence[str], rows: Sequence[Sequence[str]], nothing: str) -> None:
    from zhoba.plugins_cli import text_of

    if not rows:
        say.print(nothing)
        return
    table = Table(*titles, box=None)
    for row in rows:
        table.add_row(*row)
    typer.echo(text_of(table), nl=False)
