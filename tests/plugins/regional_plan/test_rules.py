"""The rules RV1 to RV8, each on both sides of what it asks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from plugins.regional_plan.compliance.finding import Finding, Place, RegionalSeverity
from plugins.regional_plan.compliance.rules import (
    ADDITIONAL,
    Held,
    Known,
    Part,
    findings,
    rv1,
    rv2,
    rv3,
    rv4,
    rv5,
    rv6,
    rv7,
    rv8,
)
from plugins.regional_plan.peculiarity.overrides import checked_override
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiaritySubject as Subject
from zhoba.api import InvalidInput, Profile, core_catalogue

NAMES = ("Ж", "П", "P")
PLAN = Place("PROGRAM", 1, NAMES)
ROLES = frozenset(core_catalogue().roles)
WARNING, ERROR = RegionalSeverity.WARNING, RegionalSeverity.ERROR

STAFF = (
    ("program_manager", "FULL"), ("gc_chair", "COMBINED"), ("gc_deputy_chair", "COMBINED"),
    ("po_head", "FULL"), ("po_chief_manager", "FULL"), ("po_administrator", "FULL"),
    ("pm_consultant", "COMBINED"), ("cc_head", "COMBINED"), ("cc_manager", "FULL"),
    ("expert_council_secretary", "COMBINED"),
)  # fmt: skip
"""Everybody the staffing table asks for at a body."""

GOOD = Known(
    plan=PLAN,
    stage="IMPLEMENTATION",
    body_id=2,
    body_kind="LOCAL_EXECUTIVE",
    special=False,
    template=1,
    status="APPROVED",
    newest=1,
    profile=Profile.R2023,
    held={2: [Held(role, None, employment, 1) for role, employment in STAFF]},
)


def told(found: Any) -> list[tuple[str, str, bool]]:
    """Code, severity and whether it stops, of each finding."""
    return [(each.code, each.severity.name, each.stops) for each in found]


def without(role: str) -> dict[int, list[Held]]:
    """The staff of the body without one role."""
    return {2: [each for each in GOOD.held[2] if each.role != role]}


def test_nothing_is_found_about_a_plan_that_keeps_all_rules() -> None:
    assert findings(GOOD) == []


def test_rv1_asks_for_the_approved_version() -> None:
    retired = replace(GOOD, status="RETIRED", newest=2)
    assert told(rv1(retired)) == [("REGIONAL_RV1_NOT_APPROVED", "ERROR", True)]
    none = replace(GOOD, template=None, status=None)
    assert told(rv1(none)) == [("REGIONAL_RV1_NO_VERSION", "ERROR", True)]
    own = replace(retired, peculiarities={Subject.ARCHITECTURE: {}})
    assert told(rv1(own)) == told(rv1(retired))
    assert told(rv1(replace(own, special=True))) == []


@pytest.mark.parametrize(("stage", "severity"), [("PLANNING", "WARNING"), ("ADJUSTMENT", "ERROR")])
def test_rv2_finds_what_is_missing_and_what_lies_elsewhere(stage: str, severity: str) -> None:
    group = Place("PROJECT_GROUP", 5, NAMES)
    known = replace(
        GOOD,
        stage=stage,
        missing=[("D2", None, NAMES), ("G7", "D1", NAMES)],
        moved=[(group, "G1", "D1")],
    )
    assert told(rv2(known)) == [
        ("REGIONAL_RV2_DIRECTION_MISSING", severity, True),
        ("REGIONAL_RV2_GROUP_MISSING", severity, True),
        ("REGIONAL_RV2_GROUP_MOVED", severity, True),
    ]
    own = {Subject.ARCHITECTURE: {"omitted": ["D2", "D1"]}}
    city = replace(known, special=True, peculiarities=own, moved=[])
    assert told(rv2(city)) == []


def test_rv2_points_at_what_is_outside() -> None:
    parts = [
        Part(Place("BASIC_DIRECTION", 3, NAMES), "ORDINARY", False, False, True),
        Part(Place("BASIC_DIRECTION", 4, NAMES), ADDITIONAL, False, True, True),
        Part(Place("PROJECT_GROUP", 5, NAMES), None, False, False, True),
        Part(Place("PROJECT_GROUP", 6, NAMES), None, False, False, False),
        Part(Place("PROJECT_GROUP", 7, NAMES), None, True, False, True),
    ]
    found = list(rv2(replace(GOOD, parts=parts)))
    assert told(found) == [("REGIONAL_RV2_OUTSIDE", "WARNING", False)] * 2
    assert [each.place.id for each in found] == [3, 5]


def test_rv3_asks_for_the_agreement_of_the_office() -> None:
    extra = Part(Place("BASIC_DIRECTION", 3, NAMES), ADDITIONAL, False, False, True)
    assert told(rv3(replace(GOOD, parts=[extra]))) == [("REGIONAL_RV3_NOT_AGREED", "ERROR", True)]
    assert told(rv3(replace(GOOD, parts=[replace(extra, agreed=True)]))) == []
    ordinary = replace(extra, direction_kind="ORDINARY")
    assert told(rv3(replace(GOOD, parts=[ordinary]))) == []


def test_rv4_asks_for_one_plan_of_an_akimat() -> None:
    assert told(rv4(replace(GOOD, body_kind="CENTRAL"))) == [
        ("REGIONAL_RV4_NO_AKIMAT", "ERROR", True)
    ]
    found = list(rv4(replace(GOOD, others=[Place("PROGRAM", 9, NAMES)])))
    assert told(found) == [("REGIONAL_RV4_SECOND_PLAN", "ERROR", True)]
    assert found[0].place.id == 9


def test_rv5_compares_with_the_staffing_table() -> None:
    gone = replace(GOOD, held=without("po_head"))
    (few,) = rv5(gone)
    assert (few.code, few.params, few.clause) == (
        "REGIONAL_RV5_TOO_FEW",
        {"role": "po_head", "present": 0, "required": 1},
        "R2023 App.1 1.1",
    )
    twice = replace(GOOD, held={2: [*GOOD.held[2], Held("po_head", None, "FULL", 1)]})
    assert told(rv5(twice)) == [("REGIONAL_RV5_TOO_MANY", "ERROR", True)]
    combined = {2: [*without("po_head")[2], Held("po_head", None, "COMBINED", 1)]}
    assert told(rv5(replace(GOOD, held=combined))) == [("REGIONAL_RV5_EMPLOYMENT", "ERROR", True)]


def test_rv5_only_warns_a_city_until_its_structure_is_on_record() -> None:
    city = replace(GOOD, special=True, held=without("po_administrator"))
    assert told(rv5(city)) == [("REGIONAL_RV5_TOO_FEW", "WARNING", False)]
    none = {"units": {"po_administrator": {"min": 0}}}
    structure = replace(city, peculiarities={Subject.ORG_STRUCTURE: none})
    assert told(rv5(structure)) == []
    two = {"units": {"po_administrator": {"min": 2}}}
    assert told(rv5(replace(city, peculiarities={Subject.ORG_STRUCTURE: two}))) == [
        ("REGIONAL_RV5_TOO_FEW", "ERROR", True)
    ]
    own: dict[str, Any] = {
        "units": none["units"],
        "employment": {"po_head": ["COMBINED"]},
    }
    assert told(rv5(replace(city, peculiarities={Subject.ORG_STRUCTURE: own}))) == [
        ("REGIONAL_RV5_EMPLOYMENT", "ERROR", True)
    ]


def test_rv6_lets_a_city_do_without_a_communication_centre() -> None:
    gone = replace(GOOD, held={2: [each for each in GOOD.held[2] if each.role[:3] != "cc_"]})
    assert told(rv5(gone)) == [("REGIONAL_RV5_TOO_FEW", "ERROR", True)] * 2
    assert told(rv6(gone)) == []
    city = replace(gone, special=True)
    assert told(rv5(city)) == []
    assert told(rv6(city)) == [("REGIONAL_RV5_TOO_FEW", "WARNING", False)] * 2
    for own, found in (({"created": False}, 0), ({"created": True}, 2)):
        recorded = replace(city, peculiarities={Subject.COMM_CENTRE: own})
        assert told(rv6(recorded)) == [("REGIONAL_RV5_TOO_FEW", "ERROR", True)] * found


def test_rv7_and_rv8_tell_of_every_project() -> None:
    projects = [Place("PROJECT", 7, NAMES), Place("PROJECT", 8, NAMES)]
    late = replace(GOOD, late=[(each, "2031-01-01", "2030-12-31") for each in projects])
    assert told(rv7(late)) == [("REGIONAL_RV7_TOO_LATE", "ERROR", True)] * 2
    elsewhere = replace(GOOD, elsewhere=projects)
    assert told(rv8(elsewhere)) == [("REGIONAL_RV8_ELSEWHERE", "WARNING", False)] * 2
    found: list[Finding] = findings(replace(late, elsewhere=projects))
    assert [each.severity for each in found] == [ERROR, ERROR, WARNING, WARNING]


@pytest.mark.parametrize(
    ("subject", "given", "fault"),
    [
        (Subject.SAC, {"created": "yes"}, "created: "),
        (Subject.SAC, {"units": {"cc_head": {"min": 1}}}, "roles of something else: cc_head"),
        (Subject.SAC, {"formula": "1 + 1"}, "formula: "),
        (Subject.ORG_STRUCTURE, {"units": {"sac_head": {}}}, "subject of their own: sac_head"),
        (Subject.ORG_STRUCTURE, {"units": {"minister": {}}}, "minister: no role"),
        (Subject.ORG_STRUCTURE, {"units": {"po_head": {"min": 2, "max": 1}}}, "max is less"),
        (Subject.ORG_STRUCTURE, {"employment": {"po_head": []}}, "employment.po_head: "),
        (Subject.ARCHITECTURE, {"omitted": [1]}, "omitted.0: "),
    ],
)
def test_an_override_is_data_of_its_subject(
    subject: Subject, given: dict[str, Any], fault: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_override(subject, given, ROLES)
    assert refused.value.code == "REGIONAL_OVERRIDE_WRONG"
    assert fault in refused.value.params["faults"][0]


def test_an_override_is_kept_as_it_was_given() -> None:
    given = {"units": {"po_administrator": {"min": 2}}, "appointment": " by the akim "}
    kept = checked_override(Subject.ORG_STRUCTURE, given, ROLES)
    assert kept == given | {"appointment": "by the akim"}
