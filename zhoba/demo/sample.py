"""The made-up regional part, as a mapping: the import brings it in like any other source.

Everything follows from the data files and one seed, so a second run finds nothing to change.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from core.hierarchy.project import FundingSource
from core.imports.mapping import LocationMapping, Mapping, NounMapping, SourceMapping

DATA = Path(__file__).parent / "data"
SYSTEM = "zhoba-sample"
SEED = 301
"""The number of the order that approved the Rules."""

SUFFIX = {"kk": " (үлгі)", "ru": " (образец)", "en": " (sample)"}
"""What every made-up title ends in."""

AS_OF = date(2026, 6, 1)
"""The day on which the made-up stages would be right."""

PLAN = (date(2024, 1, 1), date(2030, 12, 31))
LATEST_START_DAY = 1250
"""Days after the plan's start within which projects begin."""

SPECIAL = {"KZ-71", "KZ-75", "KZ-79"}
"""Astana, Almaty and Shymkent [R2023 §12]."""

CAPITAL = "KZ-71"
GENITIVE = {
    "город Астана": "города Астаны",
    "город Алматы": "города Алматы",
    "город Шымкент": "города Шымкента",
}

Texts = dict[str, str]
Rows = list[Texts]


@cache
def themes() -> dict[str, Any]:
    """The words made-up programs and projects are composed of."""
    return tomllib.loads((DATA / "themes.toml").read_text("utf-8"))


def read_csv(name: str) -> Rows:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def regions() -> tuple[Texts, ...]:
    return tuple(read_csv("kz_regions.csv"))


@cache
def towns() -> tuple[Texts, ...]:
    return tuple(read_csv("towns.csv"))


def sample_mapping() -> Mapping:
    """The whole sample, parents first."""
    return Mapping(
        system=SYSTEM,
        title="Sample data of Zhoba",
        licence="made up for Zhoba; regions: see LICENSES.md",
        attribution="Zhoba",
        sample=True,
        source=(
            source(region_rows(), "region", "code", "kato", "kind", "special_regime"),
            source(town_rows(), "administrative_unit", "code", "kind", "region"),
            source(
                priority_rows(), "national_priority", "code", "goal", "ends_on", "portfolio_goal",
                "portfolio_deadline", "stage",
            ),
            source(body_rows(), "state_body", "kind", "region"),
            source(unit_rows(), "organization_unit", parent=True),
            source(
                plan_rows(), "program", "kind", "goal", "starts_on", "ends_on", "stage",
                parent=True,
                serves=tuple(f"priority: {each['code']}" for each in themes()["priority"]),
            ),
            source(direction_rows(), "basic_direction", "kind", "task", "stage", parent=True),
            source(group_rows(), "project_group", "responsible_unit", "stage", parent=True),
            source(
                project_rows(), "project", "goal", "result", "starts_on", "ends_on", "budget",
                "stage", "scale_class", "product_class", "time_class", "financing_class",
                "implementing_body", parent=True, project=True,
            ),
            source(
                task_rows(), "task", "kind", "starts_on", "due_on", "closed_on",
                "confirming_document", parent=True,
            ),
        ),
    )  # fmt: skip


def source(
    rows: Rows,
    noun: str,
    *fields: str,
    parent: bool = False,
    serves: tuple[str, ...] = (),
    project: bool = False,
) -> SourceMapping:
    """Rows whose columns are called as the noun's fields."""
    funding: dict[FundingSource | str, str] = {
        FundingSource.REPUBLICAN_BUDGET: "{republican}",
        FundingSource.LOCAL_BUDGET: "{local}",
    }
    mapping = NounMapping(
        noun=noun,
        id="{id}",
        parent="{parent}" if parent else None,
        serves=serves,
        fields={field: f"{{{field}}}" for field in ("name_kk", "name_ru", "name_en", *fields)},
        funding=funding if project else {},
        location=LocationMapping(region="{region}", unit="{town}") if project else None,
    )
    return SourceMapping(rows=tuple(rows), noun=(mapping,))


def names(texts: Texts, *, suffix: bool = False) -> Texts:
    return {
        f"name_{language}": texts[language] + (SUFFIX[language] if suffix else "")
        for language in SUFFIX
    }


