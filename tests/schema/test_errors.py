"""What a client reads when something goes wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, build_schema, parse, validate

from core.errors import InvalidInput, NotFound, PlatformError, RuleRefused
from core.messages import Messages
from core.work import Profile
from schema.errors import Translator, camel, plain


class Told:
    """What was reported."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.bugs: list[str] = []

    def refused(self, code: str) -> None:
        self.codes.append(code)

    def failed(self, error: BaseException) -> None:
        self.bugs.append(type(error).__name__)


def translate(error: BaseException) -> tuple[dict[str, Any], Told]:
    told = Told()
    return Translator(Messages.load(), "en", "n1", told).one(error), told


def wrapped(error: Exception) -> GraphQLError:
    """An exception as it comes out of a resolver."""
    return GraphQLError(str(error), path=["project"], original_error=error)


def test_refusal_is_found_under_wrappings() -> None:
    refusal = RuleRefused("LATE_BY", clause="R2023 §87", field="endsOn", ends_on=date(2026, 3, 2))
    for error in (
        refusal,
        wrapped(refusal),
        wrapped(wrapped(refusal)),
        ExceptionGroup("all", [refusal]),
        wrapped(ExceptionGroup("all", [ExceptionGroup("inner", [refusal])])),
    ):
        shown, told = translate(error)
        assert shown["extensions"] == {
            "code": "LATE_BY",
            "params": {"endsOn": "2026-03-02"},
            "clause": "R2023 §87",
            "field": "endsOn",
            "correlationId": "n1",
        }
        assert (told.codes, told.bugs) == (["LATE_BY"], [])


def test_refusal_without_a_clause_says_so() -> None:
    shown, _ = translate(NotFound())
    assert shown == {
        "message": "There is no such object, or you cannot see it.",
        "extensions": {"code": "NOT_FOUND", "params": {}, "clause": None, "correlationId": "n1"},
    }


@pytest.mark.parametrize(
    "error",
    [
        KeyError("secret"),
        wrapped(KeyError("secret")),
        GraphQLError("secret", path=["project"]),
        GraphQLError("secret", original_error=KeyError("secret")),
        ExceptionGroup("secret", [InvalidInput("A_B"), KeyError("secret")]),
    ],
    ids=["bare", "in a field", "nonsense from a resolver", "without a path", "two at once"],
)
def test_bug_is_masked_and_reported(error: Exception) -> None:
    shown, told = translate(error)
    assert "secret" not in str(shown)
    assert shown["extensions"] == {"code": "INTERNAL", "correlationId": "n1"}
    assert (told.codes, len(told.bugs)) == ([], 1)


def test_complaint_of_graphql_itself_keeps_its_words() -> None:
    [error] = validate(build_schema("type Query { a: Int }"), parse("{ b }"))
    shown, told = translate(error)
    assert shown == {
        "message": "Cannot query field 'b' on type 'Query'. Did you mean 'a'?",
        "locations": [{"line": 1, "column": 3}],
        "extensions": {"code": "GRAPHQL_INVALID", "correlationId": "n1"},
    }
    assert told.codes == ["GRAPHQL_INVALID"]


def test_path_and_place_are_kept() -> None:
    error = GraphQLError("x", path=["a", 0, "b"], original_error=PlatformError("NOT_FOUND"))
    assert translate(error)[0]["path"] == ["a", 0, "b"]


@pytest.mark.parametrize(
    ("name", "spelled"), [("ends_on", "endsOn"), ("id", "id"), ("max_page_size", "maxPageSize")]
)
def test_names_of_parameters_are_spelled_as_in_graphql(name: str, spelled: str) -> None:
    assert camel(name) == spelled


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("x", "x"),
        (Profile.R2023, "R2023"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 6, 30, tzinfo=UTC), "2026-03-02T06:30:00+00:00"),
        (Decimal("10.50"), "10.50"),
        ({"ends_on": date(2026, 3, 2)}, {"endsOn": "2026-03-02"}),
        ({"b", "a"}, ["a", "b"]),
        ((1, Profile.R2021), [1, "R2021"]),
        (b"x", "b'x'"),
    ],
)
def test_parameters_become_json(value: object, shown: object) -> None:
    assert plain(value) == shown
