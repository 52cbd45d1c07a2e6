"""Commands: ``zhoba public-monitoring ...``."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy import select

from plugins.public_monitoring.calendar_days import set_day, unset_day
from plugins.public_monitoring.models import MonitoringDay
from plugins.public_monitoring.settings import INFO
from zhoba.api import PlatformError, open_database, operator_work

app = typer.Typer(no_args_is_help=True, help="Public monitoring: the calendar of its terms.")


class Work(StrEnum):
    """What is done on a day."""

    WORKING = "working"
    OFF = "off"
    CALENDAR = "calendar"


@app.command()
def day(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day: 2026-05-27.")],
    work: Annotated[
        Work, typer.Argument(help="working, off, or calendar: what the calendar itself says.")
    ],
    reason: Annotated[str | None, typer.Option(help="The decree.")] = None,
) -> None:
    """Say that a day is a working day or a day off, such as one that a decree moves."""
    try:
        asyncio.run(enter_day(day.date(), work, reason))
    except PlatformError as refusal:
        typer.echo(f"refused: {refusal.code}", err=True)
        raise typer.Exit(1) from None


@app.command()
def days() -> None:
    """List the days that are otherwise than the calendar says."""
    for line in asyncio.run(entered_days()):
        typer.echo(line)


async def enter_day(day: date, work: Work, reason: str | None) -> None:
    """In one unit of work of the operator."""
    async with operator_work(INFO.id) as unit:
        if work is Work.CALENDAR:
            await unset_day(unit, day)
        else:
            await set_day(unit, day, working=work is Work.WORKING, reason=reason)


async def entered_days() -> list[str]:
    """Day, what is done on it, and why, in order."""
    async with open_database() as database, database.reading_session() as session:
        rows = await session.scalars(select(MonitoringDay).order_by(MonitoringDay.day))
        return [
            f"{row.day} {'working' if row.working else 'off'} {row.reason or ''}".rstrip()
            for row in rows
        ]
