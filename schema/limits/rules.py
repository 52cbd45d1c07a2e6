"""The rules of a valid document, and one visitor for all of them."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import ValidationContext, ValidationRule, specified_rules
from graphql.language.visitor import BREAK, SKIP, EnterLeaveVisitor
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Rules(ValidationRule):
    """All rules at once, each asked about the kinds of nodes only that it knows.

    graphql's own way asks every rule about every node, entering and leaving it, and looks for the
    methods of every rule anew for every document: half the time of a validation.
    """

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rules = [rule(context) for rule in RULES]
        self.skipping: list[Any] = [None] * len(RULES)
        """For each rule the node of which it asked not to see what is inside, until that is left;
        ``BREAK`` where it asked to see nothing more at all."""

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        found = self.enter_leave_map.get(kind)
        if found is None:
            found = self.enter_leave_map[kind] = self.asked(kind)
        return found

    def asked(self, kind: str) -> EnterLeaveVisitor:
        """The rules that know nodes of a kind, as one."""
        handlers = [
            (
                place,
                getattr(self.rules[place], enter) if enter else None,
                getattr(self.rules[place], leave) if leave else None,
            )
            for place, enter, leave in knowing(kind)
        ]
        skipping = self.skipping

        def enter(node: Any, *around: Any) -> None:
            for place, handle, _ in handlers:
                if handle is not None and skipping[place] is None:
                    told = handle(node, *around)
                    if told is None:
                        continue
                    if told is SKIP or told is False:
                        skipping[place] = node
                    elif told is BREAK or told is True:
                        skipping[place] = BREAK

        def leave(node: Any, *around: Any) -> None:
            for place, _, handle in handlers:
                if skipping[place] is None:
                    if handle is not None:
                        told = handle(node, *around)
                        if told is BREAK or told is True:
                            skipping[place] = BREAK
                elif skipping[place] is node:
                    skipping[place] = None

        return EnterLeaveVisitor(enter, leave)


@cache
def knowing(kind: str) -> tuple[tuple[int, str | None, str | None], ...]:
    """The rules that know nodes of a kind, with the names of their methods for them."""
    found = []
    for place, rule in enumerate(RULES):
        enter, leave = method(rule, "enter", kind), method(rule, "leave", kind)
        if enter or leave:
            found.append((place, enter, leave))
    return tuple(found)


def method(rule: type, act: str, kind: str) -> str | None:
    """The name of a rule's method for entering or leaving nodes of a kind, if it has one."""
    return next((name for name in (f"{act}_{kind}", act) if hasattr(rule, name)), None)
