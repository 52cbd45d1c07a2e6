"""What one owner adds to the schema: the core, or a plugin. All of them are composed alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schema.mutations.declaring import Mutation
from schema.planner.binding import Binding, Field, Filter
from schema.planner.registry import CORE, Root


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Fields, filters and orders on somebody else's type: ``target`` is its name.

    Whatever is sortable or groupable among ``fields`` joins the orders and statistics of its lists.
    Where the plugin is switched off every one of them is null, and such a filter holds for nothing.
    """

    target: str
    fields: Sequence[Field] = ()
    filters: Sequence[Filter] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A subscription: told of ``acts`` on objects of the type ``to`` that the subscriber sees.

    Each event gives the act, its moment, and the object as the subscriber may read it.
    """

    name: str
    to: str
    acts: tuple[str, ...]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Everything one owner adds.

    ``questions`` are strawberry classes whose fields join Query: answers that no table holds; each
    field names the permissions it asks for in ``metadata={"actions": (...,)}``. ``types`` are
    strawberry types put into the schema even where no field leads to them.

    A plugin leaves out ``owner`` and the prefixes, which whoever loads it fills in: names of its
    fields of Query, Mutation and Subscription begin with ``camel_prefix``, names of its types with
    ``type_prefix``.
    """

    owner: str = CORE
    camel_prefix: str = ""
    type_prefix: str = ""
    nouns: Sequence[Binding] = ()
    extensions: Sequence[Extension] = ()
    roots: Sequence[Root] = ()
    mutations: Sequence[Mutation] = ()
    told: Sequence[Told] = ()
    questions: Sequence[type] = ()
    types: Sequence[type] = ()
