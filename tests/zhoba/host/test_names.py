"""Names a plugin may not take."""

from __future__ import annotations

import pytest

from core.authority.catalogue import core_catalogue
from tests.plugins_for_tests.about import about
from zhoba.cli import app
from zhoba.host.names import RESERVED, begins, foreign_names, owner_of_prefix


def test_no_plugin_may_be_called_like_a_command() -> None:
    commands = {
        each.name or each.callback.__name__  # type: ignore[union-attr]
        for each in app.registered_commands
    } | {each.name for each in app.registered_groups}
    assert {str(name).replace("-", "_").rstrip("_") for name in commands} - RESERVED == set()


@pytest.mark.parametrize("prefix", ["project", "person", "national", "node", "schema", "version"])
def test_a_prefix_of_the_core_is_taken(prefix: str) -> None:
    assert owner_of_prefix(prefix, []) == "the core"


def test_a_prefix_that_roles_of_the_core_begin_with_is_free() -> None:
    assert "regional_administrator" in core_catalogue().roles
    assert owner_of_prefix("regional", []) is None


def test_a_prefix_is_taken_by_the_plugin_that_has_it() -> None:
    others = [about("monitoring"), about("rating", prefix="rates")]
    assert owner_of_prefix("rates", others) == "rating"
    assert owner_of_prefix("rating", others) is None
    assert owner_of_prefix("monitor", others) is None


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("visits", True),
        ("visits_round", True),
        ("visits.read", True),
        ("visitsround", False),
        ("visit", False),
        ("other_visits", False),
    ],
)
def test_a_name_begins_with_a_prefix_as_a_word(name: str, does: bool) -> None:
    assert begins(name, "visits") is does
    assert foreign_names(about("visits"), [name]) == ([] if does else [name])
