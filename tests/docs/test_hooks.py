"""Every hook is explained with the arguments it has, and used by a plugin whose uses are tested."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tests.dummy_plugin import plugin
from zhoba import hookspecs
from zhoba.api import When

PAGE = Path(__file__).parents[2] / "docs" / "hooks.md"
SECTION = re.compile(r"^## (\w+)\((.*?)\) -> (.+)$", re.MULTILINE)

HOOKS: dict[str, Callable[..., Any]] = {
    name: found for name, found in vars(hookspecs).items() if hasattr(found, "zhoba_spec")
}


def documented() -> dict[str, tuple[str, str, str]]:
    """Arguments, result and text of every hook on the page."""
    text = PAGE.read_text("utf-8")
    parts = SECTION.split(text)[1:]
    return {
        name: (arguments, result, section)
        for name, arguments, result, section in zip(*[iter(parts)] * 4, strict=True)
    }


def test_the_page_explains_every_hook_in_order() -> None:
    assert len(HOOKS) == 14
    assert list(documented()) == list(HOOKS)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_explained_as_it_is(name: str) -> None:
    arguments, result, section = documented()[name]
    signature = inspect.signature(HOOKS[name])
    assert arguments == ", ".join(signature.parameters)
    assert result == str(signature.return_annotation).replace("typer.", "")
    words, _, example = section.partition("```python\n")
    assert len(words.split()) > 10
    (function,) = ast.parse(example.partition("```")[0]).body
    assert isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
    assert function.name == name
    assert [each.arg for each in function.args.args] == list(signature.parameters)
    assert [ast.unparse(each) for each in function.decorator_list] == ["hookimpl"]
    assert isinstance(function, ast.AsyncFunctionDef) == result.startswith("Awaitable")


@pytest.mark.parametrize("name", HOOKS)
def test_the_plugin_of_inspections_uses_every_hook(name: str) -> None:
    implementation = getattr(plugin, name)
    assert hasattr(implementation, "zhoba_impl")
    given = inspect.signature(implementation).parameters
    assert list(given) == list(inspect.signature(HOOKS[name]).parameters)


def test_it_adds_something_of_every_kind() -> None:
    contribution = plugin.register_graphql()
    empty = [each.name for each in fields(contribution) if not getattr(contribution, each.name)]
    assert set(empty) <= {"owner", "camel_prefix", "type_prefix"}
    assert {each.when for each in plugin.register_event_handlers()} == set(When)
