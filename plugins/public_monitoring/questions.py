"""Questions anybody may ask of a region that shows its figures."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from plugins.public_monitoring.access import FIGURES
from plugins.public_monitoring.figures import (
    BodyFigures,
    Monitored,
    Names,
    RegionFigures,
    body_figures,
    monitored_objects,
    readable_bodies,
    region_figures,
)
from plugins.public_monitoring.settings import INFO
from zhoba.api import (
    Info,
    InvalidInput,
    global_id,
    key_of,
    require_enabled,
    require_enabled_anywhere,
)

LANGUAGES = ("kk", "ru", "en")
MOST = 100
FIRST = 50

RegionOption = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The region; left out: bodies that belong to none."),
]


def in_language(names: Names, language: str) -> str:
    """The text in a language, else in one that has it."""
    return names[LANGUAGES.index(language)] or next((text for text in names if text), "")


def figure(name: str, description: str) -> Any:
    """A count of the body or region."""

    def count(self: Counted) -> int:
        return self.found.counts[name]

    return strawberry.field(count, description=description)


@strawberry.type
class Counted:
    """The counts of a body or a region."""

    found: strawberry.Private[BodyFigures | RegionFigures]

    submitted: int = figure("submitted", "Applications that were submitted.")
    answered: int = figure("answered", "Of them, answered.")
    answered_in_time: int = figure("answered_in_time", "Of them, answered within the term.")
    overdue: int = figure("overdue", "Waiting for an answer whose term is over.")
    active: int = figure("active", "Groups that have access now.")
    refused: int = figure("refused", "Applications refused.")
    revoked: int = figure("revoked", "Groups whose access was taken away.")
    visits_held: int = figure("visits", "Visits to sites that were held.")
    recommendations: int = figure("recommendations", "Recommendations that were sent.")
    taken: int = figure("taken", "Of them, taken into work.")
    not_accepted: int = figure("not_accepted", "Of them, not accepted.")
    done: int = figure("done", "Of them, done and not opened again since.")
    reopened: int = figure("reopened", "Of them, opened again by the group.")


@strawberry.type(name="MonitoringFigures", description="Public monitoring of one state body.")
class MonitoringFigures(Counted):
    """One body with its counts."""

    found: strawberry.Private[BodyFigures]

    @strawberry.field(description="The state body; `node(id)` reads it for whoever may.")
    def body(self) -> strawberry.ID:
        return strawberry.ID(global_id("StateBody", self.found.body_id))

    @strawberry.field(description="Its name, in the language of the request.")
    def body_name(self, info: Info) -> str:
        return in_language(self.found.names, info.context.language)


@strawberry.type(
    name="MonitoringRegionFigures", description="Public monitoring of all bodies of one region."
)
class MonitoringRegionFigures(Counted):
    """One region with its counts."""

    found: strawberry.Private[RegionFigures]

    @strawberry.field(description="The region; null: bodies that belong to none.")
    def region(self) -> strawberry.ID | None:
        key = self.found.region_id
        return None if key is None else strawberry.ID(global_id("Region", key))

    @strawberry.field(description="Its name, in the language of the request.")
    def region_name(self, info: Info) -> str | None:
        return in_language(self.found.names, info.context.language) or None


@strawberry.type(
    name="MonitoringMonitored",
    description="A project or project group that groups of citizens monitor now.",
)
class MonitoringMonitored:
    """One of the public list."""

    found: strawberry.Private[Monitored]

    @strawberry.field(description="Goes into `after` to read on from here.")
    def cursor(self) -> str:
        return str(self.found.node_id)

    @strawberry.field(description="Number of the project; null: a project group.")
    def number(self) -> str | None:
        return self.found.number

    @strawberry.field(description="Its name, in the language of the request.")
    def name(self, info: Info) -> str:
        return in_language(self.found.names, info.context.language)

    @strawberry.field(description="Name of the state body that carries it out.")
    def body_name(self, info: Info) -> str:
        return in_language(self.found.body_names, info.context.language)

    @strawberry.field(description="How many groups monitor it.")
    def groups(self) -> int:
        return self.found.groups

    @strawberry.field(description="How many recommendations about it were sent.")
    def recommendations(self) -> int:
        return self.found.recommendations


@strawberry.type
class MonitoringQuestions:
    """Fields of Query."""

    @strawberry.field(
        description="Figures of public monitoring, by state body of a region. Anybody reads them "
        "where the region shows them (its setting `public_list`, a product default); elsewhere "
        "whoever works with the applications of a body reads those of that body.",
        metadata={"actions": (FIGURES,)},
    )
    async def monitoring_figures(
        self, info: Info, region: RegionOption = None
    ) -> list[MonitoringFigures] | None:
        region_id = None if region is None else key_of(region, "Region", field="region")
        async with info.context.asking() as work:
            await require_enabled(work.session, INFO.id, region_id, field="monitoringFigures")
            bodies = await readable_bodies(work, region_id)
            found = await body_figures(work.session, region_id, bodies, work.today)
        return [MonitoringFigures(found=each) for each in found]

    @strawberry.field(
        description="Figures of public monitoring by region, for anybody: of the regions that show "
        "them (setting `public_list`, a product default).",
        metadata={"actions": (FIGURES,)},
    )
    async def monitoring_region_figures(self, info: Info) -> list[MonitoringRegionFigures] | None:
        async with info.context.asking() as work:
            await require_enabled_anywhere(work.session, INFO.id, field="monitoringRegionFigures")
            found = await region_figures(work.session, work.today)
        return [MonitoringRegionFigures(found=each) for each in found]

    @strawberry.field(
        description="What groups of citizens monitor now in a region: for anybody where the region "
        "shows it, as `monitoringFigures`.",
        metadata={"actions": (FIGURES,)},
    )
    async def monitoring_monitored(
        self,
        info: Info,
        region: RegionOption = None,
        first: Annotated[
            int, strawberry.argument(description="How many, 1 to 100; 50 if left out.")
        ] = FIRST,
        after: Annotated[
            str | None, strawberry.argument(description="The `cursor` of the last one read.")
        ] = None,
    ) -> list[MonitoringMonitored] | None:
        region_id = None if region is None else key_of(region, "Region", field="region")
        if not 1 <= first <= MOST:
            raise InvalidInput("BAD_PAGE_SIZE", field="first", largest=MOST)
        if after is not None and not (after.isascii() and after.isdigit() and len(after) <= 18):
            raise InvalidInput("BAD_CURSOR", field="after")
        async with info.context.asking() as work:
            await require_enabled(work.session, INFO.id, region_id, field="monitoringMonitored")
            bodies = await readable_bodies(work, region_id)
            found = await monitored_objects(
                work.session, region_id, bodies, after=int(after or 0), limit=first
            )
        return [MonitoringMonitored(found=each) for each in found]
