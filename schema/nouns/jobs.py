"""What plugins do by themselves: runs of their jobs, and events their handlers failed on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, or_, select

from core.errors import PRODUCT_DEFAULT
from core.events.delivery import MANAGE, Delivery, retry_delivery
from core.events.outbox import OutboxEvent
from core.jobs.job_run import JobRun, retry_job_run
from core.places.region import Region
from core.tree.node import Node
from schema.mutations.declaring import Mutation
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Field, Level, bind
from schema.planner.registry import ById, Page
from schema.planner.row import Attribute, Form, Row
from schema.planner.words import col, ident, one


def at_country(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked at the country; either of the permissions will do."""
    return or_(*(access.holds(either, country_key(), form) for either in MANAGE))


def attempted(model: Any) -> list[Field]:
    """The fields of what is tried again."""
    return [
        col("state", model.state, "How far it is.", where=True, order=True, group=True),
        col("attempts", model.attempts, "How often it was tried.", where=True),
        col("nextAt", model.next_at, "When it is tried next.", where=True, order=True),
        col("endedAt", model.ended_at, "When it was over.", where=True, order=True),
        col(
            "error",
            model.error,
            "Why it last failed: a code, or the type of the error and where it was raised.",
        ),
    ]


def node_of(delivery: Row) -> ColumnElement[Any]:
    """The object of the tree that the event was about."""
    event_id: Attribute = Delivery.event_id
    return (
        select(OutboxEvent.node_id)
        .where(OutboxEvent.id == delivery[event_id])
        .correlate_except(OutboxEvent)
        .scalar_subquery()
    )


job_run = bind(
    "JobRun",
    JobRun,
    "One due time of a job of a plugin, in one region.",
    [
        ident(),
        col("plugin", JobRun.plugin, "Id of the plugin.", where=True, order=True, group=True),
        col("job", JobRun.job, "Name of the job.", where=True, order=True, group=True),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[JobRun.region_id],
            "The region; null: the bodies of the republic, or a job that runs once for all.",
            where=True,
        ),
        col("dueAt", JobRun.due_at, "When it was due.", where=True, order=True),
        *attempted(JobRun),
    ],
    levels={Level.BASIC: MANAGE[0]},
    holds=at_country,
    interfaces=[NODE],
    order=["-dueAt"],
)

delivery = bind(
    "Delivery",
    Delivery,
    "An event on which a handler of a plugin failed at first.",
    [
        ident(),
        col("plugin", Delivery.plugin, "Id of the plugin.", where=True, order=True, group=True),
        col(
            "handler", Delivery.handler, "Name of the handler.", where=True, order=True, group=True
        ),
        col("act", Delivery.act, "What was done.", where=True, group=True),
        one(
            "node",
            "TreeNode",
            lambda me, it: it[Node.id] == node_of(me),
            "The object of the tree it was done to, if the reader may see it.",
        ),
        *attempted(Delivery),
    ],
    levels={Level.BASIC: MANAGE[0]},
    holds=at_country,
    interfaces=[NODE],
    order=["plugin", "handler"],
)

JOBS = (job_run, delivery)

JOB_ROOTS = (
    ById("jobRun", "A run of a job.", "JobRun"),
    Page("jobRuns", "Runs of the jobs of plugins.", "JobRun"),
    ById("delivery", "An event on which a handler failed.", "Delivery"),
    Page("deliveries", "Events on which handlers of plugins failed.", "Delivery"),
)

JOB_ACTS = (
    Mutation(
        "retryJobRun",
        retry_job_run,
        "JobRun",
        MANAGE,
        PRODUCT_DEFAULT,
        describe={"job_run_id": "The run that was given up."},
    ),
    Mutation(
        "retryDelivery",
        retry_delivery,
        "Delivery",
        MANAGE,
        PRODUCT_DEFAULT,
        describe={"delivery_id": "The event that was given up."},
    ),
)
