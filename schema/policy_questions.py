"""Questions about the policy: what is in force, what a draft would do, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from core.authority.policies.change import Change
from core.authority.policies.difference import Difference, RuleChange, difference, drifted
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.effective import effective
from core.authority.policies.files import Format, write_changes
from core.authority.policies.ground import ground_of
from core.authority.policies.policy_version import (
    changes_of_draft,
    changes_of_version,
    head_number,
)
from core.authority.policies.problem import Problem
from core.authority.policies.proposal import proposal
from core.authority.rules import NO_CONDITION, Relation, Rule
from core.errors import InvalidInput, NotFound
from core.node_facts import country_id
from core.rows import find
from core.work import Work
from schema.context import RequestContext
from schema.mutations.inputs import key_of
from schema.nouns.policy import READ
from schema.types import enum_type

Info = strawberry.Info[RequestContext, None]

DRAFT = strawberry.argument(description="The draft.")
ASKED = {"actions": (READ,)}


@strawberry.type(name="PolicyRule", description="A rule of the policy.")
class RuleInfo:
    """One rule."""

    rule: strawberry.Private[Rule]

    @strawberry.field(description="Stable id.")
    def id(self) -> str:
        return self.rule.id

    @strawberry.field(description="Code of the role.")
    def role(self) -> str:
        return self.rule.role

    @strawberry.field(description="The permission.")
    def action(self) -> str:
        return self.rule.action

    @strawberry.field(
        graphql_type=enum_type(Relation), description="How the role's place lies to the object."
    )
    def relation(self) -> Any:
        return self.rule.relation

    @strawberry.field(description="The condition it asks for; null: none.")
    def condition(self) -> str | None:
        return None if self.rule.condition == NO_CONDITION else self.rule.condition

    @strawberry.field(
        description="Where it holds: `*` everywhere, the code of a region, or `!` and the codes of "
        "the regions where it does not."
    )
    def region(self) -> str:
        return self.rule.region

    @strawberry.field(description="`allow` or `deny`.")
    def effect(self) -> str:
        return self.rule.effect


@strawberry.type(
    name="PolicyProblem", description="What is wrong with a change of the policy, or became of it."
)
class ProblemInfo:
    """One problem."""

    problem: strawberry.Private[Problem]

    @strawberry.field(description="Place of the change in the draft or version, from 1.")
    def line(self) -> int:
        return self.problem.line

    @strawberry.field(description="Id of the rule.")
    def rule(self) -> str:
        return self.problem.rule

    @strawberry.field(description="Code of the region; `*`: everywhere.")
    def region(self) -> str:
        return self.problem.region

    @strawberry.field(description="The code, for programs.")
    def code(self) -> str:
        return self.problem.code

    @strawberry.field(description="A sentence in the caller's language.")
    def message(self, info: Info) -> str:
        context = info.context
        return context.services.messages.text(
            self.problem.code, context.language, self.problem.params
        )


@strawberry.type(name="PolicyRuleChange", description="A rule before and after.")
class RuleChangeInfo:
    """One rule that changes."""

    change: strawberry.Private[RuleChange]

    @strawberry.field(description="Id of the rule.")
    def id(self) -> str:
        return self.change.id

    @strawberry.field(description="As it is; null: not in force.")
    def before(self) -> RuleInfo | None:
        return RuleInfo(rule=self.change.before) if self.change.before else None

    @strawberry.field(description="As it would be; null: no more in force.")
    def after(self) -> RuleInfo | None:
        return RuleInfo(rule=self.change.after) if self.change.after else None


@strawberry.type(
    name="PolicyDifference", description="What one set of changes does otherwise than another."
)
class DifferenceInfo:
    """The rules that change, and what a release did to changes."""

    difference: strawberry.Private[Difference]

    @strawberry.field(description="Rules that come, go or say something else, by their ids.")
    def rules(self) -> list[RuleChangeInfo]:
        return [RuleChangeInfo(change=each) for each in self.difference.rules]

    @strawberry.field(description="Changes of which nothing or only a part would be in force.")
    def dangling(self) -> list[ProblemInfo]:
        return problem_infos(self.difference.dangling)

    @strawberry.field(description="Changes of a rule that the program says otherwise by now.")
    def drifted(self) -> list[ProblemInfo]:
        return problem_infos(self.difference.drifted)


@strawberry.type(name="Policy", description="The rules in force.")
class PolicyInfo:
    """The rules of the program with the changes of the version in force."""

    number: int = strawberry.field(description="Number of the version; 0: nothing was changed yet.")
    fingerprint: str = strawberry.field(
        description="Changes whenever a rule does; what explanations name."
    )
    in_force: strawberry.Private[Sequence[Rule]]
    without_effect: strawberry.Private[Sequence[Problem]]
    changed_since: strawberry.Private[Sequence[Problem]]

    @strawberry.field(description="The rules, all or those about a role or a permission.")
    def rules(
        self,
        role: Annotated[
            str | None, strawberry.argument(description="Only about this role.")
        ] = None,
        action: Annotated[
            str | None, strawberry.argument(description="Only about this permission.")
        ] = None,
    ) -> list[RuleInfo]:
        return [
            RuleInfo(rule=rule)
            for rule in self.in_force
            if role in (None, rule.role) and action in (None, rule.action)
        ]

    @strawberry.field(description="Changes of which a release left nothing or only a part.")
    def dangling(self) -> list[ProblemInfo]:
        return problem_infos(self.without_effect)

    @strawberry.field(description="Changes of a rule that a release has changed since.")
    def drifted(self) -> list[ProblemInfo]:
        return problem_infos(self.changed_since)


def problem_infos(problems: Sequence[Problem]) -> list[ProblemInfo]:
    return [ProblemInfo(problem=each) for each in problems]


@strawberry.type
class PolicyQuestions:
    """Fields of Query about the policy."""

    @strawberry.field(description="The rules in force.", metadata=ASKED)
    async def policy(self, info: Info) -> PolicyInfo | None:
        async with info.context.asking() as work:
            await require_reader(work)
            number, policy = await info.context.services.policies.current(work.session)
            changes = await changes_of_version(work.session, number)
            ground = ground_of(work)
            found = effective(ground, changes)
            return PolicyInfo(
                number=number,
                fingerprint=policy.version,
                in_force=found.rules,
                without_effect=found.dangling,
                changed_since=drifted(ground, changes),
            )

    @strawberry.field(
        description="Everything that keeps a draft from being published, by its lines.",
        metadata=ASKED,
    )
    async def policy_problems(
        self, info: Info, draft: Annotated[strawberry.ID, DRAFT]
    ) -> list[ProblemInfo] | None:
        async with info.context.asking() as work:
            await require_reader(work)
            given = await proposal(work.session, ground_of(work), await draft_of(work, draft))
            return problem_infos(given.problems)

    @strawberry.field(
        description="What a draft does otherwise than the version in force, or one version than "
        "another, rule by rule.",
        metadata=ASKED,
    )
    async def policy_diff(
        self,
        info: Info,
        draft: Annotated[
            strawberry.ID | None, strawberry.argument(description="The draft; or name `after`.")
        ] = None,
        before: Annotated[
            int | None,
            strawberry.argument(description="Number of a version; left out: the one in force."),
        ] = None,
        after: Annotated[
            int | None, strawberry.argument(description="Number of a version; or name a draft.")
        ] = None,
    ) -> DifferenceInfo | None:
        if (draft is None) == (after is None):
            raise InvalidInput("POLICY_DIFF_OF_ONE", field="draft")
        async with info.context.asking() as work:
            await require_reader(work)
            ground = ground_of(work)
            if before is None:
                before = await head_number(work.session)
            old = await version_of(work, before, "before")
            if draft is not None:
                given = await proposal(work.session, ground, await draft_of(work, draft))
                new: Sequence[Change] = given.after
            else:
                new = await version_of(work, after or 0, "after")
            return DifferenceInfo(difference=difference(ground, old, new))

    @strawberry.field(
        description="The changes of a draft or a version as a file, for `importPolicyDraft`.",
        metadata=ASKED,
    )
    async def policy_file(
        self,
        info: Info,
        format: Annotated[
            enum_type(Format), strawberry.argument(description="How it is written.")  # type: ignore[valid-type]
        ],
        draft: Annotated[
            strawberry.ID | None, strawberry.argument(description="The draft.")
        ] = None,
        version: Annotated[
            int | None,
            strawberry.argument(description="Number of a version; left out: the one in force."),
        ] = None,
    ) -> str | None:
        async with info.context.asking() as work:
            await require_reader(work)
            if draft is not None:
                found = await draft_of(work, draft)
                return write_changes(await changes_of_draft(work.session, found.id), format)
            if version is None:
                version = await head_number(work.session)
            return write_changes(await version_of(work, version, "version"), format)


async def require_reader(work: Work) -> None:
    await work.require(READ, await country_id(work.session))


async def draft_of(work: Work, id: str) -> PolicyDraft:
    return await find(
        work.session, PolicyDraft, key_of(id, "PolicyDraft", field="draft"), field="draft"
    )


async def version_of(work: Work, number: int, field: str) -> list[Change]:
    """The changes of a version. Raises :class:`~core.errors.NotFound` for one there is not."""
    if not 0 <= number <= await head_number(work.session):
        raise NotFound(field)
    return await changes_of_version(work.session, number)
