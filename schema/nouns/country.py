"""The country and its national priorities."""

from __future__ import annotations

from sqlalchemy import and_

from core.hierarchy.country import Country
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.program import ProgramPriority
from core.tree.node import Node, NodeKind
from schema.nouns.tree import INTERFACES, NODE, head, tree_fields
from schema.planner.binding import Level, bind
from schema.planner.words import col, connection, ident, one

country = bind(
    "Country",
    Country,
    "The root of the tree.",
    [
        *tree_fields(Country, NodeKind.COUNTRY),
        col("code", Country.code, "Code of ISO 3166-1.", where=True),
        connection(
            "nationalPriorities",
            "NationalPriority",
            lambda me, it: it[Node.parent_id] == me[Country.id],
            "The national priorities.",
        ),
        connection(
            "stateBodies",
            "StateBody",
            lambda me, it: it[Node.parent_id] == me[Country.id],
            "The state bodies.",
        ),
    ],
    levels={Level.BASIC: "country.read"},
    kind=NodeKind.COUNTRY,
    interfaces=INTERFACES,
)

national_priority = bind(
    "NationalPriority",
    NationalPriority,
    "A national priority, with exactly one portfolio [R2023 §2(17)-(20), §27].",
    [
        *tree_fields(NationalPriority, NodeKind.NATIONAL_PRIORITY),
        col("code", NationalPriority.code, "Code, unique.", where=True, order=True),
        col(
            "goal",
            NationalPriority.goal,
            "What is to be reached.",
            level=Level.FULL,
        ),
        col(
            "endsOn",
            NationalPriority.ends_on,
            "End of its period, not after that of the National development plan.",
            where=True,
            order=True,
        ),
        head(
            "curatorName",
            ("np_curator",),
            NationalPriority.id,
            "Full name of its curator today [R2023 §29].",
        ),
        one(
            "portfolio",
            "Portfolio",
            lambda me, it: it[NationalPriority.id] == me[NationalPriority.id],
            "Its portfolio.",
        ),
    ],
    resource="portfolio",
    kind=NodeKind.NATIONAL_PRIORITY,
    interfaces=INTERFACES,
    order=["code"],
)

portfolio = bind(
    "Portfolio",
    NationalPriority,
    "The portfolio of a national priority: the programs that serve it [R2023 §2(20), §9, §27].",
    [
        ident(),
        col("goal", NationalPriority.portfolio_goal, "Its goal.", level=Level.FULL),
        col(
            "deadline",
            NationalPriority.portfolio_deadline,
            "No program or project that serves the priority ends after this day [R2023 §9].",
        ),
        one(
            "nationalPriority",
            "NationalPriority",
            lambda me, it: it[NationalPriority.id] == me[NationalPriority.id],
            "The priority it belongs to.",
        ),
        connection(
            "programs",
            "Program",
            lambda me, it: and_(
                it[ProgramPriority.priority_id] == me[NationalPriority.id],
                it[ProgramPriority.program_id] == it[Node.id],
            ),
            "The programs that serve the priority.",
            link=ProgramPriority,
        ),
    ],
    resource="portfolio",
    node=NationalPriority.id,
    interfaces=[NODE],
)

COUNTRY = (country, national_priority, portfolio)
