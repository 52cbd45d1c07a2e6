"""The rules RV1 to RV8, each a function from what is known of a plan to what it finds.

While a plan is being worked out (initiation, planning) a part of the architecture that is missing
is a warning; an error from then on, and it stops the approval at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plugins.regional_plan.compliance.finding import (
    Finding,
    Place,
    RegionalRule,
    RegionalSeverity,
    Texts,
)
from plugins.regional_plan.peculiarity.overrides import OPTIONAL, ROLES_OF
from plugins.regional_plan.peculiarity.peculiarity import RegionalPeculiaritySubject as Subject
from zhoba.api import (
    PRODUCT_DEFAULT,
    BasicDirectionKind,
    NodeKind,
    Profile,
    Role,
    Units,
    compare_staffing,
    core_catalogue,
)

DRAFTING = frozenset({None, "INITIATION", "PLANNING"})
"""Stages in which a plan is being worked out."""

ARCHITECTURE = "R2023 §49"
ADDITIONAL = BasicDirectionKind.REGIONAL_ADDITIONAL.name
ERROR, WARNING = RegionalSeverity.ERROR, RegionalSeverity.WARNING


@dataclass(frozen=True, slots=True)
class Part:
    """A direction or group of the plan. ``locked``: it is one of the version, ``agreed``: with the
    Office, ``compared``: it would have to be one of the version if it was not agreed."""

    place: Place
    direction_kind: str | None
    locked: bool
    agreed: bool
    compared: bool


@dataclass(frozen=True, slots=True)
class Held:
    """So many hold a role somewhere."""

    role: str
    group_number: int | None
    employment: str
    number: int


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a plan. ``missing``: code, the direction's code for a group, names."""

    plan: Place
    stage: str | None
    body_id: int
    body_kind: str
    special: bool
    template: int | None
    status: str | None
    newest: int | None
    profile: Profile
    peculiarities: Mapping[Subject, Mapping[str, Any]] = field(default_factory=dict)
    missing: Collection[tuple[str, str | None, Texts]] = ()
    moved: Collection[tuple[Place, str, str]] = ()
    parts: Collection[Part] = ()
    others: Collection[Place] = ()
    held: Mapping[int, Collection[Held]] = field(default_factory=dict)
    late: Collection[tuple[Place, str, str]] = ()
    elsewhere: Collection[Place] = ()

    @property
    def drafting(self) -> bool:
        return self.stage in DRAFTING


def rv1(known: Known) -> Iterator[Finding]:
    """The plan follows the approved version, unless its city has an architecture of its own."""
    if known.special and Subject.ARCHITECTURE in known.peculiarities:
        return
    if known.template is None:
        code, params = "REGIONAL_RV1_NO_VERSION", {"newest": known.newest or "-"}
    elif known.status != "APPROVED":
        code = "REGIONAL_RV1_NOT_APPROVED"
        params = {"number": known.template, "newest": known.newest or "-"}
    else:
        return
    yield Finding(
        RegionalRule.RV1, ERROR, code, "R2023 §49, §73(2)", known.plan, stops=True, params=params
    )


def rv2(known: Known) -> Iterator[Finding]:
    """Everything of the version is there, in its place; what else is there is pointed out."""
    severity = WARNING if known.drafting else ERROR
    own = known.peculiarities.get(Subject.ARCHITECTURE, {}) if known.special else {}
    omitted = set(own.get("omitted", ()))
    for code, direction, names in known.missing:
        if code in omitted or direction in omitted:
            continue
        is_direction = direction is None
        yield Finding(
            RegionalRule.RV2,
            severity,
            "REGIONAL_RV2_DIRECTION_MISSING" if is_direction else "REGIONAL_RV2_GROUP_MISSING",
            ARCHITECTURE,
            known.plan,
            stops=True,
            name=names,
            params={"part": code},
        )
    for place, code, home in known.moved:
        yield Finding(
            RegionalRule.RV2,
            severity,
            "REGIONAL_RV2_GROUP_MOVED",
            ARCHITECTURE,
            place,
            stops=True,
            params={"part": code, "direction": home},
        )
    for part in known.parts:
        if part.compared and not part.locked and part.direction_kind != ADDITIONAL:
            yield Finding(
                RegionalRule.RV2,
                WARNING,
                "REGIONAL_RV2_OUTSIDE",
                f"{PRODUCT_DEFAULT}; {ARCHITECTURE}",
                part.place,
            )


def rv3(known: Known) -> Iterator[Finding]:
    """An additional direction was agreed with the Office."""
    for part in known.parts:
        if part.direction_kind == ADDITIONAL and not part.agreed:
            yield Finding(
                RegionalRule.RV3, ERROR, "REGIONAL_RV3_NOT_AGREED", ARCHITECTURE, part.place,
                stops=True,
            )  # fmt: skip


def rv4(known: Known) -> Iterator[Finding]:
    """The plan is an akimat's, and the only one of its region that runs."""
    if known.body_kind != "LOCAL_EXECUTIVE":
        yield Finding(
            RegionalRule.RV4, ERROR, "REGIONAL_RV4_NO_AKIMAT", "R2023 §2(54), §49", known.plan,
            stops=True,
        )  # fmt: skip
    for other in known.others:
        yield Finding(
            RegionalRule.RV4, ERROR, "REGIONAL_RV4_SECOND_PLAN", PRODUCT_DEFAULT, other, stops=True
        )


