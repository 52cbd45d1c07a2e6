"""``zhoba plugins revise``, as the author of a plugin uses it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zhoba.cli import app

PROJECT = """
[project]
name = "zhoba-walks"
version = "1.0"

[project.entry-points."zhoba.plugins"]
walks = "zhoba_walks"
"""

MODULE = """
from pathlib import Path

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy import ForeignKey, Text

from zhoba.api import Key, Migrations, Node, PluginInfo, hookimpl, plugin_metadata

class Base(DeclarativeBase):
    metadata = plugin_metadata()


TEXTS = {"kk": "жүріс", "ru": "прогулка", "en": "walk"}


class Walk(Base):
    __tablename__ = "walks_walk"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    node_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)


@hookimpl
def plugin_info():
    return PluginInfo(
        id="walks", version="1.0", title=TEXTS, description=TEXTS, requires_api=">=1.0"
    )


@hookimpl
def register_migrations():
    return Migrations(Path(__file__).parent / "migrations", Base.metadata)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    package = tmp_path / "zhoba_walks"
    (package / "migrations").mkdir(parents=True)
    (package / "__init__.py").write_text(MODULE)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    yield tmp_path
    sys.modules.pop("zhoba_walks", None)


def revise(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["plugins", "revise", *arguments])


def test_revise_writes_the_first_revision_and_then_has_nothing_to_write(project: Path) -> None:
    written = revise(str(project), "first tables")
    assert written.exit_code == 0, written.output
    path = project / "zhoba_walks" / "migrations" / "0001_first_tables.py"
    assert written.stdout == f"{path}\n"
    assert '["node.id"]' in path.read_text().replace("'", '"')
    again = revise(str(project), "again")
    assert (again.exit_code, again.stderr) == (
        1, "the models of walks are what its revisions make\n",
    )  # fmt: skip


def test_revise_without_a_plugin_says_what_was_expected(tmp_path: Path) -> None:
    refused = revise(str(tmp_path), "first tables")
    assert (refused.exit_code, "has no pyproject.toml" in refused.stderr) == (1, True)


def test_revise_a_plugin_without_tables(project: Path) -> None:
    module = project / "zhoba_walks" / "__init__.py"
    module.write_text(MODULE.partition("@hookimpl\ndef register_migrations")[0])
    refused = revise(str(project), "first tables")
    assert (refused.exit_code, refused.stderr) == (
        1, "walks has no tables: it implements no register_migrations\n",
    )  # fmt: skip
