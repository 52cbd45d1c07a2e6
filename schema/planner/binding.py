"""How a noun is bound: one declaration, from which both the GraphQL type and the SQL are made."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.tree.node import Node
from schema.planner.row import Attribute, Model, Row


class Level(enum.Enum):
    """Who may read a field of a row."""

    BASIC = "whoever may see that the row exists"
    FULL = "whoever may read the row"
    PERSONAL = "whoever may read personal data"


LEVEL_ACTIONS = {Level.BASIC: "read_basic", Level.FULL: "read", Level.PERSONAL: "read_personal"}

Expression = Callable[[Row], ColumnElement[Any]]
On = Callable[[Row, Row], ColumnElement[bool]]
"""A condition between our row and theirs."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of an object type.

    ``level`` is a :class:`Level`, or an action of the catalogue that is asked for at the row's
    node; a field that the reader may not read is null with the error FORBIDDEN at its path.
    """

    name: str
    description: str
    level: Level | str = Level.BASIC
    deprecated: str | None = None


@dataclass(frozen=True, kw_only=True)
class Identity(Field):
    """The global id of the object, from its key."""


@dataclass(frozen=True, kw_only=True)
class Value(Field):
    """A column, or an SQL expression of type ``type``.

    ``where`` and ``order`` let clients filter and sort by it, ``group`` count by it in statistics.
    ``search`` is a folded column that ``contains`` looks into. ``shown_as`` replaces the GraphQL
    type that follows from the column's.
    """

    source: Attribute | Expression
    type: sa.types.TypeEngine[Any]
    nullable: bool
    where: bool = False
    order: bool = False
    order_by: Attribute | None = None
    group: bool = False
    search: Attribute | None = None
    shown_as: Any = None


@dataclass(frozen=True, kw_only=True)
class Name(Field):
    """A text in three languages: ``name(lang)`` with fallback.

    ``columns`` and ``sort`` are by language code; ``search`` is the folded column.
    """

    columns: Mapping[str, Attribute]
    sort: Mapping[str, Attribute]
    search: Attribute


@dataclass(frozen=True, kw_only=True)
class Names(Field):
    """All translations of a text as they are stored: ``names {kk ru en}``."""

    columns: Mapping[str, Attribute]


@dataclass(frozen=True, kw_only=True)
class Amount(Field):
    """Money: whole minor units of a currency. ``total`` lets statistics sum it."""

    minor: Attribute | Expression
    currency: Attribute | Expression
    nullable: bool
    where: bool = False
    order: bool = False
    total: bool = False


@dataclass(frozen=True, kw_only=True)
class Relation(Field):
    """To other objects. ``on`` says which, by our row and theirs.

    ``link`` is a table between the two, whose columns belong to their row. ``where`` lets clients
    filter by what the other objects are like.
    """

    to: str
    on: On
    link: Model | None = None
    where: bool = False


@dataclass(frozen=True, kw_only=True)
class One(Relation):
    """To at most one other object; null also when the reader may not see it."""


@dataclass(frozen=True, kw_only=True)
class Many(Relation):
    """To a list that is short by nature; what the reader may not see is left out.

    ``order`` are expressions over our own row and theirs; ``typical`` is the length counted as
    cost.
    """

    order: Callable[[Row], Sequence[ColumnElement[Any]]] | None = None
    typical: int = 10


@dataclass(frozen=True, kw_only=True)
class Connection(Relation):
    """To a list of any length, in pages, with filter, order and statistics.

    ``large``: it may hold thousands, so it is worth preparing the set of what may be read.
    """

    large: bool = False


@dataclass(frozen=True, kw_only=True)
class Stats(Relation):
    """Counts and sums over other objects; ``large`` as for a connection."""

    large: bool = False


@dataclass(frozen=True)
class Fact:
    """Something a computed field needs that is no column: an expression of SQL type ``type``."""

    type: sa.types.TypeEngine[Any]
    sql: Expression


@dataclass(frozen=True, kw_only=True)
class Computed(Field):
    """Worked out in Python from columns and facts of the same row, after the statement.

    ``python`` takes the values of ``columns`` in their order and returns a value of ``type``, a
    GraphQL annotation; ``in_context``: the context of the request comes before them.
    """

    type: Any
    columns: tuple[Attribute | Fact, ...]
    python: Callable[..., Any]
    in_context: bool = False


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A filter that is not a field: ``sql`` is true for the rows to keep.

    ``type`` is the GraphQL annotation of its argument, ``column`` the SQL type of the parameter.
    """

    name: str
    description: str
    type: Any
    column: sa.types.TypeEngine[Any]
    sql: Callable[[Row, ColumnElement[Any]], ColumnElement[bool]]
    level: Level | str = Level.BASIC


@dataclass(frozen=True, kw_only=True)
class Under:
    """The filter ``under: ID``: objects of the tree below a node that the reader sees."""

    name: str = "under"
    description: str = "Only what lies below this object of the tree, at any depth."
    level: Level | str = Level.BASIC


