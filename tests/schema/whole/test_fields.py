"""Which fields are answered by the statement's text, and which are executed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from graphql import (
    GraphQLNamedType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
    is_required_argument,
    parse,
    validate,
)

from core.authority.reader import Reader
from core.work import Profile
from schema.planner.plan import Asker
from schema.planner.whole import whole_query
from zhoba.host.installation import Installation

DOC = Path(__file__).parents[3] / "docs" / "reads.md"

ROW = re.compile(r"^\| (`.+`) \| .+ \|$", re.MULTILINE)


def executed(installation: Installation) -> set[str]:
    """The fields of Query that no statement answers."""
    query = installation.schema.graphql.query_type
    assert query is not None
    others = set(query.fields) - set(installation.schema.catalogue.roots)
    return {name for name in others if not name.startswith("inspections")}


def test_the_handbook_says_which_questions_are_always_executed(installation: Installation) -> None:
    listed = [name for row in ROW.findall(DOC.read_text("utf-8")) for name in row.split("`")[1::2]]
    assert len(listed) == len(set(listed))
    assert set(listed) == executed(installation)


def selected(type_: GraphQLNamedType) -> str:
    """Something of an object."""
    return "" if is_leaf_type(type_) else " { __typename }"


def test_every_field_of_every_stored_object_is_in_the_statement(
    installation: Installation,
) -> None:
    schema = installation.schema
    asker = Asker(Reader(7), date(2026, 3, 2), "ru")
    policy = installation.policy(Profile.R2023)
    fields = 0
    planner = schema.planner("postgresql", 18)
    for name in schema.catalogue.roots:
        root = schema.graphql.query_type.fields[name]  # type: ignore[union-attr]
        type_ = get_named_type(root.type)
        given = {"id": f'id: "{type_.name}:1"', "ids": f'ids: ["{type_.name}:1"]'}
        if type_.name in schema.catalogue.groups:
            continue  # Their members have roots of their own, or are met behind them below.
        arguments = [given[key] for key, it in root.args.items() if is_required_argument(it)]
        inside = type_
        if type_.name.endswith("Connection"):
            assert isinstance(type_, GraphQLObjectType)
            inside = get_named_type(type_.fields["nodes"].type)
        assert isinstance(inside, GraphQLObjectType)
        every = [
            f"{key}{selected(get_named_type(field.type))}" for key, field in inside.fields.items()
        ]
        fields += len(every)
        text = f"{{ {' '.join(every)} }}"
        if inside is not type_:
            text = f"{{ nodes {text} totalCount pageInfo {{ hasNextPage endCursor }} }}"
        around = f"({', '.join(arguments)})" if arguments else ""
        document_text = f"{{ {name}{around} {text} }}"
        document = parse(document_text)
        assert validate(schema.graphql, document) == []
        (operation,) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        whole = whole_query(schema.graphql, schema.catalogue, document, operation, document_text)
        assert whole is not None, name
        found = whole.ready(planner, policy, asker, {})
        assert found is not None, name
        assert not any(one.plan.walked for one in found), name
    assert fields > 500


def test_what_may_be_denied_may_be_null(installation: Installation) -> None:
    """So no denial takes more of an answer along than its own field."""
    schema = installation.schema
    denied = 0
    for noun in schema.catalogue.nouns.values():
        type_ = schema.graphql.type_map[noun.name]
        assert isinstance(type_, GraphQLObjectType)
        for name, item in noun.fields.items():
            if schema.generator.may_be_denied(noun, item):
                denied += 1
                assert not is_non_null_type(type_.fields[name].type), (noun.name, name)
    assert denied > 50
