"""Peculiarities in the schema."""

from __future__ import annotations

from strawberry.scalars import JSON

from plugins.regional_plan.access import PECULIARITY, READ
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiarity
from plugins.regional_plan.peculiarity.recording import end_peculiarity, record_peculiarity
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import (
    NODE,
    Act,
    ById,
    Extension,
    Level,
    Mutation,
    Page,
    Region,
    StateBody,
    bind,
    col,
    computed,
    connection,
    ident,
    one,
)

TYPE = "RegionalPeculiarity"

peculiarity = bind(
    TYPE,
    RegionalPeculiarity,
    "In what Astana, Almaty or Shymkent differs, by which document [R2023 §12].",
    [
        ident(),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[RegionalPeculiarity.region_id],
            "The city.",
            where=True,
        ),
        one(
            "stateBody",
            "StateBody",
            lambda me, it: it[StateBody.id] == me[RegionalPeculiarity.body_id],
            "Its akimat.",
        ),
        col("subject", RegionalPeculiarity.subject, "What it is about.", where=True, group=True),
        computed(
            "override",
            JSON,
            [RegionalPeculiarity.override],
            lambda value: value,
            "What differs, in the words of its subject; docs/regional-plan.md lists them.",
        ),
        one(
            "act",
            "Act",
            lambda me, it: it[Act.id] == me[RegionalPeculiarity.act_id],
            "The document it rests on.",
        ),
        col("validFrom", RegionalPeculiarity.valid_from, "First day.", where=True, order=True),
        col("validUntil", RegionalPeculiarity.valid_until, "Last day; null: no end.", where=True),
        col("version", RegionalPeculiarity.version, "Goes into `expectedVersion`."),
    ],
    levels={Level.BASIC: READ},
    node=RegionalPeculiarity.body_id,
    interfaces=[NODE],
    order=["-validFrom"],
)

on_plans = Extension(
    target="RegionalPlan",
    fields=[
        connection(
            "peculiarities",
            TYPE,
            lambda me, it: it[RegionalPeculiarity.region_id] == me[RegionalPlan.region_id],
            "What its city has on record, over and done with too.",
            level=Level.FULL,
        )
    ],
)

WORDS = {
    "body_id": "The akimat of Astana, Almaty or Shymkent.",
    "subject": "What it is about.",
    "override": "What differs, in the words of the subject; docs/regional-plan.md lists them.",
    "act_id": "The document it rests on.",
    "valid_from": "The first day it holds.",
    "valid_until": "The last day it holds; left out: no end.",
    "peculiarity_id": "The peculiarity.",
}

MUTATIONS = [
    Mutation(
        "regionalRecordPeculiarity",
        record_peculiarity,
        TYPE,
        (PECULIARITY,),
        "R2023 §12",
        ids={"body_id": ("StateBody",), "act_id": ("Act",)},
        describe=WORDS,
    ),
    Mutation(
        "regionalEndPeculiarity",
        end_peculiarity,
        TYPE,
        (PECULIARITY,),
        "R2023 §12",
        ids={"peculiarity_id": (TYPE,)},
        describe=WORDS,
    ),
]

ROOTS: list[Page | ById] = [
    Page("regionalPeculiarities", "Peculiarities of the three cities.", TYPE)
]

NOUNS = (peculiarity,)
EXTENSIONS = (on_plans,)