def rv5(known: Known) -> Iterator[Finding]:
    """Units and employment are those of the staffing table, or of the city's own structure.

    In the three cities nothing but warnings as long as their structure is not on record [§12].
    """
    structure = known.peculiarities.get(Subject.ORG_STRUCTURE) if known.special else None
    severity = WARNING if known.special and structure is None else ERROR
    left_out = OPTIONAL if known.special else frozenset()
    roles = table(structure or {}, known.profile, lambda role: role not in left_out)
    yield from unfilled(known, roles, severity)
    yield from employed(known, structure or {}, severity)


def rv6(known: Known) -> Iterator[Finding]:
    """The three cities may do without these centres and councils [R2023 §12; product default].

    What their peculiarities say of one that they have is checked like the table.
    """
    if not known.special:
        return
    for subject, codes in ROLES_OF.items():
        own = known.peculiarities.get(subject)
        if own is not None and not own.get("created", True):
            continue
        roles = table(own or {}, known.profile, codes.__contains__)
        severity = WARNING if own is None else ERROR
        for finding in unfilled(known, roles, severity):
            yield replace(finding, rule=RegionalRule.RV6, clause=f"{PRODUCT_DEFAULT}; R2023 §12")


def rv7(known: Known) -> Iterator[Finding]:
    """The plan and its projects end before the portfolios the plan serves."""
    for place, ends_on, deadline in known.late:
        yield Finding(
            RegionalRule.RV7,
            ERROR,
            "REGIONAL_RV7_TOO_LATE",
            "R2023 §9",
            place,
            stops=True,
            params={"ends_on": ends_on, "deadline": deadline},
        )


def rv8(known: Known) -> Iterator[Finding]:
    """The projects of a plan happen in its region."""
    for place in known.elsewhere:
        yield Finding(RegionalRule.RV8, WARNING, "REGIONAL_RV8_ELSEWHERE", PRODUCT_DEFAULT, place)


RULES: tuple[Callable[[Known], Iterator[Finding]], ...] = (rv1, rv2, rv3, rv4, rv5, rv6, rv7, rv8)


def findings(known: Known) -> list[Finding]:
    """Everything the rules find, errors of each rule first."""
    return [found for rule in RULES for found in sorted(rule(known), key=order)]


def order(finding: Finding) -> tuple[bool, str, str, int]:
    return (
        finding.severity is WARNING,
        finding.code,
        str(finding.params.get("part", "")),
        finding.place.id,
    )


def table(own: Mapping[str, Any], profile: Profile, wanted: Callable[[str], bool]) -> list[Role]:
    """The rows of the staffing table for these roles, with a city's own numbers put in."""
    rows = []
    for role in core_catalogue().roles.values():
        rule = role.rules[profile]
        number = own.get("units", {}).get(role.code)
        if not wanted(role.code) or rule.units is None:
            continue
        if number is not None:
            units = Units(number.get("min", 0), number.get("max"), rule.units.per)
            rule = replace(rule, units=units)
        rows.append(replace(role, rules={profile: rule}))
    return rows


def staffed_places(known: Known) -> Iterator[Place]:
    """Where the table asks for people: the akimat, and directions and groups of the plan."""
    yield Place(NodeKind.STATE_BODY.name, known.body_id, known.plan.names)
    for part in known.parts:
        yield part.place


def unfilled(
    known: Known, roles: Collection[Role], severity: RegionalSeverity
) -> Iterator[Finding]:
    """Places that too few or too many hold."""
    for place in staffed_places(known):
        counts: dict[tuple[str, int | None], int] = {}
        for held in known.held.get(place.id, ()):
            key = held.role, held.group_number
            counts[key] = counts.get(key, 0) + held.number
        for gap in compare_staffing(
            NodeKind[place.kind], counts, profile=known.profile, roles=roles
        ):
            few = gap.present < gap.required_min
            yield Finding(
                RegionalRule.RV5,
                severity,
                "REGIONAL_RV5_TOO_FEW" if few else "REGIONAL_RV5_TOO_MANY",
                gap.clause,
                place,
                stops=severity is ERROR,
                params={
                    "role": gap.role,
                    "present": gap.present,
                    "required": gap.required_min if few else gap.required_max,
                },
            )


def employed(known: Known, own: Mapping[str, Any], severity: RegionalSeverity) -> Iterator[Finding]:
    """Holders whose employment is not the one the role asks for."""
    allowed_here: Mapping[str, Collection[str]] = own.get("employment", {})
    catalogue = core_catalogue().roles
    for place in staffed_places(known):
        for held in known.held.get(place.id, ()):
            if held.role not in catalogue:
                continue
            by_table = {each.name for each in catalogue[held.role].rules[known.profile].employment}
            allowed = set(allowed_here.get(held.role, by_table))
            if allowed and held.employment not in allowed:
                yield Finding(
                    RegionalRule.RV5,
                    severity,
                    "REGIONAL_RV5_EMPLOYMENT",
                    catalogue[held.role].rules[known.profile].ref,
                    place,
                    stops=severity is ERROR,
                    params={"role": held.role, "number": held.number},
                )
