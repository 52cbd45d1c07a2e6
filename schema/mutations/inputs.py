"""Inputs of mutations, made from the signatures of the verbs."""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Union, get_args, get_origin, get_type_hints

import strawberry
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.scalars import JSON

from core.errors import InvalidInput, NotFound
from core.texts import Names
from core.tree.node import Node
from core.unset import Unset
from schema.mutations.declaring import Mutation
from schema.mutations.fields import DESCRIPTIONS, ID_TYPES, TYPE_OF
from schema.types import enum_type, parse_global_id

Convert = Callable[[Any], Any]


@strawberry.input(description="A name in one to three languages; at least one is needed.")
class NamesInput:
    """A name in Kazakh, Russian and English."""

    kk: str | None = strawberry.field(default=None, description="In Kazakh.")
    ru: str | None = strawberry.field(default=None, description="In Russian.")
    en: str | None = strawberry.field(default=None, description="In English.")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of an input: how GraphQL declares it, and how its value reaches the verb."""

    name: str
    annotation: Any
    description: str
    optional: bool
    given: Callable[[Any], Mapping[str, Any]]


def parameters_of(mutation: Mutation) -> list[Parameter]:
    """The fields of a mutation's input, in the order of the verb's signature."""
    hints = get_type_hints(mutation.verb)
    replaced = {name for special in mutation.special.values() for name in special.replaces}
    found: list[Parameter] = []
    for parameter in list(inspect.signature(mutation.verb).parameters.values())[1:]:
        name = parameter.name
        if name in replaced or name in mutation.fixed:
            continue
        kind, nullable = unwrapped(hints[name])
        annotation, convert = shown(kind, name, mutation)
        optional = parameter.default is not inspect.Parameter.empty
        found.append(
            Parameter(
                name=name,
                annotation=annotation | None if nullable or optional else annotation,
                description=described(mutation, name),
                optional=optional,
                given=single(name, convert, nullable=nullable),
            )
        )
    for name, special in mutation.special.items():
        found.append(
            Parameter(
                name=name,
                annotation=special.type | None if special.optional else special.type,
                description=special.description,
                optional=special.optional,
                given=special.given,
            )
        )
    return found


def described(mutation: Mutation, name: str) -> str:
    """What a parameter means. Raises :class:`TypeError` when nobody says."""
    own = mutation.describe.get(name)
    text = own or DESCRIPTIONS.get((mutation.name, name)) or DESCRIPTIONS.get(("*", name))
    if not text:
        raise TypeError(f"{mutation.name}: say in `describe` what {name} means")
    return text


def unwrapped(hint: Any) -> tuple[Any, bool]:
    """The type a parameter takes, without ``None`` and ``Unset``, and whether it takes ``None``."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint, False
    parts = [part for part in get_args(hint) if part not in (type(None), Unset)]
    if len(parts) != 1:
        raise TypeError(f"{hint} is no type an input field can have")
    return parts[0], type(None) in get_args(hint)


def shown(kind: Any, name: str, mutation: Mutation) -> tuple[Any, Convert]:
    """The GraphQL type of a parameter, and what turns its value into the verb's."""
    if kind is Names:
        return NamesInput, lambda value: Names(kk=value.kk, ru=value.ru, en=value.en)
    if kind is int and name.endswith("_id"):
        return strawberry.ID, id_reader(name, mutation)
    if get_origin(kind) in (list, Sequence) and name.endswith("_ids"):
        read = id_reader(name, mutation)
        return list[strawberry.ID], lambda values: [read(value) for value in values]
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return enum_type(kind), lambda value: value
    if get_origin(kind) in (dict, Mapping):
        return JSON, object_reader(camel(name))
    if kind in (int, str, bool, float, date) or kind == list[str]:
        return kind, lambda value: value
    raise TypeError(f"{mutation.name}: no input type for {name}: {kind}")


def object_reader(field: str) -> Convert:
    """Lets JSON objects through; ``OBJECT_EXPECTED`` for JSON of another kind."""

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise InvalidInput("OBJECT_EXPECTED", field=field)
        return value

    return read


def id_reader(name: str, mutation: Mutation) -> Convert:
    """Reads a global id of the types this parameter may name."""
    allowed = mutation.ids.get(name) or ID_TYPES.get(name)
    if allowed is None:
        raise TypeError(f"{mutation.name}: say in `ids` which types {name} may name")
    return lambda value: key_of(value, *allowed, field=camel(name))


class NodeKey(int):
    """The key of an object of the tree together with the type its id names."""

    type_name: str


def key_of(value: str, *types: str, field: str) -> int:
    """The key in a global id of one of ``types``; a :class:`NodeKey` where several are allowed.

    Raises ``BAD_ID`` for what is no id at all, and :class:`~core.errors.NotFound` for an id of
    another type: nothing of these types is there.
    """
    kind, key = parse_global_id(value, field=field)
    if kind not in types:
        raise NotFound(field)
    if len(types) == 1:
        return key
    node_key = NodeKey(key)
    node_key.type_name = kind
    return node_key


async def require_type(session: AsyncSession, key: int, *, field: str) -> int:
    """The plain key, if the object is of the type its id names.

    Keys are shared by all kinds of node: ``Program:5`` must not stand for the project 5. Raises
    :class:`~core.errors.NotFound`.
    """
    if isinstance(key, NodeKey):
        kind = await session.scalar(select(Node.kind).where(Node.id == int(key)))
        if kind is None or TYPE_OF[kind] != key.type_name:
            raise NotFound(field)
    return int(key)


def single(name: str, convert: Convert, *, nullable: bool) -> Callable[[Any], Mapping[str, Any]]:
    """The parameter of one input field; a field that was left out is no parameter at all."""

    def given(value: Any) -> Mapping[str, Any]:
        if value is strawberry.UNSET:
            return {}
        if value is None:
            return {name: None} if nullable else {}
        return {name: convert(value)}

    return given


def input_type(mutation: Mutation) -> type:
    """The strawberry input type of a mutation."""
    annotations: dict[str, Any] = {}
    namespace: dict[str, Any] = {}
    for parameter in parameters_of(mutation):
        annotations[parameter.name] = parameter.annotation
        namespace[parameter.name] = (
            strawberry.field(default=strawberry.UNSET, description=parameter.description)
            if parameter.optional
            else strawberry.field(description=parameter.description)
        )
    annotations["idempotency_key"] = str | None
    namespace["idempotency_key"] = strawberry.field(
        default=None, description=DESCRIPTIONS["*", "idempotency_key"]
    )
    annotations["at_least_policy_version"] = int | None
    namespace["at_least_policy_version"] = strawberry.field(
        default=None, description=DESCRIPTIONS["*", "at_least_policy_version"]
    )
    cls = type(mutation.input_name, (), {"__annotations__": annotations, **namespace})
    return strawberry.input(
        cls, name=mutation.input_name, description=f"Input of `{mutation.name}`."
    )


def arguments(parameters: Sequence[Parameter], mutation: Mutation, input: Any) -> dict[str, Any]:
    """What the verb is called with."""
    given: dict[str, Any] = dict(mutation.fixed)
    for parameter in parameters:
        given.update(parameter.given(getattr(input, parameter.name)))
    return given


def camel(name: str) -> str:
    """``ends_on`` -> ``endsOn``."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
