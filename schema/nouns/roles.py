"""The role catalogue as GraphQL shows it: reference data, no table."""

from __future__ import annotations

from typing import Annotated

import strawberry

from core.authority.catalogue import ROLES, Role
from core.db.base import FALLBACK
from core.work import Profile
from schema.types import Language


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
        info: strawberry.Info,
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

    @strawberry.field(description="Kinds of object it is held at.")
    def node_kinds(self) -> list[str]:
        return sorted(kind.name for kind in self.role.node_kinds[Profile.R2023])


def role_info(code: str) -> RoleInfo | None:
    """The catalogue's entry; null for a role whose plugin is gone."""
    role = ROLES.get(code)
    return RoleInfo(role=role) if role else None
