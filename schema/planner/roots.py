"""Where a statement starts: the fields of Query, and one object known by its key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLObjectType
from sqlalchemy import ColumnElement, literal_column, not_, select
from sqlalchemy.orm import aliased

from core.errors import InvalidInput
from core.places.region import Region
from core.plugins.gate import enabled_anywhere
from schema.planner.access import both
from schema.planner.compile import Objects
from schema.planner.connection import compile_connection
from schema.planner.elements import (
    NULL,
    Choice,
    Coalesce,
    Piece,
    Quoted,
    cat,
    folded_together,
    or_empty,
    text_literal,
)
from schema.planner.level import LookUp
from schema.planner.marks import END, OFF, begin
from schema.planner.registry import Bound, ById, ByIds, Page, Root, Target
from schema.planner.row import sql_of
from schema.planner.selection import Arguments
from schema.planner.statement import Statement
from schema.types import parse_global_id

MOST_IDS = 100
"""Ids of one ``nodes(ids)``, the size of the largest page."""


def compile_root(
    statement: Statement, root: Root, parent: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> tuple[Piece, int]:
    """The answer of a root field as JSON text, and its cost.

    A plugin's field answers with a mark while its plugin is on nowhere.
    """
    objects = Objects(statement)
    if isinstance(root, ById):
        return by_id(statement, root, parent, nodes)
    if isinstance(root, Page):
        text, cost = compile_connection(statement, root, parent, None, nodes)
    elif isinstance(root, ByIds):
        text, cost = by_ids(statement, root, parent, nodes)
    else:
        text, cost = objects.one(root.relation, None, nodes)
    plugin = statement.catalogue.root_gate(root.name)
    if plugin is None:
        return text, cost
    is_off = text_literal(f'{begin(OFF)}["{plugin}",{NULL}]{END}')
    return Choice((enabled_anywhere(plugin), cat([text])), otherwise=is_off), cost


def members(target: Target) -> dict[str, Bound]:
    """The types an id may name where ``target`` is read."""
    return {target.name: target} if isinstance(target, Bound) else dict(target.members)


def by_id(
    statement: Statement, root: ById, parent: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> tuple[Piece, int]:
    """One object; null if it does not exist for the reader, a mark where its plugin is off."""
    target = statement.catalogue.target(root.to)
    nouns = members(target)

    def read(arguments: dict[str, Any]) -> Arguments:
        kind, key = parse_global_id(arguments["id"], field="id")
        if kind not in nouns:
            raise InvalidInput("BAD_ID", field="id")
        return kind, (key,)

    kind, parameter = statement.arguments(parent, nodes[0], read)
    key = parameter(0, sa.BigInteger())
    noun = nouns[kind]
    plugin = statement.catalogue.root_gate(root.name)
    tagged = not isinstance(target, Bound) and statement.tags()
    found, cost = found_object(statement, noun, nodes, key, tagged=tagged, plugin=plugin)
    plugins = dict.fromkeys(each for each in (noun.gate, plugin) if each is not None)
    is_off = [switched_off(statement, noun, key, each) for each in plugins]
    return Coalesce(found, *is_off, text_literal(NULL)), cost


def known(
    statement: Statement, noun: Bound, nodes: Sequence[FieldNode], key: ColumnElement[int]
) -> tuple[ColumnElement[str], int]:
    """The object of a type with this key, or null."""
    found, cost = found_object(statement, noun, nodes, key)
    return Coalesce(found, text_literal(NULL)), cost


def found_object(
    statement: Statement,
    noun: Bound,
    nodes: Sequence[FieldNode],
    key: ColumnElement[int],
    *,
    tagged: bool = False,
    plugin: str | None = None,
) -> tuple[ColumnElement[str], int]:
    """The object of a type with this key where ``plugin`` is on, or no line."""
    view, cost = Objects(statement).noun(noun, nodes, tagged=tagged, once=True)
    gate = statement.access.gate(plugin, noun, view)
    condition = both(view[noun.key] == key, statement.visible(noun, view), gate)
    return LookUp(view.text, [view.source()], condition), cost


def switched_off(
    statement: Statement, noun: Bound, key: ColumnElement[int], plugin: str
) -> ColumnElement[str]:
    """The mark of an object that is hidden only because ``plugin`` is off in its region."""
    row = statement.row(noun)
    code: ColumnElement[Any] = text_literal(NULL)
    if noun.binding.region is not None:
        region = aliased(Region)
        here = select(Quoted(region.code.expression)).where(
            region.id == sql_of(noun.binding.region, row)
        )
        code = Coalesce(here.correlate(None).scalar_subquery(), code)
    condition = both(
        row[noun.key] == key,
        statement.access.allowed(noun, row),
        not_(statement.access.gate(plugin, noun, row)),
    )
    mark = cat([f'{begin(OFF)}["{plugin}",', code, f"]{END}"])
    return select(mark).select_from(*row.source()).where(condition).scalar_subquery()


def by_ids(
    statement: Statement, root: ByIds, parent: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> tuple[Piece, int]:
    """Objects in the order of their ids; null where one does not exist for the reader."""
    target = statement.catalogue.target(root.to)

    def read(arguments: dict[str, Any]) -> Arguments:
        if len(arguments["ids"]) > MOST_IDS:
            raise InvalidInput("BAD_PAGE_SIZE", field="ids", largest=MOST_IDS)
        ids = [parse_global_id(text, field="ids") for text in arguments["ids"]]
        kinds = sorted({kind for kind, _ in ids})
        if any(kind not in members(target) for kind in kinds):
            raise InvalidInput("BAD_ID", field="ids")
        # The number of ids is not part of the text, but bounds its cost; whole tens are enough.
        tens = -(-len(ids) // 10)
        return (tuple(kinds), tens), (json.dumps(ids),)

    (kinds, tens), parameter = statement.arguments(parent, nodes[0], read)
    ids = parameter(0, sa.Text())
    place, kind, key = listed_ids(statement)
    objects = Objects(statement)
    cases = []
    most = 1
    for name in kinds:
        noun = members(target)[name]
        tagged = not isinstance(target, Bound) and statement.tags()
        view, cost = objects.noun(noun, nodes, tagged=tagged)
        condition = both(view[noun.key] == key, statement.visible(noun, view))
        found = LookUp(view.text, [view.source()], condition)
        cases.append((kind == text_literal(name), found))
        most = max(most, cost)
    if not cases:
        return "[]", 0
    text = Coalesce(Choice(*cases, otherwise=sa.null()), text_literal(NULL))
    source = (
        sa.func.json_each(ids).table_valued("key", "value", name="u")
        if statement.dialect == "sqlite"
        else sa.func.json_array_elements(sa.cast(ids, sa.JSON()))
        .table_valued("value", with_ordinality="key", name="u")
        .render_derived(name="u")
    )
    items = (
        select(place.label("p"), text.label("o")).select_from(source).order_by(place).subquery("i")
    )
    folded = folded_together(items.c.o, [items.c.p], statement.dialect)
    whole = select(cat(["[", or_empty(folded), "]"])).select_from(items)
    return whole.scalar_subquery(), tens * 10 * most


def listed_ids(
    statement: Statement,
) -> tuple[ColumnElement[int], ColumnElement[str], ColumnElement[int]]:
    """Place, type and key of one id of the list ``u``."""
    place = literal_column("u.key", sa.Integer())
    if statement.dialect == "sqlite":
        kind = literal_column("json_extract(u.value, '$[0]')", sa.Text())
        key = literal_column("json_extract(u.value, '$[1]')", sa.BigInteger())
    else:
        kind = literal_column("(u.value->>0)", sa.Text())
        key = literal_column("(u.value->>1)::bigint", sa.BigInteger())
    return place, kind, key
