"""The ``zhoba`` command, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from sqlalchemy import select
from typer.testing import CliRunner, Result

from core.authority.appointment import Appointment
from core.db.engine import Database
from core.imports.mapping import shipped_mappings
from core.people.person import Person
from zhoba.cli import app, main
from zhoba.sign_in.keys import own_key

COMMANDS = [
    "admin", "backup", "demo", "doctor", "documents", "import", "migrate", "plugins", "policy",
    "schema", "serve", "token",
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of an installation of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZHOBA_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def migrated(data: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", database_url)
    return database_url


def zhoba(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def key(data: Path, name: str = "signing-key.json") -> OKPKey:
    return own_key(data / name)


def test_help_names_every_command_and_says_what_it_does() -> None:
    shown = zhoba("--help").stdout
    assert sorted(re.findall(r"^│ ([a-z]+)  ", shown, re.MULTILINE)) == COMMANDS
    for command in COMMANDS:
        assert zhoba(command, "--help").exit_code == 0


def test_migrate_makes_the_tables_and_serve_wants_them(
    data: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", empty_database_url)
    refused = zhoba("serve")
    assert (refused.exit_code, "run `zhoba migrate` first" in refused.stderr) == (1, True)
    assert zhoba("doctor").exit_code == 1
    for _ in range(2):
        assert zhoba("migrate").exit_code == 0
    assert zhoba("doctor").exit_code == 0


def test_first_administrator_gets_a_short_token_and_stays_the_only_one(
    migrated: str, data: Path
) -> None:
    for _ in range(2):
        granted = zhoba("admin", "grant", "Омаров", "Айдар")
        assert granted.exit_code == 0, granted.output
    claims = jwt.decode(granted.stdout.strip(), key(data), ["Ed25519"]).claims
    assert (claims["sub"], claims["exp"] - claims["iat"]) == ("Account:1", 600)

    async def held() -> list[tuple[str, str]]:
        database = await Database.open(migrated)
        try:
            async with database.reading_session() as session:
                rows = await session.execute(
                    select(Person.full_name, Appointment.role).join(
                        Appointment, Appointment.person_id == Person.id
                    )
                )
                return [(name, role) for name, role in rows]
        finally:
            await database.close()

    assert asyncio.run(held()) == [("Омаров Айдар", "national_administrator")]


@pytest.mark.parametrize("wanted", ["Person:1", "national_administrator", "омаров", "Айдар"])
def test_token_alone_for_a_person_a_role_or_a_name(migrated: str, data: Path, wanted: str) -> None:
    zhoba("admin", "grant", "Омаров", "Айдар")
    printed = zhoba("token", wanted)
    assert printed.stderr == ""
    assert jwt.decode(printed.stdout.rstrip("\n"), key(data), ["Ed25519"]).claims["sub"] == (
        "Account:1"
    )


def test_token_of_the_demo_says_so(
    migrated: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhoba("admin", "grant", "Омаров", "Айдар")
    monkeypatch.setenv("ZHOBA_DEMO", "1")
    printed = zhoba("token", "Person:1")
    claims = jwt.decode(
        printed.stdout.strip(), key(data, "demo-signing-key.json"), ["Ed25519"]
    ).claims
    assert (claims["iss"], claims["demo"]) == ("zhoba:demo", "DEMO")
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_token_of_nobody_or_of_several_is_refused(migrated: str, data: Path) -> None:
    for given in ("Айдар", "Асхат"):
        zhoba("admin", "grant", "Омаров", given)
    nobody = zhoba("token", "Сейітов")
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    several = zhoba("token", "Омаров")
    assert (several.exit_code, several.stdout) == (1, "")
    assert re.findall(r"Person:\d+  (.+)", several.stderr) == ["Омаров Айдар", "Омаров Асхат"]


def test_backup_prints_its_folder(data: Path, sqlite_template: Path, tmp_path: Path) -> None:
    data.mkdir()
    (data / "zhoba.db").write_bytes(sqlite_template.read_bytes())
    made = zhoba("backup", str(tmp_path / "backups"))
    assert made.exit_code == 0
    assert (Path(made.stdout.strip()) / "zhoba.db").is_file()
    assert "To restore" in made.stderr
    (data / "zhoba.db").unlink()
    assert zhoba("backup", str(tmp_path / "other")).exit_code == 1


def test_wrong_setting_is_named(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHOBA_TOKEN_MINUTES", "11")
    refused = zhoba("doctor")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("ZHOBA_TOKEN_MINUTES: ")


def test_refusal_of_the_platform_is_one_sentence(
    migrated: str,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    zhoba("admin", "grant", "Омаров", "Айдар")
    folder = tmp_path / "empty"
    folder.mkdir()
    arguments = ["zhoba", "import", "--mapping", "no_such_mapping", str(folder)]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "(IMPORT_MAPPING_MISSING)" in capsys.readouterr().err


def test_help_of_the_import_names_the_shipped_mappings() -> None:
    words = re.sub(r"[│\s]+", " ", zhoba("import", "--help").stdout)
    assert f"a shipped one: {', '.join(shipped_mappings())}." in words


def test_schema_is_printed_whole() -> None:
    printed = zhoba("schema").stdout
    for type_ in ("type Query {", "type Mutation {", "type Subscription {"):
        assert printed.count(f"\n{type_}\n") == 1


def test_schema_is_written_to_the_file_named(tmp_path: Path) -> None:
    assert zhoba("schema", "--output", str(tmp_path / "schema.graphql")).stdout == ""
    assert (tmp_path / "schema.graphql").read_text("utf-8") == zhoba("schema").stdout


def test_reset_of_the_demo_removes_no_server_database(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", "postgresql://zhoba@127.0.0.1:1/zhoba")
    refused = zhoba("demo", "--reset")
    assert refused.exit_code == 1
    assert (
        refused.stderr
        == "--reset removes a SQLite file only; drop the PostgreSQL database yourself\n"
    )


def test_tokens_hold_from_now(migrated: str, data: Path) -> None:
    printed = zhoba("admin", "grant", "Омаров", "Айдар").stdout.strip()
    issued = jwt.decode(printed, key(data), ["Ed25519"]).claims["iat"]
    assert abs(datetime.now(UTC).timestamp() - issued) < 60


def test_a_database_out_of_reach_is_one_sentence(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", "postgresql://zhoba@127.0.0.1:1/none")
    monkeypatch.setattr("sys.argv", ["zhoba", "migrate"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("the database or a file cannot be used: ")
