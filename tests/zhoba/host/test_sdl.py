"""The schema of each set of plugins: the same every time, and changed on purpose only."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
from graphql import parse

from schema.platform import compose
from zhoba.host.finding import Offer
from zhoba.host.loading import load_installation

SNAPSHOTS = Path(__file__).with_name("snapshots")

OFFERS = {
    "good": "tests.plugins_for_tests.good",
    "inspections": "tests.dummy_plugin.plugin",
    "leaning": "tests.plugins_for_tests.leaning",
}
SHIPPED = {
    "public_monitoring": "plugins.public_monitoring.plugin",
    "regional_plan": "plugins.regional_plan.plugin",
}
SETS = (("inspections",), ("good", "inspections"), ("public_monitoring",), ("regional_plan",))


def sdl(plugins: Sequence[str]) -> str:
    offers = [Offer(id, {**OFFERS, **SHIPPED}[id]) for id in plugins]
    return load_installation(offers, strict=True).schema.as_str() + "\n"


def definitions(text: str) -> dict[str, str]:
    """Each type with its text, by its first line such as ``type Project implements Node {``."""
    document = parse(text, no_location=False)
    found = {}
    for definition in document.definitions:
        assert definition.loc is not None
        lines = text[definition.loc.start : definition.loc.end]
        found[f"{definition.kind} {definition.name.value}"] = lines  # type: ignore[attr-defined]
    return found


def added(plugins: Sequence[str]) -> str:
    """What a set of plugins changes in the schema of the core."""
    core, with_plugins = definitions(sdl(())), definitions(sdl(plugins))
    assert core.keys() <= with_plugins.keys()
    blocks = []
    for name, text in with_plugins.items():
        if name not in core:
            blocks.append(text)
        elif text != core[name]:
            pair = core[name].splitlines(), text.splitlines()
            lines = list(difflib.unified_diff(*pair, lineterm="", n=0))[2:]
            changed = [line for line in lines if not line.startswith("@@") and line != "+"]
            blocks.append("\n".join([f"# in {name}", *changed]))
    return "\n\n".join(blocks) + "\n"


def snapshot(plugins: Sequence[str]) -> Path:
    return SNAPSHOTS / f"{'+'.join(plugins)}.graphql"


def test_without_plugins_the_schema_is_that_of_the_core() -> None:
    assert sdl(()) == compose().as_str() + "\n"


@pytest.mark.parametrize("plugins", SETS, ids="+".join)
def test_a_set_of_plugins_adds_what_it_did(plugins: tuple[str, ...]) -> None:
    found = added(plugins)
    assert found == snapshot(plugins).read_text("utf-8"), "run: python -m tests.zhoba.host.test_sdl"
    assert [line for line in found.splitlines() if line.startswith("-")] == []


def test_plugins_that_come_along_leave_each_other_alone() -> None:
    alone = [set(definitions(sdl([each]))) for each in SHIPPED]
    assert set(definitions(sdl(sorted(SHIPPED)))) == set.union(*alone)


def test_the_order_of_plugins_changes_nothing() -> None:
    first, *others = [sdl(order) for order in itertools.permutations(sorted(OFFERS))]
    assert others == [first] * 5


if __name__ == "__main__":
    for chosen in SETS:
        snapshot(chosen).write_text(added(chosen), "utf-8")
