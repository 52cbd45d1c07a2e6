"""The checklist finds just what is missing, and nothing in a good plugin."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from zhoba.cli import app
from zhoba.new_plugin.writing import new_plugin
from zhoba.plugin_check.examining import examine
from zhoba.plugin_check.subject import NoPlugin, Place, place_of

NAMES = [
    "loads",
    "names",
    "imports",
    "policies",
    "descriptions",
    "languages",
    "settings",
    "readme and tests",
    "migrations",
    "query counts",
    "disable and enable",
]


def check(folder: Path) -> tuple[int, str]:
    """Exit code and output of the command, in a process of its own: modules are imported once."""
    done = subprocess.run(
        [sys.executable, "-c", "from zhoba.cli import main; main()", "plugins", "check", folder],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONWARNINGS": ""},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def missing(output: str) -> list[str]:
    return [line.split("  ")[1].strip() for line in output.splitlines() if "MISSING" in line]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plugin from the template."""
    return new_plugin("visits", tmp_path / "made")


def test_check_of_a_new_plugin(folder: Path) -> None:
    code, output = check(folder)
    assert (code, missing(output)) == (0, [])
    assert [line.removeprefix("done     ")[:18].strip() for line in output.splitlines()] == NAMES


FAULTS: dict[str, tuple[str, str, str, str, str]] = {
    "import": (
        "imports", "rules.py", "from sqlalchemy import func",
        "import core.unset\nfrom sqlalchemy import func", "imports core.unset",
    ),
    "grant": (
        "policies", "access.py", "grant(READ, WRITE)", "grant(READ)",
        "visits.write is granted to nobody",
    ),
    "sentence": (
        "languages", "messages.toml", "[VISITS_TOO_MANY]", "[VISITS_TOO_FEW]",
        "VISITS_TOO_MANY has no sentence",
    ),
    "translation": (
        "languages", "info.py", '"ru": "Visits: заметки"', '"ru": "Visits: notes"',
        "the title says the same in two languages",
    ),
    "setting": (
        "settings", "info.py", "default=20, ", "", "most_notes has no default",
    ),
    "model": (
        "migrations", "models.py", "    written_on: Mapped[date]",
        "    written_on: Mapped[date]\n    more: Mapped[int | None]", "models and tables differ",
    ),
    "way down": (
        "migrations", "migrations/0001_notes.py", 'op.drop_table(TABLE)', "pass",
        "the way down leaves the table visits_note",
    ),
    "prefix": (
        "loads", "bindings.py", '"VisitsNote"', '"Note"', "does not begin with Visits",
    ),
    "description": (
        "loads", "bindings.py", '"What it says."', '""', "description",
    ),
}  # fmt: skip
"""What is changed in which file, the finding it must show up in, and the words it must say."""


TOGETHER = (
    ("import", "grant", "sentence", "setting", "model"),
    ("translation", "way down"),
    ("prefix",),
    ("description",),
)
"""Each fault once; those together hide nothing of each other, and a process is dear."""


def test_every_fault_is_looked_for() -> None:
    assert sorted(fault for faults in TOGETHER for fault in faults) == sorted(FAULTS)


@pytest.mark.parametrize("faults", TOGETHER)
def test_check_finds_these_faults(faults: tuple[str, ...], folder: Path) -> None:
    for _, file, old, new, _ in map(FAULTS.__getitem__, faults):
        path = folder / "zhoba_visits" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    code, output = check(folder)
    names = {FAULTS[fault][0] for fault in faults}
    assert (code, missing(output)) == (1, [name for name in NAMES if name in names]), output
    for fault in faults:
        assert FAULTS[fault][4] in output


def test_check_tells_what_the_plugin_raised_and_asks_for_a_readme_and_tests(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "tests" / "test_notes.py").unlink()
    path = folder / "zhoba_visits" / "plugin.py"
    hook = """

@hookimpl
async def on_region_enable(work, region_id, settings):
    raise ValueError("not today")
"""
    path.write_text(path.read_text("utf-8") + hook, "utf-8")
    code, output = check(folder)
    absent = ["readme and tests", "query counts", "disable and enable"]
    assert (code, missing(output)) == (1, absent), output
    assert "the plugin raised ValueError at plugin.py:" in output
    assert "not today" in output


def test_check_of_a_module_without_a_project(tmp_path: Path) -> None:
    """The plugin of inspections, whose tests lie elsewhere, holds against being switched off."""
    place = Place(tmp_path, "inspections", "tests.dummy_plugin.plugin")
    findings = asyncio.run(examine(place))
    assert [each.name for each in findings] == NAMES
    assert [each.name for each in findings if not each.done] == ["readme and tests"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "has no pyproject.toml"),
        ("[project]\nname = 'x'\n", "offers 0 plugins"),
    ],
)
def test_a_folder_without_a_plugin(text: str | None, words: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    with pytest.raises(NoPlugin, match=words):
        place_of(tmp_path)


def test_the_command_says_how_a_module_is_written(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["plugins", "check", str(tmp_path), "--module", "visits"])
    assert result.exit_code == 1
