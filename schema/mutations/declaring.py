"""How a mutation is declared."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Verb = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Special:
    """An input field that is not one parameter of the verb.

    ``type`` is its GraphQL annotation; ``given`` turns its value into parameters; ``replaces``
    names the parameters it stands for. ``optional``: it may be left out.
    """

    type: Any
    description: str
    given: Callable[[Any], Mapping[str, Any]]
    replaces: tuple[str, ...]
    optional: bool = True


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mutation: the verb it runs, what the verb changes, and on what authority.

    ``result`` names the bound type of the returned row. ``actions`` are the permissions the verb
    asks for; the verb asks, here they are declared, so that catalogue and schema can be compared.
    ``ids`` says which types an id parameter may name, and ``describe`` what a parameter means,
    where the names the core knows do not tell. ``extra`` is a further field of the payload that a
    verb returns as the second part of a pair, and that is shown only once. ``key`` is the attribute
    of the returned row with the key of the result.
    """

    name: str
    verb: Verb
    result: str
    actions: tuple[str, ...]
    clause: str
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    describe: Mapping[str, str] = field(default_factory=dict)
    special: Mapping[str, Special] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    extra: tuple[str, str] | None = None
    key: str = "id"

    @property
    def input_name(self) -> str:
        """GraphQL name of the input type."""
        return self.name[0].upper() + self.name[1:] + "Input"

    @property
    def result_field(self) -> str:
        """The field of the payload that holds the changed object."""
        return self.result[0].lower() + self.result[1:]

    @property
    def description(self) -> str:
        """What it does, from the verb's docstring; the clause; the permissions."""
        text = inspect.cleandoc(self.verb.__doc__ or "").split("\n\n")[0]
        needs = " or ".join(f"`{action}`" for action in self.actions)
        return f"{plain_text(text)} Clause: {self.clause}. Needs {needs}."


def plain_text(docstring: str) -> str:
    """A docstring as a person reads it: roles and double backticks of reST become plain code."""
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", docstring)
    return " ".join(text.replace("``", "`").split())