def region_rows() -> Rows:
    return [
        {
            "id": f"region: {region['iso_3166_2']}",
            "code": region["iso_3166_2"],
            "kato": region["kato"],
            "kind": "REGION"
            if region["kind"] == "region"
            else "CAPITAL"
            if region["iso_3166_2"] == CAPITAL
            else "CITY_OF_REPUBLICAN_SIGNIFICANCE",
            "special_regime": "yes" if region["iso_3166_2"] in SPECIAL else "no",
            **{name: region[name] for name in ("name_kk", "name_ru", "name_en")},
        }
        for region in regions()
    ]


def town_rows() -> Rows:
    return [
        {
            "id": town_id(town),
            "region": town["region"],
            "code": f"{town['region']}-{place:02d}",
            "kind": town["kind"],
            **names(town),
        }
        for place, town in enumerate(towns(), 1)
    ]


def town_id(town: Texts) -> str:
    return f"town: {town['region']} {town['en']}"


def priority_rows() -> Rows:
    return [
        {
            "id": f"priority: {priority['code']}",
            "code": priority["code"],
            "goal": priority["goal"],
            "ends_on": PLAN[1].isoformat(),
            "portfolio_goal": priority["goal"],
            "portfolio_deadline": PLAN[1].isoformat(),
            "stage": "IMPLEMENTATION",
            **names(priority, suffix=True),
        }
        for priority in themes()["priority"]
    ]


def body_rows() -> Rows:
    return [
        {
            "id": f"akimat: {region['iso_3166_2']}",
            "kind": "LOCAL_EXECUTIVE",
            "region": region["iso_3166_2"],
            **names(akimat(region)),
        }
        for region in regions()
    ]


def akimat(region: Texts) -> Texts:
    """The akimat of a region."""
    return {
        "kk": f"{region['name_kk']}ның әкімдігі",
        "ru": f"Акимат {genitive(region['name_ru'])}",
        "en": f"Akimat of {region['name_en']}",
    }


def genitive(name: str) -> str:
    """The Russian name of a region after "акимат"."""
    if name in GENITIVE:
        return GENITIVE[name]
    if name.startswith("область "):
        return name.replace("область ", "области ", 1)
    return name.replace("ая область", "ой области")


def unit_rows() -> Rows:
    return [
        {
            "id": f"unit: {region['iso_3166_2']} {unit['code']}",
            "parent": f"akimat: {region['iso_3166_2']}",
            **names(unit),
        }
        for region in regions()
        for unit in themes()["unit"]
    ]


def plan_rows() -> Rows:
    years = f"{PLAN[0].year}–{PLAN[1].year}"
    return [
        {
            "id": f"plan: {region['iso_3166_2']}",
            "parent": f"akimat: {region['iso_3166_2']}",
            "kind": "REGIONAL_DEVELOPMENT_PLAN",
            "goal": "Өңірдің теңгерімді дамуы және тұрғындардың әл-ауқатын арттыру",
            "starts_on": PLAN[0].isoformat(),
            "ends_on": PLAN[1].isoformat(),
            "stage": "IMPLEMENTATION",
            **names(
                {
                    "kk": f"{region['name_kk']}: {years} жылдарға арналған даму жоспары",
                    "ru": f"{region['name_ru']}: план развития на {years} годы",
                    "en": f"{region['name_en']}: development plan {years}",
                },
                suffix=True,
            ),
        }
        for region in regions()
    ]


def direction_rows() -> Rows:
    return [
        {
            "id": f"direction: {region['iso_3166_2']} {theme['code']}",
            "parent": f"plan: {region['iso_3166_2']}",
            "kind": "ORDINARY",
            "task": theme["task"],
            "stage": "IMPLEMENTATION",
            **names(theme),
        }
        for region in regions()
        for theme in themes()["theme"]
    ]


def groups() -> Iterator[tuple[Texts, dict[str, Any], dict[str, Any], str]]:
    """Region, theme, group and the group's id, in order."""
    for region in regions():
        for theme in themes()["theme"]:
            for group in theme["group"]:
                yield region, theme, group, f"group: {region['iso_3166_2']} {group['code']}"