Filter = Condition | Under


@dataclass(frozen=True)
class Interface:
    """A GraphQL interface whose fields its members declare alike.

    With a ``model`` and the ``kind`` column that tells the members apart, lists may mix members;
    ``columns`` of that model are what clients may filter and sort such lists by.
    """

    name: str
    description: str
    fields: tuple[str, ...]
    model: Model | None = None
    kind: Attribute | None = None
    columns: tuple[Value, ...] = ()
    type: Any = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        placeholder: Any = strawberry.interface(
            type(self.name, (), {}), name=self.name, description=self.description
        )
        placeholder.__strawberry_definition__.resolve_type = member_name
        object.__setattr__(self, "type", placeholder)


MEMBER = "!"
"""Key under which an object behind an interface says its type; no response key can be that."""


def member_name(source: Any, _info: Any, _type: Any) -> str:
    name: str = source[MEMBER]
    return name


Holds = Callable[["Any", Row, str, Any], ColumnElement[bool]]
"""``(access, row, action, form) -> condition``: how an action is asked of a row, where one node
cannot say."""


@dataclass(frozen=True)
class Binding:
    """A noun: its table, who may read it, and its fields. Make one with :func:`bind`."""

    name: str
    model: Model
    description: str
    fields: tuple[Field, ...]
    key: Attribute
    joined: Model | None
    levels: Mapping[Level, str]
    node: Attribute | None
    owner: Attribute | None
    region: Attribute | Expression | None
    public: bool
    holds: Holds | None
    interfaces: tuple[Interface, ...]
    kind: enum.Enum | None
    filters: tuple[Filter, ...]
    order: tuple[tuple[str, bool], ...]
    logged: bool
    type: Any = field(compare=False, repr=False)


def bind(
    name: str,
    model: Model,
    description: str,
    fields: Sequence[Field],
    *,
    resource: str | None = None,
    levels: Mapping[Level, str] | None = None,
    node: Attribute | None = None,
    owner: Attribute | None = None,
    region: Attribute | Expression | None = None,
    public: bool = False,
    holds: Holds | None = None,
    kind: enum.Enum | None = None,
    interfaces: Sequence[Interface] = (),
    filters: Sequence[Filter] = (),
    order: Sequence[str] = (),
    key: Attribute | None = None,
    logged: bool = False,
) -> Binding:
    """Bind a noun.

    ``resource`` stands for the levels ``resource.read_basic`` and ``resource.read``; ``levels``
    names them one by one; with neither the noun must say that it is ``public``. ``node`` is the
    column holding the node whose authority counts, ``owner`` the one holding the person the row is
    about; ``holds`` asks in another way. A noun with ``kind`` shares its key with a node: columns
    of :class:`~core.tree.node.Node` may be named, and its own node counts.

    ``region`` is the key of the region of a row, where plugins are switched on or off; left out it
    is that of the row's node. A row without region counts as the republic's; a noun that knows no
    region at all is there where its plugin is on anywhere.

    ``logged``: every read of it stands in the decision log, as reads of personal data do.

    ``order`` names the fields of the default order, ``-name`` for descending. ``.type`` of the
    result is the class to name in annotations of strawberry.
    """
    if levels is None:
        levels = (
            {level: f"{resource}.{LEVEL_ACTIONS[level]}" for level in (Level.BASIC, Level.FULL)}
            if resource
            else {}
        )
    own_key: Attribute = key if key is not None else model.id
    tree = kind is not None
    placeholder = strawberry.type(
        type(name, tuple(interface.type for interface in interfaces), {}),
        name=name,
        description=description,
    )
    at = node if node is not None else own_key if tree else None
    return Binding(
        name=name,
        model=model,
        description=description,
        fields=tuple(fields),
        key=own_key,
        joined=Node if tree else None,
        levels=levels,
        node=at,
        owner=owner,
        region=region if region is not None else region_of(model, at, tree=tree),
        public=public,
        holds=holds,
        interfaces=tuple(interfaces),
        kind=kind,
        filters=tuple(filters) + ((Under(),) if tree else ()),
        order=tuple((name.lstrip("-"), name.startswith("-")) for name in order),
        logged=logged,
        type=placeholder,
    )


REGION_OF: dict[Model, Attribute] = {
    Region: Region.id,
    AdministrativeUnit: AdministrativeUnit.region_id,
}
"""Nouns that are regions or lie in one without a node."""


def region_of(model: Model, node: Attribute | None, *, tree: bool) -> Attribute | Expression | None:
    """The key of the region of a row, where its binding does not say."""
    if tree:
        return Node.region_id
    if node is None:
        return REGION_OF.get(model)

    def of_node(row: Row) -> ColumnElement[Any]:
        at = aliased(Node)
        return select(at.region_id).where(at.id == row[node]).correlate(None).scalar_subquery()

    return of_node
