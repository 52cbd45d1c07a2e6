"""Who may do what: the questions of auditors, answered by today's rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from core.acts.act import ActKind
from core.authority.who_can import Entitled, who_can
from core.errors import InvalidInput
from schema.context import RequestContext
from schema.mutations.fields import TREE_TYPES
from schema.mutations.inputs import key_of, require_type
from schema.questions import EXPLAIN, HeldRoleInfo
from schema.types import enum_type, global_id

Info = strawberry.Info[RequestContext, None]

MOST_PEOPLE = 100
"""People on a page at most: each is explained."""


@strawberry.type(
    name="Entitled", description="Somebody who may, since when, by which act and by which rule."
)
class EntitledInfo:
    """One person of the answer."""

    entitled: strawberry.Private[Entitled]

    @strawberry.field(description="The person; read more with `node(id)`.")
    def person(self) -> strawberry.ID:
        return strawberry.ID(global_id("Person", self.entitled.person.id))

    @strawberry.field(description="Family name, given name, patronymic.")
    def full_name(self) -> str:
        return self.entitled.person.full_name

    @strawberry.field(description="Id of the rule that allows it.")
    def rule(self) -> str:
        return self.entitled.rule

    @strawberry.field(description="The role the rule speaks of, and where it comes from.")
    def via(self) -> HeldRoleInfo:
        return HeldRoleInfo(held=self.entitled.held)

    @strawberry.field(
        description="First day of the appointment; null: it follows from being somebody."
    )
    def since(self) -> date | None:
        appointment = self.entitled.appointment
        return appointment.valid_from if appointment else None

    @strawberry.field(description="Last day of the appointment; null: open.")
    def until(self) -> date | None:
        appointment = self.entitled.appointment
        return appointment.valid_to if appointment else None

    @strawberry.field(description="The act the appointment rests on; null: none was registered.")
    def act(self) -> strawberry.ID | None:
        act = self.entitled.act
        return strawberry.ID(global_id("Act", act.id)) if act else None

    @strawberry.field(
        graphql_type=enum_type(ActKind) | None, description="What document the act is."
    )
    def act_kind(self) -> ActKind | None:
        return self.entitled.act.kind if self.entitled.act else None

    @strawberry.field(description="Number of the act.")
    def act_number(self) -> str | None:
        return self.entitled.act.number if self.entitled.act else None

    @strawberry.field(description="Date of the act.")
    def act_date(self) -> date | None:
        return self.entitled.act.dated_on if self.entitled.act else None


@strawberry.type(name="EntitledPage", description="A page of people who may.")
class EntitledPage:
    """One page of the answer."""

    nodes: list[EntitledInfo] = strawberry.field(description="The people.")
    has_next_page: bool = strawberry.field(description="Whether there are more.")
    end_cursor: str | None = strawberry.field(
        description="Give it as `after` to get the next page; null: the page is empty."
    )
    policy_version: str = strawberry.field(description="Version of the policy that answered.")


@strawberry.type
class AuthorityQuestions:
    """Fields of Query about who may do what."""

    @strawberry.field(
        description="Who may do something at an object of the tree: every person with the rule, "
        "the role, since when and by which act. By today's rules; `asOf` asks about the "
        "appointments that held on that day. For whoever may explain the policy there.",
        metadata={"actions": (EXPLAIN,)},
    )
    async def who_can(
        self,
        info: Info,
        node: Annotated[strawberry.ID, strawberry.argument(description="The object of the tree.")],
        action: Annotated[
            str, strawberry.argument(description="The permission, such as project.create.")
        ],
        as_of: Annotated[
            date | None, strawberry.argument(description="Day of the appointments; today if null.")
        ] = None,
        first: Annotated[
            int, strawberry.argument(description=f"How many, at most {MOST_PEOPLE}.")
        ] = 50,
        after: Annotated[
            str | None, strawberry.argument(description="`endCursor` of the page before.")
        ] = None,
    ) -> EntitledPage | None:
        context = info.context
        named = key_of(node, *TREE_TYPES, field="node")
        if action not in context.policy.actions:
            raise InvalidInput("UNKNOWN_ACTION", field="action", action=action)
        if not 0 < first <= MOST_PEOPLE:
            raise InvalidInput("BAD_PAGE_SIZE", field="first", largest=MOST_PEOPLE)
        begins = key_of(strawberry.ID(after), "Person", field="after") if after else 0
        async with context.asking() as work:
            node_id = await require_type(work.session, named, field="node")
            await work.require(EXPLAIN, node_id, field="node")
            found, more = await who_can(
                work.session,
                context.policy,
                action,
                node_id,
                as_of or context.today,
                first=first,
                after=begins,
            )
        return EntitledPage(
            nodes=[EntitledInfo(entitled=each) for each in found],
            has_next_page=more,
            end_cursor=global_id("Person", found[-1].person.id) if found else None,
            policy_version=context.policy.version,
        )