def group_rows() -> Rows:
    return [
        {
            "id": id_,
            "parent": f"direction: {region['iso_3166_2']} {theme['code']}",
            "responsible_unit": f"unit: {region['iso_3166_2']} construction",
            "stage": "IMPLEMENTATION",
            **names(group),
        }
        for region, theme, group, id_ in groups()
    ]


@cache
def project_list() -> tuple[Texts, ...]:
    """Nine or ten projects of every group: about 1 900."""
    found: Rows = []
    for place, (region, _, group, id_) in enumerate(groups()):
        found.extend(project_row(region, group, id_, number) for number in range(1, 10 + place % 2))
    return tuple(found)


def project_rows() -> Rows:
    return list(project_list())


def project_row(region: Texts, group: dict[str, Any], group_id: str, number: int) -> Texts:
    id_ = f"project: {group_id.removeprefix('group: ')} {number:02d}"
    chance = Random(f"{SEED} {id_}")  # noqa: S311 - made-up data, not secrets
    town = chance.choice([each for each in towns() if each["region"] == region["iso_3166_2"]])
    title = group["titles"][number % len(group["titles"])]
    size = str(chance.randint(*group["size"]))
    starts_on = PLAN[0] + timedelta(days=chance.randrange(LATEST_START_DAY))
    ends_on = starts_on + timedelta(days=chance.randint(120, 1200))
    million = chance.randint(*group["budget"])
    republican = million * chance.choice((0, 0, 30, 50, 70)) // 100
    return {
        "id": id_,
        "parent": group_id,
        "goal": group["goal"],
        "result": group["result"],
        "starts_on": starts_on.isoformat(),
        "ends_on": ends_on.isoformat(),
        "budget": f"{million}000000.00",
        "republican": f"{republican}000000.00",
        "local": f"{million - republican}000000.00",
        "stage": stage_of(chance, starts_on, ends_on),
        "scale_class": "MULTIPROJECT" if million > 1500 else "MONOPROJECT",
        "product_class": group["product"],
        "time_class": chance.choice(("NORMAL", "NORMAL", "NORMAL", "URGENT", "CRITICAL")),
        "financing_class": chance.choice(("INTERNAL", "EXTERNAL")),
        "implementing_body": akimat(region)["kk"],
        "region": region["iso_3166_2"],
        "town": town_id(town),
        **names(
            {
                language: f"{town[language]}: {title[language].format(n=size)}"
                for language in SUFFIX
            },
            suffix=True,
        ),
    }


def stage_of(chance: Random, starts_on: date, ends_on: date) -> str:
    """A stage that fits the dates on :data:`AS_OF`."""
    if ends_on < AS_OF:
        return chance.choice(("CLOSED", "CLOSED", "CLOSED", "CLOSURE"))
    if starts_on > AS_OF:
        return chance.choice(("INITIATION", "PLANNING"))
    return chance.choice(("IMPLEMENTATION",) * 8 + ("ADJUSTMENT", "STOPPED"))


def task_rows() -> Rows:
    """Two tasks and a milestone of every project that is past its initiation."""
    found: Rows = []
    for project in project_list():
        if project["stage"] == "INITIATION":
            continue
        starts_on = date.fromisoformat(project["starts_on"])
        days = (date.fromisoformat(project["ends_on"]) - starts_on).days
        over = project["stage"] in ("CLOSED", "CLOSURE")
        for place, task in enumerate(themes()["task"]):
            begins = starts_on + timedelta(days=days * place // 3)
            due = starts_on + timedelta(days=days * (place + 1) // 3)
            milestone = task["kind"] == "MILESTONE"
            done = over or (due < AS_OF and not milestone)
            found.append(
                {
                    "id": f"task: {project['id'].removeprefix('project: ')} {place + 1}",
                    "parent": project["id"],
                    "kind": task["kind"],
                    "starts_on": "" if milestone else begins.isoformat(),
                    "due_on": due.isoformat(),
                    "closed_on": due.isoformat() if done else "",
                    "confirming_document": "Қабылдау актісі (үлгі)" if done else "",
                    **names(task),
                }
            )
    return found
