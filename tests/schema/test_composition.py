"""Contributions of the core and of plugins become one schema, or all faults are told together."""

from __future__ import annotations

import enum
import itertools
from dataclasses import replace
from typing import Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType
from sqlalchemy import Integer, Text

from core.authority.catalogue import PERMISSIONS
from core.db.types import named_enum
from core.hierarchy.project import Project
from core.hierarchy.stages import Stage
from core.hierarchy.task import Task
from core.messages import Messages
from core.work import Work
from schema.compose import ZhobaSchema
from schema.contribution import Contribution, Extension, Told
from schema.mutations.declaring import Mutation
from schema.nouns.tree import NODE
from schema.planner.binding import Condition, Interface, Level, bind
from schema.planner.registry import ById, CompositionError, Page, Problem
from schema.planner.words import col, connection, expr, ident, one
from schema.platform import compose, core_contribution

WORDS = "For tests."


class MarksColour(enum.Enum):
    """A colour."""

    RED = "like fire"


async def marks_put(work: Work, *, project_id: int, code: str) -> Project:
    """Put a mark on a project."""
    raise NotImplementedError


@strawberry.type(name="MarksSummary", description=WORDS)
class MarksSummary:
    """An answer in Python."""

    count: int = strawberry.field(description=WORDS)


@strawberry.type
class MarksQuestions:
    """Questions of the plugin."""

    @strawberry.field(description=WORDS, metadata={"actions": ("project.read",)})
    def marks_summary(self) -> MarksSummary | None:
        return MarksSummary(count=1)


def mark(name: str = "MarksMark", **options: Any) -> Any:
    given = {"levels": {Level.BASIC: "project.read"}, "node": Task.id, **options}
    return bind(name, Task, WORDS, [ident(), col("dueOn", Task.due_on, WORDS)], **given)


PUT = Mutation(
    "marksPut", marks_put, "Project", ("project.edit_charter",), "product default",
    describe={"code": WORDS},
)  # fmt: skip

MARKS = Contribution(
    owner="marks",
    camel_prefix="marks",
    type_prefix="Marks",
    nouns=[mark()],
    extensions=[
        Extension(
            target="Project",
            fields=[
                expr(
                    "markColour", named_enum(MarksColour), lambda row: row[Project.goal], WORDS,
                    where=True, order=True, group=True,
                ),
                expr(
                    "markCount", Integer(), lambda row: row[Project.id], WORDS, nullable=False,
                    where=True, order=True,
                ),
            ],
            filters=[
                Condition(
                    name="marked", description=WORDS, type=bool, column=Project.contractual.type,
                    sql=lambda row, given: row[Project.contractual] == given,
                )
            ],
        )
    ],
    roots=[Page("marksMarks", WORDS, "MarksMark"), ById("marksMark", WORDS, "MarksMark")],
    mutations=[PUT],
    told=[Told(name="marksTold", to="MarksMark", acts=("markPut",), description=WORDS)],
    questions=[MarksQuestions],
)  # fmt: skip


VISITS = Contribution(
    owner="visits",
    camel_prefix="visits",
    type_prefix="Visits",
    nouns=[mark("VisitsVisit", interfaces=[NODE])],
    extensions=[
        Extension(
            target="Project",
            fields=[
                expr(
                    "visitCount", Integer(), lambda row: row[Project.id], WORDS, nullable=False,
                    where=True, order=True,
                ),
                connection(
                    "visits", "VisitsVisit", lambda me, it: it[Task.id] == me[Project.id], WORDS,
                    where=True,
                ),
            ],
        )
    ],
    roots=[Page("visitsVisits", WORDS, "VisitsVisit")],
)  # fmt: skip


def problems(*contributions: Contribution, **options: Any) -> set[Problem]:
    with pytest.raises(CompositionError) as failed:
        compose([core_contribution(), *contributions], **options)
    assert str(failed.value) == "\n".join(map(str, failed.value.problems))
    return set(failed.value.problems)


def of_marks(text: str) -> set[Problem]:
    return {Problem(text, ("marks",))}


@pytest.fixture(scope="module")
def composed() -> ZhobaSchema:
    return compose([core_contribution(), MARKS, VISITS])


def fields(schema: ZhobaSchema, name: str) -> Any:
    type_ = schema.graphql.type_map[name]
    assert isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
    return type_.fields


def test_a_plugin_adds_everything_by_the_path_of_the_core(composed: ZhobaSchema) -> None:
    assert {"marksMarks", "marksMark", "marksSummary"} <= set(fields(composed, "Query"))
    assert str(fields(composed, "Mutation")["marksPut"].type) == "ProjectPayload!"
    assert "marksTold" in fields(composed, "Subscription")
    project = fields(composed, "Project")
    assert str(project["markColour"].type) == "MarksColour"
    assert {"markColour", "markCount", "marked"} <= set(fields(composed, "ProjectWhere"))
    orders: Any = composed.graphql.type_map["ProjectOrderField"]
    assert {"MARK_COLOUR", "MARK_COUNT", "VISIT_COUNT"} <= set(orders.values)
    assert "byMarkColour" in fields(composed, "ProjectStats")
    assert {"RED"} == set(composed.graphql.type_map["MarksColour"].values)  # type: ignore[attr-defined]


