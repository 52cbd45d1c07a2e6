"""Jobs: what a plugin does by the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What runs at the times ``cron`` says, in the country's time (Asia/Almaty).

    ``name`` is stable. ``per_region``: once for every region where the plugin is switched on, with
    its key, and with None for the republic where it is switched on; else once, with None, when it
    is switched on anywhere. ``run(work, region_id)`` is one transaction: what it changes is
    committed together with the note that it ran.
    """

    name: str
    cron: str
    run: Callable[[Work, int | None], Awaitable[None]]
    per_region: bool = True
