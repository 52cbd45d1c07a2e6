"""Resolvers of bound fields: a look-up in what the statement answered, never a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
)

from core.errors import NotAllowed
from schema.planner.binding import Computed
from schema.planner.generate import Generator, action_of
from schema.planner.marks import DENIED_VALUE
from schema.planner.reading import Selected
from schema.planner.registry import Catalogue
from schema.planner.working import reader_of

Resolver = Callable[..., Any]


def install(schema: GraphQLSchema, generator: Generator) -> None:
    """Give every field the planner reads its resolver.

    Fields of other types that hold a bound object, in payloads and events, learn to unwrap it.
    """
    catalogue = generator.catalogue
    bound = {*catalogue.nouns, *catalogue.groups}
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType):
            continue
        ours = type_.name in generator.made
        if ours:
            type_.is_type_of = None
        for name, field in type_.fields.items():
            if ours:
                field.resolve = resolver(catalogue, type_.name, name, field.type)
            elif type_ is schema.query_type and name in catalogue.roots:
                field.resolve = resolve_root
            elif get_named_type(field.type).name in bound and field.resolve is not None:
                field.resolve = unwrapping(field.resolve)


async def resolve_root(_source: Any, info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
    return await info.context.reading.root(info)


def resolver(catalogue: Catalogue, type_name: str, name: str, type_: Any) -> Resolver:
    """How a field of a bound type gets its value from the object the statement made."""
    noun = catalogue.nouns.get(type_name)
    item = noun.fields.get(name) if noun is not None else None
    action = action_of(noun, item) if noun is not None and item is not None else None
    if isinstance(item, Computed):
        return computing(item, action or "")
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType):
        values = {key: value.value for key, value in named.values.items()}
        return choosing(values, action or "", many=is_list(type_))

    def look_up(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        value = source[str(info.path.key)]
        if value is DENIED_VALUE:
            raise NotAllowed(action or "")
        return value

    return look_up


def choosing(values: Mapping[str, Any], action: str, *, many: bool) -> Resolver:
    """A member of an enumeration, as strawberry's type expects it."""

    def look_up(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        value = source[str(info.path.key)]
        if value is DENIED_VALUE:
            raise NotAllowed(action)
        if value is None:
            return None
        return [values[name] for name in value] if many else values[value]

    return look_up


def computing(item: Computed, action: str) -> Resolver:
    """A value worked out from columns that the statement brought along; none without them."""
    readers = [reader_of(column) for column in item.columns]

    def work_out(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_arguments: Any) -> Any:
        values = source[str(info.path.key)]
        if values is DENIED_VALUE:
            raise NotAllowed(action)
        if values is None:
            return None
        given = [read(value) for read, value in zip(readers, values, strict=True)]
        return item.python(info.context, *given) if item.in_context else item.python(*given)

    return work_out


def is_list(type_: Any) -> bool:
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    return isinstance(type_, GraphQLList)


def unwrapping(resolve: Resolver) -> Resolver:
    """A resolver whose value may be :class:`~schema.planner.reading.Selected`."""

    def unwrap(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        value = resolve(source, info, **arguments)
        return value.by_key[str(info.path.key)] if isinstance(value, Selected) else value

    return unwrap