def test_a_plugin_promises_no_value_on_a_type_of_the_core(composed: ZhobaSchema) -> None:
    own = {name for extension in (*MARKS.extensions, *VISITS.extensions)
           for name in (field.name for field in extension.fields)}  # fmt: skip
    assert len(own) == 4
    project = fields(composed, "Project")
    assert [name for name in own if str(project[name].type).endswith("!")] == []


def test_codes_of_a_plugin_are_values_of_error_code() -> None:
    sentences = {"MARKS_FULL": {"kk": "Толы.", "ru": "Полно.", "en": "It is full."}}
    schema = compose([core_contribution(), MARKS], Messages.load().joined(sentences))
    codes: Any = schema.graphql.type_map["ErrorCode"]
    assert codes.values["MARKS_FULL"].description == "It is full."
    assert "NOT_FOUND" in codes.values


def test_the_schema_is_the_same_in_whatever_order_contributions_come() -> None:
    given = [core_contribution(), MARKS, VISITS]
    texts = {compose(order).as_str() for order in itertools.permutations(given)}
    assert len(texts) == 1
    (text,) = texts
    project = text[text.index("\ntype Project implements") :]
    assert project.index("  number:") < project.index("  markCount:") < project.index("visitCount:")


def test_the_core_alone_is_the_core_composed(composed: ZhobaSchema) -> None:
    assert compose().as_str() == compose([core_contribution()]).as_str() != composed.as_str()


def test_actions_of_the_core_are_those_of_its_catalogue() -> None:
    compose([core_contribution()], actions=PERMISSIONS)


def test_all_collisions_are_told_together_with_their_owners() -> None:
    other = replace(
        VISITS,
        nouns=[*VISITS.nouns, mark("Project"), mark("ProjectWhere")],
        extensions=[
            *VISITS.extensions,
            Extension(target="Project", fields=[col("goal", Project.goal, WORDS)]),
            Extension(target="Project", fields=[col("markCount", Project.goal, WORDS)]),
            Extension(target="Nothing", fields=[col("goal", Project.goal, WORDS)]),
            Extension(
                target="Project",
                fields=[
                    one("lost", "Lost", lambda me, it: me[Project.id] == it[Project.id], WORDS)
                ],
            ),
        ],
        roots=[*VISITS.roots, Page("projects", WORDS, "VisitsVisit")],
        mutations=[PUT, replace(PUT, name="visitsPut", result="Nowhere")],
        questions=[MarksQuestions],
        told=[Told(name="visitsTold", to="Lost", acts=("done",), description=WORDS)],
    )
    assert problems(MARKS, other) == {
        Problem("type Project is bound by core and by visits", ("core", "visits")),
        Problem("type ProjectWhere is made by core and by visits", ("core", "visits")),
        Problem("Project.goal is declared by core and by visits", ("core", "visits")),
        Problem("Project.markCount is declared by marks and by visits", ("marks", "visits")),
        Problem("visits extends Nothing, which nobody binds", ("visits",)),
        Problem("Project.lost leads to Lost, which nobody binds", ("visits",)),
        Problem("root field projects is added by core and by visits", ("core", "visits")),
        Problem("Mutation.marksPut is added by marks and by visits", ("marks", "visits")),
        Problem("type MarksPutInput is made by marks and by visits", ("marks", "visits")),
        Problem("Mutation.visitsPut cannot be made: KeyError('Nowhere')", ("visits",)),
        Problem("Query.marksSummary is added by marks and by visits", ("marks", "visits")),
        Problem("Subscription.visitsTold tells of Lost, which nobody binds", ("visits",)),
    }


class Colour(enum.Enum):
    """A colour without prefix."""

    RED = "like fire"


class MarksStage(enum.Enum):
    """Is called otherwise below."""

    FIRST = "the first"


MarksStage.__name__ = Stage.__name__


@strawberry.type(name="MarksBare")
class MarksBare:
    """A type that says nothing."""

    count: int


@strawberry.type
class BareQuestions:
    """Questions that do not say what they ask for."""

    @strawberry.field
    def marks_bare(self) -> MarksBare | None:
        return None

    @strawberry.field(description=WORDS, metadata={"actions": ("marks.unknown",)})
    def summary(self) -> MarksSummary | None:
        return None


@strawberry.type
class CertainQuestions:
    """A question that always has an answer."""

    @strawberry.field(description=WORDS, metadata={"actions": ("project.read",)})
    def marks_number(self) -> int:
        return 1


def on_project(*given: Any) -> Contribution:
    return replace(MARKS, extensions=[Extension(target="Project", fields=given)])


