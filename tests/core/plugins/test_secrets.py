"""Secrets among the settings of a plugin."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    Secret,
    SecretBytes,
    SecretStr,
    field_serializer,
)

from core.plugins.secrets import MASK, masked, restored


class Hook(BaseModel):
    """Part of the settings."""

    url: str = ""
    key: SecretStr | None = None
    next: Hook | None = None


class Closed(BaseModel):
    """Settings with every kind of secret."""

    model_config = ConfigDict(populate_by_name=True)

    name: str = "open"
    plain: dict[str, Any] = {}
    maybe: SecretStr | None = None
    raw: SecretBytes = SecretBytes(b"")
    pin: Secret[int] = Secret(1)
    listed: list[SecretStr] = []
    pair: tuple[str, SecretStr] = ("", SecretStr(""))
    by_name: dict[str, SecretStr] = {}
    hook: Hook = Hook()
    hooks: list[Hook] = []
    either: int | Hook = 0
    marked: str = Field(default="", json_schema_extra={"writeOnly": True})
    packed: Json[dict[str, SecretStr]] | None = None
    told_anyway: SecretStr = SecretStr("")
    renamed: SecretStr = Field(default=SecretStr(""), alias="other")
    twice: SecretStr = Field(default=SecretStr(""), validation_alias=AliasChoices("one", "two"))

    @field_serializer("told_anyway")
    def careless(self, value: SecretStr) -> str:
        return value.get_secret_value()


SETTINGS: dict[str, Any] = {
    "name": "open",
    "plain": {"a": [1, {"b": None}]},
    "maybe": "hunter2",
    "raw": "hunter2",
    "pin": 1234,
    "listed": ["hunter2", "hunter3"],
    "pair": ["open", "hunter2"],
    "by_name": {"a": "hunter2"},
    "hook": {"url": "a", "key": "hunter2", "next": {"url": "b", "next": {"key": "hunter3"}}},
    "hooks": [{"url": "a", "key": "hunter2"}, {"url": "b", "key": None}],
    "either": {"url": "a", "key": "hunter2"},
    "marked": "hunter2",
    "packed": '{"a": "hunter2"}',
    "told_anyway": "hunter2",
    "renamed": "hunter2",
    "two": "hunter2",
}
SHOWN: dict[str, Any] = {
    "name": "open",
    "plain": {"a": [1, {"b": None}]},
    "maybe": MASK,
    "raw": MASK,
    "pin": MASK,
    "listed": [MASK, MASK],
    "pair": ["open", MASK],
    "by_name": {"a": MASK},
    "hook": {"url": "a", "key": MASK, "next": {"url": "b", "next": {"key": MASK}}},
    "hooks": [{"url": "a", "key": MASK}, {"url": "b", "key": None}],
    "either": {"url": "a", "key": MASK},
    "marked": MASK,
    "packed": MASK,
    "told_anyway": MASK,
    "renamed": MASK,
    "two": MASK,
}


def test_every_kind_of_secret_is_shown_as_stars_at_any_depth() -> None:
    Closed.model_validate(SETTINGS, extra="forbid")
    assert masked(Closed, SETTINGS) == SHOWN


def test_settings_with_defaults_are_shown_without_secrets() -> None:
    dumped = Closed.model_validate(SETTINGS).model_dump(mode="json", by_alias=True)
    assert "hunter2" in str(dumped)
    assert "hunter" not in str(masked(Closed, dumped))


def test_nothing_of_a_plugin_without_a_model_is_shown() -> None:
    assert masked(None, {"a": {"b": 1}, "c": [2], "d": None}) == {"a": MASK, "c": MASK, "d": None}


def test_settings_sent_back_as_shown_keep_every_secret() -> None:
    assert restored(Closed, SHOWN, SETTINGS) == (SETTINGS, [])


def test_stars_in_an_open_setting_are_a_text() -> None:
    assert restored(Closed, {"name": MASK}, {"name": "open"}) == ({"name": MASK}, [])


@pytest.mark.parametrize("kept", [{}, {"maybe": None}, {"maybe": ""}])
def test_stars_for_a_secret_that_is_not_kept_are_told(kept: dict[str, Any]) -> None:
    assert restored(Closed, {"maybe": MASK}, kept)[1] == ["maybe"]
    assert restored(Closed, {"hook": {"key": MASK}}, kept)[1] == ["hook.key"]
    assert restored(Closed, {"hook": {"key": MASK}}, {"hook": "?"})[1] == ["hook.key"]


def hook(url: str, key: str = MASK) -> dict[str, str]:
    return {"url": url, "key": key}


@pytest.mark.parametrize(
    ("given", "expected", "lost"),
    [
        ([hook("b"), hook("a")], [hook("b", "2"), hook("a", "1")], []),
        ([hook("b")], [hook("b", "2")], []),
        ([hook("a"), hook("c")], [hook("a", "1"), hook("c", "2")], []),
        (
            [hook("a"), hook("b"), hook("c", "3")],
            [hook("a", "1"), hook("b", "2"), hook("c", "3")],
            [],
        ),
        ([hook("c")], [hook("c")], ["hooks.0.key"]),
    ],
)
def test_secrets_follow_their_item_of_a_list(
    given: list[Any], expected: list[Any], lost: list[str]
) -> None:
    kept = {"hooks": [hook("a", "1"), hook("b", "2")]}
    assert restored(Closed, {"hooks": given}, kept) == ({"hooks": expected}, lost)


def test_stars_alone_in_a_list_of_another_length_are_no_guess() -> None:
    assert restored(Closed, {"listed": [MASK]}, {"listed": ["1", "2"]})[1] == ["listed.0"]
    assert restored(Closed, {"listed": [MASK, "3"]}, {"listed": ["1", "2"]}) == (
        {"listed": ["1", "3"]},
        [],
    )
