"""The Office keeps versions of the architecture."""

from __future__ import annotations

import base64
import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from plugins.regional_plan.template.commands import SHIPPED, exported, imported
from plugins.regional_plan.template.contents import Direction, checked
from plugins.regional_plan.template.difference import RegionalChangeKind, changes
from plugins.regional_plan.template.template import RegionalTemplate
from plugins.regional_plan.template.transfer import RegionalTemplateFormat, read, written
from plugins.regional_plan.template.xlsx_file import read_xlsx, write_xlsx
from plugins.regional_plan.template.yaml_file import document_of, read_yaml, write_yaml
from tests.plugins.regional_plan.conftest import Staff, direction, draft, names, published
from zhoba.api import InvalidInput, Names, RuleRefused
from zhoba.testing.platform import Platform, Tree

TWO = (direction("EDU", "EDU-1", "EDU-2"), direction("ROADS", "ROADS-1"))
TEMPLATE = "regionalTemplate { id version status }"


async def test_a_version_is_built_published_and_retired_by_its_successor(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    async def edit(act: str, given: dict[str, Any]) -> Any:
        return await platform.done(
            act,
            "regionalTemplate { id version directions { id code groups { id code name } } }",
            by=staff.office,
            **given,
        )

    begun = await edit("regionalDraftTemplate", {"note": "first"})
    said = {"kk": "Жол", "ru": "Дороги", "en": "Roads"}
    for code in ("ROADS", "EDU"):
        given = {"templateId": begun["id"], "expectedVersion": begun["version"]}
        begun = await edit(
            "regionalAddTemplateDirection", {**given, "code": code.lower(), "names": said}
        )
    roads, edu = begun["directions"]
    assert [roads["code"], edu["code"]] == ["ROADS", "EDU"]
    for code in ("R-1", "R-2"):
        given = {"directionId": roads["id"], "expectedVersion": begun["version"]}
        begun = await edit("regionalAddTemplateGroup", {**given, "code": code, "names": said})
    first, second = begun["directions"][0]["groups"]
    begun = await edit(
        "regionalEditTemplateGroup",
        {
            "groupId": second["id"],
            "expectedVersion": begun["version"],
            "directionId": edu["id"],
            "code": "E-1",
            "names": {**said, "en": "Schools"},
        },
    )
    given = {"directionId": edu["id"], "expectedVersion": begun["version"], "position": 0}
    begun = await edit("regionalEditTemplateDirection", {"code": "SCHOOL", **given})
    assert begun["directions"] == [
        {
            "id": roads["id"],
            "code": "ROADS",
            "groups": [{"id": first["id"], "code": "R-1", "name": "Roads"}],
        },
        {
            "id": edu["id"],
            "code": "SCHOOL",
            "groups": [{"id": second["id"], "code": "E-1", "name": "Schools"}],
        },
    ]
    given = {"templateId": begun["id"], "expectedVersion": begun["version"]}
    assert await platform.read("{ regionalTemplates { totalCount } }", by=staff.here) == {
        "regionalTemplates": {"totalCount": 0}
    }
    await platform.done("regionalPublishTemplate", TEMPLATE, by=staff.office, **given)
    copy = await edit("regionalDraftTemplate", {"copyOfId": begun["id"]})
    given = {"groupId": copy["directions"][1]["groups"][0]["id"], "expectedVersion": 1}
    copy = await edit("regionalRemoveTemplateGroup", given)
    given = {"directionId": copy["directions"][1]["id"], "expectedVersion": copy["version"]}
    copy = await edit("regionalRemoveTemplateDirection", given)
    async with platform.work() as work:
        today = work.today
    for day, code in (
        (today + timedelta(days=1), "REGIONAL_TEMPLATE_OF_LATER_DAY"),
        (today, None),
    ):
        given = {"templateId": copy["id"], "expectedVersion": copy["version"]}
        copy = await edit("regionalEditTemplate", {**given, "validFrom": day.isoformat()})
        given["expectedVersion"] = copy["version"]
        publish = ("regionalPublishTemplate", TEMPLATE)
        if code is not None:
            assert await platform.refused(*publish, by=staff.office, **given) == code
        else:
            await platform.done(*publish, by=staff.office, **given)
    versions = await platform.read(
        "{ regionalTemplates { nodes { number status edition directionCount groupCount } } }",
        by=staff.here,
    )
    assert [tuple(each.values()) for each in versions["regionalTemplates"]["nodes"]] == [
        (2, "APPROVED", "R2023", 1, 1),
        (1, "RETIRED", "R2023", 2, 2),
    ]
    answer = await platform.read(
        "query D($a: ID!, $b: ID!) { regionalTemplateDifference(before: $a, after: $b)"
        " { kind code fromDirection } }",
        {"a": begun["id"], "b": copy["id"]},
        by=staff.here,
    )
    assert answer["regionalTemplateDifference"] == [
        {"kind": "GROUP_REMOVED", "code": "E-1", "fromDirection": "SCHOOL"},
        {"kind": "DIRECTION_REMOVED", "code": "SCHOOL", "fromDirection": None},
    ]


async def test_a_draft_refuses_what_makes_no_version(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    begun = await draft(platform, staff.office, *TWO)
    found = await platform.read(
        "query T($id: ID!) { regionalTemplate(id: $id) { directions { id } } }",
        {"id": begun["id"]},
        by=staff.office,
    )
    edu, roads = [each["id"] for each in found["regionalTemplate"]["directions"]]
    said = {"kk": "a", "ru": "b", "en": "c"}

    async def refusal(act: str, **given: Any) -> str:
        given = {"expectedVersion": begun["version"], **given}
        return await platform.refused(act, TEMPLATE, by=staff.office, **given)

    add, add_group = "regionalAddTemplateDirection", "regionalAddTemplateGroup"
    at = {"templateId": begun["id"]}
    assert await refusal(add, **at, code="EDU", names=said) == "REGIONAL_CODE_TWICE"
    assert await refusal(add, **at, code="Ё", names=said) == "REGIONAL_CODE_MALFORMED"
    part = {**said, "kk": " "}
    assert await refusal(add, **at, code="W", names=part) == "REGIONAL_LANGUAGE_MISSING"
    given = {"code": "EDU-1", "names": said}
    assert await refusal(add_group, directionId=edu, **given) == "REGIONAL_CODE_TWICE"
    twice = await refusal(add_group, directionId=roads, **given)
    assert twice == "REGIONAL_GROUP_IN_TWO_DIRECTIONS"
    edit = "regionalEditTemplateDirection"
    assert await refusal(edit, directionId=edu, position=-1) == "REGIONAL_POSITION"
    assert await refusal(edit, directionId=edu, position=1, expectedVersion=1) == "CONFLICT"
    file = {"format": "YAML", "content": "directions: 7"}
    unread = await refusal("regionalImportTemplate", **at, **file)
    assert unread == "REGIONAL_CONTENT_UNREADABLE"
    publish = ("regionalPublishTemplate", TEMPLATE)
    empty = await draft(platform, staff.office, direction("LONELY"))
    given = {"templateId": empty["id"], "expectedVersion": empty["version"]}
    alone = await platform.refused(*publish, by=staff.office, **given)
    assert alone == "REGIONAL_DIRECTION_EMPTY"
    nothing = await draft(platform, staff.office)
    given = {"templateId": nothing["id"], "expectedVersion": nothing["version"]}
    assert await platform.refused(*publish, by=staff.office, **given) == "REGIONAL_TEMPLATE_EMPTY"
    given = {**at, "expectedVersion": begun["version"]}
    assert await platform.refused(*publish, by=staff.here, **given) == "NOT_FOUND"
    await platform.done(*publish, by=staff.office, **given)
    given = {**at, "expectedVersion": begun["version"] + 1}
    assert await platform.failure(*publish, by=staff.here, **given) == "FORBIDDEN"
    assert await platform.refused(*publish, by=staff.office, **given) == (
        "REGIONAL_TEMPLATE_NOT_DRAFT"
    )
    other = await draft(platform, staff.office, *TWO)
    copied = await platform.read(
        "query T($id: ID!) { regionalTemplate(id: $id) { directions { groups { id } } } }",
        {"id": other["id"]},
        by=staff.office,
    )
    group = copied["regionalTemplate"]["directions"][0]["groups"][0]["id"]
    assert (
        await platform.refused(
            "regionalEditTemplateGroup",
            TEMPLATE,
            by=staff.office,
            groupId=group,
            directionId=edu,
            expectedVersion=other["version"],
        )
        == "REGIONAL_DIRECTION_OF_ANOTHER_VERSION"
    )


async def test_a_version_goes_out_as_a_file_and_comes_in_again(
    platform: Platform, tree: Tree, staff: Staff
) -> None:
    version = await published(platform, staff.office, *TWO)
    for format in ("YAML", "XLSX"):
        answer = await platform.read(
            "query F($id: ID!, $format: RegionalTemplateFormat!) {"
            " regionalTemplateFile(template: $id, format: $format) }",
            {"id": version, "format": format},
            by=staff.here,
        )
        begun = await draft(platform, staff.office)
        done = await platform.done(
            "regionalImportTemplate",
            "regionalTemplate { sample directions { code groups { code } } }",
            by=staff.office,
            templateId=begun["id"],
            expectedVersion=begun["version"],
            format=format,
            content=answer["regionalTemplateFile"],
        )
        assert done == {
            "sample": False,
            "directions": [
                {"code": each.code, "groups": [{"code": one.code} for one in each.groups]}
                for each in TWO
            ],
        }
    number = await platform.done(
        "regionalRetireTemplate",
        TEMPLATE,
        by=staff.office,
        templateId=version,
        expectedVersion=3,
        reason="a mistake",
    )
    assert number["status"] == "RETIRED"


@pytest.mark.parametrize("read_back", ["yaml", "xlsx"])
def test_a_file_holds_all_of_a_version(read_back: str) -> None:
    content = (
        Direction("7", Names(kk="Ә <&>", ru="=1+1", en='"'), direction("7", "7.1").groups),
        direction("B"),
    )
    if read_back == "yaml":
        assert read_yaml(write_yaml(content, sample=True, note="n")) == content
    else:
        assert read_xlsx(write_xlsx(content, sample=True)) == content


@pytest.mark.parametrize("sample", [True, False])
@pytest.mark.parametrize("format", RegionalTemplateFormat)
def test_a_file_says_whether_it_is_a_sample(format: RegionalTemplateFormat, sample: bool) -> None:
    version = RegionalTemplate(sample=sample, note=None)
    _, said = read(format, written(format, version, (direction("A", "B"),)))
    assert said.get("sample", False) is sample


@pytest.mark.parametrize(
    ("file", "size"), [("official", (0, 0)), ("sample", (5, 10)), ("sample_full", (12, 60))]
)
def test_files_that_come_along_are_versions_and_say_when_they_are_made_up(
    file: str, size: tuple[int, int]
) -> None:
    text = (SHIPPED / f"{file}.yaml").read_text("utf-8")
    content, said = read(RegionalTemplateFormat.YAML, text)
    assert (len(content), sum(len(each.groups) for each in content)) == size
    assert said.get("sample", False) is (file != "official")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[", "2"),
        ("- a", "1"),
        ("directions: []\nmore: 1", "more"),
        ("directions: [7]", "directions[0]"),
        ("directions: [{names: {kk: a}}]", "directions[0]"),
        ("directions: [{code: A, names: {de: a}}]", "directions[0]"),
        ("directions: [{code: A, names: {kk: [1]}}]", "directions[0]"),
        ("directions: [{code: , names: {kk: a}}]", "directions[0]"),
        ("directions: !!int ''", "1"),
        ("directions:\n- &a {code: A}", "2"),
        ("directions:\n- *a", "2"),
        ("directions: []\ndirections: []", "2"),
        ("directions: []\n--- a", "2"),
        ("[a]: 1", "1"),
        ("directions: " + "[" * 100_000, "1"),
        ("directions: [[[[[a]]]]]", "directions[0]"),
        ("directions: [[[[[[a]]]]]]", "1"),
        ("directions: \ud800", "1"),
        ("directions: [{code: A, names: {kk: a}, groups: x}]", "directions[0].groups"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, place: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_yaml(text)
    assert (refusal.value.code, refusal.value.params["place"]) == (
        "REGIONAL_CONTENT_UNREADABLE",
        place,
    )


def test_yaml_is_read_as_texts() -> None:
    file = "directions: [{code: 0xFF, names: {kk: 2026-99-99, ru: 1:30, en: ~}}, {code: 007}]"
    assert document_of(file)["directions"] == [
        {"code": "0xFF", "names": {"kk": "2026-99-99", "ru": "1:30", "en": None}},
        {"code": "007"},
    ]


def test_a_file_of_more_than_a_version_holds_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("sheet", b"0" * 10_000_001)
    for read_file in (
        lambda: read_yaml(f"directions: [{'{code: A, names: {}}, ' * 2_001}]"),
        lambda: read_yaml(f"directions: [{'{code: A, groups: [], names: {}}, ' * 5_500}]"),
        lambda: read_xlsx(packed.getvalue()),
        lambda: read_xlsx(spreadsheet("<c/>" * 220_000)),
    ):
        with pytest.raises(InvalidInput) as refusal:
            read_file()
        assert refusal.value.code == "REGIONAL_TEMPLATE_TOO_LARGE"


def spreadsheet(cells: str, *, before: str = "") -> bytes:
    """The least there is of a spreadsheet, with these cells below the headings."""
    titles = zip("ABCDE", ("direction", "group", "kk", "ru", "en"), strict=True)
    head = "".join(f'<c r="{at}1" t="str"><v>{text}</v></c>' for at, text in titles)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", '<x:sheet xmlns:x="x" name="a" r:id="r" xmlns:r="r"/>')
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationship Id="r" Type="sheet" Target="/xl/worksheets/one.xml"/>',
        )
        file.writestr("xl/worksheets/one.xml", f"{before}<sheet>{head}{cells}</sheet>")
    return target.getvalue()


ROW = "".join(f'<c r="{at}2" t="inlineStr"><is><t>7</t></is></c>' for at in "CDE")


@pytest.mark.parametrize(
    "cells", [ROW + '<c r="A2"><v>7.0</v></c><c r="XFD1048576"><v>1</v></c>', '<c r="A2201"/>']
)
def test_a_spreadsheet_is_read_by_its_cells(cells: str) -> None:
    found = [Direction("7", names("7"))] if "<v>" in cells else []
    assert read_xlsx(spreadsheet(cells)) == tuple(found)


@pytest.mark.parametrize(
    ("cells", "before", "place"),
    [
        ('<c r="A1048576"><v>1</v></c>', "", "1048576"),
        ('<c r="A2202"><v>1</v></c>', "", "2202"),
        ('<c r="A2201"><v>1</v></c><c r="B2201"><v>1</v></c>', "<!DOCTYPE sheet>", "1"),
        ('<c r="A2" t="s"><v>1</v></c>', "", "1"),
        ('<c r="A2"><v>one</v></c>', "", "1"),
        (f'<c r="A2" t="str"><v>{"1" * 32_768}</v></c>', "", "1"),
        ('<c r="2A"><v>1</v></c>', "", "1"),
        ("<c>", "", "1"),
    ],
)
def test_a_spreadsheet_that_cannot_be_read_says_where(cells: str, before: str, place: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_xlsx(spreadsheet(cells, before=before))
    assert (refusal.value.code, refusal.value.params["place"]) == (
        "REGIONAL_CONTENT_UNREADABLE",
        place,
    )


@pytest.mark.parametrize("content", [b"", b"PK no", base64.b64decode("AAAA")])
def test_a_spreadsheet_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_xlsx(content)
    assert refusal.value.code == "REGIONAL_CONTENT_UNREADABLE"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ((direction("A"), direction("A")), "REGIONAL_CODE_TWICE"),
        ((direction("A", "G", "G"),), "REGIONAL_CODE_TWICE"),
        ((direction("A", "G"), direction("B", "G")), "REGIONAL_GROUP_IN_TWO_DIRECTIONS"),
        ((Direction("A", Names(kk="a", en="a")),), "REGIONAL_LANGUAGE_MISSING"),
        (tuple(direction(f"D{each}") for each in range(201)), "REGIONAL_TEMPLATE_TOO_LARGE"),
    ],
)
def test_content_that_makes_no_version_is_refused(
    content: tuple[Direction, ...], code: str
) -> None:
    with pytest.raises((RuleRefused, InvalidInput)) as refusal:
        checked(content)
    assert refusal.value.code == code


def test_changes_name_what_was_added_renamed_moved_and_removed() -> None:
    old = (direction("A", "A-1", "A-2"), direction("B", "B-1"))
    new = (
        Direction("A", names("New"), direction("A", "A-1").groups),
        direction("C", "A-2", "C-1"),
    )
    kind = RegionalChangeKind
    assert [(each.kind, each.code) for each in changes(old, new)] == [
        (kind.DIRECTION_RENAMED, "A"),
        (kind.DIRECTION_ADDED, "C"),
        (kind.GROUP_MOVED, "A-2"),
        (kind.GROUP_ADDED, "C-1"),
        (kind.GROUP_REMOVED, "B-1"),
        (kind.DIRECTION_REMOVED, "B"),
    ]


async def test_commands_make_a_draft_of_a_file_and_a_file_of_a_version(
    platform: Platform, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHOBA_DATABASE_URL", platform.settings.database)
    number = await imported(SHIPPED / "sample_full.yaml", RegionalTemplateFormat.YAML)
    file = await exported(number, RegionalTemplateFormat.XLSX)
    assert file is not None
    assert read_xlsx(file) == read_yaml((SHIPPED / "sample_full.yaml").read_text("utf-8"))
    assert await exported(number + 1, RegionalTemplateFormat.YAML) is None
