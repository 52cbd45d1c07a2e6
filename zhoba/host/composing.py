"""Composing the schema from the core and the plugins, and finding out who does not fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.messages import Messages
from core.plugins.failure import Stage
from schema.compose import ZhobaSchema
from schema.contribution import Contribution
from schema.planner.registry import CompositionError
from zhoba.host.failing import LeftOut, in_words
from zhoba.host.plugin import Plugin


def compose(contributions: Sequence[Contribution], messages: Messages) -> ZhobaSchema:
    """The schema of the core and these contributions."""
    from schema.compose import Part
    from schema.mutations.payloads import Payloads
    from schema.nouns import core_registry
    from schema.platform import compose as inner
    from schema.platform import mutation_type

    registry = core_registry()
    parts = []
    for each in contributions:
        registry.add(*each.nouns, owner=each.owner)
        for ext in each.extensions:
            registry.extend(ext.target, owner=each.owner, fields=ext.fields, filters=ext.filters)
        registry.root(*each.roots, owner=each.owner)
        for question in each.questions:
            parts.append(Part(owner=each.owner, query=question))
        parts.append(Part(owner=each.owner, types=tuple(each.types)))
    types = {binding.name: binding.type for binding, _ in registry.bindings}
    payloads = Payloads(messages, types.__getitem__)
    for each in contributions:
        if each.mutations:
            parts.append(Part(owner=each.owner, mutation=mutation_type(payloads, each.mutations)))
    return inner(registry, parts, messages)


LeaveOut = Callable[[str, LeftOut], None]


def composed(
    plugins: Sequence[Plugin], messages: Messages, leave_out: LeaveOut
) -> ZhobaSchema | None:
    """The schema of the core and these plugins; None where some of them were left out.

    Of several that collide the last one goes. A fault of the core itself is raised.
    """
    try:
        return compose([plugin.contribution for plugin in plugins], messages)
    except CompositionError as error:
        reasons = blamed(error, [plugin.id for plugin in plugins])
        if not reasons:
            raise
        for id, reason in reasons.items():
            failure = LeftOut(Stage.SCHEMA, reason)
            failure.__cause__ = error
            leave_out(id, failure)
    except Exception as error:
        id, cause = culprit(plugins, messages, error)
        failure = LeftOut(Stage.SCHEMA, f"its schema cannot be composed ({in_words(cause)}).")
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
    plugins: Sequence[Plugin], messages: Messages, error: Exception
) -> tuple[str, Exception]:
    """The first plugin with which the schema cannot be composed, and the error it makes.

    Raises the error of the core where it fails by itself.
    """
    fitting: list[Plugin] = []
    for plugin in plugins:
        try:
            compose([each.contribution for each in (*fitting, plugin)], messages)
        except Exception as own:
            compose([each.contribution for each in fitting], messages)
            return plugin.id, own
        fitting.append(plugin)
    raise error
