"""The decision log."""

from __future__ import annotations

from typing import Any

import strawberry
from sqlalchemy import ColumnElement, func

from core.decisions.entry import DecisionEntry
from core.people.account import Account
from core.people.person import Person
from core.tree.node import Node
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Level, bind
from schema.planner.row import Form, Row
from schema.planner.words import col, computed, ident, one


def at_place(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked at the object it is about; at the country, where it is about none."""
    return access.holds(action, func.coalesce(row[DecisionEntry.node_id], country_key()), form)


def as_list(value: Any) -> list[str]:
    return list(value)


decision_entry = bind(
    "DecisionEntry",
    DecisionEntry,
    "A line of the decision log: something that was denied, or personal data that were read "
    "[R2023 §97]. It holds no personal data but who asked, and is deleted after a time.",
    [
        ident(),
        col("at", DecisionEntry.at, "When.", where=True, order=True),
        col("kind", DecisionEntry.kind, "A denial, or a read.", where=True, group=True),
        col(
            "action",
            DecisionEntry.action,
            "The permission that was missing or used; for an object not found by its id, the "
            "field of Query.",
            where=True,
        ),
        col("outcome", DecisionEntry.outcome, "The code the caller got; null: it was allowed."),
        one(
            "node",
            "TreeNode",
            lambda me, it: it[Node.id] == me[DecisionEntry.node_id],
            "The object of the tree it concerns.",
        ),
        col("subject", DecisionEntry.subject, "The type of what was asked for.", where=True),
        col("subjectId", DecisionEntry.subject_id, "Its key.", shown_as=strawberry.ID),
        computed(
            "fields",
            list[str],
            [DecisionEntry.fields],
            as_list,
            "The fields that were read or denied, never their values.",
        ),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[DecisionEntry.person_id],
            "Who asked.",
            where=True,
        ),
        one(
            "account",
            "Account",
            lambda me, it: it[Account.id] == me[DecisionEntry.account_id],
            "The account it was asked with.",
        ),
        col(
            "rule",
            DecisionEntry.rule,
            "Id of the rule that denied it, or by which personal data of a person were read; null: "
            "nothing allowed it.",
        ),
        col("policyVersion", DecisionEntry.policy_version, "Version of the policy that decided."),
        col(
            "correlationId",
            DecisionEntry.correlation_id,
            "Ties it to the request, the audit log and the logs.",
        ),
    ],
    levels={Level.BASIC: "audit.read"},
    node=DecisionEntry.node_id,
    holds=at_place,
    interfaces=[NODE],
    order=["-at"],
)

DECISIONS = (decision_entry,)
