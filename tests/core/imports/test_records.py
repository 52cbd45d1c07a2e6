"""From text to values: templates, codes, filters, days, amounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.errors import InvalidInput
from core.hierarchy.project import FundingSource
from core.imports.mapping import NounMapping
from core.imports.nouns import NOUNS, Formats
from core.imports.records import ID_LIMIT, Record, RecordReader
from core.money import MAX_MINOR

HEADER = ["id", "name", "alt", "sum", "cur", "day", "code", "own"]


def reader(formats: Formats | None = None, **options: Any) -> RecordReader:
    given: dict[str, Any] = {
        "noun": "project",
        "id": "{id}",
        "parent": "top",
        "fields": {
            "name_en": "{name|alt}", "budget": "{sum}", "currency": "{cur}", "starts_on": "{day}",
        },
    }  # fmt: skip
    mapping = NounMapping.model_validate(given | options)
    return RecordReader(mapping, NOUNS["project"], HEADER, formats or Formats(), "KZT", "t.csv")


def row(**values: str) -> list[str]:
    return [({"id": "1", "name": "Name"} | values).get(name, "") for name in HEADER]


def read(what: RecordReader, **values: str) -> Record | None:
    id_ = what.identify(row(**values))
    return None if id_ is None else what.read(2, id_, row(**values))


def columns(what: RecordReader, **values: str) -> dict[str, Any]:
    record = read(what, **values)
    assert record is not None
    return record.columns


def refused(what: RecordReader, **values: str) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as error:
        read(what, **values)
    return error.value.code, error.value.field


def test_a_template_takes_the_first_column_that_says_something() -> None:
    assert columns(reader(), name="", alt="Other")["name_en"] == "Other"
    assert columns(reader(), name="One", alt="Other")["name_en"] == "One"
    assert refused(reader(), name="", alt="") == ("IMPORT_VALUE_MISSING", "name, alt")


def test_an_empty_column_empties_the_template() -> None:
    what = reader(id="{id}/{code}")
    assert what.identify(row(code="x")) == "1/x"
    with pytest.raises(InvalidInput, match="IMPORT_ID_EMPTY"):
        what.identify(row(code=""))


def test_several_templates_are_joined_without_repetition() -> None:
    fields = {"name_en": "{name}", "description": ["{alt}", "{name}", "{alt}"]}
    assert columns(reader(fields=fields), alt="A", name="B")["description"] == "A\nB"
    assert columns(reader(fields=fields), alt="", name="B")["description"] == "B"


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0", "KZT", 0),
        ("0.01", "KZT", 1),
        ("178002.00", "EUR", 17800200),
        ("135700000.0", "USD", 13570000000),
        ("12.500", "KZT", 1250),
        ("1e3", "KZT", 100000),
        ("7", "JPY", 7),
        ("7.125", "KWD", 7125),
        (str(MAX_MINOR // 100), "KZT", MAX_MINOR),
        ("", "KZT", None),
    ],
)
def test_an_amount_is_exact(text: str, currency: str, minor: int | None) -> None:
    found = columns(reader(), sum=text, cur=currency)
    assert (found["budget_minor"], found["currency"]) == (minor, currency)


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("0.005", "KZT", "IMPORT_AMOUNT_TOO_FINE"),
        ("7.5", "JPY", "IMPORT_AMOUNT_TOO_FINE"),
        ("-0.01", "KZT", "AMOUNT_NEGATIVE"),
        (f"{MAX_MINOR // 100}.01", "KZT", "AMOUNT_TOO_LARGE"),
        ("1 000", "KZT", "IMPORT_NOT_A_NUMBER"),
        ("NaN", "KZT", "IMPORT_NOT_A_NUMBER"),
        ("Infinity", "KZT", "IMPORT_NOT_A_NUMBER"),
    ],
)
def test_an_amount_is_refused_with_its_column(text: str, currency: str, code: str) -> None:
    assert refused(reader(), sum=text, cur=currency) == (code, "sum")


def test_a_currency_is_the_rows_or_the_mappings() -> None:
    assert columns(reader(), sum="1", cur="")["currency"] == "KZT"
    assert refused(reader(), sum="1", cur="XXX") == ("IMPORT_UNKNOWN_CURRENCY", "currency")


def test_numbers_and_days_follow_the_formats() -> None:
    what = reader(Formats(date="%d.%m.%Y", decimal=",", thousands=" "))
    found = columns(what, sum="1 234 567,89", day="29.02.2024")
    assert (found["budget_minor"], found["starts_on"]) == (123456789, date(2024, 2, 29))
    assert refused(what, day="29.02.2023") == ("IMPORT_NOT_A_DATE", "day")
    assert refused(what, day="2024-02-29") == ("IMPORT_NOT_A_DATE", "day")


def test_codes_translate_before_templates_and_refuse_what_they_lack() -> None:
    what = reader(
        fields={"name_en": "{name}", "stage": "{code}"},
        codes={"code": {"a": "PLANNING", "b": "CLOSED"}},
    )
    assert columns(what, code="a")["stage"].name == "PLANNING"
    assert columns(what, code="")["stage"] is None
    assert refused(what, code="c") == ("IMPORT_UNKNOWN_CODE", "code")


def test_an_enumeration_takes_its_members_only() -> None:
    what = reader(fields={"name_en": "{name}", "stage": "{code}"})
    assert refused(what, code="planning") == ("IMPORT_UNKNOWN_VALUE", "code")


def test_filters_keep_and_drop_rows() -> None:
    what = reader(where={"code": ["a", "b"]}, unless={"own": ""})
    assert read(what, code="a", own="1") is not None
    assert read(what, code="c", own="1") is None
    assert read(what, code="b", own="") is None


def test_funding_leaves_out_sources_that_give_nothing() -> None:
    what = reader(funding={"PRIVATE": "{own}", "FOREIGN": "{sum}"})
    record = read(what, own="0.00", sum="5")
    assert record is not None
    assert record.funding == {FundingSource.FOREIGN: 500}
    assert refused(what, own="x") == ("IMPORT_NOT_A_NUMBER", "own")


def test_dates_the_wrong_way_round_are_refused() -> None:
    what = reader(fields={"name_en": "{name}", "starts_on": "{day}", "ends_on": "{code}"})
    assert columns(what, day="2024-01-02", code="2024-01-02")["ends_on"] == date(2024, 1, 2)
    assert refused(what, day="2024-01-02", code="2024-01-01") == ("IMPORT_DATES_REVERSED", "code")


def test_unreadable_or_endless_text_is_refused() -> None:
    assert columns(reader(), name="a" * 500)["name_en"] == "a" * 500
    assert refused(reader(), name="a" * 501) == ("TEXT_TOO_LONG", "name, alt")
    assert refused(reader(), name="a\x00b") == ("TEXT_UNREADABLE", "name, alt")
    assert reader().identify(row(id="x" * ID_LIMIT)) == "x" * ID_LIMIT
    assert refused(reader(), id="x" * (ID_LIMIT + 1)) == ("IMPORT_ID_UNFIT", "id")
