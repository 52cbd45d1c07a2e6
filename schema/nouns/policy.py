"""Versions and drafts of the policy, their changes, and the acts on them."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from core.authority.policies.draft import (
    PolicyDraft,
    add_policy_rule,
    create_policy_draft,
    disable_policy_rule,
    discard_policy_draft,
    import_policy_draft,
    replace_policy_rule,
    undo_policy_change,
)
from core.authority.policies.ground import MANAGE
from core.authority.policies.policy_version import PolicyChange, PolicyVersion
from core.authority.policies.publishing import publish_policy, roll_back_policy
from core.authority.policies.rebasing import rebase_policy_draft
from core.errors import PRODUCT_DEFAULT
from core.people.person import Person
from core.places.region import Region
from schema.mutations.declaring import Mutation
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Level, bind
from schema.planner.registry import ById, Page
from schema.planner.row import Form, Row
from schema.planner.words import col, connection, ident, one

READ = "policy.read"


def at_country(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Versions and drafts are of the whole country, whichever region they are about."""
    return access.holds(action, country_key(), form)


change = bind(
    "PolicyChange",
    PolicyChange,
    "A change of an administrator to a rule of the policy, in a version or a draft.",
    [
        ident(),
        col("position", PolicyChange.position, "Place in the version or draft.", order=True),
        col("act", PolicyChange.act, "`add`, `replace` or `disable`.", where=True),
        col("rule", PolicyChange.rule, "Id of the rule.", where=True, order=True),
        col(
            "region",
            PolicyChange.region,
            "Code of the region in which it holds; `*`: everywhere.",
            where=True,
        ),
        col("role", PolicyChange.role, "Code of the role.", where=True),
        col("action", PolicyChange.action, "The permission.", where=True),
        col("relation", PolicyChange.relation, "How the role's place lies to the object."),
        col("condition", PolicyChange.condition, "Code of its condition; `*`: none."),
        col("effect", PolicyChange.effect, "`allow` or `deny`."),
        col(
            "byRegion",
            PolicyChange.by_region,
            "Made by an administrator of its region; at no time worth more than the rules of the "
            "country.",
            where=True,
        ),
        col(
            "base",
            PolicyChange.base,
            "The rule of the program it changes, as it was then: role, permission, relation, "
            "condition, effect.",
        ),
        one(
            "version",
            "PolicyVersion",
            lambda me, it: it[PolicyVersion.id] == me[PolicyChange.version_id],
            "The version it is part of.",
        ),
        one(
            "draft",
            "PolicyDraft",
            lambda me, it: it[PolicyDraft.id] == me[PolicyChange.draft_id],
            "The draft it is part of.",
        ),
    ],
    levels={Level.BASIC: READ},
    holds=at_country,
    interfaces=[NODE],
    order=["position"],
)

version = bind(
    "PolicyVersion",
    PolicyVersion,
    "A publication of the policy: everything administrators have changed in its rules.",
    [
        ident(),
        col("number", PolicyVersion.number, "Counts from 1.", where=True, order=True),
        col("reason", PolicyVersion.reason, "Why it was published."),
        col(
            "restores",
            PolicyVersion.restores,
            "Number of the older version whose content it brought back.",
            where=True,
        ),
        col("publishedAt", PolicyVersion.published_at, "When.", where=True, order=True),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[PolicyVersion.person_id],
            "Who published it; null: the operator at the machine.",
        ),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[PolicyVersion.region_id],
            "The region whose administrator published it; null: for the country.",
            where=True,
        ),
        connection(
            "changes",
            "PolicyChange",
            lambda me, it: it[PolicyChange.version_id] == me[PolicyVersion.id],
            "Its changes to the rules of the program.",
        ),
    ],
    levels={Level.BASIC: READ},
    holds=at_country,
    interfaces=[NODE],
    order=["-number"],
)

draft = bind(
    "PolicyDraft",
    PolicyDraft,
    "A set of changes on the way to becoming a version of the policy.",
    [
        ident(),
        col("title", PolicyDraft.title, "What it is called."),
        col("state", PolicyDraft.state, "What became of it.", where=True, group=True),
        col("basedOn", PolicyDraft.based_on, "Number of the version it was begun from."),
        col("createdAt", PolicyDraft.created_at, "When it was begun.", where=True, order=True),
        col("version", PolicyDraft.version, "Counts its edits; for `expectedVersion`."),
        one(
            "person",
            "Person",
            lambda me, it: it[Person.id] == me[PolicyDraft.person_id],
            "Who began it; null: the operator at the machine.",
        ),
        one(
            "region",
            "Region",
            lambda me, it: it[Region.id] == me[PolicyDraft.region_id],
            "The region whose own rules it is about; null: those of the country.",
            where=True,
        ),
        connection(
            "changes",
            "PolicyChange",
            lambda me, it: it[PolicyChange.draft_id] == me[PolicyDraft.id],
            "What it would change in the rules of the program.",
        ),
    ],
    levels={Level.BASIC: READ},
    holds=at_country,
    interfaces=[NODE],
    order=["-createdAt"],
)

POLICY = (change, version, draft)

POLICY_ROOTS = (
    ById("policyVersion", "A version of the policy.", "PolicyVersion"),
    ById("policyDraft", "A draft of the policy.", "PolicyDraft"),
    ById("policyChange", "A change of the policy.", "PolicyChange"),
    Page("policyVersions", "The history of the policy, the newest first.", "PolicyVersion"),
    Page("policyDrafts", "The drafts of the policy.", "PolicyDraft"),
    Page("policyChanges", "The changes of all versions and drafts.", "PolicyChange"),
)

POLICY_ACTS = tuple(
    Mutation(name, verb, result, (MANAGE,), PRODUCT_DEFAULT)
    for name, verb, result in (
        ("createPolicyDraft", create_policy_draft, "PolicyDraft"),
        ("addPolicyRule", add_policy_rule, "PolicyDraft"),
        ("replacePolicyRule", replace_policy_rule, "PolicyDraft"),
        ("disablePolicyRule", disable_policy_rule, "PolicyDraft"),
        ("undoPolicyChange", undo_policy_change, "PolicyDraft"),
        ("importPolicyDraft", import_policy_draft, "PolicyDraft"),
        ("rebasePolicyDraft", rebase_policy_draft, "PolicyDraft"),
        ("discardPolicyDraft", discard_policy_draft, "PolicyDraft"),
        ("publishPolicy", publish_policy, "PolicyVersion"),
        ("rollBackPolicy", roll_back_policy, "PolicyVersion"),
    )
)
