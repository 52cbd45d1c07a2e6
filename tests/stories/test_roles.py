"""The role catalogue, as the edition of the Rules that binds has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.zhoba.conftest import client_of
from zhoba.settings import Settings

QUERY = """{ roles {
  code name(lang: RU) nodeKinds certificateNeeded certificateLevel
  appointmentRule {
    appointers { roleCode condition } acts employment unitsMin unitsMax clause
  }
} }"""


async def catalogue(open_app: Callable[[Settings], Any], settings: Settings) -> dict[str, Any]:
    async with client_of(await open_app(settings), settings) as client:
        answer = await client.query(QUERY)
    assert "errors" not in answer
    return {role["code"]: role for role in answer["data"]["roles"]}


@pytest.mark.parametrize(
    ("edition", "places", "appointers", "acts", "clause"),
    [
        ("2023", ["STATE_BODY"], ["program_manager"], ["ORDER", "DIRECTIVE", "RESOLUTION"],
         "R2023 App.1 1.2"),
        ("2021", ["PROGRAM"], ["gc_chair", "gc_deputy_chair", "gc_member"], ["PROTOCOL"],
         "R2021 App.1 2"),
    ],
)  # fmt: skip
async def test_roles_say_who_appoints_under_the_edition_that_binds(
    open_app: Callable[[Settings], Any],
    settings: Settings,
    edition: str,
    places: list[str],
    appointers: list[str],
    acts: list[str],
    clause: str,
) -> None:
    roles = await catalogue(open_app, settings.model_copy(update={"rules_profile": edition}))
    assert roles["gc_chair"]["nodeKinds"] == places
    assert roles["po_chief_manager"]["certificateLevel"] == "PROJECT_MANAGEMENT"
    assert roles["po_chief_manager"]["appointmentRule"] == {
        "appointers": [{"roleCode": code, "condition": None} for code in appointers],
        "acts": acts,
        "employment": ["FULL"],
        "unitsMin": 1,
        "unitsMax": 1,
        "clause": clause,
    }


async def test_a_condition_of_appointing_is_named(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    roles = await catalogue(open_app, settings)
    appointers = roles["project_manager"]["appointmentRule"]["appointers"]
    assert {"roleCode": "project_customer", "condition": "contractual_relations"} in appointers
    assert roles["project_manager"]["name"] != roles["project_manager"]["code"]
    assert roles["auditor"]["certificateNeeded"] is False
