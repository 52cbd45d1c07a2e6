"""The whole schema: everything described, everything classified, nothing forgotten."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
)
from sqlalchemy import ColumnElement, Table, column
from sqlalchemy.orm import InstrumentedAttribute

from core.authority.catalogue import PERMISSIONS
from core.hierarchy.stages import TRANSITIONS
from core.models import metadata
from schema.compose import ZhobaSchema
from schema.mutations.table import MUTATIONS
from schema.planner.binding import (
    Amount,
    Computed,
    Fact,
    Identity,
    Name,
    Names,
    Relation,
    Value,
)
from schema.planner.registry import Own
from zhoba.host.composing import core_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema() -> ZhobaSchema:
    return core_schema()


def elements(schema: ZhobaSchema) -> Iterator[tuple[str, str | None]]:
    """Everything a description belongs to, with its description."""
    for name, type_ in schema.graphql.type_map.items():
        if name.startswith("__"):
            continue
        yield name, type_.description
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument, definition in getattr(field, "args", {}).items():
                    yield f"{name}.{field_name}({argument})", definition.description
        if isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description


def test_every_element_has_a_description(schema: ZhobaSchema) -> None:
    described = dict(elements(schema))
    assert len(described) > 2000
    assert [name for name, text in described.items() if not (text or "").strip()] == []


def test_the_published_schema_is_up_to_date(schema: ZhobaSchema) -> None:
    published = (ROOT / "schema" / "schema.graphql").read_text("utf-8")
    assert published == schema.as_str() + "\n", "run: make sdl"


PUBLIC = {
    "Region": "reference data of the platform",
    "PluginRegion": "whether a procedure is on in a region is no secret; its settings are",
    "AdministrativeUnit": "reference data of the platform",
    "File": "reached only through fields that ask for act.read or file.read",
}
"""Bound types anybody may read, with the reason."""


def test_every_bound_type_is_classified(schema: ZhobaSchema) -> None:
    public = {noun.name for noun in schema.catalogue.nouns.values() if noun.binding.public}
    assert public == set(PUBLIC)
    assert public == {
        noun.name for noun in schema.catalogue.nouns.values() if not noun.binding.levels
    }


def read_actions(schema: ZhobaSchema) -> set[str]:
    """Every action some field of a bound type asks for."""
    found: set[str] = set()
    for noun in schema.catalogue.nouns.values():
        found.update(noun.binding.levels.values())
        found.update(item.level for item in noun.fields.values() if isinstance(item.level, str))
    return found


def declared_actions(schema: ZhobaSchema) -> set[str]:
    """Every action a field that is not bound declares."""
    found: set[str] = set()
    for fields in schema.operation_fields.values():
        for field in fields:
            found.update(field.metadata.get("actions", ()))
    return found


ELSEWHERE = {
    "file.upload": "POST /files",
    "import.run": "zhoba import",
    "region.read": "regions are public; the action is for policies that would restrict them",
}
"""Permissions used outside the schema, with the place."""


def test_the_catalogue_and_the_schema_name_the_same_actions(schema: ZhobaSchema) -> None:
    used = read_actions(schema) | declared_actions(schema) - {"*.read_basic", "*.read"}
    in_use = {code for code, permission in PERMISSIONS.items() if not permission.planned}
    assert used - in_use == set(), "used, but planned or unknown"
    assert in_use - used == set(ELSEWHERE), "in the catalogue, but used by nothing"


def test_every_operation_field_declares_its_actions(schema: ZhobaSchema) -> None:
    planned = set(schema.catalogue.roots)
    undeclared = {
        name
        for operation, fields in schema.operation_fields.items()
        for field in fields
        if (name := field.graphql_name or field.python_name) not in planned
        and not field.metadata.get("actions")
    }
    assert undeclared == set()


def actions_asked(verb: Any) -> set[str]:
    """Codes of the catalogue that stand in the verb's module or in one it imports from core."""
    module = sys.modules[verb.__module__]
    near = [module, *(sys.modules[name] for name in imported(module) if name in sys.modules)]
    return {
        node.value
        for each in near
        for node in ast.walk(ast.parse(Path(str(each.__file__)).read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in PERMISSIONS
    } | {action for move in TRANSITIONS.values() for action in (move.propose, move.decide)}


def imported(module: Any) -> set[str]:
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    return {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core.")
    }


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_declares_only_what_its_verb_can_ask(mutation: Any) -> None:
    assert set(mutation.actions) <= actions_asked(mutation.verb)


class Recorder:
    """A row that remembers which columns an expression names."""

    def __init__(self, seen: set[str]) -> None:
        self.seen = seen

    def __getitem__(self, attribute: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
        own = attribute.property.columns[0]
        self.seen.add(f"{own.table.name}.{own.name}")
        return column(own.name, own.type)


def reachable_columns(schema: ZhobaSchema) -> set[str]:
    """Every column some field, relation, filter or order of the schema reads."""
    seen: set[str] = set()
    row = Recorder(seen)

    def read(source: Any) -> None:
        if isinstance(source, InstrumentedAttribute):
            row[source]
        elif source is not None:
            source(row)

    relations = [root.relation for root in schema.catalogue.roots.values() if isinstance(root, Own)]
    for noun in schema.catalogue.nouns.values():
        for attribute in (noun.binding.key, noun.binding.node, noun.binding.owner):
            read(attribute)
        for item in noun.fields.values():
            if isinstance(item, Value):
                for source in (item.source, item.order_by, item.search):
                    read(source)
            elif isinstance(item, (Name, Names)):
                for source in item.columns.values():
                    read(source)
                if isinstance(item, Name):
                    for source in (*item.sort.values(), item.search):
                        read(source)
            elif isinstance(item, Amount):
                read(item.minor)
                read(item.currency)
            elif isinstance(item, Computed):
                for source in item.columns:
                    read(source.sql if isinstance(source, Fact) else source)
            elif isinstance(item, Relation):
                relations.append(item)
            else:
                assert isinstance(item, Identity)
    for relation in relations:
        relation.on(row, row)
        if (order := getattr(relation, "order", None)) is not None:
            order(row)
    return seen


INTERNAL_TABLES = {
    "audit_chain": "heads of the chains; entries carry the hashes",
    "file_claim": "bookkeeping of files; who may open one is said by what it hangs at",
    "file_ticket": "links to files, each a secret as long as nobody used it",
    "handler_place": "how far handlers of plugins have read the outbox",
    "idempotency_key": "bookkeeping of mutations",
    "installed_plugin": "bookkeeping of migrations; Query.plugins tells of it",
    "job_schedule": "up to when jobs of plugins are on the queue",
    "outbox_event": "told by the subscription nodeChanged",
    "project_number": "the last number of a year",
    "sign_in_attempt": "counts of failures, for nobody to read",
}

UNREACHABLE = {
    "audit_entry.account_id": "the label `actor` names the account",
    "invitation.hash": "a secret",
    **dict.fromkeys(
        (
            "project.archived_at",
            "project.parent_id",
            "project.program_scope_id",
            "project.region_id",
            "project.stage",
            "project.state_body_id",
        ),
        "a copy of the node's, which is what queries name",
    ),
    "service_key.hash": "a secret",
    "sign_in_session.hash": "a secret",
}
"""Columns that no query reaches, each with its reason."""


def columns() -> Iterator[tuple[Table, str]]:
    for table in metadata.tables.values():
        if table.name not in INTERNAL_TABLES:
            for each in table.columns:
                yield table, f"{table.name}.{each.name}"


def test_every_column_is_reachable_by_a_query(schema: ZhobaSchema) -> None:
    every = {name for _, name in columns()}
    assert every - reachable_columns(schema) == set(UNREACHABLE)


def written_names() -> set[str]:
    """Names that acts of the core give values to: parameters, assignments, keys."""
    found: set[str] = set()
    for path in (ROOT / "core").rglob("*.py"):
        if "imports" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found.update(keyword.arg for keyword in node.keywords if keyword.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                if isinstance(node.slice, ast.Constant):
                    found.add(str(node.slice.value))
            elif isinstance(node, ast.AsyncFunctionDef) and is_verb(node):
                found.update(argument.arg for argument in node.args.kwonlyargs)
            elif isinstance(node, ast.Dict):
                found.update(
                    key.value
                    for key in node.keys
                    if isinstance(key, ast.Constant) and isinstance(key.value, str)
                )
    return found


def is_verb(function: ast.AsyncFunctionDef) -> bool:
    return [argument.arg for argument in function.args.args[:1]] == ["work"]


UNWRITTEN: dict[str, str] = {
    "administrative_unit.origin_id": "imports only",
    "administrative_unit.origin_system": "imports only",
    "person.origin_id": "imports only",
    "person.origin_system": "imports only",
    "region.origin_id": "imports only",
    "region.origin_system": "imports only",
}
"""Columns that no act writes, each with its reason."""


def test_every_column_is_written_by_an_act() -> None:
    names = written_names()
    unwritten = {
        full
        for table, full in columns()
        if (short := full.split(".")[1]) not in names
        and not (short.startswith("name_") and "name_kk" in table.columns)
        and short != "id"
    }
    assert unwritten - set(UNWRITTEN) == set()
