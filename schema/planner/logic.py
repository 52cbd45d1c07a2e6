"""Conditions joined by AND and OR, in an order that takes little of a parser's stack.

SQLite's ends at a hundred. Of ``((c OR d) AND b) OR a`` a parser keeps one open parenthesis for
each level; of ``a OR (b AND (c OR d))`` everything that stands before it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.sql import operators
from sqlalchemy.sql.compiler import SQLCompiler

from schema.planner.access import both, either, is_false, is_true
from schema.planner.elements import Own, Piece, spelled

TEXT_OR_PARENTHESIS = re.compile(r"'[^']*'|[()]")

AS_GIVEN = 2
"""Levels of logic whose order is left alone."""

WAITING = 2
"""What a parser keeps of a condition and the word after it while it reads the next."""

QUERY = 3
"""What it keeps for each parenthesis of a comparison, which is most often that of a subquery."""


@dataclass(frozen=True)
class Written:
    """A condition's SQL, what a parser needs to keep to read it, and its levels of logic."""

    text: str
    need: int
    levels: int


class Joined(Own[bool]):
    """Two conditions or more, of which ``every`` or any has to hold; what needs most comes first,
    where logic is nested deep."""

    type = sa.Boolean()

    def __init__(self, conditions: Sequence[ColumnElement[bool]], *, every: bool) -> None:
        self.conditions, self.every = conditions, every

    def parts(self) -> Iterable[Piece]:
        return self.conditions

    def self_group(self, against: Any = None) -> Self:
        return self  # in parentheses already

    def spell(self, compiler: SQLCompiler, options: dict[str, Any]) -> str:
        return self.written(compiler, options).text

    def written(self, compiler: SQLCompiler, options: dict[str, Any]) -> Written:
        """Its SQL; shallow logic as it was given, for what is first is looked at first."""
        found = [written(each, compiler, options) for each in self.conditions]
        levels = 1 + max(each.levels for each in found)
        if levels > AS_GIVEN:
            found.sort(key=lambda each: each.need, reverse=True)
        need = max(each.need + (WAITING if place else 0) for place, each in enumerate(found))
        word = " AND " if self.every else " OR "
        return Written(f"({word.join(each.text for each in found)})", need + 1, levels)


def written(
    condition: ColumnElement[bool], compiler: SQLCompiler, options: dict[str, Any]
) -> Written:
    if isinstance(condition, Joined):
        return condition.written(compiler, options)
    text = spelled(condition.self_group(operators.and_), compiler, options)
    return Written(text, QUERY * nesting(text), 0)


def nesting(text: str) -> int:
    """How deep parentheses stand inside each other in some SQL."""
    deepest = depth = 0
    for found in TEXT_OR_PARENTHESIS.findall(text):
        depth += (found == "(") - (found == ")")
        deepest = max(deepest, depth)
    return deepest


def together(conditions: Sequence[ColumnElement[bool]], *, every: bool) -> ColumnElement[bool]:
    """Conditions of which ``every`` or any has to hold; constants drop out."""
    whole = both(*conditions) if every else either(conditions)
    given = [each for each in conditions if not is_true(each) and not is_false(each)]
    if is_true(whole) or is_false(whole) or len(given) < 2:
        return whole
    return Joined(given, every=every)
