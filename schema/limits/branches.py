"""How many kinds of object an operation is written out for.

Behind an interface the statement holds what is selected once for each kind of object, and inside
each of them again: three interfaces inside each other are 9 x 9 x 9 levels of SQL, which take
seconds to put together whatever the answer holds. A selection that names its kind, as in
``... on Program``, is written for that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)


@dataclass(slots=True)
class Branches:
    """Counts for one document; every selection once for each kind, however often it is spread.

    The document's fragments must not spread each other in a circle.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[tuple[int, str], int] = field(default_factory=dict)

    def operation(self, operation: OperationDefinitionNode) -> int:
        """Objects of one kind that the operation's fields lead to, each interface by its kinds."""
        return self.inside(operation.selection_set, self.schema.get_root_type(operation.operation))

    def inside(self, selections: SelectionSetNode, type_: GraphQLNamedType | None) -> int:
        """What a selection leads to on an object of this type."""
        if type_ is not None and is_abstract_type(type_):
            members = self.schema.get_possible_types(type_)
            return sum(1 + self.inside(selections, member) for member in members)
        if not isinstance(type_, GraphQLObjectType):
            return 0  # validation says so
        key = (id(selections), type_.name)
        if key not in self.known:
            self.known[key] = sum(self.one(each, type_) for each in selections.selections)
        return self.known[key]

    def one(self, selection: object, type_: GraphQLObjectType) -> int:
        if isinstance(selection, FieldNode):
            found = type_.fields.get(selection.name.value)
            if found is None or selection.selection_set is None:
                return 0
            inner = get_named_type(found.type)
            own = 0 if is_abstract_type(inner) else 1
            return own + self.inside(selection.selection_set, inner)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            if condition is None or self.fits(condition.name.value, type_):
                return self.inside(selection.selection_set, type_)
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.fragments.get(selection.name.value)
            if fragment is not None and self.fits(fragment.type_condition.name.value, type_):
                return self.inside(fragment.selection_set, type_)
        return 0

    def fits(self, condition: str, type_: GraphQLObjectType) -> bool:
        """Whether a fragment on ``condition`` is about objects of this type."""
        wanted = self.schema.get_type(condition)
        return wanted is type_ or (
            wanted is not None
            and is_abstract_type(wanted)
            and self.schema.is_sub_type(wanted, type_)
        )
