"""``zhoba policy explain`` and ``zhoba policy who-can``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.db.engine import Database
from tests.factories import make_act, make_appointment, make_person, make_world
from zhoba.cli import app


@pytest.fixture
def ids(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A curator by an order, and the country's auditor."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "300")

    async def arrange() -> dict[str, str]:
        database = await Database.open(database_url)
        async with database.session() as session, session.begin():
            world = await make_world(session)
            curator = await make_person(session, "Curator Aigul")
            order = await make_act(session, number="12-n")
            await make_appointment(session, curator, "np_curator", world.priority, act_id=order.id)
            other = await make_person(session, "Nobody Nurlan")
        await database.close()
        return {
            "curator": f"Person:{curator.id}",
            "other": f"Person:{other.id}",
            "project": f"Project:{world.project.id}",
        }

    return asyncio.run(arrange())


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments])


def test_explain_says_why(ids: dict[str, str]) -> None:
    told = ask("explain", ids["curator"], ids["project"], "project.read")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0] == "allowed"
    assert lines[1].endswith("decided by core:np_curator:project.read")
    assert lines[2].startswith("  holds np_curator by Appointment:")
    denied = ask("explain", ids["other"], ids["project"], "project.read")
    assert denied.stdout.splitlines()[0] == "not allowed"


def test_who_can_lists_since_when_by_which_act_and_rule(ids: dict[str, str]) -> None:
    told = ask("who-can", ids["project"], "project.read")
    assert told.exit_code == 0
    [row] = [line for line in told.stdout.splitlines() if "Person:" in line]
    cells = [cell.strip() for cell in row.strip("│┃").split("│")]
    assert cells[:2] == [ids["curator"], "Curator Aigul"]
    assert cells[3:] == ["2026-01-05", "ORDER 12-n", "core:np_curator:project.read"]
    before = ask("who-can", ids["project"], "project.read", "--as-of", "2026-01-04")
    assert "Person:" not in before.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["explain", "Project:1", "{project}", "project.read"], "'Project:1' is no id of Person."),
        (["explain", "Person:99999", "{project}", "project.read"], "There is no Person:99999."),
        (["explain", "{curator}", "Project:99999", "project.read"], "There is no such object."),
        (["who-can", "{project}", "project.raed"], "There is no permission project.raed;"),
        (["who-can", "project", "project.read"], "'project' is no id;"),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    ids: dict[str, str], arguments: list[str], words: str
) -> None:
    told = ask(*(each.format(**ids) for each in arguments))
    assert told.exit_code == 1
    assert words in told.stderr.replace("\n", " ")
