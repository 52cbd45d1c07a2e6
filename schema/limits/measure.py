"""One pass over a document that visits every selection once, however often fragments repeat it.

The limiters strawberry ships walk a fragment again at each of its spreads: a 750-byte document of
nested fragments takes them seconds, one of 2^24 spreads for ever. Here a fragment is measured
once, and its sums are added wherever it is spread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
    is_interface_type,
    is_object_type,
)

from schema.limits.bounds import Limits

INTROSPECTION = frozenset({"__schema", "__type"})
PAGE_FIELDS = frozenset({"edges", "nodes", "node"})
"""Fields on the way from a page to its objects, which the page has counted already."""
PAGE_ARGUMENTS = frozenset({"first", "last"})


@dataclass(frozen=True, slots=True)
class Measures:
    """What a selection asks for, fragments written out."""

    depth: int = 0
    introspection_depth: int = 0
    introspections: int = 0
    aliases: int = 0
    fields: int = 0
    directives: int = 0
    cost: int = 0


NOTHING = Measures()


@dataclass(slots=True)
class Measuring:
    """The pass over one operation; ``visits`` counts the selections it looked at."""

    schema: GraphQLSchema
    document: DocumentNode
    limits: Limits
    variables: Mapping[str, Any] | None = None
    visits: int = 0
    repeats: int = 0
    uses_page_variables: bool = False
    fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict)
    measured: dict[str, Measures] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for definition in self.document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition

    def operation(self, operation: OperationDefinitionNode) -> Measures:
        """Measure an operation.

        Raises :class:`~graphql.GraphQLError` when fragments spread each other in a circle, which
        has no size at all.
        """
        root = self.schema.get_root_type(operation.operation)
        measures = self.selections(operation.selection_set, root, Counter())
        return add(measures, Measures(directives=len(operation.directives or ())))

    def selections(
        self, selections: SelectionSetNode, parent: GraphQLCompositeType | None, names: Counter[str]
    ) -> Measures:
        total = NOTHING
        for selection in selections.selections:
            self.visits += 1
            total = add(total, Measures(directives=len(selection.directives or ())))
            if isinstance(selection, FieldNode):
                total = add(total, self.field(selection, parent, names))
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.type(condition.name.value) if condition else parent
                total = add(total, self.selections(selection.selection_set, inner, names))
            elif isinstance(selection, FragmentSpreadNode):
                total = add(total, self.spread(selection.name.value))
        return total

    def spread(self, name: str) -> Measures:
        if name in self.measured:
            return self.measured[name]
        fragment = self.fragments.get(name)
        if fragment is None:
            return NOTHING  # validation says so
        if name in self.entered:
            raise GraphQLError(f"Cannot spread fragment '{name}' within itself.", fragment)
        self.entered.add(name)
        parent = self.type(fragment.type_condition.name.value)
        measures = self.selections(fragment.selection_set, parent, Counter())
        self.measured[name] = add(measures, Measures(directives=len(fragment.directives or ())))
        return self.measured[name]

    def field(
        self, node: FieldNode, parent: GraphQLCompositeType | None, names: Counter[str]
    ) -> Measures:
        name = node.name.value
        shown = node.alias.value if node.alias else name
        names[shown] += 1
        self.repeats += names[shown] > 1
        aliases = 1 if node.alias else 0
        kind = self.field_type(parent, name)
        inner = NOTHING
        if node.selection_set:
            inner_parent = get_named_type(kind) if kind is not None else None
            composite = inner_parent if is_composite_type(inner_parent) else None
            inner = self.selections(node.selection_set, composite, Counter())
        if name in INTROSPECTION:
            return Measures(
                introspection_depth=inner.depth + 1,
                introspections=1,
                aliases=aliases + inner.aliases,
                directives=inner.directives,
            )
        through = name in PAGE_FIELDS and parent is not None and is_page(parent.name)
        cost = inner.cost if through else self.page(node, kind) * (1 + inner.cost)
        return Measures(
            depth=inner.depth + 1,
            introspection_depth=inner.introspection_depth,
            introspections=inner.introspections,
            aliases=aliases + inner.aliases,
            fields=1 + inner.fields,
            directives=inner.directives,
            cost=cost if node.selection_set else 0,
        )

    def page(self, node: FieldNode, kind: GraphQLOutputType | None) -> int:
        """How many objects one object's field may hold."""
        sizes = [
            self.size(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in PAGE_ARGUMENTS
        ]
        if sizes:
            return max(1, *sizes)
        if kind is None:
            return 1
        if get_named_type(kind).name.endswith("Connection"):
            return self.limits.page_size
        return self.limits.list_size if is_list(kind) else 1

    def size(self, value: object) -> int:
        if isinstance(value, IntValueNode):
            # A thousand digits would take longer to read than the page they ask for.
            return int(value.value) if len(value.value) < 10 else 10**9
        if isinstance(value, VariableNode):
            self.uses_page_variables = True
            if self.variables is None:
                return 1  # weighed again when the variables are known
            given = self.variables.get(value.name.value)
            if isinstance(given, int) and not isinstance(given, bool):
                return given
        return self.limits.page_size

    def type(self, name: str) -> GraphQLCompositeType | None:
        found = self.schema.get_type(name)
        return found if is_composite_type(found) else None

    def field_type(
        self, parent: GraphQLCompositeType | None, name: str
    ) -> GraphQLOutputType | None:
        if name in INTROSPECTION and isinstance(parent, GraphQLObjectType):
            return self.schema.get_type("__Schema" if name == "__schema" else "__Type")  # type: ignore[return-value]
        if parent is not None and (is_object_type(parent) or is_interface_type(parent)):
            found = parent.fields.get(name)
            return found.type if found else None
        return None


def add(one: Measures, other: Measures) -> Measures:
    """Both beside each other: sums, and the deeper of the two."""
    return Measures(
        depth=max(one.depth, other.depth),
        introspection_depth=max(one.introspection_depth, other.introspection_depth),
        introspections=one.introspections + other.introspections,
        aliases=one.aliases + other.aliases,
        fields=one.fields + other.fields,
        directives=one.directives + other.directives,
        cost=one.cost + other.cost,
    )


def is_page(type_name: str) -> bool:
    return type_name.endswith(("Connection", "Edge"))


def is_list(kind: GraphQLOutputType) -> bool:
    return isinstance(kind.of_type if isinstance(kind, GraphQLNonNull) else kind, GraphQLList)
