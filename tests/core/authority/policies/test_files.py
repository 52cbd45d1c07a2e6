"""Files of changes: written and read back equal, and refused by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.authority.policies.change import ACTS, MOST_CHANGES, Change
from core.authority.policies.files import (
    FILE_LIMIT,
    PART_LIMIT,
    Format,
    read_changes,
    write_changes,
)
from core.errors import InvalidInput
from tests.acting import refuses
from tests.core.authority.policies.changes import REGION, add, disable, put

words = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], include_characters="\n,\"'#:-[ "
    ),
    min_size=1,
    max_size=20,
).map(str.strip).filter(bool)  # fmt: skip

texts = st.builds(
    Change,
    act=st.sampled_from(ACTS),
    rule=words,
    region=words,
    role=st.just("") | words,
    action=st.just("") | words,
    relation=st.just("") | words,
    condition=words,
    effect=st.just("allow"),
    by_region=st.booleans(),
) | st.builds(add, effect=words)


@given(st.lists(texts, max_size=8), st.sampled_from(Format))
def test_what_is_written_is_read_back_equal(changes: list[Change], format: Format) -> None:
    assert read_changes(write_changes(changes, format), format) == changes


def test_a_csv_file_is_a_table_with_a_header() -> None:
    text = write_changes([disable(region=REGION, by_region=True), add()], Format.CSV)
    assert text == (
        "act,rule,region,role,action,relation,condition,effect,set_by\n"
        "disable,core:project_manager:project.read,KZ-75,,,,*,allow,region\n"
        "add,local:one,*,auditor,project.create,tree,*,allow,national\n"
    )


def test_a_yaml_file_says_only_what_differs_from_the_usual() -> None:
    assert write_changes([disable(), add(effect="deny")], Format.YAML) == (
        "- act: disable\n"
        "  rule: core:project_manager:project.read\n"
        "- act: add\n"
        "  rule: local:one\n"
        "  role: auditor\n"
        "  action: project.create\n"
        "  relation: tree\n"
        "  effect: deny\n"
    )


def test_changes_know_the_line_they_stand_on() -> None:
    changes = [disable(), add(), put(relation="self")]
    for format, lines in ((Format.CSV, [2, 3, 4]), (Format.YAML, [1, 3, 8])):
        assert [each.line for each in read_changes(write_changes(changes, format), format)] == lines


def test_a_file_may_leave_columns_out_and_begin_with_a_mark() -> None:
    (change,) = read_changes("\ufeffrule,act\n core:a:b.c , disable\n\n", Format.CSV)
    assert (change.rule, change.act, change.region) == ("core:a:b.c", "disable", "*")


BAD = [
    (Format.CSV, "act,rule,colour\nadd,x,red\n", "NAMES", 1),
    (Format.CSV, "act,rule,rule\n", "NAME_TWICE", 1),
    (Format.CSV, "rule\nx\n", "NAMES", 1),
    (Format.CSV, "act,rule\ndisable,x\nadd,y,z\n", "CELLS", 3),
    (Format.CSV, 'act,rule\ndisable,"x"y\n', "UNREADABLE", 2),
    (Format.CSV, "act,rule,set_by\nadd,x,me\n", "SET_BY", 2),
    (Format.CSV, f"act,rule\nadd,{'x' * (PART_LIMIT + 1)}\n", "PART", 2),
    (Format.CSV, "act,rule\nadd,x\x00y\n", "PART", 2),
    (Format.YAML, "act: add\n", "NO_LIST", 1),
    (Format.YAML, "- act: add\n  rule: x\n- act: add\n  colour: red\n", "NAMES", 3),
    (Format.YAML, "- act: add\n  rule: [x]\n", "NO_LIST", 2),
    (Format.YAML, "- act: add\n  rule: {a: b}\n", "NO_LIST", 2),
    (Format.YAML, "- act: add\n  act: add\n", "NAME_TWICE", 2),
    (Format.YAML, "- [add]\n", "NO_LIST", 1),
    (Format.YAML, "- add\n", "NO_LIST", 1),
    (Format.YAML, "- &a {act: add, rule: x}\n- *a\n", "NO_LIST", 2),
    (Format.YAML, "- act: add\n rule: x\n", "UNREADABLE", 2),
    (Format.YAML, "- act: add\n---\n- act: add\n", "NO_LIST", 3),
    (Format.YAML, "[" * 100_000, "NO_LIST", 1),
    (Format.YAML, "- act: 'add\n", "UNREADABLE", 2),
    (Format.YAML, "- act: \x01\n", "UNREADABLE", 1),
]


@pytest.mark.parametrize(("format", "text", "why", "line"), BAD)
def test_a_bad_file_is_refused_with_its_line(
    format: Format, text: str, why: str, line: int
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_changes(text, format)
    assert (refused.value.code, refused.value.params["line"]) == (f"POLICY_FILE_{why}", line)


@pytest.mark.parametrize(("format", "none"), [(Format.CSV, "act,rule\n"), (Format.YAML, "[]\n")])
def test_an_empty_file_is_not_taken_for_one_without_changes(format: Format, none: str) -> None:
    assert read_changes(none, format) == []
    for text in ("", "\ufeff", "\n \n"):
        with refuses("POLICY_FILE_EMPTY", None, "text"):
            read_changes(text, format)


def test_comments_alone_are_an_empty_file() -> None:
    with refuses("POLICY_FILE_EMPTY", None, "text"):
        read_changes("# nothing\n", Format.YAML)


def test_a_file_is_of_a_bounded_size() -> None:
    line = "disable,x\n"
    assert len(read_changes("act,rule\n" + line * MOST_CHANGES, Format.CSV)) == MOST_CHANGES
    with refuses("POLICY_TOO_MANY_CHANGES", None, "text"):
        read_changes("act,rule\n" + line * (MOST_CHANGES + 1), Format.CSV)
    with refuses("POLICY_FILE_TOO_LONG", None, "text"):
        read_changes(" " * (FILE_LIMIT + 1), Format.YAML)
