"""The question what a draft of the policy would do to people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry
from sqlalchemy import select

from core.authority.policies.draft import PolicyDraft
from core.authority.policies.ground import MANAGE, ground_of, require_manager
from core.authority.trial.agreeing import Told
from core.authority.trial.asserting import Tried
from core.authority.trial.dry_run import DryRun, Note, dry_run, snapshot
from core.authority.trial.effect import Group
from core.authority.trial.keepers import Keepers
from core.rows import find
from core.tree.node import Node
from schema.context import RequestContext
from schema.mutations.fields import TYPE_OF
from schema.mutations.inputs import key_of
from schema.policy_questions import ProblemInfo, problem_infos
from schema.types import global_id

Info = strawberry.Info[RequestContext, None]

MOST_SHOWN = 100
"""People of a list shown; their number is told beside it."""


def person_ids(keys: Sequence[int]) -> list[strawberry.ID]:
    return [strawberry.ID(global_id("Person", key)) for key in keys[:MOST_SHOWN]]


@strawberry.type(
    name="PolicyTrialExample",
    description="One person who would gain or lose a permission at one object, as both sets of "
    "rules decide it.",
)
class ExampleInfo:
    """One example."""

    told: strawberry.Private[Told]
    at: strawberry.Private[str]

    @strawberry.field(description="The person; read more with `node(id)`.")
    def person(self) -> strawberry.ID:
        return strawberry.ID(global_id("Person", self.told.case.person_id))

    @strawberry.field(description="The object of the tree; read more with `node(id)`.")
    def node(self) -> strawberry.ID:
        return strawberry.ID(global_id(self.at, self.told.case.node_id))

    @strawberry.field(
        description="Id of the rule that decides now; null: nothing allows it.",
    )
    def rule_before(self) -> str | None:
        return self.told.before.rule

    @strawberry.field(description="Id of the rule that would decide; null: nothing allows it.")
    def rule_after(self) -> str | None:
        return self.told.after.rule


@strawberry.type(
    name="PolicyTrialGroup",
    description="What changed rules about one role do to one permission. Somebody may gain or lose "
    "the same by several roles; each tells of it.",
)
class GroupInfo:
    """One group."""

    group: strawberry.Private[Group]
    told: strawberry.Private[Sequence[Told]]
    kinds: strawberry.Private[dict[int, str]]

    @strawberry.field(description="The permission.")
    def action(self) -> str:
        return self.group.action

    @strawberry.field(description="Code of the role the changed rules speak of.")
    def role(self) -> str:
        return self.group.role

    @strawberry.field(description="Whether it is gained; else it is lost.")
    def gained(self) -> bool:
        return self.group.gained

    @strawberry.field(description="How many people.")
    def people(self) -> int:
        return self.group.people

    @strawberry.field(description="At how many objects of the tree together.")
    def nodes(self) -> int:
        return self.group.nodes

    @strawberry.field(description="The objects of everybody added up.")
    def pairs(self) -> float:
        return float(self.group.pairs)

    @strawberry.field(description="Some of them.")
    def examples(self) -> list[ExampleInfo]:
        return [ExampleInfo(told=each, at=self.kinds[each.case.node_id]) for each in self.told]


@strawberry.type(
    name="PolicyTrialUnsigned",
    description="What whoever is not signed in would gain or lose.",
)
class UnsignedInfo:
    """One permission."""

    action: str = strawberry.field(description="The permission.")
    gained: bool = strawberry.field(description="Whether it is gained; else it is lost.")
    nodes: int = strawberry.field(description="At how many objects of the tree.")


@strawberry.type(
    name="PolicyKeepers",
    description="Who holds a key of the country by an appointment without an end.",
)
class KeepersInfo:
    """One key."""

    keepers: strawberry.Private[Keepers]

    @strawberry.field(description="The permission, at the country.")
    def action(self) -> str:
        return self.keepers.action

    @strawberry.field(description="How many hold it now.")
    def before(self) -> int:
        return len(self.keepers.before)

    @strawberry.field(description="How many would hold it.")
    def after(self) -> int:
        return len(self.keepers.after)

    @strawberry.field(description=f"Who would hold it, at most {MOST_SHOWN}.")
    def people(self) -> list[strawberry.ID]:
        return person_ids(self.keepers.after)

    @strawberry.field(description="Whether nobody would be left: no publication then.")
    def locked_out(self) -> bool:
        return self.keepers.locked_out


@strawberry.type(
    name="PolicyAssertionTried", description="What a draft would make of an assertion."
)
class TriedInfo:
    """One assertion with its answers."""

    tried: strawberry.Private[Tried]

    @strawberry.field(description="The assertion; read it with `node(id)`.")
    def assertion(self) -> strawberry.ID:
        return strawberry.ID(global_id("PolicyAssertion", self.tried.assertion.id))

    @strawberry.field(description="Whether it holds now.")
    def holds_before(self) -> bool:
        return self.tried.before

    @strawberry.field(description="Whether it would hold.")
    def holds_after(self) -> bool:
        return self.tried.after

    @strawberry.field(description="Whether the draft breaks it: publishing it needs `despite`.")
    def broken(self) -> bool:
        return self.tried.broken


@strawberry.type(
    name="PolicyTrialNote",
    description="What the numbers leave out, or how a list was cut.",
)
class NoteInfo:
    """One note."""

    note: strawberry.Private[Note]

    @strawberry.field(description="The code, for programs.")
    def code(self) -> str:
        return self.note.code

    @strawberry.field(description="A sentence in the caller's language.")
    def message(self, info: Info) -> str:
        context = info.context
        return context.services.messages.text(self.note.code, context.language, self.note.params)


@strawberry.type(
    name="PolicyDryRun",
    description="What publishing a draft would do to people, over the data of today. Its numbers "
    "were compared with the answers of the rules themselves; where they differ, there is none.",
)
class DryRunInfo:
    """The dry run."""

    run: strawberry.Private[DryRun]
    kinds: strawberry.Private[dict[int, str]]

    @strawberry.field(description="Number of the version in force it was compared with.")
    def head(self) -> int:
        return self.run.head

    @strawberry.field(
        description="Code of the region the numbers are confined to; null: the whole country."
    )
    def region(self) -> str | None:
        return self.run.region

    @strawberry.field(
        description="What keeps the draft from being published; its effect is told as far as its "
        "rules could be in force."
    )
    def problems(self) -> list[ProblemInfo]:
        return problem_infos(self.run.problems)

    @strawberry.field(description="How many people gain something.")
    def gaining(self) -> int:
        return self.run.gaining

    @strawberry.field(description="How many people lose something.")
    def losing(self) -> int:
        return self.run.losing

    @strawberry.field(
        description="Who gains or loses what, by permission and role; the most people first."
    )
    def groups(self) -> list[GroupInfo]:
        return [
            GroupInfo(
                group=each,
                told=self.run.examples.get((each.action, each.role, each.gained), ()),
                kinds=self.kinds,
            )
            for each in self.run.groups
        ]

    @strawberry.field(description="What whoever is not signed in gains or loses.")
    def unsigned(self) -> list[UnsignedInfo]:
        return [UnsignedInfo(action=a, gained=b, nodes=c) for a, b, c in self.run.unsigned]

    @strawberry.field(
        description="How many people could do nothing any more but what everybody may."
    )
    def stripped_count(self) -> int:
        return len(self.run.stripped)

    @strawberry.field(description=f"Who they are, at most {MOST_SHOWN}.")
    def stripped(self) -> list[strawberry.ID]:
        return person_ids(self.run.stripped)

    @strawberry.field(description="The last administrators: who would hold the country's keys.")
    def keepers(self) -> list[KeepersInfo]:
        return [KeepersInfo(keepers=each) for each in self.run.keepers]

    @strawberry.field(description="Every assertion in force, now and under the draft.")
    def assertions(self) -> list[TriedInfo]:
        return [TriedInfo(tried=each) for each in self.run.assertions]

    @strawberry.field(description="What the numbers leave out, and which lists were cut.")
    def notes(self) -> list[NoteInfo]:
        return [NoteInfo(note=each) for each in self.run.notes]

    @strawberry.field(description="People looked at.")
    def people(self) -> int:
        return self.run.people

    @strawberry.field(description="Decisions of both sets of rules that were compared.")
    def checks(self) -> int:
        return self.run.checks

    @strawberry.field(
        description="Whole sets of objects compared with what the rules select in the database."
    )
    def predicates(self) -> int:
        return self.run.predicates

    @strawberry.field(description="How long it took.")
    def seconds(self) -> float:
        return self.run.seconds


@strawberry.type
class TrialQuestions:
    """Fields of Query about drafts of the policy."""

    @strawberry.field(
        description="Who would gain or lose what if a draft were published, who would lose "
        "everything, who the last administrators would be, and what becomes of the assertions. For "
        "whoever may publish it; that of a region is asked about its own objects.",
        metadata={"actions": (MANAGE,)},
    )
    async def policy_dry_run(
        self,
        info: Info,
        draft: Annotated[strawberry.ID, strawberry.argument(description="The draft.")],
    ) -> DryRunInfo | None:
        key = key_of(draft, "PolicyDraft", field="draft")
        async with info.context.asking() as work:
            await snapshot(work.session)
            found = await find(work.session, PolicyDraft, key, field="draft")
            await require_manager(work, found.region_id, field="draft")
            run = await dry_run(work.session, ground_of(work), found, work.today)
            nodes = {one.case.node_id for each in run.examples.values() for one in each}
            rows = await work.session.execute(select(Node.id, Node.kind).where(Node.id.in_(nodes)))
            return DryRunInfo(run=run, kinds={key: TYPE_OF[kind] for key, kind in rows})
