"""Clearing away by the clock."""

from __future__ import annotations

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.db.engine import Database
from core.events.idempotency import IdempotencyKey
from core.files.store import FileStore
from core.people.attempt import SignInAttempt, note_failure, window_of
from core.people.invitation import Invitation
from core.people.session import SignInSession
from tests.acting import arranging
from tests.conftest import NOW
from tests.core.files.test_file import make_actor
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


async def test_sessions_and_invitations_are_forgotten_some_time_after_their_end(
    database: Database, tmp_path: Path
) -> None:
    day = timedelta(days=1)
    actor = await make_actor(database)
    long_ago, lately = NOW - 30 * day - timedelta(seconds=1), NOW - 30 * day
    shared: Any = {"account_id": actor.account_id, "created_at": long_ago}
    ends: list[dict[str, Any]] = [{"expires_at": at} for at in (long_ago, lately)]
    async with arranging(database) as session:
        for number, end in enumerate([*ends, *({"ended_at": e["expires_at"]} for e in ends)]):
            given = {"expires_at": NOW + day, "last_seen_at": long_ago, **shared, **end}
            session.add(SignInSession(hash=f"s{number}", **given))
        for number, end in enumerate(
            [
                *ends,
                *({"used_at": e["expires_at"]} for e in ends),
                *({"revoked_at": e["expires_at"]} for e in ends),
            ]
        ):
            session.add(Invitation(hash=f"i{number}", **{"expires_at": NOW + day, **shared, **end}))
        for at in (long_ago, lately):
            key = {"key": str(at), "mutation": "createProject", "body_hash": "x", "result": {}}
            session.add(IdempotencyKey(account_id=actor.account_id, at=at, **key))
    store = FileStore(tmp_path / "files", largest=100)
    await Sweeping(database, store, lambda: NOW, session_days=30).once()
    async with database.reading_session() as session:
        left = {
            model: sorted(await session.scalars(select(model.hash)))
            for model in (SignInSession, Invitation)
        }
        keys = (await session.scalars(select(IdempotencyKey.key))).all()
    assert left == {SignInSession: ["s1", "s3"], Invitation: ["i1", "i3", "i5"]}
    assert keys == [str(lately)]
