"""Jobs: what a plugin does by the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim, CronSimError

from core.events.handler import require_awaited, require_name
from core.work import COUNTRY_TIME, Work

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What runs at the times ``cron`` says, in the country's time (Asia/Almaty).

    ``name`` is stable. ``per_region``: once for every region where the plugin is switched on, with
    its key, and with None for the republic where it is switched on; else once, with None, when it
    is switched on anywhere. ``while_off``: also where it was switched off again, for what must
    happen to its data all the same, such as erasing personal ones; nothing stops such a run at the
    plugin's gate. ``run(work, region_id)`` is one transaction: what it changes is committed
    together with the note that it ran. Raises :class:`ValueError` for what is none of this, and for
    a ``cron`` that no time ever fits.
    """

    name: str
    cron: str
    run: Callable[[Work, int | None], Awaitable[None]]
    per_region: bool = True
    while_off: bool = False

    def __post_init__(self) -> None:
        require_name("job", self.name)
        require_awaited("job", self.name, self.run)
        try:
            self.next_due(datetime(2026, 1, 1, tzinfo=UTC))
        except (CronSimError, StopIteration, AttributeError, TypeError) as error:
            raise ValueError(f"{self.cron!r} of the job {self.name} names no time") from error

    def next_due(self, now: datetime) -> datetime:
        """The first due time after ``now``."""
        return next(CronSim(self.cron, now.astimezone(COUNTRY_TIME))).astimezone(UTC)

    def last_due(self, now: datetime) -> datetime:
        """The last due time up to and including ``now``."""
        after = now.astimezone(COUNTRY_TIME).replace(microsecond=0) + SECOND
        return next(CronSim(self.cron, after, reverse=True)).astimezone(UTC)
