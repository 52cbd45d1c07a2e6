"""Queries that are nothing but planned root fields: their answer is the statements' texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLID,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import DocumentNode, FragmentDefinitionNode

from core.errors import NotAllowed, NotFound, PlatformError
from core.plugins.gate import PluginNotEnabled
from schema.planner.access import Policy
from schema.planner.marks import (
    BEGIN_BYTE,
    Locations,
    PersonalRead,
    Place,
    locations_of,
    settle,
    switched_off,
)
from schema.planner.plan import (
    Asker,
    Operation,
    Planner,
    Ready,
    document_hash,
    place_of_root,
    plan_name,
)
from schema.planner.registry import ById, Catalogue, Root
from schema.planner.selection import Selector
from schema.planner.working import Worker


@dataclass(frozen=True, eq=False, slots=True)
class Cause:
    """Why values are missing, and where in the document they are selected."""

    error: PlatformError
    locations: Locations
    nodes: Sequence[FieldNode] = ()


Leaves = Mapping[str, Callable[[Any], Any] | None]
"""What turns the texts of variables into their values; none: they are."""

Flaw = tuple[Place, Cause]
"""A value that is missing from an answer, null at its place."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its data as JSON text in UTF-8, what is missing from it in the order graphql-core
    says it, and whose personal data it shows."""

    text: bytes
    flaws: Sequence[Flaw] = ()
    personal: Sequence[PersonalRead] = ()


@dataclass(frozen=True)
class Part:
    """One field of Query under its response key; no root: ``__typename``."""

    key: str
    root: Root | None
    nodes: Sequence[FieldNode]

    @cached_property
    def place(self) -> tuple[str, ...]:
        """Where in its document the field is planned."""
        return place_of_root(self.key)

    def flaw(self, error: PlatformError) -> Flaw:
        """The field itself is missing."""
        place = Place(f'"{self.key}"', (self.key,))
        return place, Cause(error, locations_of(self.nodes), self.nodes)


@dataclass(frozen=True)
class WholeQuery:
    """A query of planned fields only, in the order of its answer.

    ``parts`` are none where variables decide which of them are selected.
    """

    schema: GraphQLSchema
    catalogue: Catalogue
    operation: Operation
    parent: GraphQLObjectType
    parts: tuple[Part, ...] | None
    leaves: Leaves | None
    """How each variable is coerced, where all of them are texts, ids or enumerations."""

    @cached_property
    def around(self) -> tuple[bytes, ...] | None:
        """:func:`around_of` its fields; none where variables decide which they are."""
        return None if self.parts is None else around_of(self.parts, self.parent)

    def ready(
        self, planner: Planner, policy: Policy, asker: Asker, given: Mapping[str, Any]
    ) -> list[Ready] | None:
        """The plan of every field with its parameters; none where the variables do not fit.

        Raises :class:`~core.errors.InvalidInput` for arguments that are none.
        """
        values = self.variables(given)
        if values is None:
            return None
        document = self.operation.document
        found = []
        for part in self.parts_under(values):
            if part.root is None:
                continue
            name = plan_name(document, part.place, policy, asker, walked=False)
            ready = planner.known(name, values, asker)
            if ready is None:
                operation = self.operation.under(values)
                ready = planner.root(
                    operation, part.key, part.root, self.parent, part.nodes, policy, asker
                )
            found.append(ready)
        return found

    def parts_under(self, values: Mapping[str, Any]) -> tuple[Part, ...]:
        """The fields of Query selected under these variables."""
        if self.parts is not None:
            return self.parts
        return parts_of(self.operation.under(values), self.parent, self.catalogue)

    def variables(self, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The coerced values of the operation's variables; none where they do not fit."""
        if self.leaves is not None:
            # Ids, texts and names of enumerations, as in nearly all requests.
            values: dict[str, Any] = {}
            for name, coerce in self.leaves.items():
                value = given.get(name)
                if type(value) is not str:
                    break
                if coerce is not None:
                    try:
                        value = coerce(value)
                    except GraphQLError:
                        break
                values[name] = value
            else:
                return values
        definitions = self.operation.node.variable_definitions or ()
        coerced = get_variable_values(self.schema, definitions, dict(given), 1)
        return coerced.coerced if isinstance(coerced, VariableValues) else None

    def plain(self, texts: Sequence[bytes]) -> bytes | None:
        """The whole answer, where nothing is missing from it and nothing has to be worked out."""
        if self.around is None:
            return None
        for text in texts:
            if BEGIN_BYTE in text or text == b"null":
                return None
        return put_together(self.around, texts)

    def answer(
        self,
        texts: Sequence[bytes],
        found: Sequence[Ready],
        given: Mapping[str, Any],
        context: Any,
    ) -> Answer:
        """The whole answer; ``context`` is what computed fields are worked out in.

        Raises whatever working them out raises: the executor has to say it at its place.
        """
        parts = self.parts
        if parts is None:
            parts = self.parts_under(self.variables(given) or {})
        waiting = iter(zip(texts, found, strict=True))
        settled: list[bytes] = []
        flaws: list[Flaw] = []
        personal: list[PersonalRead] = []
        for part in parts:
            if part.root is None:
                continue
            text, ready = next(waiting)
            if text == b"null" and isinstance(part.root, ById):
                flaws.append(part.flaw(NotFound("id")))
            elif BEGIN_BYTE in text:
                text = self.settled(
                    part, part.root, text.decode(), ready, given, context, flaws, personal
                ).encode()
            settled.append(text)
        around = self.around or around_of(parts, self.parent)
        return Answer(put_together(around, settled), flaws, personal)

    def settled(
        self,
        part: Part,
        root: Root,
        text: str,
        ready: Ready,
        given: Mapping[str, Any],
        context: Any,
        flaws: list[Flaw],
        personal: list[PersonalRead],
    ) -> str:
        """One field of Query without its marks; what they say goes to ``flaws``, ``personal``."""
        off = switched_off(text)
        if off is not None:
            nowhere = not isinstance(root, ById)
            flaws.append(part.flaw(PluginNotEnabled(*off, root.name, nowhere=nowhere)))
            return "null"
        asked = self.operation.under(self.variables(given) or {}).asked(context)
        worker = Worker(ready.plan.worked, asked)
        settled = settle(text, ready.plan.denials, worker, part.key)
        personal += settled.personal
        causes = {
            denial: Cause(NotAllowed(denial.action), denial.locations)
            for denial in ready.plan.denials
        }
        flaws += [(place, causes[denial]) for place, denial in settled.denied]
        return settled.text


