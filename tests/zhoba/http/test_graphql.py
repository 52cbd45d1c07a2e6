from __future__ import annotations

from tests.zhoba.conftest import Client


async def test_post_answers_a_query(client: Client) -> None:
    assert await client.query("{ hello }") == {"data": {"hello": "Сәлем, Zhoba!"}}
