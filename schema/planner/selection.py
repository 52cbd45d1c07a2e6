"""What a client selected: fields by response key, and arguments, split into shape and values.

A plan may depend on the *shape* of arguments and on directives, never on values. Whatever of it
comes from a variable is remembered as a guard, so that the plan is used again only where all
guards hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import Node as SyntaxNode

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """Arguments of one field: ``shape`` decides the statement's text, ``values`` fill it."""

    shape: Any
    values: tuple[Any, ...] = ()


Read = Callable[[dict[str, Any]], Arguments]


@dataclass(frozen=True, slots=True)
class Site:
    """A field with arguments from variables, and the parameters its values go to.

    ``variables`` are its arguments that are variables and nothing else, by name; ``constants`` all
    others, where they name no variable. Values of variables are coerced already, so with both
    known the arguments need not be worked out again for every request.
    """

    field: GraphQLField
    node: FieldNode
    read: Read
    shape: Any
    names: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    constants: Mapping[str, Any] | None = None

    @classmethod
    def of(
        cls,
        field: GraphQLField,
        node: FieldNode,
        read: Read,
        shape: Any,
        names: tuple[str, ...],
        given: Mapping[str, Any],
    ) -> Site:
        """The site of a field whose arguments were ``given`` when its plan was made."""
        plain: list[tuple[str, str]] = []
        for argument in node.arguments or ():
            name = field.args[argument.name.value].out_name or argument.name.value
            if isinstance(argument.value, VariableNode):
                plain.append((name, argument.value.name.value))
            elif inner_variable(argument.value):
                return cls(field, node, read, shape, names)
        taken = {name for name, _ in plain}
        constants = {name: value for name, value in given.items() if name not in taken}
        return cls(field, node, read, shape, names, tuple(plain), constants)

    def values(self, variables: Variables) -> dict[str, Any] | None:
        """The parameters under these variables; none if the plan does not fit them."""
        given = self.read(self.arguments(variables))
        if given.shape != self.shape:
            return None
        return dict(zip(self.names, given.values, strict=True))

    def arguments(self, variables: Variables) -> dict[str, Any]:
        """The coerced arguments of the field."""
        if self.constants is None:
            return arguments_of(self.field, self.node, variables)
        found = dict(self.constants)
        for name, variable in self.variables:
            value = variables.get(variable)
            if value is None:
                # Null, a default or nothing at all: graphql-core knows.
                return arguments_of(self.field, self.node, variables)
            found[name] = value
        return found


class Selector:
    """Reads one operation for one plan."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Variables,
    ) -> None:
        self.schema = schema
        self.fragments = fragments
        self.variables = variables
        self.guards: dict[str, bool] = {}

    def collect(
        self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]
    ) -> dict[str, list[FieldNode]]:
        """The fields of an object of ``type_`` by response key, in the order selected."""
        return self.fields(
            type_, [node.selection_set for node in nodes if node.selection_set is not None]
        )

    def fields(
        self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> dict[str, list[FieldNode]]:
        """:meth:`collect` for selection sets without a field around them."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in sets:
            self._collect(type_, selection_set, found, seen)
        return found

    def _collect(
        self,
        type_: GraphQLObjectType,
        selection_set: SelectionSetNode,
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not self.included(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self.applies(condition.name.value, type_):
                    self._collect(type_, selection.selection_set, found, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self.fragments[selection.name.value]
                if self.applies(fragment.type_condition.name.value, type_):
                    self._collect(type_, fragment.selection_set, found, seen)

    def applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        """Whether a fragment on the type named ``condition`` applies to ``type_``."""
        if condition == type_.name:
            return True
        named = self.schema.type_map[condition]
        return is_abstract_type(named) and self.schema.is_sub_type(named, type_)

    def included(self, directives: Sequence[DirectiveNode] | None) -> bool:
        """What ``@skip`` and ``@include`` say."""
        for directive in directives or ():
            if directive.name.value in ("skip", "include"):
                wanted = directive.name.value == "include"
                if self.truth(directive) is not wanted:
                    return False
        return True

    def truth(self, directive: DirectiveNode) -> bool:
        """The ``if`` of a directive; a guard where it is a variable."""
        (condition,) = directive.arguments or ()
        value = condition.value
        if not isinstance(value, VariableNode):
            return bool(getattr(value, "value", False))
        name = value.name.value
        self.guards[name] = bool(self.variables.get(name))
        return self.guards[name]


def arguments_of(field: GraphQLField, node: FieldNode, variables: Variables) -> dict[str, Any]:
    """The coerced arguments of a field, as graphql-core itself would pass them."""
    return get_argument_values(field, node, VariableValues({}, dict(variables)))


def names_variable(node: FieldNode) -> bool:
    """Whether a variable is named among the arguments of a field."""
    return any(inner_variable(argument.value) for argument in node.arguments or ())


def inner_variable(node: SyntaxNode) -> bool:
    """Whether a value is a variable, or has one inside."""
    pending: list[Any] = [node]
    while pending:
        inner = pending.pop()
        if isinstance(inner, VariableNode):
            return True
        for child in ("value", "values", "fields"):
            found = getattr(inner, child, None)
            if isinstance(found, SyntaxNode):
                pending.append(found)
            elif isinstance(found, list | tuple):
                pending.extend(found)
    return False
