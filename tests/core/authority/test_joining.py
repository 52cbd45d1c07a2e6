"""Roles, permissions and rules of plugins, joined to those of the core."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.authority.appointing import appoint
from core.authority.authoring import grant, permission, role
from core.authority.catalogue import Appointer, Catalogue, core_catalogue
from core.authority.conditions import Condition
from core.authority.joining import Addition, AdditionRefused, Policies, join, join_conditions
from core.authority.policy import PolicySet
from core.authority.rules import default_rules
from core.db.engine import Database
from core.errors import PRODUCT_DEFAULT
from core.hierarchy.conditions import core_conditions
from core.tree.node import NodeKind
from core.work import OPERATOR, Actor, OperatorAuthority, Profile
from tests import factories as make
from tests.acting import arranging, refuses
from tests.core.authority.cases import TODAY, as_person, working
from tests.core.authority.survey_plugin import (
    LEAD,
    SURVEY,
    not_archived,
    not_archived_sql,
    switch_on,
)

CORE = core_catalogue()
LABELS = {"kk": "рөл", "ru": "роль", "en": "role"}
OPEN = Condition("survey_open", not_archived_sql, not_archived)


def joined_policy() -> PolicySet:
    return PolicySet.defaults(join(CORE, [SURVEY]), join_conditions(core_conditions(), [SURVEY]))


def test_grants_of_a_plugin_become_rules_under_ids_that_name_it() -> None:
    rules = default_rules(join(CORE, [SURVEY]))
    found = {rule.id: rule.condition for rule in rules if not rule.id.startswith("core:")}
    assert found == {
        "survey:survey_lead:survey.read": "*",
        "survey:survey_lead:project.read": "survey.enabled",
        "survey:survey_lead:lessons_log.edit": "survey.enabled",
        "survey:survey_lead:survey.plan:survey_open": "survey_open",
        "survey:survey_lead:project.read_basic:up": "survey.enabled",
        "survey:bd_head:survey.read": "*",
        "survey:bd_head:lessons_log.edit:survey_open": "survey.enabled.and.survey_open",
        "survey:auditor:survey.read": "*",
        "survey:project_customer:survey.plan:contractual_relations": "contractual_relations",
        "survey:project_customer:lessons_log.edit:contractual_relations": (
            "survey.enabled.and.contractual_relations"
        ),
    }
    assert [rule for rule in rules if rule.id.startswith("core:")] == list(default_rules(CORE))


def test_a_joined_catalogue_names_the_owner_of_each_addition() -> None:
    joined = join(CORE, [SURVEY])
    assert joined.roles["survey_lead"].owner == joined.permissions["survey.read"].owner == "survey"
    assert {each.owner for each in core_catalogue().roles.values()} == {"core"}
    assert set(joined.roles) - set(CORE.roles) == {"survey_lead"}


def test_a_plugin_may_grant_what_a_plugin_before_it_defined() -> None:
    later = Addition(
        owner="later", policies=Policies(grants={"survey_lead": [grant("survey.read")]})
    )
    joined = join(CORE, [SURVEY, later])
    (rule,) = [rule for rule in default_rules(joined) if rule.id.startswith("later:")]
    assert (rule.id, rule.condition) == ("later:survey_lead:survey.read", "later.enabled")
    with pytest.raises(AdditionRefused) as refused:
        join(CORE, [later, SURVEY])
    assert refused.value.owner == "later"


def test_a_role_the_rules_name_needs_no_prefix() -> None:
    watcher = replace(LEAD, code="public_watcher")
    named = replace(SURVEY, roles=[*SURVEY.roles, watcher], roles_of_the_rules=["public_watcher"])
    assert join(CORE, [named]).roles["public_watcher"].owner == "survey"
    core_role = replace(
        named, roles=[replace(LEAD, code="po_head")], roles_of_the_rules=["po_head"]
    )
    with pytest.raises(AdditionRefused, match="the role po_head is defined twice"):
        join(CORE, [core_role])


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "permission nobody defines": (
        {"policies": Policies(grants={"bd_head": [grant("survey.read", "survey.erase")]})},
        "rule survey:bd_head:survey.erase: unknown action survey.erase",
    ),
    "unknown role": (
        {"policies": Policies(grants={"survey_boss": [grant("survey.read")]})},
        "rule survey:survey_boss:survey.read: unknown role survey_boss",
    ),
    "unknown condition": (
        {"policies": Policies(grants={"bd_head": [grant("survey.read", condition="by_moon")]})},
        "rule survey:bd_head:survey.read:by_moon: unknown condition by_moon",
    ),
    "unknown relation": (
        {"policies": Policies(grants={"bd_head": [grant("survey.read", relation="near")]})},
        "a grant to bd_head names the unknown relation 'near'",
    ),
    "relation that only an implied role has": (
        {"policies": Policies(grants={"bd_head": [grant("survey.read", relation="own")]})},
        "rule survey:bd_head:survey.read:own: only oneself has the relation own",
    ),
    "code in place of a name": (
        {"policies": Policies(grants={"bd_head": [grant("survey.read') or ('1'='1")]})},
        "a grant to bd_head names \"survey.read') or ('1'='1\", which is no name",
    ),
    "permission without the prefix": (
        {"permissions": [permission("surveys.read", "read")]},
        "the permission 'surveys.read' does not begin with survey. or survey_",
    ),
    "permission that is the core's": (
        {"permissions": [permission("project.read", "read")]},
        "the permission 'project.read' does not begin with survey. or survey_",
    ),
    "permission given twice": (
        {"permissions": [permission("survey.read", "read"), permission("survey.read", "read")]},
        "the permission survey.read is defined twice",
    ),
    "permission without a resource": (
        {"permissions": [permission("survey_read", "read")]},
        "the permission 'survey_read' is not resource.action",
    ),
    "permission without a meaning": (
        {"permissions": [permission("survey.read", " ")]},
        "the permission survey.read has no meaning or no clause",
    ),
    "role without the prefix": (
        {"roles": [replace(LEAD, code="lead")]},
        "the role 'lead' does not begin with survey. or survey_",
    ),
    "role that lacks a language": (
        {"roles": [replace(LEAD, labels={"en": "survey lead"})]},
        "the role survey_lead needs a label in each of kk, ru, en",
    ),
    "role of an unknown kind": (
        {"roles": [replace(LEAD, kind="boss")]},
        "the role survey_lead is of the unknown kind boss",
    ),
    "role with grants in it": (
        {"roles": [replace(LEAD, grants=dict.fromkeys(Profile, (grant("survey.read"),)))]},
        "the role survey_lead has grants of its own: they belong to register_policies",
    ),
    "unknown appointer": (
        {"roles": [role("survey_lead", labels=LABELS, at=NodeKind.PROJECT, appointers=["nobody"])]},
        "the role survey_lead is appointed by the unknown role nobody",
    ),
    "appointer under an unknown condition": (
        {
            "roles": [
                role(
                    "survey_lead",
                    labels=LABELS,
                    at=NodeKind.PROJECT,
                    appointers=[Appointer("bd_head", "by_moon")],
                )
            ]
        },
        "the role survey_lead names the unknown condition by_moon",
    ),
    "condition without the prefix": (
        {"policies": Policies(conditions=[replace(OPEN, name="open")])},
        "the condition 'open' does not begin with survey. or survey_",
    ),
    "condition by the name of the gate": (
        {"policies": Policies(conditions=[replace(OPEN, name="survey.enabled")])},
        "the condition survey.enabled is defined twice",
    ),
}


@pytest.mark.parametrize(("parts", "problem"), BAD.values(), ids=BAD.keys())
def test_a_bad_addition_is_refused_by_the_name_of_its_plugin(
    parts: dict[str, Any], problem: str
) -> None:
    given: dict[str, Any] = {"permissions": [permission("survey.read", "read")], **parts}
    with pytest.raises(AdditionRefused) as refused:
        join(CORE, [Addition(owner="survey", **given)])
    assert (refused.value.owner, refused.value.problems) == ("survey", (problem,))


def test_every_fault_of_an_addition_is_told_at_once() -> None:
    bad = Addition(
        owner="survey",
        permissions=[permission("other.read", "read")],
        roles=[replace(LEAD, code="lead")],
    )
    with pytest.raises(AdditionRefused) as refused:
        join(CORE, [bad])
    assert len(refused.value.problems) == 2


def test_names_follow_the_prefix_where_it_is_not_the_name_of_the_plugin() -> None:
    added = Addition(
        owner="public_survey", prefix="survey", permissions=[permission("survey.read", "read")]
    )
    assert join(CORE, [added]).permissions["survey.read"].owner == "public_survey"


async def test_a_role_of_a_plugin_is_appointed_by_whom_the_plugin_names(
    database: Database,
) -> None:
    policy = joined_policy()
    async with arranging(database) as session:
        world = await make.make_world(session)
        await switch_on(session, world.region)
        head, lead = await make.make_person(session), await make.make_person(session)
        await make.make_appointment(session, head, "bd_head", world.direction)
    async with working(database, Actor(head.id, 1), policy, Profile.R2023) as work:
        made = await appoint(
            work, person_id=lead.id, role="survey_lead", node_id=world.project.id, valid_from=TODAY
        )
        assert (made.role, made.valid_from) == ("survey_lead", TODAY)
    async with working(database, Actor(lead.id, 2), policy, Profile.R2023) as work:
        await work.require("survey.read", world.project.id)
        found = await policy.explain(work.session, lead.id, world.project.id, "project.read", TODAY)
        assert found.deciding_rule == "survey:survey_lead:project.read"
    with refuses("UNKNOWN_ROLE", None, "role"):
        async with as_person(database, head) as work:
            await appoint(work, person_id=lead.id, role="survey_lead", node_id=world.project.id)
    with refuses("NOT_THE_APPOINTER", PRODUCT_DEFAULT, "role"):
        async with arranging(database) as session:
            await make.make_appointment(session, lead, "program_manager", world.body)
        async with working(database, Actor(lead.id, 2), policy, Profile.R2023) as work:
            await appoint(work, person_id=head.id, role="survey_lead", node_id=world.project.id)


async def test_the_operator_gives_roles_of_plugins_when_told_the_catalogue(
    database: Database,
) -> None:
    async with arranging(database) as session:
        world = await make.make_world(session)
        lead = await make.make_person(session)
    catalogue: Catalogue = join(CORE, [SURVEY])
    for authority, code in ((OperatorAuthority(catalogue), None), (OperatorAuthority(), "x")):
        async with working(database, OPERATOR, authority, Profile.R2023) as work:
            if code is None:
                await appoint(work, person_id=lead.id, role="survey_lead", node_id=world.project.id)
            else:
                with refuses("UNKNOWN_ROLE", None, "role"):
                    await appoint(
                        work, person_id=lead.id, role="survey_lead", node_id=world.project.id
                    )


async def test_others_permissions_hold_only_where_the_plugin_is_on(database: Database) -> None:
    policy = joined_policy()
    async with arranging(database) as session:
        world = await make.make_world(session)
        lead = await make.make_person(session)
        await make.make_appointment(session, lead, "survey_lead", world.project)

    async def allowed() -> dict[str, bool]:
        actions = ["survey.read", "project.read", "lessons_log.edit", "survey.plan"]
        async with working(database, Actor(lead.id, 2), policy, Profile.R2023) as work:
            return {each: (await work.may(each, world.project.id)).allowed for each in actions}

    off = {"survey.read": True, "project.read": False, "lessons_log.edit": False}
    assert await allowed() == {**off, "survey.plan": True}
    async with arranging(database) as session:
        await switch_on(session, world.region)
    assert await allowed() == dict.fromkeys([*off, "survey.plan"], True)
