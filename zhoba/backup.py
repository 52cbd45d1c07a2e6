"""A copy of everything an installation could not make again: the database and stored files.

Signing keys are left out on purpose: a copy of them could sign in as anybody, and a new one is made
at the next start. The key of personal data is left out because a copy beside the data would open
them; without it they are lost, so the hint how to restore names it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from core.files.store import FileStore
from zhoba.settings import Settings

SQLITE_NAME = "zhoba.db"
POSTGRES_NAME = "zhoba.dump"


class BackupFailed(Exception):
    """The copy is not whole; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished copy."""

    folder: Path
    restore: str


def back_up(settings: Settings, target: Path, now: datetime) -> Backup:
    """Copy database and files into a new folder below ``target``, while the server may run.

    The database first: a file it names was stored before its row, so the files copied after it are
    at least those, and none is swept away meanwhile. Raises :class:`BackupFailed`.
    """
    folder = target / f"zhoba-{now.strftime('%Y%m%d-%H%M%S')}"
    draft = folder.with_name(folder.name + ".part")
    if folder.exists() or draft.exists():
        raise BackupFailed(f"{folder} exists already")
    draft.mkdir(parents=True, mode=0o700)
    store = FileStore(settings.files_dir, largest=settings.max_file_bytes)
    try:
        with store.locked(fcntl.LOCK_SH):
            restore = copy_all(settings, draft, folder, now)
        draft.replace(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    restore = f"{restore}; copy {folder / 'files'} to {settings.files_dir}"
    key = settings.seal().path
    if key.exists():
        restore += f"; put back {key}, which encrypts personal data, from where you keep it"
    return Backup(folder, restore)


def copy_all(settings: Settings, draft: Path, folder: Path, now: datetime) -> str:
    """Copy everything to ``draft``, which is to become ``folder``; how to restore the database."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite":
        name = SQLITE_NAME
        copy_sqlite(Path(url.database or ""), draft / name)
        restore = f"stop the server, then copy {folder / name} to {url.database}"
    else:
        name = POSTGRES_NAME
        dump_postgres(settings.database, draft / name)
        restore = f"pg_restore --clean --if-exists --dbname DATABASE {folder / name}"
    files = copy_files(settings.files_dir, draft / "files")
    manifest = {"made_at": now.isoformat(), "database": name, "files": files}
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return restore


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that may be written to meanwhile, and check the copy."""
    if not source.is_file():
        raise BackupFailed(f"there is no database at {source}")
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(target)) as copy,
    ):
        live.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        state = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if state != "ok":
        raise BackupFailed(f"the copy is damaged: {state}")
    target.chmod(0o600)
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def dump_postgres(url: str, target: Path) -> None:
    """Dump a database with ``pg_dump``; its password goes by the environment, not the command."""
    parsed = make_url(url).set(drivername="postgresql")
    program = shutil.which("pg_dump")
    if program is None:
        raise BackupFailed("pg_dump is not on the PATH")
    environment = dict(os.environ)
    if parsed.password:
        environment["PGPASSWORD"] = str(parsed.password)
    plain = parsed._replace(password=None).render_as_string()
    command = [program, "--format=custom", f"--file={target}", f"--dbname={plain}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        raise BackupFailed(done.stderr.strip() or "pg_dump failed")
    target.chmod(0o600)


def copy_files(source: Path, target: Path) -> int:
    """Copy the stored files; how many. Drafts of uploads lie beside their folders and are not."""
    target.mkdir(mode=0o700)
    count = 0
    for path in sorted(source.glob("??/*")) if source.is_dir() else ():
        (target / path.parent.name).mkdir(exist_ok=True, mode=0o700)
        shutil.copy2(path, target / path.parent.name / path.name)
        count += 1
    return count
