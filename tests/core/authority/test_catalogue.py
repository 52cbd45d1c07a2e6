"""The catalogue is whole, and says what Appendix 1 says."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from core.acts.act import ActKind
from core.authority.appointment import Employment
from core.authority.catalogue import (
    PERMISSIONS,
    REFERENCE,
    ROLES,
    Grant,
    core_catalogue,
    read_catalogue,
)
from core.people.person import CertificateLevel
from core.tree.node import NodeKind
from core.work import Profile

GC = ("gc_chair", "gc_deputy_chair", "gc_member")
HEADS = ("bd_head", "standard_bd_head")
CURATED = (*HEADS, "pg_curator")

# role: units min, max, per; employment; act kinds (initials of O D P A R); appointers.
APPENDIX_1_2023 = {
    "po_head": (1, 1, "state_body", "FULL", "DOR", ("program_manager",)),
    "po_chief_manager": (1, 1, "state_body", "FULL", "DOR", ("program_manager",)),
    "po_administrator": (1, None, "state_body", "FULL", "DOR", ("program_manager",)),
    "pm_consultant": (1, None, "state_body", "COMBINED", "P", GC),
    "bdig_head": (1, 1, "bd_implementation_group", "FULL", "AP", HEADS),
    "bdig_chief_manager": (1, None, "bd_implementation_group", "FULL", "AP", HEADS),
    "bdig_administrator": (1, None, "bd_implementation_group", "FULL", "AP", HEADS),
    "sac_head": (0, 1, "state_body", "FULL", "P", GC),
    "sac_analyst": (0, None, "state_body", "FULL", "P", GC),
    "cc_head": (1, 1, "state_body", "COMBINED", "ADOP", ("program_manager",)),
    "cc_manager": (1, None, "state_body", "FULL", "P", GC),
    "expert_council_member": (0, None, "state_body", "COMBINED", "P", GC),
    "expert_council_secretary": (1, 1, "state_body", "COMBINED", "P", GC),
    "expert_group_member": (0, None, "basic_direction", "COMBINED", "AP", HEADS),
    "acceleration_head": (0, None, "state_body", "FULL", "P", GC),
    "acceleration_manager": (0, None, "state_body", "FULL", "P", GC),
    "pg_head": (1, 1, "project_group", "COMBINED", "AP", CURATED),
    "project_sponsor": (1, None, "project", "COMBINED", "AP", CURATED),
    "project_coordinator": (0, None, "project", "COMBINED", "AP", (*CURATED, "pg_head")),
    "project_manager": (
        1, 1, "project", "COMBINED FULL", "AP", ("pg_head", *HEADS, "project_customer"),
    ),
    "project_team_member": (0, None, "project", "COMBINED FULL", "", ("project_manager",)),
}  # fmt: skip

CHANGED_2021: dict[str, tuple[int, int | None, str, str, str, tuple[str, ...]]] = {
    "po_head": (1, 1, "state_body", "FULL", "ADOP", ("program_manager",)),
    "po_chief_manager": (1, 1, "state_body", "FULL", "P", GC),
    "po_administrator": (1, 1, "state_body", "FULL", "P", GC),
    "pm_consultant": (1, 1, "state_body", "COMBINED", "P", GC),
    "bdig_head": (1, 1, "basic_direction", "FULL", "AP", HEADS),
    "bdig_chief_manager": (1, 1, "basic_direction", "FULL", "AP", HEADS),
    "bdig_administrator": (1, 1, "basic_direction", "FULL", "AP", HEADS),
    "sac_analyst": (0, 1, "state_body", "FULL", "P", GC),
    "cc_manager": (1, 1, "state_body", "FULL", "P", GC),
    "project_manager": (
        1, 1, "project", "COMBINED FULL", "AP", ("pg_head", "project_customer"),
    ),
}  # fmt: skip


def row(role: str, profile: Profile) -> tuple[Any, ...]:
    rule = ROLES[role].rules[profile]
    assert rule.units is not None
    return (
        rule.units.min,
        rule.units.max,
        rule.units.per,
        " ".join(sorted(each.name for each in rule.employment)),
        "".join(sorted(kind.name[0] for kind in rule.acts)),
        tuple(appointer.role for appointer in rule.appointers),
    )


@pytest.mark.parametrize("role", APPENDIX_1_2023)
def test_appendix_1_of_2023(role: str) -> None:
    assert row(role, Profile.R2023) == APPENDIX_1_2023[role]


@pytest.mark.parametrize("role", APPENDIX_1_2023)
def test_appendix_1_of_2021(role: str) -> None:
    assert row(role, Profile.R2021) == (APPENDIX_1_2023 | CHANGED_2021)[role]
    # The edition in hand breaks off before the row of team members.
    assert ROLES[role].rules[Profile.R2021].ref.startswith("R2021") is (
        role != "project_team_member"
    )


def test_core_has_its_own_roles_and_permissions_only() -> None:
    assert len(ROLES) == 52
    assert {role.owner for role in ROLES.values()} == {"core"}
    foreign = ("regional.", "monitoring_", "competition_", "src.", "egarch.", "oplan.")
    assert [code for code in PERMISSIONS if code.startswith(foreign)] == []


def test_every_role_has_labels_without_marks() -> None:
    for role in (*ROLES.values(), *core_catalogue().implied.values()):
        assert set(role.labels) == {"kk", "ru", "en"}
        assert all(text and "(tr.)" not in text for text in role.labels.values())
    assert ROLES["project_manager"].labels["kk"] == "жоба жетекшісі"
    assert ROLES["project_manager"].translated == {"ru"}


def test_every_permission_is_held_by_somebody() -> None:
    held = {
        code
        for role in ROLES.values()
        for grants in role.grants.values()
        for grant in grants
        for code in grant.permissions
    }
    held |= {
        code
        for role in core_catalogue().implied.values()
        for grant in role.grants
        for code in grant.permissions
    }
    assert held == set(PERMISSIONS)


def test_every_permission_has_a_meaning_and_a_reference() -> None:
    assert all(entry.meaning and entry.ref for entry in PERMISSIONS.values())
    assert all("." in code for code in PERMISSIONS)


def test_roles_sit_at_nodes_of_their_scope() -> None:
    kinds = {code: ROLES[code].node_kinds[Profile.R2023] for code in ("gc_chair", "pg_head")}
    assert kinds == {"gc_chair": {NodeKind.STATE_BODY}, "pg_head": {NodeKind.PROJECT_GROUP}}
    assert ROLES["gc_chair"].node_kinds[Profile.R2021] == {NodeKind.PROGRAM}
    assert ROLES["assignment_executor"].node_kinds[Profile.R2023] == set()


def test_regional_administrator_reaches_the_region() -> None:
    relations = {grant.relation for grant in ROLES["regional_administrator"].grants[Profile.R2023]}
    assert relations == {"region", "up"}


def test_conditional_permissions_keep_their_condition() -> None:
    grants = ROLES["np_curator"].grants[Profile.R2023]
    assert (
        Grant(
            "tree",
            (
                "kni.decide_revision",
                "initiative.decide_program_status",
                "project_map.approve",
                "disagreement.decide",
            ),
            "product default; R2023 §29",
            "no_governing_council",
        )
        in grants
    )


def test_certificates_of_the_project_office() -> None:
    levels = {role.code: role.certificate.level for role in ROLES.values() if role.certificate}
    manager = CertificateLevel.PROJECT_MANAGEMENT
    assert levels == {
        "po_head": manager,
        "po_chief_manager": manager,
        "po_administrator": manager,
        "pm_consultant": None,
        "bdig_head": None,
        "bdig_chief_manager": None,
        "bdig_administrator": None,
    }


def test_nine_and_ten_roles_sign() -> None:
    signers = {
        profile: {role.code for role in ROLES.values() if profile in role.signs_with_eds}
        for profile in Profile
    }
    # The head of the standard direction signs as a kind of direction head.
    assert len(signers[Profile.R2023] - {"standard_bd_head"}) == 9
    assert signers[Profile.R2021] - signers[Profile.R2023] == {"office_head"}


def test_enumerations_are_read_as_such() -> None:
    rule = ROLES["cc_head"].rules[Profile.R2023]
    assert rule.employment == {Employment.COMBINED}
    assert ActKind.RESOLUTION not in rule.acts


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REFERENCE / "roles.json").read_text("utf-8"))
    return found


def a_permission(roles: dict[str, Any]) -> None:
    roles["roles"][0]["permissions"].append("project.raed")


def a_condition(roles: dict[str, Any]) -> None:
    roles["roles"][0]["conditional_permissions"][0]["condition"] = "full_moon"


def an_appointer(roles: dict[str, Any]) -> None:
    roles["roles"][0]["appointment"]["2023"]["appointers"] = [{"role": "nobody"}]


def an_appointers_condition(roles: dict[str, Any]) -> None:
    roles["roles"][0]["appointment"]["2023"]["appointers"] = [
        {"role": "np_curator", "condition": "full_moon"}
    ]


@pytest.mark.parametrize(
    "spoil", [a_permission, a_condition, an_appointer, an_appointers_condition]
)
def test_reading_refuses_a_name_nothing_defines(spoil: Callable[[dict[str, Any]], None]) -> None:
    roles = copy.deepcopy(document())
    permissions = json.loads((REFERENCE / "permissions.json").read_text("utf-8"))
    read_catalogue(roles, permissions, owner="core")
    spoil(roles)
    with pytest.raises(ValueError, match=r"raed|full_moon|nobody"):
        read_catalogue(roles, permissions, owner="core")
