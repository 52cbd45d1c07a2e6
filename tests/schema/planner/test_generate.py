"""GraphQL types made from bindings."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from core.hierarchy.project import Project
from schema.compose import ZhobaSchema
from schema.planner.registry import screaming
from schema.planner.words import col
from tests.schema.planner.nouns import WORDS, make_registry


@pytest.fixture
def schema(bound_schema: ZhobaSchema) -> GraphQLSchema:
    return bound_schema.graphql


def signature(schema: GraphQLSchema, type_: str, name: str) -> str:
    field: Any = schema.type_map[type_].fields[name]  # type: ignore[attr-defined]
    arguments = ", ".join(
        f"{key}: {value.type}" for key, value in getattr(field, "args", {}).items()
    )
    return f"{name}({arguments}): {field.type}" if arguments else f"{name}: {field.type}"


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Project", "id: ID!"),
        ("Project", "name(lang: Language): String!"),
        ("Project", "names: Names!"),
        ("Project", "number: String!"),
        ("Project", "startsOn: Date"),
        ("Project", "resultsAcceptedAt: DateTime"),
        ("Project", "contractual: Boolean!"),
        ("Project", "budget: Money"),
        ("Project", "costClass: CostClass"),
        ("Project", "days: Int"),
        ("Project", "parent: TreeNode"),
        ("Project", "group: ProjectGroup"),
        ("Project", "locations: [ProjectLocation!]!"),
        (
            "Project",
            "tasks(first: Int, after: String, last: Int, before: String, where: TaskWhere,"
            " orderBy: [TaskOrder!]): TaskConnection!",
        ),
        ("Program", "projectStats(where: ProjectWhere): ProjectStats!"),
        ("Person", "iin: String"),
        ("Region", "specialRegime: Boolean!"),
        ("ProjectLocation", "latitude: Float"),
        ("ProjectConnection", "edges: [ProjectEdge!]!"),
        ("ProjectConnection", "nodes: [Project!]!"),
        ("ProjectConnection", "pageInfo: PageInfo!"),
        ("ProjectConnection", "totalCount: Int!"),
        ("ProjectConnection", "stats: ProjectStats!"),
        ("ProjectStats", "count: Int!"),
        ("ProjectStats", "budget: [Money!]!"),
        ("ProjectStats", "byStage: [ProjectStageStats!]!"),
        ("ProjectStageStats", "stage: Stage"),
        ("Money", "amount: Decimal!"),
        ("Query", "project(id: ID!): Project"),
        ("Query", "nodes(ids: [ID!]!): [Node]!"),
        ("Query", "viewer: Person"),
        ("ProjectWhere", "and: [ProjectWhere!]"),
        ("ProjectWhere", "under: ID"),
        ("ProjectWhere", "startedBefore: Date"),
        ("ProjectWhere", "program: ProgramWhere"),
        ("ProjectWhere", "number: SearchFilter"),
        ("ProjectWhere", "name: NameFilter"),
        ("ProjectWhere", "budget: MoneyFilter"),
        ("ProjectWhere", "costClass: CostClassFilter"),
        ("CostClassFilter", "in: [CostClass!]"),
        ("MoneyFilter", "currency: String!"),
        ("ProjectOrder", "field: ProjectOrderField!"),
        ("ProjectOrder", "direction: Direction!"),
    ],
)
def test_a_field_has_its_type(schema: GraphQLSchema, type_: str, expected: str) -> None:
    name = expected.split(":")[0].split("(")[0]
    assert signature(schema, type_, name) == expected


def test_a_field_of_a_higher_level_may_be_null_even_where_its_column_may_not() -> None:
    registry = make_registry()
    registry.extend(
        "Project", owner="plugin",
        fields=[col("secret", Project.contractual, WORDS, level="project.read")],
    )  # fmt: skip
    schema = ZhobaSchema(registry).graphql
    assert signature(schema, "Project", "secret") == "secret: Boolean"


def test_only_what_is_opened_can_be_filtered_and_sorted_by(schema: GraphQLSchema) -> None:
    where: Any = schema.type_map["ProjectWhere"]
    order: Any = schema.type_map["ProjectOrderField"]
    assert set(where.fields) == {
        "and", "or", "not", "id", "name", "stage", "createdAt", "number", "startsOn", "goal",
        "budget", "costClass", "implementingBody", "contractual", "resultsAcceptedAt",
        "managerName", "program", "locations", "tasks", "under", "startedBefore",
    }  # fmt: skip
    assert set(order.values) == {
        "NAME", "STAGE", "CREATED_AT", "NUMBER", "STARTS_ON", "GOAL", "BUDGET",
        "RESULTS_ACCEPTED_AT", "MANAGER_NAME",
    }  # fmt: skip
    person: Any = schema.type_map["PersonWhere"]
    assert set(person.fields) == {"and", "or", "not", "id", "fullName", "post"}


def test_everything_generated_is_described(schema: GraphQLSchema) -> None:
    bare = []
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if not type_.description:
            bare.append(name)
        if isinstance(type_, GraphQLEnumType):
            bare += [
                f"{name}.{key}" for key, value in type_.values.items() if not value.description
            ]
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for key, field in type_.fields.items():
                if not field.description:
                    bare.append(f"{name}.{key}")
                arguments = getattr(field, "args", {}).items()
                bare += [f"{name}.{key}({a})" for a, value in arguments if not value.description]
    assert bare == []


def test_every_field_of_a_guarded_noun_names_its_action(bound_schema: ZhobaSchema) -> None:
    fields = {
        (noun.name, field.name): field.metadata.get("action")
        for noun in bound_schema.catalogue.nouns.values()
        for field in bound_schema.generator.noun_fields(noun)
    }
    assert fields["Project", "name"] == "project.read_basic"
    assert fields["Project", "budget"] == "project.read"
    assert fields["Project", "implementingBody"] == "task.read"
    assert fields["Person", "iin"] == "person.read_personal"
    assert fields["Person", "fullName"] == "person.read"
    assert {noun for (noun, _), action in fields.items() if action is None} == {"Region"}


def test_names_of_orders_are_spelled_in_capitals() -> None:
    assert [screaming(name) for name in ("name", "startsOn", "resultsAcceptedAt")] == [
        "NAME", "STARTS_ON", "RESULTS_ACCEPTED_AT",
    ]  # fmt: skip


def test_two_schemas_of_one_process_do_not_meet(bound_schema: ZhobaSchema) -> None:
    registry = make_registry()
    registry.extend("Project", owner="plugin", fields=[col("own", Project.currency, WORDS)])
    extended = ZhobaSchema(registry)
    assert "own" in extended.graphql.type_map["Project"].fields  # type: ignore[attr-defined]
    assert "own" not in bound_schema.graphql.type_map["Project"].fields  # type: ignore[attr-defined]
