"""The gate of a plugin."""

from __future__ import annotations

import pytest

from core.db.engine import Database
from core.errors import NotFound
from core.messages import Messages
from core.plugins.gate import PluginGate, PluginNotEnabled, require_enabled_at
from tests.core.background.hosts import switch

pytestmark = pytest.mark.anyio

UNKNOWN = 4_000_000


async def test_an_unknown_object_is_not_found_and_no_object_of_the_republic(
    database: Database,
) -> None:
    async with database.session() as session, session.begin():
        await switch(session, None)
        gate = PluginGate("visits")
        with pytest.raises(NotFound):
            await gate.is_open(session, UNKNOWN)
        with pytest.raises(NotFound) as refused:
            await gate.require(session, UNKNOWN, field="projectId")
        assert refused.value.field == "projectId"
        with pytest.raises(NotFound):
            await require_enabled_at(session, "visits", UNKNOWN)


@pytest.mark.parametrize("nowhere", [False, True])
@pytest.mark.parametrize("region", ["KZ-10", None])
def test_the_refusal_says_where_the_plugin_is_off(region: str | None, nowhere: bool) -> None:
    refusal = PluginNotEnabled("visits", region, None, nowhere=nowhere)
    assert (refusal.code, refusal.params["region"]) == ("PLUGIN_NOT_ENABLED", region)
    told = [Messages.load().sentence(refusal, language) for language in ("kk", "ru", "en")]
    assert not any("—" in each for each in told)
    place = "nowhere" if nowhere else "(KZ-10)" if region else "for bodies of the republic"
    assert place in told[2]
