"""Assertions about the policy, and the acts on them."""

from __future__ import annotations

from core.authority.policies.ground import MANAGE
from core.authority.trial.assertion import (
    PolicyAssertion,
    add_policy_assertion,
    remove_policy_assertion,
)
from core.errors import PRODUCT_DEFAULT
from core.people.person import Person
from core.places.region import Region
from core.tree.node import Node
from schema.mutations.declaring import Mutation
from schema.nouns.policy import READ, at_country
from schema.nouns.tree import NODE
from schema.planner.binding import Level, bind
from schema.planner.registry import ById, Page
from schema.planner.words import col, ident, one

assertion = bind(
    "PolicyAssertion",
    PolicyAssertion,
    "What must stay allowed or denied, whatever is changed in the policy: a publication that "
    "breaks it is refused unless the publisher says why.",
    [
        ident(),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[PolicyAssertion.person_id],
            "Whom it is about; null: whoever holds the role.",
        ),
        col(
            "role",
            PolicyAssertion.role,
            "Code of the role it is about: somebody who holds it and nothing else.",
            where=True,
        ),
        one(
            "heldAt",
            "TreeNode",
            lambda me, it: it[Node.id] == me[PolicyAssertion.held_at_id],
            "Where the role is thought of as held.",
        ),
        one(
            "node",
            "TreeNode",
            lambda me, it: it[Node.id] == me[PolicyAssertion.node_id],
            "The object of the tree.",
        ),
        col("action", PolicyAssertion.action, "The permission.", where=True, order=True),
        col("expected", PolicyAssertion.expected, "What must come out.", where=True, group=True),
        col("note", PolicyAssertion.note, "Why it matters."),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[PolicyAssertion.region_id],
            "The region whose administrators keep it; null: the country's.",
            where=True,
        ),
        one(
            "madeBy",
            "Person",
            lambda me, it: it[Person.id] == me[PolicyAssertion.made_by_id],
            "Who made it; null: the operator at the machine.",
        ),
        col("createdAt", PolicyAssertion.created_at, "When it was made.", where=True, order=True),
        col(
            "removedAt",
            PolicyAssertion.removed_at,
            "When it was taken back; null: it binds.",
            where=True,
        ),
    ],
    levels={Level.BASIC: READ},
    holds=at_country,
    interfaces=[NODE],
    order=["createdAt"],
)

TRIAL = (assertion,)

TRIAL_ROOTS = (
    ById("policyAssertion", "An assertion about the policy.", "PolicyAssertion"),
    Page("policyAssertions", "What must stay allowed or denied.", "PolicyAssertion"),
)

TRIAL_ACTS = tuple(
    Mutation(name, verb, "PolicyAssertion", (MANAGE,), PRODUCT_DEFAULT)
    for name, verb in (
        ("addPolicyAssertion", add_policy_assertion),
        ("removePolicyAssertion", remove_policy_assertion),
    )
)
