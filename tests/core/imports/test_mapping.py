"""Mapping files: what is refused before any row is read, and where the fault stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.imports.mapping import columns_of, load_mapping, parse_mapping, shipped_mappings
from core.imports.nouns import NOUNS
from tests.core.imports.small import MAPPING


def refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as refused:
        parse_mapping(text, "m.toml")
    return refused.value


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_parse_mapping_takes_a_good_one() -> None:
    mapping = parse_mapping(MAPPING)
    assert [source.file for source in mapping.sources] == [None, "groups.csv", "projects.csv"]
    assert mapping.sources[2].nouns[0].columns() == [
        "kind", "state", "region", "code", "loan", "own", "group", "town", "name", "sum", "from",
        "to",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "path", "problem"),
    [
        ('noun = "project_group"', 'noun = "grope"', "source.1.noun.0", "unknown noun 'grope'"),
        ('budget = "{sum}"', 'bugdet = "{sum}"', "source.2.noun.0", "no field 'bugdet'"),
        ('kind = "CENTRAL"', 'kind = "MIDDLE"', "source.0.noun.1", "kind: IMPORT_UNKNOWN_VALUE"),
        ('kind = "CENTRAL", ', "", "source.0.noun.1", "state_body needs the fields kind"),
        ('name_ru = "{name}"\n', "", "source.2.noun.0", "needs a name in at least one language"),
        ('serves = ["{id}: priority"]\n', "", "source.0.noun.3", "serves at least one priority"),
        ('parent = "{group}"\n', "", "source.2.noun.0", "project needs a parent"),
        ("FOREIGN", "ABROAD", "source.2.noun.0", "unknown source of funding 'ABROAD'"),
        ('currency = "EUR"', 'currency = "euro"', "currency", "String should match pattern"),
        ('title = "Elsewhere"\n', "", "title", "Field required"),
        ('file = "groups.csv"', 'fiel = "groups.csv"', "source.1.fiel", "Extra inputs"),
    ],
)
def test_parse_mapping_says_what_is_wrong_and_where(
    old: str, new: str, path: str, problem: str
) -> None:
    text = MAPPING.replace(old, new, 1)
    assert text != MAPPING
    error = refusal(text)
    assert (error.code, error.params["path"], error.params["file"]) == (
        "IMPORT_MAPPING_INVALID", path, "m.toml",
    )  # fmt: skip
    assert problem in error.params["problem"]


@pytest.mark.parametrize(
    ("old", "new", "marker"),
    [
        ('file = "groups.csv"', 'fiel = "groups.csv"', "fiel ="),
        ('currency = "EUR"', 'currency = "euro"', "currency ="),
        ('id = "{id}: unit"', "id = 5", "id = 5"),
    ],
)
def test_parse_mapping_names_the_line(old: str, new: str, marker: str) -> None:
    text = MAPPING.replace(old, new, 1)
    assert refusal(text).params["line"] == line_with(text, marker)


def test_parse_mapping_names_the_line_of_the_table_where_a_key_is_missing() -> None:
    text = MAPPING.replace('parent = "{group}"\n', "", 1)
    assert refusal(text).params["line"] == line_with(text, 'noun = "project"') - 1


def test_parse_mapping_refuses_what_is_no_toml() -> None:
    error = refusal('system = "a"\ntitle = \n')
    assert (error.code, error.params["line"], error.params["column"]) == (
        "IMPORT_MAPPING_SYNTAX", 2, 9,
    )  # fmt: skip


def test_load_mapping_reads_a_path_or_a_shipped_name(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(MAPPING, encoding="utf-8")
    assert load_mapping(tmp_path / "own.toml").system == "elsewhere"
    assert [load_mapping(name).system for name in shipped_mappings()] == [
        "italia-domani", "world-bank",
    ]  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        load_mapping("nowhere")
    assert refused.value.code == "IMPORT_MAPPING_MISSING"
    assert refused.value.params["shipped"] == "italia_domani, world_bank_kazakhstan"


def test_columns_of_a_template_with_alternatives() -> None:
    assert columns_of("{a}/{b|c} const") == ["a", "b", "c"]
    assert columns_of("const") == []


def test_the_page_on_imports_lists_every_noun_and_field() -> None:
    page = (Path(__file__).parents[3] / "docs/imports.md").read_text("utf-8")
    listed = {
        noun: {name.strip("*") for name in re.findall(r"\*{0,2}[a-z_]{2,}\*{0,2}", fields)}
        for noun, fields in re.findall(r"^\| `(\w+)` \| (.+?) \|$", page, re.MULTILINE)
    }
    words = {
        "id",
        "of",
        "an",
        "organisation",
        "unit",
        "serves",
        "priority",
        "the",
        "first",
        "leads",
    }
    assert {noun: fields - words for noun, fields in listed.items()} == {
        name: {*noun.fields, *noun.references, *(["stage"] if noun.staged else [])}
        for name, noun in NOUNS.items()
    }


def test_the_mapping_on_the_page_is_a_good_one() -> None:
    page = (Path(__file__).parents[3] / "docs/imports.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert parse_mapping(example).system == "ministry-x"
