"""Answers of plugins come the same way as those of the core, and follow the switch at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.dummy_plugin.models import InspectionsVerdict
from tests.plugins.conftest import Staff, make_inspection
from zhoba.sign_in.door import own_token
from zhoba.testing.platform import Member, Platform, Tree

DOCUMENTS = (
    "{ projects { nodes { id lastVerdict inspections { totalCount nodes { state } } } } }",
    '{ projects(where: { lastVerdict: { eq: FAILED } }) { nodes { number } } }',
    "{ inspectionsInspections { totalCount nodes { id project { id } inspector { fullName } } } }",
    "{ a: inspectionsInspections { totalCount } projects { stats { byLastVerdict { count } } } }",
    "query ($id: ID!) { inspectionsInspection(id: $id) { id state } }",
    "query ($id: ID!) { node(id: $id) { __typename id ... on InspectionsInspection { note } } }",
)  # fmt: skip


async def answers(platform: Platform, reader: Member, id: str) -> list[tuple[int, bytes]]:
    """What the documents answer; asserts that each does so both ways, byte by byte."""
    token = own_token(platform.settings, reader.account_id, datetime.now(UTC))
    headers = {"Authorization": f"Bearer {token}", "X-Correlation-Id": "same"}
    express, found = platform.app.state.express, []
    for document in DOCUMENTS:
        body = {"query": document, "variables": {"id": id} if "$id" in document else None}
        ways: list[Any] = []
        for lane in (express, express, None):
            platform.app.state.express = lane
            ways.append(await platform.http.post("/graphql", json=body, headers=headers))
        platform.app.state.express = express
        quick, again, slow = ways
        assert quick.content == again.content == slow.content, document
        assert dict(quick.headers) == dict(slow.headers), document
        found.append((quick.status_code, quick.content))
    return found


async def test_a_switch_shows_in_the_next_answer_whichever_way_it_comes(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    failed = InspectionsVerdict.FAILED
    id = await make_inspection(platform, tree.here.project, staff.inspector, failed)
    on = await answers(platform, staff.head, id)
    assert platform.app.state.express.answered >= 2 * len(DOCUMENTS)
    assert all(b"errors" not in content for _, content in on)
    await platform.disable(tree.here.region)
    off = await answers(platform, staff.head, id)
    assert [b"PLUGIN_NOT_ENABLED" in content for _, content in off] == [
        False, False, True, True, True, True,
    ]  # fmt: skip
    nodes = json.loads(off[0][1])["data"]["projects"]["nodes"]
    assert [(each["lastVerdict"], each["inspections"]) for each in nodes] == [(None, None)] * 2
    await platform.enable(tree.here.region)
    assert await answers(platform, staff.head, id) == on
