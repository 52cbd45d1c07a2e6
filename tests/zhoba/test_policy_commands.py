"""``zhoba policy``: files of changes, drafts, versions, answers and tests, at the machine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from core.authority.policies.change import Change
from core.authority.policies.files import Format, write_changes
from core.db.engine import Database
from tests import factories as make
from tests.acting import arranging
from tests.core.authority.policies.changes import READS, add, disable
from zhoba.cli import app
from zhoba.testing.rows import World

MANAGES = "core:national_administrator:policy.manage"
POLICIES = Path(__file__).parents[1] / "policies"


def zhoba(*arguments: str) -> Result:
    """A command that is expected to go well."""
    result = CliRunner().invoke(app, ["policy", *arguments])
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def failed(*arguments: str) -> str:
    """What a command says that ends with 1, or the refusal it ends with."""
    result = CliRunner().invoke(app, ["policy", *arguments])
    assert result.exit_code == 1
    return result.output + str(result.exception)


@pytest.fixture
def world(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)

    async def rows() -> World:
        database = await Database.open(database_url)
        try:
            async with arranging(database) as session:
                made = await make.make_world(session)
                for role, node in (
                    ("national_administrator", made.country),
                    ("project_manager", made.project),
                ):
                    person = await make.make_person(session)
                    await make.make_appointment(session, person, role, node)
                return made
        finally:
            await database.close()

    return asyncio.run(rows())


def written(path: Path, *changes: Change) -> str:
    """A file with these changes."""
    format = Format.CSV if path.suffix == ".csv" else Format.YAML
    path.write_text(write_changes(changes, format), "utf-8")
    return str(path)


@pytest.mark.parametrize("suffix", [".csv", ".yaml"])
def test_a_file_becomes_a_draft_and_a_version_and_a_file_again(
    world: World, tmp_path: Path, suffix: str
) -> None:
    file = written(tmp_path / f"changes{suffix}", disable(region=world.region.code), add())
    zhoba("validate", file)
    assert zhoba("diff", file).output.splitlines() == [
        f"- {READS}: allow project_manager project.read tree * *",
        f"+ {READS}: allow project_manager project.read tree * !{world.region.code}",
        "+ local:one: allow auditor project.create tree * *",
    ]
    draft = zhoba("import", file, "--title", "First").output.strip()
    assert zhoba("diff", "--draft", draft).output == zhoba("diff", file).output
    given = ("--reason", "Asked for", "--expected-head")
    assert "CONFLICT" in failed("publish", draft, *given, "1")
    person, project = "Person:2", f"Project:{world.project.id}"
    assert zhoba("explain", person, project, "project.read").output.startswith("allowed")
    assert zhoba("publish", draft, *given, "0").output == "1\n"
    assert zhoba("explain", person, project, "project.read").output.startswith("not allowed")
    out = tmp_path / f"out{suffix}"
    zhoba("export", "--output", str(out))
    assert out.read_bytes() == Path(file).read_bytes()
    assert zhoba("rollback", "0", *given, "1").output == "2\n"
    assert zhoba("export").output == "[]\n"
    assert zhoba("diff", "--before", "1", "--after", "2").output.count("\n") == 3
    numbers = [line.split("\t") for line in zhoba("history").output.splitlines()]
    assert [(each[0], each[2], each[3]) for each in numbers] == [
        ("2", "operator", "Asked for"),
        ("1", "operator", "Asked for"),
    ]


def test_faults_of_a_file_are_told_with_its_lines(world: World, tmp_path: Path) -> None:
    file = written(tmp_path / "bad.csv", add(), add("local:two", role="boss"))
    assert f"{file}:3: local:two: there is no role boss." in failed("validate", file)
    broken = tmp_path / "broken.yaml"
    broken.write_text("- act: add\n  rule: [x]\n")
    with pytest.raises(AssertionError):
        zhoba("validate", str(broken))
    failed("validate", str(broken))
    other = tmp_path / "changes.txt"
    other.write_text("")
    failed("validate", str(other))


def test_a_draft_of_a_region_is_of_a_region_there_is(world: World, tmp_path: Path) -> None:
    file = written(tmp_path / "local.yaml", disable(region=world.region.code, by_region=True))
    draft = zhoba("import", file, "--title", "Local", "--region", world.region.code).output.strip()
    assert zhoba("export", "--draft", draft).output == Path(file).read_text()
    failed("import", file, "--title", "Nowhere", "--region", "KZ-99")
    failed("export", "--version", "7")
    failed("export", "--draft", "7")


def test_test_files_are_asked_of_the_version_in_force_or_of_changes(world: World) -> None:
    zhoba("test", str(POLICIES / "two_regions.yaml"))
    closed = str(POLICIES / "closed_region.yaml")
    assert "manager should not be allowed project.read at bridge (by check)" in failed(
        "test", closed
    )


def test_test_files_are_asked_of_given_changes(world: World, tmp_path: Path) -> None:
    """The regions that the changes name have to be there."""
    failed(
        "test", str(POLICIES / "closed_region.yaml"), "--changes",
        str(POLICIES / "closed_region.csv"),
    )  # fmt: skip
    text = (POLICIES / "closed_region.csv").read_text().replace("KZ-75", world.region.code)
    cases = (POLICIES / "closed_region.yaml").read_text().replace("KZ-10", "KZ-99")
    (tmp_path / "changes.csv").write_text(text)
    (tmp_path / "cases.yaml").write_text(cases.replace("KZ-75", world.region.code))
    zhoba("test", str(tmp_path / "cases.yaml"), "--changes", str(tmp_path / "changes.csv"))


def test_test_files_need_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHOBA_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    zhoba("test", str(POLICIES / "two_regions.yaml"))
    zhoba(
        "test", str(POLICIES / "closed_region.yaml"), "--changes",
        str(POLICIES / "closed_region.csv"),
    )  # fmt: skip
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "none.db").touch()
    zhoba("test", str(POLICIES / "two_regions.yaml"))


def test_a_draft_is_tried_before_it_is_published(world: World, tmp_path: Path) -> None:
    file = written(tmp_path / "changes.yaml", disable())
    draft = zhoba("import", file, "--title", "Less").output.strip()
    told = zhoba("dry-run", draft).output
    assert "People who lose something: 1; who gain something: 0." in told
    assert READS in told
    assert "policy.manage at the country: 1 left" in told
    locked = written(tmp_path / "locked.yaml", disable(MANAGES))
    draft = zhoba("import", locked, "--title", "Locked").output.strip()
    assert "policy.manage at the country: 0 left (nobody)" in failed("dry-run", draft)
    failed("dry-run", "99")
