"""A plugin from the template passes its own tests, its checklist, style and types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zhoba.new_plugin.writing import LONGEST, BadName, new_plugin

NAMES = ("visits", "a_plugin_with_a_long_nam")


def run(folder: Path, *command: str) -> str:
    """What a command says; it must not fail."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_names_of_the_test_reach_the_limit() -> None:
    assert max(map(len, NAMES)) == LONGEST


@pytest.mark.early
@pytest.mark.parametrize("name", NAMES)
def test_new_plugin_is_in_style_and_typed(name: str, tmp_path: Path) -> None:
    folder = new_plugin(name, tmp_path / "made")
    run(folder, "ruff", "check", ".")
    run(folder, "ruff", "format", "--check", ".")
    run(folder, "mypy", "--cache-dir", str(tmp_path / "mypy"))


@pytest.mark.early
def test_new_plugin_passes_its_own_tests(tmp_path: Path) -> None:
    """On both databases."""
    folder = new_plugin("visits", tmp_path / "made")
    said = run(folder, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly")
    assert said.splitlines()[-1].startswith("10 passed")


def test_new_plugin_leaves_no_hole_of_the_template(tmp_path: Path) -> None:
    folder = new_plugin("site_visits", tmp_path / "made")
    written = {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert len(written) == 13
    assert [name for name, text in written.items() if "%{" in text or "tmpl" in name] == []


@pytest.mark.parametrize("name", ["Visits", "2visits", "site-visits", "", "a" * (LONGEST + 1)])
def test_new_plugin_refuses_what_is_no_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadName, match="no name for a plugin"):
        new_plugin(name, tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["project", "demo", "person"])
def test_new_plugin_refuses_names_of_the_core(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadName, match="belongs to the core"):
        new_plugin(name, tmp_path / "made")


def test_new_plugin_overwrites_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError):
        new_plugin("visits", tmp_path)
