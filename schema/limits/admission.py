"""Whether a document may be executed: token cap, parsing, bounds, validation, in that order."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    IntValueNode,
    OperationDefinitionNode,
    parse,
    validate,
)
from strawberry.extensions import SchemaExtension

from core.errors import InvalidInput
from schema.limits.bounds import Limits
from schema.limits.branches import Branches
from schema.limits.measure import Measures, Measuring
from schema.limits.rules import Rules

REMEMBERED = 1000
"""Documents kept parsed and validated; at most ~100 KB each at the token cap."""

CODES = {
    "depth": "QUERY_TOO_DEEP",
    "introspection_depth": "QUERY_TOO_DEEP",
    "introspections": "TOO_MANY_INTROSPECTIONS",
    "aliases": "TOO_MANY_ALIASES",
    "fields": "TOO_MANY_FIELDS",
    "directives": "TOO_MANY_DIRECTIVES",
    "cost": "QUERY_TOO_COSTLY",
}
"""The code of each bound, in the order they are checked."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A document fit for execution."""

    document: DocumentNode
    paged_by_variables: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run.

        Raises :class:`~core.errors.InvalidInput` unless ``name`` names one, or there is just one.
        """
        found = [
            definition
            for definition in self.document.definitions
            if isinstance(definition, OperationDefinitionNode)
            and (name is None or (definition.name is not None and definition.name.value == name))
        ]
        if len(found) != 1:
            raise InvalidInput("OPERATION_NOT_CHOSEN")
        return found[0]


class InvalidDocument(Exception):
    """The document breaks GraphQL's own grammar or the schema; ``errors`` say where."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class Admission:
    """Admits documents to one schema, and remembers those it admitted."""

    def __init__(
        self, schema: GraphQLSchema, limits: Limits, *, remembered: int = REMEMBERED
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.remembered = remembered
        self._remembered: OrderedDict[str, Admitted] = OrderedDict()

    def admit(self, text: str) -> Admitted:
        """The document, parsed, within the bounds and valid.

        Raises :class:`InvalidDocument`, or :class:`~core.errors.InvalidInput` with the code of
        the bound it exceeds. Bounds are checked before validation, which is the slow part.
        """
        known = self._remembered.get(text)
        if known is not None:
            self._remembered.move_to_end(text)
            return known
        admitted = self._judge(text)
        self._remembered[text] = admitted
        if len(self._remembered) > self.remembered:
            self._remembered.popitem(last=False)
        return admitted

    def _judge(self, text: str) -> Admitted:
        document = self._parse(text)
        if sum(1 for d in document.definitions if d.kind == "fragment_definition") > (
            self.limits.fragments
        ):
            raise InvalidInput("TOO_MANY_FRAGMENTS", limit=self.limits.fragments)
        measuring = Measuring(self.schema, document, self.limits)
        try:
            for definition in document.definitions:
                if isinstance(definition, OperationDefinitionNode):
                    self._refuse_beyond(measuring.operation(definition))
            for name in measuring.fragments:
                measuring.spread(name)
        except GraphQLError as error:
            raise InvalidDocument([error]) from error
        except RecursionError as error:
            raise InvalidInput("QUERY_TOO_DEEP", limit=self.limits.depth) from error
        if measuring.repeats > self.limits.repeats:
            raise InvalidInput("TOO_MANY_REPEATS", limit=self.limits.repeats)
        branches = Branches(self.schema, measuring.fragments)
        for definition in document.definitions:
            if not isinstance(definition, OperationDefinitionNode):
                continue
            if branches.operation(definition) > self.limits.branches:
                raise InvalidInput("TOO_MANY_BRANCHES", limit=self.limits.branches)
        errors = validate(self.schema, document, [Rules])
        if errors:
            raise InvalidDocument(errors)
        return Admitted(document, measuring.uses_page_variables)

    def _parse(self, text: str) -> DocumentNode:
        tokens = self.limits.tokens
        try:
            return parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLSyntaxError as error:
            if error.message.endswith("nested too deeply. Parsing aborted."):
                raise InvalidInput("QUERY_TOO_DEEP", limit=self.limits.depth) from error
            if error.message.endswith("Parsing aborted."):
                raise InvalidInput("TOO_MANY_TOKENS", limit=tokens) from error
            raise InvalidDocument([error]) from error

    def _refuse_beyond(self, measures: Measures) -> None:
        for bound, code in CODES.items():
            limit, found = getattr(self.limits, bound), getattr(measures, bound)
            if found > limit:
                given = {"cost": found} if bound == "cost" else {}
                raise InvalidInput(code, limit=limit, **given)

    def check_pages(
        self, admitted: Admitted, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        """Weigh the operation again where variables say how long its pages are."""
        if admitted.paged_by_variables:
            given = {**defaults(operation), **variables}
            measuring = Measuring(self.schema, admitted.document, self.limits, given)
            self._refuse_beyond(measuring.operation(operation))


def defaults(operation: OperationDefinitionNode) -> dict[str, int]:
    """Default values of the operation's integer variables."""
    found = {}
    for definition in operation.variable_definitions or ():
        value = definition.default_value
        if isinstance(value, IntValueNode) and len(value.value) < 10:
            found[definition.variable.name.value] = int(value.value)
    return found


class AdmittedDocument(SchemaExtension):
    """Hands strawberry the document that was admitted, so it is parsed and validated once."""

    def on_parse(self) -> Iterator[None]:
        admitted: Admitted | None = getattr(self.execution_context.context, "admitted", None)
        if admitted is not None:
            self.execution_context.graphql_document = admitted.document
            self.execution_context.pre_execution_errors = []
        yield
