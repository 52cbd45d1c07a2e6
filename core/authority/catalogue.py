"""The catalogue of roles and permissions, read from ``core/reference``.

Data only: what a role is, where it is held, who appoints to it, and what it may do. The policy is
generated from it (:mod:`core.authority.rules`); plugins add their own roles and permissions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from core.acts.act import ActKind
from core.authority.appointment import Employment
from core.people.person import CertificateLevel
from core.tree.node import NodeKind
from core.work import Profile

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
"""Folder of the core's reference data."""


@dataclass(frozen=True, slots=True)
class Permission:
    """``resource.action``: the action is the part after the last dot.

    ``planned`` marks a permission that no act uses yet; ``owner`` is the core or a plugin.
    """

    code: str
    meaning: str
    ref: str
    planned: bool = False
    owner: str = "core"


@dataclass(frozen=True, slots=True)
class Units:
    """How many may hold a role at one place; ``max`` None = no upper limit.

    ``per`` names the place; ``bd_implementation_group`` counts within one group number of a basic
    direction, every other place is the node of the appointment. Once anybody holds one of the roles
    ``required_with``, at least one must hold this one.
    """

    min: int
    max: int | None
    per: str
    rule: str | None = None
    required_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appointer:
    """A role that appoints, and the condition under which it does."""

    role: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class AppointmentRule:
    """Who appoints to a role, by which act, how many and how employed [R2023 App.1].

    No ``acts``: entered directly in the system, an act of any kind may be named. No ``employment``:
    either kind.
    """

    ref: str
    appointers: tuple[Appointer, ...]
    acts: frozenset[ActKind]
    units: Units | None
    employment: frozenset[Employment]
    eligible: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The project management certificate a role asks for; no level = any."""

    level: CertificateLevel | None
    ref: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Permissions a role has at nodes in one relation to it, while a condition is true."""

    relation: str
    permissions: tuple[str, ...]
    ref: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """One role of the Rules or of the product; its code is stable and never translated.

    ``translated`` holds the languages in which the label is a translation of ours; ``editions`` are
    those of the Rules that know the role; ``grants``, ``rules`` and ``node_kinds`` are per edition.
    ``interns`` says that interns of the Office hold it.
    """

    code: str
    owner: str
    labels: Mapping[str, str]
    translated: frozenset[str]
    kind: str
    scope: str
    ref: str
    editions: frozenset[Profile]
    node_kinds: Mapping[Profile, frozenset[NodeKind]]
    grants: Mapping[Profile, tuple[Grant, ...]]
    rules: Mapping[Profile, AppointmentRule]
    certificate: Certificate | None = None
    project_office_staff: bool = False
    interns: bool = False
    signs_with_eds: frozenset[Profile] = frozenset()
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class ImpliedRole:
    """A role nobody is appointed to: it follows from being somebody, or from another role.

    ``holder_kinds`` are the kinds of role it follows from, where it follows from roles.
    """

    code: str
    owner: str
    labels: Mapping[str, str]
    holder: str
    holder_kinds: frozenset[str]
    grants: tuple[Grant, ...]
    ref: str


@dataclass(frozen=True, slots=True)
class AddedGrant:
    """What a plugin lets a role do, its own role or another's.

    ``condition`` is what its rules ask: that of the grant, or also that the plugin is switched on.
    """

    owner: str
    role: str
    grant: Grant
    condition: str | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All roles and permissions of an installation; ``added`` are the grants of plugins."""

    roles: Mapping[str, Role]
    implied: Mapping[str, ImpliedRole]
    permissions: Mapping[str, Permission]
    conditions: frozenset[str]
    added: tuple[AddedGrant, ...] = ()

    def holders_of(self, implied: str) -> frozenset[str]:
        """The roles from which an implied role follows."""
        kinds = self.implied[implied].holder_kinds if implied in self.implied else frozenset()
        return frozenset(role.code for role in self.roles.values() if role.kind in kinds)


@cache
def core_catalogue() -> Catalogue:
    """The core's own catalogue."""
    roles = json.loads((REFERENCE / "roles.json").read_text("utf-8"))
    permissions = json.loads((REFERENCE / "permissions.json").read_text("utf-8"))
    return read_catalogue(roles, permissions, owner="core")


def read_catalogue(
    roles: Mapping[str, Any], permissions: Mapping[str, Any], *, owner: str
) -> Catalogue:
    """A catalogue from the two documents, in the form of ``core/reference``.

    Raises :class:`ValueError` when a role grants a permission or names a condition or an appointer
    that the documents do not define: a typing error there would quietly deny or allow.
    """
    scopes = {
        name: frozenset(NodeKind[kind] for kind in scope["node_kinds"])
        for name, scope in roles["scopes"].items()
    }
    found = Catalogue(
        roles={role["code"]: read_role(role, scopes, owner) for role in roles["roles"]},
        implied={
            role["code"]: ImpliedRole(
                code=role["code"],
                owner=owner,
                labels=role["labels"],
                holder=role["holder"],
                holder_kinds=frozenset(role.get("holder_kinds", ())),
                grants=tuple(
                    Grant(grant["relation"], tuple(grant["permissions"]), role["ref"])
                    for grant in role["grants"]
                ),
                ref=role["ref"],
            )
            for role in roles["implied_roles"]
        },
        permissions={
            code: Permission(code, entry["meaning"], entry["ref"], entry.get("planned", False))
            for code, entry in permissions["permissions"].items()
        },
        conditions=frozenset(roles["conditions"]),
    )
    refuse_dangling(found)
    return found


