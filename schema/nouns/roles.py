"""The role catalogue as GraphQL shows it: reference data, no table."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from core.acts.act import ActKind
from core.authority.appointment import Employment
from core.authority.catalogue import Appointer, AppointmentRule, Catalogue, Role
from core.db.base import FALLBACK
from core.people.person import CertificateLevel
from core.tree.node import NodeKind
from core.work import Profile
from schema.types import Language, enum_type

Info = strawberry.Info[Any, None]


@strawberry.type(name="Appointer", description="A role that appoints to another.")
class AppointerInfo:
    """A role that appoints, and when it does."""

    appointer: strawberry.Private[Appointer]

    @strawberry.field(description="Code of the role.")
    def role_code(self) -> str:
        return self.appointer.role

    @strawberry.field(description="The condition under which it appoints; null: always.")
    def condition(self) -> str | None:
        return self.appointer.condition


@strawberry.type(
    name="AppointmentRule",
    description="Who appoints to a role, by which act, how many and how employed [R2023 App.1].",
)
class AppointmentRuleInfo:
    """A row of the staffing table."""

    rule: strawberry.Private[AppointmentRule]

    @strawberry.field(description="The roles that appoint.")
    def appointers(self) -> list[AppointerInfo]:
        return [AppointerInfo(appointer=appointer) for appointer in self.rule.appointers]

    @strawberry.field(
        graphql_type=list[enum_type(ActKind)],  # type: ignore[misc]
        description="The acts by which it is done; none: it is entered directly.",
    )
    def acts(self) -> Any:
        return [kind for kind in ActKind if kind in self.rule.acts]

    @strawberry.field(
        graphql_type=list[enum_type(Employment)],  # type: ignore[misc]
        description="How its holders may be employed; none: either way.",
    )
    def employment(self) -> Any:
        return [kind for kind in Employment if kind in self.rule.employment]

    @strawberry.field(description="How many there must be at one place; null: not said.")
    def units_min(self) -> int | None:
        return self.rule.units.min if self.rule.units else None

    @strawberry.field(description="How many there may be at one place; null: any number.")
    def units_max(self) -> int | None:
        return self.rule.units.max if self.rule.units else None

    @strawberry.field(description="The row of the table, or the paragraph.")
    def clause(self) -> str:
        return self.rule.ref


@strawberry.type(name="Role", description="A role of the Rules or of the product.")
class RoleInfo:
    """A role of the catalogue."""

    role: strawberry.Private[Role]

    @strawberry.field(description="Stable code, never translated.")
    def code(self) -> str:
        return self.role.code

    @strawberry.field(description="What it is called.")
    def name(
        self,
        info: Info,
        lang: Annotated[
            Language | None,
            strawberry.argument(description="In this language; else in the request's."),
        ] = None,
    ) -> str:
        language = lang.name.lower() if lang else info.context.language
        labels = self.role.labels
        return next(labels[code] for code in FALLBACK[language] if labels.get(code))

    @strawberry.field(description="What kind of role: official, project role, collegial ...")
    def kind(self) -> str:
        return self.role.kind

    @strawberry.field(description="Paragraphs of the Rules that speak of it.")
    def clause(self) -> str:
        return self.role.ref

    @strawberry.field(
        graphql_type=list[enum_type(NodeKind)],  # type: ignore[misc]
        description="Kinds of object it is held at, under the edition of the Rules that binds.",
    )
    def node_kinds(self, info: Info) -> Any:
        places = self.role.node_kinds[edition(info)]
        return [kind for kind in NodeKind if kind in places]

    @strawberry.field(
        description="Who appoints to it, under the edition of the Rules that binds; null: that "
        "edition does not know the role."
    )
    def appointment_rule(self, info: Info) -> AppointmentRuleInfo | None:
        if edition(info) not in self.role.editions:
            return None
        return AppointmentRuleInfo(rule=self.role.rules[edition(info)])

    @strawberry.field(
        graphql_type=enum_type(CertificateLevel) | None,
        description="The least level of the project management certificate it asks for; null: any "
        "level, or none is asked for [R2023 §55].",
    )
    def certificate_level(self) -> Any:
        return self.role.certificate.level if self.role.certificate else None

    @strawberry.field(description="Whether it asks for a certificate at all [R2023 §110].")
    def certificate_needed(self) -> bool:
        return self.role.certificate is not None


def edition(info: Info) -> Profile:
    """The edition of the Rules that binds."""
    profile: Profile = info.context.services.rules.profile
    return profile


def catalogue_of(context: Any) -> Catalogue:
    """The roles and permissions of the policy that the request is judged by."""
    catalogue: Catalogue = context.policy.catalogue
    return catalogue


def role_info(context: Any, code: str) -> RoleInfo | None:
    """The catalogue's entry; null for a role whose plugin is gone."""
    role = catalogue_of(context).roles.get(code)
    return RoleInfo(role=role) if role else None