def whole_query(
    schema: GraphQLSchema,
    catalogue: Catalogue,
    document: DocumentNode,
    node: OperationDefinitionNode,
    text: str,
) -> WholeQuery | None:
    """The query as planned fields; none for anything else than a query of them."""
    parent = schema.query_type
    if node.operation is not OperationType.QUERY or parent is None or node.directives:
        return None
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    operation = Operation(
        schema=schema,
        document=document_hash(node, text),
        node=node,
        fragments=fragments,
        variables={},
        letters=len(text),
    )
    everything = Unconditional(schema, fragments, {})
    for nodes in everything.fields(parent, [node.selection_set]).values():
        if any(each.name.value not in (*catalogue.roots, "__typename") for each in nodes):
            return None
    selector = operation.selector()
    selector.fields(parent, [node.selection_set])
    parts = None if selector.guards else parts_of(operation, parent, catalogue)
    return WholeQuery(schema, catalogue, operation, parent, parts, leaves_of(schema, node))


def around_of(parts: Sequence[Part], parent: GraphQLObjectType) -> tuple[bytes, ...]:
    """What stands before, between and after the texts of an answer."""
    around, before = [], '{"data":{'
    for part in parts:
        before += f'"{part.key}":'
        if part.root is None:
            before += f'"{parent.name}"'
        else:
            around.append(before.encode())
            before = ""
        before += ","
    return *around, (before.removesuffix(",") + "}}").encode()


def put_together(around: tuple[bytes, ...], texts: Sequence[bytes]) -> bytes:
    """The answer that holds these texts."""
    if len(texts) == 1:
        before, after = around
        return b"".join((before, texts[0], after))
    first, *others = around
    pieces = [first]
    for text, other in zip(texts, others, strict=True):
        pieces += (text, other)
    return b"".join(pieces)


class Unconditional(Selector):
    """Selects what a directive leaves out as well."""

    def included(self, directives: Sequence[DirectiveNode] | None) -> bool:
        return True


def parts_of(
    operation: Operation, parent: GraphQLObjectType, catalogue: Catalogue
) -> tuple[Part, ...]:
    """The fields of Query that an operation selects."""
    selected = operation.selector().fields(parent, [operation.node.selection_set])
    return tuple(
        Part(key, catalogue.roots.get(nodes[0].name.value), nodes)
        for key, nodes in selected.items()
    )


def leaves_of(schema: GraphQLSchema, node: OperationDefinitionNode) -> Leaves | None:
    """How to coerce each variable of an operation; none where one is more than a text."""
    found: dict[str, Callable[[Any], Any] | None] = {}
    for definition in node.variable_definitions or ():
        wanted = definition.type
        if isinstance(wanted, NonNullTypeNode):
            wanted = wanted.type
        type_ = (
            schema.type_map.get(wanted.name.value) if isinstance(wanted, NamedTypeNode) else None
        )
        if isinstance(type_, GraphQLEnumType):
            found[definition.variable.name.value] = type_.parse_value
        elif type_ in (GraphQLID, GraphQLString):
            found[definition.variable.name.value] = None
        else:
            return None
    return found
