"""The architecture as YAML: what people review, and what the product ships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from plugins.regional_plan.template.contents import (
    LANGUAGES,
    MOST_GROUPS,
    Direction,
    Group,
    checked,
    names_from,
    too_large,
    unreadable,
)
from plugins.regional_plan.template.yaml_tree import tree_of
from zhoba.api import Names


def read_yaml(text: str) -> tuple[Direction, ...]:
    """The directions in a document ``{sample, note, directions: [{code, names, groups}]}``.

    Raises ``REGIONAL_CONTENT_UNREADABLE`` and what
    :func:`~plugins.regional_plan.template.contents.checked` raises.
    """
    return directions_of(document_of(text))


def directions_of(document: Mapping[str, Any]) -> tuple[Direction, ...]:
    """The directions in a document that was read; raises as :func:`read_yaml`."""
    return checked(
        Direction(
            code=code_from(each, place),
            names=names_from(each.get("names"), place),
            groups=tuple(
                Group(code_from(one, where), names_from(one.get("names"), where))
                for one, where in items(each.get("groups"), f"{place}.groups", {"code", "names"})
            ),
        )
        for each, place in items(document["directions"], "directions", {"code", "names", "groups"})
    )


def document_of(text: str) -> dict[str, Any]:
    """The document without its directions being looked at."""
    document = tree_of(text)
    if not isinstance(document, Mapping) or "directions" not in document:
        raise unreadable("1", "directions")
    unknown = set(document) - {"sample", "note", "directions"}
    if unknown:
        raise unreadable(str(sorted(map(str, unknown))[0])[:60], "sample, note, directions")
    return dict(document)


def is_sample(document: Mapping[str, Any]) -> bool:
    """Whether a document says that it is a sample."""
    return str(document.get("sample")).lower() in ("true", "yes", "on")


def items(given: Any, place: str, known: set[str]) -> list[tuple[Mapping[str, Any], str]]:
    """The mappings of a list no longer than a version may be, each with its place."""
    if given is None:
        return []
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise unreadable(place, "[...]")
    if len(given) > MOST_GROUPS:
        raise too_large()
    found = []
    for number, each in enumerate(given):
        where = f"{place}[{number}]"
        if not isinstance(each, Mapping) or not set(each) <= known:
            raise unreadable(where, ", ".join(sorted(known)))
        found.append((each, where))
    return found


def code_from(item: Mapping[str, Any], place: str) -> str:
    """The code of an item."""
    code = item.get("code")
    if not isinstance(code, str):
        raise unreadable(place, "code")
    return code.strip().upper()


def write_yaml(directions: Sequence[Direction], *, sample: bool, note: str | None) -> str:
    """What :func:`read_yaml` reads."""
    document: dict[str, Any] = {"sample": sample}
    if note:
        document["note"] = note
    document["directions"] = [
        {
            "code": each.code,
            "names": shown(each.names),
            "groups": [{"code": one.code, "names": shown(one.names)} for one in each.groups],
        }
        for each in directions
    ]
    return yaml.dump(
        document, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=100
    )


def shown(names: Names) -> dict[str, str]:
    return {each: text for each in LANGUAGES if (text := getattr(names, each)) is not None}
