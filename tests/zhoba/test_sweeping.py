"""Clearing away by the clock."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from core.db.engine import Database
from core.files.store import FileStore
from core.people.attempt import SignInAttempt, note_failure, window_of
from tests.conftest import NOW
from zhoba.sweeping import Sweeping


async def test_sweeping_takes_old_contents_and_attempts_and_outlives_a_failure(
    database: Database, tmp_path: Path, log_lines: io.StringIO
) -> None:
    store = FileStore(tmp_path / "files", largest=100)
    stored = await store.put_bytes(b"nobody's", name="a.txt")
    os.utime(store.path(stored.sha256), (1, 1))
    for moment in (NOW - timedelta(days=2), NOW):
        await note_failure(database, "192.0.2.1", moment)
    closed = await Database.open("postgresql://zhoba@127.0.0.1:1/zhoba")
    await Sweeping(closed, store, lambda: NOW).once()
    await closed.close()
    assert ("swept later" in log_lines.getvalue(), len(list(store.contents()))) == (True, 1)
    await Sweeping(database, store, lambda: NOW).once()
    assert list(store.contents()) == []
    async with database.reading_session() as session:
        left = await session.scalars(select(SignInAttempt.began_at))
        assert left.all() == [window_of(NOW)] * 2
