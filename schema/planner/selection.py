"""What a client selected: fields by response key, and arguments, split into shape and values.

A plan may depend on the *shape* of arguments and on directives, never on values. Whatever of it
comes from a variable is remembered as a guard, so that the plan is used again only where all
guards hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


Arguments = tuple[Any, tuple[Any, ...]]
"""Arguments of one field: their shape decides the statement's text, their values fill it."""


Read = Callable[[dict[str, Any]], Arguments]


@dataclass(frozen=True, slots=True)
class Hole:
    """Stands for the value of a variable, where arguments are looked at that are not known yet."""

    variable: str


@dataclass(frozen=True, slots=True)
class Form:
    """An object or a list some of whose values are those of variables, or have them inside.

    Values of variables are coerced already, so what graphql-core makes of the rest of an argument
    need not be worked out again for every request.
    """

    constants: Any
    open: tuple[tuple[Any, Hole | Form], ...]

    @classmethod
    def of(cls, value: Any) -> Any:
        """A value with holes as a form; as it is if it has none."""
        if not isinstance(value, dict | list):
            return value
        items = value.items() if isinstance(value, dict) else enumerate(value)
        inner = [(key, cls.of(each)) for key, each in items]
        open_ = tuple((key, each) for key, each in inner if isinstance(each, Hole | Form))
        return cls(value, open_) if open_ else value

    def variables(self) -> Iterator[str]:
        """The variables whose values it takes."""
        for _, inner in self.open:
            if isinstance(inner, Hole):
                yield inner.variable
            else:
                yield from inner.variables()

    def filled(self, variables: Variables) -> Any:
        found = self.constants.copy()
        for key, inner in self.open:
            found[key] = (
                variables[inner.variable] if isinstance(inner, Hole) else inner.filled(variables)
            )
        return found


@dataclass(frozen=True, slots=True)
class Site:
    """A field with arguments from variables, and the parameters its values go to.

    ``needed`` are those variables. ``form`` is what its arguments are made of, where graphql-core
    can say that without knowing the variables.
    """

    field: GraphQLField
    node: FieldNode
    read: Read
    shape: Any
    names: tuple[str, ...]
    needed: tuple[str, ...] = ()
    form: Form | None = None

    @classmethod
    def of(
        cls, field: GraphQLField, node: FieldNode, read: Read, shape: Any, names: tuple[str, ...]
    ) -> Site:
        """The site of a field."""
        needed = tuple(variables_in(node))
        try:
            form = Form.of(arguments_of(field, node, {name: Hole(name) for name in needed}))
        except Exception:  # an input type that looks into its values
            form = None
        whole = isinstance(form, Form) and set(form.variables()) == {*needed}
        return cls(field, node, read, shape, names, needed, form if whole else None)

    def given(self, variables: Variables) -> tuple[Any, ...] | None:
        """The values under these variables; none if the plan does not fit them."""
        shape, values = self.read(self.arguments(variables))
        return values if shape == self.shape else None

    def arguments(self, variables: Variables) -> dict[str, Any]:
        """The coerced arguments of the field."""
        form = self.form
        if form is not None:
            for name in self.needed:
                if variables.get(name) is None:
                    break  # null, a default or nothing at all: graphql-core knows
            else:
                found: dict[str, Any] = form.filled(variables)
                return found
        return arguments_of(self.field, self.node, variables)


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


def variables_in(node: FieldNode) -> dict[str, None]:
    """The variables named among the arguments of a field."""
    found: dict[str, None] = {}
    pending: list[Any] = [argument.value for argument in node.arguments or ()]
    while pending:
        inner = pending.pop()
        if isinstance(inner, VariableNode):
            found[inner.name.value] = None
            continue
        for child in ("value", "values", "fields"):
            below = getattr(inner, child, None)
            if isinstance(below, SyntaxNode):
                pending.append(below)
            elif isinstance(below, list | tuple):
                pending.extend(below)
    return found
