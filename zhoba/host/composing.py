"""Composing the schema from the core and the plugins, and finding out who does not fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache

from core.authority.catalogue import core_catalogue
from core.messages import Messages
from core.plugins.failure import Stage
from schema.compose import ZhobaSchema
from schema.contribution import Contribution
from schema.planner.registry import CompositionError
from schema.platform import compose, core_contribution
from zhoba.host.failing import LeftOut, in_words
from zhoba.host.plugin import Plugin

LeaveOut = Callable[[str, LeftOut], None]


@cache
def core_schema() -> ZhobaSchema:
    """The schema without plugins: always the same, so a process makes it once."""
    return compose(actions=core_catalogue().permissions)


def composed(
    plugins: Sequence[Plugin],
    messages: Messages,
    permissions: Collection[str],
    leave_out: LeaveOut,
) -> ZhobaSchema | None:
    """The schema of the core and these plugins; None where some of them were left out.

    Of several that collide the last one goes. A fault of the core itself is raised.
    """
    if not plugins:
        return core_schema()
    parts = [core_contribution(), *(plugin.contribution for plugin in plugins)]
    try:
        return compose(parts, messages, actions=permissions)
    except CompositionError as error:
        reasons = blamed(error, [plugin.id for plugin in plugins])
        cause: Exception = error
    except Exception as error:
        reasons, cause = {}, error
    if not reasons:
        id, cause = culprit(parts, messages, permissions, cause)
        reasons = {id: f"its schema cannot be composed ({in_words(cause)})."}
    for id, reason in reasons.items():
        failure = LeftOut(Stage.SCHEMA, reason)
        failure.__cause__ = cause
        leave_out(id, failure)
    return None


def blamed(error: CompositionError, order: Sequence[str]) -> dict[str, str]:
    """Who has to go, and why: the last owner of each problem, with all problems it has part in."""
    last = {
        max(at_fault, key=order.index)
        for problem in error.problems
        if (at_fault := [owner for owner in problem.owners if owner in order])
    }
    return {
        id: "; ".join(problem.text for problem in error.problems if id in problem.owners) + "."
        for id in sorted(last)
    }


def culprit(
    parts: Sequence[Contribution],
    messages: Messages,
    permissions: Collection[str],
    error: Exception,
) -> tuple[str, Exception]:
    """The first plugin with which the schema cannot be composed, and the error it makes.

    Raises the error of the core where it fails by itself.
    """
    core, *others = parts
    fitting = [core]
    compose(fitting, messages, actions=permissions)
    for part in others:
        try:
            compose([*fitting, part], messages, actions=permissions)
        except Exception as own:
            return part.owner, own
        fitting.append(part)
    raise error