@pytest.mark.parametrize(
    ("contribution", "found"),
    [
        (
            replace(MARKS, roots=[Page("allMarks", WORDS, "MarksMark")]),
            of_marks("Query.allMarks of marks does not begin with marks"),
        ),
        (
            replace(MARKS, roots=[Page("marksman", WORDS, "MarksMark")]),
            of_marks("Query.marksman of marks does not begin with marks"),
        ),
        (
            replace(MARKS, nouns=[mark(), mark("Mark")]),
            of_marks("type Mark of marks does not begin with Marks"),
        ),
        (
            replace(MARKS, nouns=[mark(), mark("MarksMarkWhere")]),
            of_marks("type MarksMarkWhere is made by marks and by marks"),
        ),
        (
            replace(MARKS, nouns=[mark(levels={}, node=None)]),
            of_marks("MarksMark says neither who may read it nor that it is public"),
        ),
        (
            replace(MARKS, nouns=[mark(interfaces=[Interface("Node", WORDS, ())])]),
            {Problem("type Node is made by core and by marks", ("core", "marks"))},
        ),
        (on_project(ident()), {Problem("Project.id is declared by core and by marks",
                                       ("core", "marks"))}),
        (
            replace(MARKS, extensions=[Extension(target="ProjectFunding", fields=[ident()])]),
            of_marks("ProjectFunding.id of marks would promise a value where the plugin is off"),
        ),
        (
            on_project(col("mark", Project.goal, " ")),
            of_marks("Project.mark has no description"),
        ),
        (
            on_project(col("mark-1", Project.goal, WORDS)),
            of_marks("Project.mark-1: no name of GraphQL"),
        ),
        (
            on_project(col("starts_on", Project.goal, WORDS, order=True)),
            {Problem("Project is sorted by STARTS_ON twice: startsOn, starts_on",
                     ("core", "marks"))},
        ),
        (
            on_project(
                expr("markColour", named_enum(Colour), lambda row: row[Project.goal], WORDS)
            ),
            of_marks("type Colour of marks does not begin with Marks"),
        ),
        (
            on_project(
                expr("markStage", named_enum(MarksStage), lambda row: row[Project.goal], WORDS)
            ),
            {Problem("type Stage is made by core and by marks", ("core", "marks"))},
        ),
        (
            on_project(
                connection("marks", "Lost", lambda me, it: me[Project.id] == it[Project.id], WORDS)
            ),
            of_marks("Project.marks leads to Lost, which nobody binds"),
        ),
        (
            replace(MARKS, mutations=[replace(PUT, actions=())]),
            of_marks("Mutation.marksPut does not say which actions it asks for"),
        ),
        (
            replace(MARKS, mutations=[replace(PUT, name="putMark")]),
            of_marks("Mutation.putMark of marks does not begin with marks")
            | of_marks("type PutMarkInput of marks does not begin with Marks"),
        ),
        (
            replace(MARKS, questions=[BareQuestions]),
            of_marks("Query.marksBare does not say which actions it asks for")
            | of_marks("Query.marksBare has no description")
            | of_marks("MarksBare has no description")
            | of_marks("MarksBare.count has no description")
            | of_marks("Query.summary of marks does not begin with marks")
            | of_marks("Query.summary asks for marks.unknown, which no permission defines"),
        ),
        (
            replace(MARKS, questions=[CertainQuestions]),
            of_marks(
                "Query.marksNumber of marks is never null: where the plugin is off the refusal "
                "would take the whole answer along"
            ),
        ),
        (
            replace(MARKS, nouns=[mark(levels={Level.BASIC: "marks.read"})]),
            of_marks("MarksMark asks for marks.read, which no permission defines"),
        ),
        (
            on_project(col("mark", Project.goal, WORDS, level="marks.read")),
            of_marks("Project.mark asks for marks.read, which no permission defines"),
        ),
        (
            replace(MARKS, mutations=[replace(PUT, actions=("marks.put",))]),
            of_marks("Mutation.marksPut asks for marks.put, which no permission defines"),
        ),
    ],
)  # fmt: skip
def test_a_fault_of_a_plugin(contribution: Contribution, found: set[Problem]) -> None:
    assert problems(contribution, actions=PERMISSIONS) == found


def test_what_only_shows_while_the_schema_is_built_is_not_put_on_the_core() -> None:
    strange = replace(
        MARKS, extensions=[Extension(target="Project", fields=[
            expr("markBlob", Text(), lambda row: row[Project.goal], WORDS, shown_as=object)
        ])],
    )  # fmt: skip
    with pytest.raises(Exception) as failed:  # noqa: PT011
        compose([core_contribution(), strange])
    assert not isinstance(failed.value, CompositionError)
    compose([core_contribution(), MARKS])


def test_a_public_noun_says_so() -> None:
    schema = compose([core_contribution(), replace(MARKS, nouns=[mark(levels={}, public=True)])])
    assert schema.catalogue.nouns["MarksMark"].binding.public


def test_a_plugin_uses_an_interface_of_the_core(composed: ZhobaSchema) -> None:
    assert composed.catalogue.groups["Node"].members["VisitsVisit"].gate == "visits"
