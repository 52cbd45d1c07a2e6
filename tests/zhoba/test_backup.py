"""Backups: whole, or nothing."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.db.engine import Database
from core.files.file import File
from core.files.store import FileStore
from core.tree.node import NodeKind
from tests.acting import arranging
from tests.factories import make_node
from tests.zhoba.host.tiny import tiny
from zhoba.backup import BackupFailed, back_up
from zhoba.doctor import Unwell, look_at_files
from zhoba.host.installing import Outcome, install
from zhoba.settings import Settings

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.fixture
def settings(sqlite_template: Path, tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    (data / "files" / "ab").mkdir(parents=True)
    (data / "files" / "ab" / "cd").write_bytes(b"content")
    (data / "files" / "draft").write_bytes(b"half")
    (data / "signing-key.json").write_text("secret")
    shutil.copy(sqlite_template, data / "zhoba.db")
    return Settings(data_dir=data)


async def test_back_up_a_database_that_is_being_written(settings: Settings, tmp_path: Path) -> None:
    database = await Database.open(settings.database)
    async with database.session() as session, session.begin():
        await make_node(session, NodeKind.COUNTRY, None, name="Kept")
    async with database.session() as session, session.begin():
        await make_node(session, NodeKind.COUNTRY, None, code="XX", name="Not yet")
        made = back_up(settings, tmp_path / "backups", NOW)
    await database.close()
    assert made.folder == tmp_path / "backups" / "zhoba-20260302-063000"
    with sqlite3.connect(made.folder / "zhoba.db") as copy:
        assert copy.execute("SELECT name_en FROM country").fetchall() == [("Kept",)]
    copy.close()
    found = sorted(str(p.relative_to(made.folder)) for p in made.folder.rglob("*") if p.is_file())
    assert found == ["files/ab/cd", "manifest.json", "zhoba.db"]
    assert json.loads((made.folder / "manifest.json").read_text()) == {
        "made_at": NOW.isoformat(), "database": "zhoba.db", "files": 1,
    }  # fmt: skip
    assert (made.folder / "zhoba.db").stat().st_mode & 0o777 == 0o600


async def test_back_up_takes_the_tables_of_plugins(settings: Settings, tmp_path: Path) -> None:
    assert [step.outcome for step in await install(settings.database, [tiny(tmp_path)], NOW)] == [
        Outcome.CHANGED
    ]
    made = back_up(settings, tmp_path / "backups", NOW)
    with sqlite3.connect(made.folder / "zhoba.db") as copy:
        assert copy.execute("SELECT version_num FROM version_visits").fetchall() == [("0001",)]
        assert copy.execute("SELECT count(*) FROM visits_visit").fetchall() == [(0,)]
        assert copy.execute("SELECT plugin FROM installed_plugin").fetchall() == [("visits",)]
    copy.close()


def test_restore_as_the_hint_says(settings: Settings, tmp_path: Path) -> None:
    made = back_up(settings, tmp_path / "backups", NOW)
    assert made.restore == (
        f"stop the server, then copy {made.folder / 'zhoba.db'} to {settings.data_dir / 'zhoba.db'}"
        f"; copy {made.folder / 'files'} to {settings.data_dir / 'files'}"
    )


def test_the_key_of_personal_data_is_named_and_not_copied(
    settings: Settings, tmp_path: Path
) -> None:
    key = settings.seal()
    key.closed("900101300126", "iin")
    made = back_up(settings, tmp_path / "backups", NOW)
    assert f"; put back {key.path}, which encrypts personal data" in made.restore
    kept = key.path.read_bytes().strip()
    copied = [path for path in made.folder.rglob("*") if path.is_file()]
    assert [path for path in copied if kept in path.read_bytes()] == []


async def test_files_come_back_with_the_database_that_names_them(
    settings: Settings, tmp_path: Path
) -> None:
    store = FileStore(settings.files_dir, largest=100)
    stored = await store.put_bytes("Бұйрық".encode(), name="order.txt")
    database = await Database.open(settings.database)
    async with arranging(database) as session:
        described = File(
            sha256=stored.sha256, name="order.txt", media_type=stored.media_type, size=stored.size,
            uploaded_at=NOW,
        )  # fmt: skip
        session.add(described)
    await database.close()
    made = back_up(settings, tmp_path / "backups", NOW)
    restored = Settings(data_dir=tmp_path / "restored")
    restored.data_dir.mkdir()
    shutil.copy(made.folder / "zhoba.db", restored.data_dir / "zhoba.db")
    with pytest.raises(Unwell, match="1 of 1 are missing or changed"):
        await look_at_files(restored)
    shutil.copytree(made.folder / "files", restored.files_dir, dirs_exist_ok=True)
    assert await look_at_files(restored) == f"1 contents in {restored.files_dir}"
    FileStore(restored.files_dir, largest=100).path(stored.sha256).write_text("forged")
    with pytest.raises(Unwell, match="1 of 1 are missing or changed"):
        await look_at_files(restored)


def test_back_up_twice_at_once_keeps_the_first(settings: Settings, tmp_path: Path) -> None:
    back_up(settings, tmp_path, NOW)
    with pytest.raises(BackupFailed):
        back_up(settings, tmp_path, NOW)


def test_back_up_without_a_database_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed):
        back_up(Settings(data_dir=tmp_path / "empty"), tmp_path / "backups", NOW)
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.parametrize(
    ("script", "good"),
    [
        ('#!/bin/sh\nfor a in "$@"; do case "$a" in --file=*) echo dump > "${a#--file=}";; '
         'esac; done\necho "$@ $PGPASSWORD" > "$(dirname "$0")/seen"\n', True),
        ("#!/bin/sh\necho broken >&2\nexit 1\n", False),
    ],
)  # fmt: skip
def test_back_up_of_postgresql_asks_pg_dump_without_showing_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, good: bool
) -> None:
    program = tmp_path / "bin" / "pg_dump"
    program.parent.mkdir()
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    settings = Settings(database_url="postgresql://zhoba:secret@db:5432/zhoba", data_dir=tmp_path)
    if not good:
        with pytest.raises(BackupFailed, match="broken"):
            back_up(settings, tmp_path / "backups", NOW)
        assert list((tmp_path / "backups").iterdir()) == []
        return
    made = back_up(settings, tmp_path / "backups", NOW)
    assert (made.folder / "zhoba.dump").read_text() == "dump\n"
    seen = (program.parent / "seen").read_text()
    assert "--dbname=postgresql://zhoba@db:5432/zhoba" in seen
    assert seen.count("secret") == 1  # in the environment only
