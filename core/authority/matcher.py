"""The rules of one action in Casbin: which of them match what somebody holds at a node."""

from __future__ import annotations

import ast
import copy
import threading
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import casbin
from casbin.util import SimpleEval

from core.authority.rules import NO_CONDITION, Rule, speaks_of

MODEL = """
[request_definition]
r = held, dom, res, act, ctx

[policy_definition]
p = role, dom, res, act, scope, cond, eft, id

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = r.res == p.res && r.act == p.act && speaks_of(p.dom, r.dom) \
&& holds(r.held, p.role, p.scope) && cond(r.ctx, p.cond, p.role, p.scope)
"""

HeldPairs = frozenset[tuple[str, str]]
"""(role, relation) for everything held at the node."""

TrueConditions = frozenset[tuple[str, str, str]]
"""(role, relation, condition) for every condition true for that role at the node."""


def holds(held: HeldPairs, role: str, scope: str) -> bool:
    return (role, scope) in held


def cond(ctx: TrueConditions, condition: str, role: str, scope: str) -> bool:
    """Whether the condition of a rule is true for the very role the rule speaks of.

    It is asked per role: two appointments of one person may lie in different places.
    """
    return condition == NO_CONDITION or (role, scope, condition) in ctx


class _Matcher(casbin.Enforcer):  # type: ignore[misc]
    """An enforcer that parses its matcher once.

    Casbin parses it on every enforce, which costs most of the time and, from several threads of
    Python 3.11, raised SystemError at random. An expression keeps the names it is evaluated with,
    so every thread has one of its own; the functions are the same for all matchers.
    """

    _expressions = threading.local()
    _trees: ClassVar[dict[str, ast.expr]] = {}

    def _get_expression(self, expr: str, functions: dict[str, Any] | None = None) -> SimpleEval:
        made: dict[str, SimpleEval] = self._expressions.__dict__.setdefault("made", {})
        if expr not in made:
            text = expr.replace("&&", "and").replace("||", "or")
            expression = SimpleEval("", functions)
            tree = self._trees.setdefault(expr, ast.parse(text, mode="eval").body)
            expression.ast_parsed_value = tree
            made[expr] = expression
        return made[expr]


class Bucket:
    """The rules of one action; never changed."""

    def __init__(self, action: str, rules: Iterable[Rule]) -> None:
        self.rules: Sequence[Rule] = tuple(rules)
        self.resource, _, self.verb = action.rpartition(".")
        self._lines: dict[tuple[str, str], list[list[str]]] = {}
        for rule in self.rules:
            self._lines.setdefault((rule.role, rule.relation.value), []).append(
                [
                    rule.role, rule.region, rule.resource, rule.verb,
                    rule.relation.value, rule.condition, rule.effect, rule.id,
                ]
            )  # fmt: skip

    def decide(
        self, held: HeldPairs, region: str, true_conditions: TrueConditions
    ) -> tuple[bool, str | None, str | None]:
        """The answer, and the role and the id of the rule that decided it (none: no rule held).

        Only lines about something held are put before Casbin: a line costs it 16 µs.
        """
        lines = [line for pair in sorted(held) for line in self._lines.get(pair, ())]
        if not lines:
            return False, None, None
        allowed, line = enforcer_of(lines).enforce_ex(
            held, region, self.resource, self.verb, true_conditions
        )
        return (allowed, line[0], line[-1]) if line else (allowed, None, None)


def enforcer_of(lines: list[list[str]]) -> _Matcher:
    """An enforcer over these lines alone, which shares the parsed model with every other."""
    found = copy.copy(_TEMPLATE)
    policy = copy.copy(_TEMPLATE.model["p"]["p"])
    policy.policy = lines
    found.model = {**_TEMPLATE.model.model, "p": {"p": policy}}
    return found


def _template() -> _Matcher:
    template = _Matcher(casbin.Enforcer.new_model(text=MODEL))
    template.add_function("speaks_of", speaks_of)
    template.add_function("holds", holds)
    template.add_function("cond", cond)
    return template


_TEMPLATE = _template()
