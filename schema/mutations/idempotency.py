"""A mutation sent twice with the same key happens once [architecture: kept 30 days]."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from core.errors import PRODUCT_DEFAULT, InvalidInput
from core.events.idempotency import IdempotencyKey
from core.work import Work

KEPT = timedelta(days=30)
"""How long a key is remembered. Product default."""

LONGEST = 200
"""Letters of a key."""


def body_hash(work: Work, mutation: str, input: dict[str, Any]) -> str:
    """What identifies a mutation with its input; the key itself does not count.

    It is made with the key of personal data, so that nobody finds an identification number by
    trying them all on a copy of the database.
    """
    body = {name: value for name, value in input.items() if name != "idempotency_key"}
    text = json.dumps([mutation, body], ensure_ascii=False, sort_keys=True, default=str)
    assert work.seal is not None  # every unit of work of a server has one
    return work.seal.fingerprint(text, "idempotency")


async def claim(work: Work, key: str, mutation: str, body: str) -> IdempotencyKey:
    """The remembered run of this key, new (its ``result`` empty) or an earlier one.

    A second request with the same key waits here until the first has committed or rolled back.
    Raises :class:`InvalidInput` ``IDEMPOTENCY_KEY_REUSED`` when the key stood for another body.
    """
    if not 0 < len(key) <= LONGEST:
        raise InvalidInput(
            "IDEMPOTENCY_KEY_INVALID", clause=PRODUCT_DEFAULT, field="idempotencyKey", limit=LONGEST
        )
    session, account_id = work.session, work.actor.account_id
    await session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.account_id == account_id, IdempotencyKey.at < work.now - KEPT
        )
    )
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    await session.execute(
        dialect.insert(IdempotencyKey)
        .values(
            account_id=account_id,
            key=key,
            mutation=mutation,
            body_hash=body,
            result={},
            at=work.now,
        )
        .on_conflict_do_nothing()
    )
    claimed = await session.scalar(
        select(IdempotencyKey)
        .where(IdempotencyKey.account_id == account_id, IdempotencyKey.key == key)
        .with_for_update()
    )
    assert claimed is not None
    if claimed.body_hash != body:
        raise InvalidInput(
            "IDEMPOTENCY_KEY_REUSED",
            clause=PRODUCT_DEFAULT,
            field="idempotencyKey",
            mutation=claimed.mutation,
        )
    return claimed
