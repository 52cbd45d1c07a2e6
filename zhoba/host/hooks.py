"""The hooks a module implements, compared with those there are."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType
from typing import Any, TypeVar

import pluggy

from core.plugins.failure import Stage
from zhoba import hookspecs
from zhoba.host.failing import LeftOut, in_words

Value = TypeVar("Value")

SPECS: Mapping[str, tuple[str, ...]] = {
    name: tuple(inspect.signature(spec).parameters)
    for name, spec in vars(hookspecs).items()
    if inspect.isfunction(spec) and hasattr(spec, f"{hookspecs.PROJECT}_spec")
}
"""Every hook with the names of its arguments."""

AWAITED = frozenset(
    name
    for name in SPECS
    if str(inspect.signature(getattr(hookspecs, name)).return_annotation).startswith("Awaitable")
)
"""The hooks whose answer is awaited."""


@dataclass(frozen=True, slots=True)
class Hook:
    """An implementation of a hook, and those of its arguments that it takes."""

    function: Any
    arguments: tuple[str, ...]

    def __call__(self, **given: Any) -> Any:
        return self.function(**{name: given[name] for name in self.arguments})


def hooks_of(module: ModuleType) -> dict[str, Hook]:
    """The hooks a module implements.

    Raises :class:`LeftOut` for what looks like a hook and would never be called, or not rightly.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    mistakes = [
        words for name in sorted(dir(module)) if (words := mistake_in(module, name, manager))
    ]
    if mistakes:
        raise LeftOut(Stage.HOOKS, " ".join(mistakes))
    try:
        manager.register(module, module.__name__)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise LeftOut(Stage.HOOKS, f"its hooks are not valid ({in_words(error)}).") from error
    return {
        name: Hook(found[0].function, tuple(found[0].argnames))
        for name in SPECS
        if (found := getattr(manager.hook, name).get_hookimpls())
    }


def mistake_in(module: ModuleType, name: str, manager: pluggy.PluginManager) -> str | None:
    """What is wrong with this name of a module as a hook, in a sentence."""
    options = manager.parse_hookimpl_opts(module, name)
    if options is None:
        if name in SPECS and inspect.isroutine(getattr(module, name)):
            return f"{name} lacks @hookimpl."
        return None
    hook = options["specname"] or name
    if hook not in SPECS:
        near = get_close_matches(hook, SPECS, 1)
        return f"there is no hook {hook}" + (f": is it {near[0]}?" if near else ".")
    taken = list(inspect.signature(getattr(module, name)).parameters)
    strange = [argument for argument in taken if argument not in SPECS[hook]]
    if strange:
        given = ", ".join(SPECS[hook]) or "nothing"
        return f"{hook} takes {', '.join(strange)}, but is given {given}."
    if hook in AWAITED and not inspect.iscoroutinefunction(getattr(module, name)):
        return f"{hook} must be written with `async def`."
    return None


def ask(hooks: Mapping[str, Hook], hook: str, stage: Stage) -> Any:
    """What a hook gives; None where it is not implemented. Raises :class:`LeftOut`."""
    if hook not in hooks:
        return None
    try:
        return hooks[hook]()
    except (Exception, SystemExit) as error:
        raise LeftOut(stage, f"{hook} raised {in_words(error)}. Mend it.") from error


def ask_one(
    hooks: Mapping[str, Hook], hook: str, expected: type[Value], stage: Stage
) -> Value | None:
    """The same, of one type."""
    value = ask(hooks, hook, stage)
    if value is None and hook not in hooks:
        return None
    return require_type(value, expected, hook, stage)


def ask_all(
    hooks: Mapping[str, Hook], hook: str, expected: type[Value], stage: Stage
) -> tuple[Value, ...]:
    """The same, several of one type."""
    if hook not in hooks:
        return ()
    values = ask(hooks, hook, stage)
    if not isinstance(values, Sequence) or isinstance(values, str):
        require_type(values, tuple, hook, stage)
    return tuple(require_type(value, expected, hook, stage) for value in values)


def require_type(value: Any, expected: type[Value], hook: str, stage: Stage) -> Value:
    if inspect.iscoroutine(value):
        value.close()
    if not isinstance(value, expected):
        raise LeftOut(
            stage,
            f"{hook} gives {type(value).__name__} where {expected.__name__} is expected.",
        )
    return value
