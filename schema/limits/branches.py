"""How many kinds of object an operation is written out for.

Behind an interface the statement holds what is selected once for each kind of object, and inside
each of them again: three interfaces inside each other would be 9 x 9 x 9 levels of SQL, which take
seconds to put together whatever the answer holds. What all kinds have alike, as their parent and
their children, is written once (:mod:`schema.planner.sharing`), unless a selection for one kind
asks for more of it. A selection that names its kind, as in ``... on Program``, is written for that
one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
)

SHARED = "sharedFields"
"""Where a schema keeps, by interface, the fields that a statement holds once for all kinds."""


@dataclass(slots=True)
class Branches:
    """Counts for one document; every selection once for each kind, however often it is spread.

    The document's fragments must not spread each other in a circle.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    known: dict[tuple[int, str, frozenset[int]], int] = field(default_factory=dict)

    def operation(self, operation: OperationDefinitionNode) -> int:
        """Objects of one kind that the operation's fields lead to, each interface by its kinds."""
        return self.inside(operation.selection_set, self.schema.get_root_type(operation.operation))

    def inside(
        self,
        selections: SelectionSetNode,
        type_: GraphQLNamedType | None,
        shared: frozenset[int] = frozenset(),
    ) -> int:
        """What a selection leads to on an object of this type, but for fields in ``shared``."""
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            members = self.schema.get_possible_types(type_)
            once = self.once(selections, type_)
            same = frozenset(id(each) for each in once)
            of_kinds = sum(1 + self.inside(selections, member, same) for member in members)
            return of_kinds + sum(self.one(each, members[0], shared) for each in once)
        if not isinstance(type_, GraphQLObjectType):
            return 0  # validation says so
        key = (id(selections), type_.name, shared)
        if key not in self.known:
            self.known[key] = sum(self.one(each, type_, shared) for each in selections.selections)
        return self.known[key]

    def one(self, selection: object, type_: GraphQLObjectType, shared: frozenset[int]) -> int:
        if isinstance(selection, FieldNode):
            found = type_.fields.get(selection.name.value)
            if found is None or selection.selection_set is None or id(selection) in shared:
                return 0
            inner = get_named_type(found.type)
            own = 0 if is_abstract_type(inner) else 1
            return own + self.inside(selection.selection_set, inner)
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition
            if condition is None or self.fits(condition.name.value, type_):
                return self.inside(selection.selection_set, type_, shared)
        if isinstance(selection, FragmentSpreadNode):
            fragment = self.fragments.get(selection.name.value)
            if fragment is not None and self.fits(fragment.type_condition.name.value, type_):
                return self.inside(fragment.selection_set, type_, shared)
        return 0

    def once(
        self, selections: SelectionSetNode, type_: GraphQLInterfaceType | GraphQLUnionType
    ) -> list[FieldNode]:
        """The fields in a selection that are written once for all kinds of an interface."""
        names = self.schema.extensions.get(SHARED, {}).get(type_.name, frozenset())
        if not names:
            return []
        open_to_all: list[FieldNode] = []
        of_one: set[str] = set()
        pending: list[tuple[SelectionSetNode, bool]] = [(selections, True)]
        seen: set[tuple[str, bool]] = set()
        while pending:
            found, every = pending.pop()
            for each in found.selections:
                if isinstance(each, FieldNode):
                    if not every:
                        of_one.add((each.alias or each.name).value)
                    elif each.name.value in names:
                        open_to_all.append(each)
                elif isinstance(each, InlineFragmentNode):
                    condition = each.type_condition
                    same = condition is None or condition.name.value == type_.name
                    pending.append((each.selection_set, every and same))
                elif isinstance(each, FragmentSpreadNode):
                    fragment = self.fragments.get(each.name.value)
                    if fragment is None:
                        continue
                    same = every and fragment.type_condition.name.value == type_.name
                    if (each.name.value, same) not in seen:
                        seen.add((each.name.value, same))
                        pending.append((fragment.selection_set, same))
        return [each for each in open_to_all if (each.alias or each.name).value not in of_one]

    def fits(self, condition: str, type_: GraphQLObjectType) -> bool:
        """Whether a fragment on ``condition`` is about objects of this type."""
        wanted = self.schema.get_type(condition)
        return wanted is type_ or (
            wanted is not None
            and is_abstract_type(wanted)
            and self.schema.is_sub_type(wanted, type_)
        )
