"""Plans: finished statements, kept for the next request of the same shape."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast, get_args

import sqlalchemy as sa
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    print_ast,
)
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.engine import Dialect as SqlDialect

from core.db.engine import Dialect
from schema.planner.access import Access, Policy, Reader
from schema.planner.constants import WritingConstants
from schema.planner.elements import Piece, cat
from schema.planner.fragment import Fragments
from schema.planner.level import Answer
from schema.planner.marks import Denial
from schema.planner.registry import Catalogue, Root
from schema.planner.roots import compile_root, known
from schema.planner.selection import Selector, Site, Variables
from schema.planner.statement import Statement, preparer
from schema.planner.working import Asked, Work

READER_PERSON = "reader_person"
READER_TODAY = "reader_today"

KEPT_BYTES = 48 * 1024 * 1024
"""Memory one planner may keep plans in; a plan of usual size takes 10 to 80 KB."""

KEPT_PLANS = 4000
"""Fields of documents whose plans are kept; the driver, too, remembers the statement of each."""

PLAN_BYTES = 6000
"""Memory of a plan besides its text and syntax; a third of that where it has no variables."""

SYNTAX_BYTES = 60
"""Memory of parsed syntax for each letter of a document; a plan with variables holds on to it."""

VARIANTS = 16
"""Plans of one field of one document; more means that a client varies what should be fixed."""


def sql_dialect(dialect: Dialect, version: int) -> SqlDialect:
    """What a database of this version understands."""
    if dialect == "sqlite":
        return sqlite.dialect(paramstyle="named")
    made: SqlDialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
    made.server_version_info = (version,)
    return made


COMPILERS: dict[Dialect, Any] = {
    name: type("Compiler", (WritingConstants, sql_dialect(name, 0).statement_compiler), {})
    for name in get_args(Dialect)
}

SNAPSHOT: ColumnElement[str] = sa.literal_column("pg_current_snapshot()::text", sa.Text())
"""What the statement saw: what is read under an equal snapshot is the same."""

Values = Mapping[str, Any]

Slot = tuple[int, Callable[[Any], Any]]
"""A parameter filled for each request: its place, and what makes a value fit for the driver."""

SiteSlot = tuple[int, int, Callable[[Any], Any]]
"""A slot, and before it the number of its value at a site."""

NONE: Values = {}


@dataclass(frozen=True)
class Asker:
    """Who reads, when, and in which language."""

    reader: Reader
    today: date
    language: str

    @cached_property
    def rights(self) -> tuple[Any, ...]:
        """What of this the text of a statement depends on."""
        return self.reader.national_roles, self.reader.scopes, self.language


@dataclass(frozen=True)
class Operation:
    """The operation a client sent, as far as plans depend on it."""

    schema: GraphQLSchema
    document: bytes
    node: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Variables
    letters: int

    @classmethod
    def of(cls, info: GraphQLResolveInfo[Any]) -> Operation:
        """The operation a resolver is called in."""
        text = document_text(info.operation, info.fragments)
        return cls(
            schema=info.schema,
            document=document_hash(info.operation, text),
            node=info.operation,
            fragments=info.fragments,
            variables=cast(Variables, info.variable_values),
            letters=len(text),
        )

    def under(self, variables: Variables) -> Operation:
        """The same operation with other variables."""
        return Operation(
            self.schema, self.document, self.node, self.fragments, variables, self.letters
        )

    def asked(self, context: Any) -> Asked:
        """What computed fields are worked out of."""
        return Asked(self.schema, self.node, self.fragments, self.variables, context)

    def selector(self) -> Selector:
        return Selector(self.schema, self.fragments, self.variables)


def document_text(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> str:
    """The document an operation is in, as it was sent if that is known."""
    if operation.loc is not None:
        return operation.loc.source.body
    return "\n".join(print_ast(node) for node in (operation, *fragments.values()))


def document_hash(operation: OperationDefinitionNode, text: str) -> bytes:
    """A name for the document and the operation chosen from it."""
    chosen = operation.name.value if operation.name else ""
    return hashlib.blake2b(f"{chosen}\0{text}".encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Plan:
    """A statement that answers one field, for every reader with the same national roles.

    ``sql`` takes its parameters in the order of ``names``, which is that of ``constants``: those
    that are ``filled`` for each request stand in it as None; ``of_reader`` are filled with what the
    reader is, others by ``sites``. ``cost`` is the number of objects
    it may put together; ``scans`` says that it may read far more rows than it shows, ``personal``
    that it reads what only few may. Its text is the answer but for its marks, which number
    ``denials`` and ``worked``. ``walked`` says that it was made for the executor, ``untagged`` that
    it does not fit it, because objects behind an interface do not say what they are. ``weight`` is
    its memory in bytes.
    """

    sql: str
    dialect: Dialect
    names: tuple[str, ...]
    constants: tuple[Any, ...]
    filled: Mapping[str, Slot]
    of_reader: tuple[str, ...]
    sites: tuple[tuple[Site, tuple[SiteSlot, ...]], ...]
    guards: tuple[tuple[str, bool], ...]
    cost: int
    scans: bool
    personal: bool
    walked: bool
    untagged: bool
    weight: int
    denials: tuple[Denial, ...] = ()
    worked: tuple[Work, ...] = ()

    @cached_property
    def digest(self) -> bytes:
        """A name for its statement, and for the places of what may be denied."""
        text = repr((self.sql, self.denials))
        return hashlib.blake2b(text.encode(), digest_size=20).digest()

    def ready(self, variables: Variables, asker: Asker, values: Values) -> Ready | None:
        """The plan with its parameters, ``values`` those that no argument says; none if it does not
        fit these variables.

        Raises :class:`~core.errors.InvalidInput` for arguments that are none.
        """
        for name, expected in self.guards:
            if bool(variables.get(name)) is not expected:
                return None
        found = [*self.constants]
        for site, slots in self.sites:
            given = site.given(variables)
            if given is None:
                return None
            for number, place, prepare in slots:
                found[place] = prepare(given[number])
        for name in self.of_reader:
            place, prepare = self.filled[name]
            found[place] = prepare(asker.today if name == READER_TODAY else asker.reader.person_id)
        if values:
            for name, value in values.items():
                if name in self.filled:  # not where nobody may see what it names
                    place, prepare = self.filled[name]
                    found[place] = prepare(value)
        return Ready(self, found)


@dataclass(slots=True)
class Ready:
    """A plan with its parameters, in the order of its statement's. Made for every request: frozen,
    it would take four times as long."""

    plan: Plan
    positional: list[Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        return dict(zip(self.plan.names, self.positional, strict=True))


Compile = Callable[[Statement], tuple[Piece, int]]
PlanName = tuple[Any, ...]


def place_of_root(key: str) -> tuple[str, ...]:
    """Where a field of Query stands, by its response key."""
    return "root", key


def plan_name(
    document: bytes, place: tuple[str, ...], policy: Policy, asker: Asker, *, walked: bool
) -> PlanName:
    """What plans are remembered under: all they depend on but variables."""
    return document, place, policy.version, asker.rights, walked


@dataclass
class Planner:
    """Makes plans for one schema and remembers them.

    ``version`` is the database's: 18 of PostgreSQL 18.4.
    """

    catalogue: Catalogue
    dialect: Dialect
    version: int
    kept: OrderedDict[PlanName, tuple[Plan, ...]] = field(default_factory=OrderedDict)
    made: int = 0
    weight: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    sql: SqlDialect = field(init=False)
    fragments: Fragments = field(init=False)

    def __post_init__(self) -> None:
        self.sql = sql_dialect(self.dialect, self.version)
        self.fragments = Fragments(self.sql)

    def root(
        self,
        operation: Operation,
        key: str,
        root: Root,
        parent: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        policy: Policy,
        asker: Asker,
        *,
        walked: bool = False,
    ) -> Ready:
        """The plan of a field of Query; ``walked``: for the executor to walk its answer.

        Raises :class:`~core.errors.InvalidInput` for arguments that are none: ids, cursors, page
        sizes, filters.
        """

        def compile_it(statement: Statement) -> tuple[Piece, int]:
            return compile_root(statement, root, parent, nodes)

        place = place_of_root(key)
        return self.ready(operation, place, compile_it, policy, asker, NONE, walked=walked)

    def one(
        self,
        operation: Operation,
        path: str,
        noun: str,
        key: int,
        nodes: Sequence[FieldNode],
        policy: Policy,
        asker: Asker,
        *,
        walked: bool = False,
    ) -> Ready:
        """The plan of one object known by its key, selected at ``path`` of the operation."""

        def compile_it(statement: Statement) -> tuple[Piece, int]:
            parameter = statement.parameter("key", sa.BigInteger())
            return known(statement, self.catalogue.nouns[noun], nodes, parameter)

        return self.ready(
            operation, (path, noun), compile_it, policy, asker, {"key": key}, walked=walked
        )

    def ready(
        self,
        operation: Operation,
        place: tuple[str, ...],
        compile_it: Compile,
        policy: Policy,
        asker: Asker,
        values: Values,
        *,
        walked: bool,
    ) -> Ready:
        """A remembered plan if one fits, else a new one; with its parameters."""
        name = plan_name(operation.document, place, policy, asker, walked=walked)
        found = self.known(name, operation.variables, asker, values)
        if found is not None:
            return found
        plan = self.make(operation, compile_it, policy, asker, walked=walked)
        self.remember(name, plan)
        found = plan.ready(operation.variables, asker, values)
        if found is None:
            raise RuntimeError("a plan does not fit the operation it was made for")
        return found

    def make(
        self,
        operation: Operation,
        compile_it: Compile,
        policy: Policy,
        asker: Asker,
        *,
        walked: bool,
    ) -> Plan:
        """Compile a statement; one whose answer must be walked as ``walked``."""
        self.made += 1
        statement = Statement(
            catalogue=self.catalogue,
            access=Access(policy, asker.reader, self.fragments),
            dialect=self.dialect,
            sql=self.sql,
            language=asker.language,
            selector=operation.selector(),
            walked=walked,
        )
        text, cost = compile_it(statement)
        columns: list[tuple[ColumnElement[str], str]] = [(cat([text]), "data")]
        if self.dialect == "postgresql":
            columns.append((SNAPSHOT, "snapshot"))
        compiled = COMPILERS[self.dialect](
            self.sql,
            Answer(statement.levels, columns),
            compile_kwargs={"render_postcompile": True},
        )
        names = tuple(compiled.positiontup or compiled.params)
        prepare = {name: item.prepare for name, item in statement.parameters.items()}
        constants: dict[str, Any] = {}
        for name, value in compiled.params.items():
            if name in prepare:
                continue
            bind = compiled.binds.get(name)
            process = preparer(bind.type, self.sql) if bind is not None else None
            if name in (READER_PERSON, READER_TODAY):
                prepare[name] = process or (lambda value: value)
            else:
                constants[name] = process(value) if process else value
        for name, value in statement.constants.items():
            if name in prepare:
                constants[name] = prepare[name](value)
        filled = {
            name: (place, prepare[name]) for place, name in enumerate(names) if name in prepare
        }
        return Plan(
            sql=compiled.string,
            dialect=self.dialect,
            names=names,
            constants=tuple(constants.get(name) for name in names),
            filled=filled,
            of_reader=tuple(name for name in (READER_PERSON, READER_TODAY) if name in filled),
            sites=tuple((site, slots_of(site, filled)) for site in statement.sites),
            guards=(*statement.selector.guards.items(),),
            cost=cost,
            scans=statement.scans,
            personal=statement.personal,
            denials=tuple(statement.denials),
            worked=tuple(statement.worked),
            walked=walked,
            untagged=statement.untagged,
            weight=PLAN_BYTES
            + len(compiled.string)
            + (SYNTAX_BYTES * operation.letters if statement.sites or statement.worked else 0),
        )

    def known(
        self, name: PlanName, variables: Variables, asker: Asker, values: Values = NONE
    ) -> Ready | None:
        """A remembered plan that fits, with its parameters. Raises like :meth:`root`."""
        plans = self.kept.get(name)
        if plans is None:
            return None
        try:  # noqa: SIM105 - twice as fast
            self.kept.move_to_end(name)
        except KeyError:
            pass  # another thread has dropped it
        for plan in plans:
            found = plan.ready(variables, asker, values)
            if found is not None:
                return found
        return None

    def remember(self, name: PlanName, plan: Plan) -> None:
        with self.lock:
            plans = (plan, *self.kept.get(name, ()))
            self.weight += plan.weight - sum(old.weight for old in plans[VARIANTS:])
            self.kept[name] = plans[:VARIANTS]
            self.kept.move_to_end(name)
            while len(self.kept) > 1 and (self.weight > KEPT_BYTES or len(self.kept) > KEPT_PLANS):
                _, dropped = self.kept.popitem(last=False)
                self.weight -= sum(old.weight for old in dropped)


def slots_of(site: Site, filled: Mapping[str, Slot]) -> tuple[SiteSlot, ...]:
    """Where the values of a site go; nowhere, if nobody may see what they narrow."""
    return tuple(
        (number, *filled[name]) for number, name in enumerate(site.names) if name in filled
    )
