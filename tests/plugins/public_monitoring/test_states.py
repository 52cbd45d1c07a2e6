"""The machines are whole, the acts go by them, and the page shows them as they are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from plugins.public_monitoring import pages, states
from plugins.public_monitoring.states import MACHINES, Machine
from zhoba.host.installation import Installation

PACKAGE = Path(states.__file__).parent


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_and_every_act_is_named_once(machine: Machine) -> None:
    reached = {machine.initial}
    for _ in machine.moves:
        reached |= {move.end for move in machine.moves if reached & set(move.start)}
    assert reached == set(type(machine.initial))
    acts = [move.act for move in machine.moves]
    assert len(acts) == len(set(acts))


def test_acts_make_every_move_and_refusals_are_sentences(installation: Installation) -> None:
    words = {
        node.value
        for path in PACKAGE.glob("*.py")
        if path.name != "states.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {move.act for machine in MACHINES for move in machine.moves} <= words
    codes = {code for machine in MACHINES for move in machine.moves for code in move.refusals}
    assert codes - {"TEXT_REQUIRED"} <= set(installation.plugin("public_monitoring").sentences)


def test_the_page_is_up_to_date() -> None:
    assert pages.PAGE.read_text("utf-8") == pages.page(), (
        "run: python -m plugins.public_monitoring.pages"
    )