EDITIONS = {"2023": frozenset({Profile.R2023}), "2021 only": frozenset({Profile.R2021})}


def read_role(
    entry: Mapping[str, Any], scopes: Mapping[str, frozenset[NodeKind]], owner: str
) -> Role:
    """One entry of ``roles.json``."""
    legacy = entry.get("profile_2021", {})
    level = entry.get("certificate")
    grants = read_grants(entry, "region" if entry["scope"] == "region" else "tree")
    rule = read_rule(entry["appointment"]["2023"], None)
    return Role(
        code=entry["code"],
        owner=owner,
        labels=entry["labels"],
        translated=frozenset(entry["translated"]),
        kind=entry["kind"],
        scope=entry["scope"],
        ref=entry["ref"],
        editions=EDITIONS.get(entry["in_rules"], frozenset(Profile)),
        node_kinds={
            Profile.R2023: scopes[entry["scope"]],
            Profile.R2021: scopes[legacy.get("scope", entry["scope"])],
        },
        grants={Profile.R2023: grants, Profile.R2021: grants + read_grants(legacy, "tree")},
        rules={
            Profile.R2023: rule,
            Profile.R2021: read_rule(entry["appointment"].get("2021", {}), rule),
        },
        certificate=Certificate(
            CertificateLevel[level["level"]] if level["level"] else None, level["ref"]
        )
        if level
        else None,
        project_office_staff=entry.get("project_office_staff", False),
        interns=entry.get("interns", False),
        signs_with_eds=frozenset(Profile(edition) for edition in entry["signs_with_eds"]),
        notes=entry.get("notes"),
    )


def read_grants(entry: Mapping[str, Any], reach: str) -> tuple[Grant, ...]:
    """What an entry lets its holder do: where the role reaches, above it, and conditionally."""
    found: list[Grant] = []
    for part in (entry, *entry.get("conditional_permissions", ())):
        for key, relation in (("permissions", reach), ("permissions_up", "up")):
            if part.get(key):
                codes = tuple(part[key])
                found.append(Grant(relation, codes, part["ref"], part.get("condition")))
    return tuple(found)


def read_rule(entry: Mapping[str, Any], base: AppointmentRule | None) -> AppointmentRule:
    """The appointment rule of one edition; the entry of 2021 lists only what differs."""
    given: dict[str, Any] = {}
    if "ref" in entry:
        given["ref"] = entry["ref"]
    if "appointers" in entry:
        given["appointers"] = tuple(
            Appointer(each["role"], each.get("condition")) for each in entry["appointers"]
        )
    if "acts" in entry:
        given["acts"] = frozenset(ActKind[kind] for kind in entry["acts"])
    if "units" in entry:
        with_roles = tuple(entry["units"].get("required_with", ()))
        given["units"] = Units(**(entry["units"] | {"required_with": with_roles}))
    if "employment" in entry:
        given["employment"] = frozenset(Employment[kind] for kind in entry["employment"])
    for key in ("eligible", "note"):
        if key in entry:
            given[key] = entry[key]
    if base is not None:
        return replace(base, **given)
    empty: dict[str, Any] = {
        "units": None, "employment": frozenset(), "eligible": None, "note": None,
    }  # fmt: skip
    return AppointmentRule(**(empty | given))


def refuse_dangling(catalogue: Catalogue) -> None:
    """Raise :class:`ValueError` for the first name that nothing defines."""
    granted = [
        (role.code, grant)
        for role in catalogue.roles.values()
        for grants in role.grants.values()
        for grant in grants
    ]
    granted += [(role.code, grant) for role in catalogue.implied.values() for grant in role.grants]
    for role, grant in granted:
        for code in grant.permissions:
            if code not in catalogue.permissions:
                raise ValueError(f"{role} grants {code}, which no permission defines")
        if grant.condition is not None and grant.condition not in catalogue.conditions:
            raise ValueError(f"{role} names the unknown condition {grant.condition}")
    for holder in catalogue.roles.values():
        for rule in holder.rules.values():
            for appointer in rule.appointers:
                if appointer.role not in catalogue.roles:
                    raise ValueError(f"{holder.code} is appointed by unknown {appointer.role}")
                if appointer.condition and appointer.condition not in catalogue.conditions:
                    raise ValueError(f"{holder.code}: unknown condition {appointer.condition}")


ROLES: Mapping[str, Role] = core_catalogue().roles
PERMISSIONS: Mapping[str, Permission] = core_catalogue().permissions
