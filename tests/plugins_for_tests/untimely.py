"""A job whose times cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from tests.plugins_for_tests.about import about
from zhoba.api import Job, PluginInfo, Work, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("untimely")


async def never(work: Work, region_id: int | None) -> None:
    """Nothing."""


@hookimpl
def register_jobs() -> Sequence[Job]:
    return [Job(name="never", cron="every blue moon", run=never)]
