"""Imports point one way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS: list[set[str]] = [
    {"core.db", "core.unset"},
    {
        "core.errors",
        "core.work",
        "core.messages",
        "core.money",
        "core.rows",
        "core.sealing",
        "core.secret_file",
        "core.texts",
        "core.tokens",
        "core.node_facts",
    },
    {"core.audit", "core.decisions", "core.events"},
    {"core.places", "core.files", "core.acts"},
    {"core.people"},
    {"core.tree"},
    {
        "core.plugins.plugin",
        "core.plugins.plugin_region",
        "core.plugins.installed_plugin",
        "core.plugins.gate",
        "core.plugins.failure",
        "core.jobs",
    },
    {"core.authority"},
    {"core.hierarchy", "core.plugins"},
    {"core.imports", "core.background"},
]
"""The floors of core, lowest first. ``core.models`` and ``core.transaction`` tie them together."""

TIES = {"core.models", "core.transaction"}
TOP = len(FLOORS) - 1

HOUSE = {
    "core": {"core"},
    "schema": {"core", "schema"},
    "migrations": {"core", "migrations"},
    "zhoba": {"core", "schema", "migrations", "zhoba"},
    "plugins": {"plugins", "zhoba"},
}
"""Which top-level packages each of them may import."""


def modules(package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, path


def imported(path: Path) -> set[str]:
    """Absolute names a module imports at run time."""
    names: set[str] = set()
    for statement in ast.walk(ast.parse(path.read_text())):
        if isinstance(statement, ast.Import):
            names.update(alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            assert statement.level == 0, f"{path}: relative import"
            names.add(statement.module)
    return names


def floor_of(name: str) -> int | None:
    for number, floor in enumerate(FLOORS):
        if any(name == room or name.startswith(room + ".") for room in floor):
            return number
    return None


@pytest.mark.parametrize("package", sorted(HOUSE))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    wrong = {
        (module, name)
        for module, path in modules(package)
        for name in imported(path)
        if (top := name.split(".")[0]) in HOUSE and top not in HOUSE[package]
    }
    assert wrong == set()


def test_a_plugin_imports_itself_and_the_one_module_for_plugins() -> None:
    wrong = {
        (module, name)
        for module, path in modules("plugins")
        for name in imported(path)
        if name.split(".")[0] in HOUSE
        and name != "zhoba.api"
        and name.split(".")[:2] != module.split(".")[:2]
    }
    assert wrong == set()


def test_a_floor_of_core_imports_none_above_it() -> None:
    wrong = set()
    for module, path in modules("core"):
        if module == "core" or module in TIES:
            continue
        own = floor_of(module)
        assert own is not None, f"{module} lies on no floor: add it to FLOORS"
        for name in imported(path):
            other = floor_of(name)
            tied = name in TIES and own != TOP
            if tied or (other is not None and other > own):
                wrong.add((module, name))
    assert wrong == set()


def test_core_knows_no_graphql() -> None:
    foreign = {"strawberry", "graphql", "starlette", "typer", "uvicorn"}
    wrong = {
        (module, name)
        for module, path in modules("core")
        for name in imported(path)
        if name.split(".")[0] in foreign
    }
    assert wrong == set()
