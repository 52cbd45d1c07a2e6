"""Marks in the text that a statement returns, for what JSON cannot say.

Each stands between two control characters, which no valid JSON holds as they are: a text without
the first of them is the answer as it stands. Marked are values the reader may not read, fields to
be worked out in Python, whose personal data a value is, and an answer that a plugin's switch hides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode
from graphql.language import get_location

BEGIN = "\x01"
END = "\x02"

MARK = re.compile(f"{BEGIN}(.)([^{END}]*){END}")

DENIED, WORK, PERSONAL, OFF = "d", "w", "p", "o"
"""Kinds of marks: the character after the first."""

Path = tuple[str | int, ...]
Locations = tuple[tuple[int, int], ...]
"""Line and column of every place of a document where a field is selected."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A field that a reader may have to do without: the permission, and where it is selected."""

    action: str
    locations: Locations


@dataclass(frozen=True, slots=True)
class PersonalRead:
    """Personal data that an answer shows: the id of the object, and the fields."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer without its marks: the text, what in it is denied, whose personal data it shows."""

    text: str
    denied: Sequence[tuple[Path, Denial]] = ()
    personal: Sequence[PersonalRead] = ()


def mark(kind: str, inside: object = "") -> str:
    return f"{BEGIN}{kind}{inside}{END}"


def begin(kind: str, inside: object = "") -> str:
    """The beginning of a mark that ends with :data:`END`."""
    return f"{BEGIN}{kind}{inside}"


def locations_of(nodes: Sequence[FieldNode]) -> Locations:
    """Where fields stand in their document."""
    found = (get_location(node.loc.source, node.loc.start) for node in nodes if node.loc)
    return tuple((place.line, place.column) for place in found)


class Personal:
    """Collects whose personal data an answer shows."""

    def __init__(self) -> None:
        self.fields: dict[str, set[str]] = {}

    def add(self, inside: str) -> str:
        """Note a mark; what stands in its place is nothing."""
        whose, _, name = inside.partition(" ")
        self.fields.setdefault(whose, set()).add(name)
        return ""

    @property
    def reads(self) -> tuple[PersonalRead, ...]:
        return tuple(
            PersonalRead(whose, tuple(sorted(names))) for whose, names in self.fields.items()
        )


def settle(text: str, denials: Sequence[Denial], work: Callable[[int, str], str]) -> Settled:
    """A statement's answer without its marks; ``work`` puts a text for one and its input.

    Raises whatever ``work`` raises.
    """
    if BEGIN not in text:
        return Settled(text)
    denied: list[int] = []
    personal = Personal()

    def put(found: re.Match[str]) -> str:
        kind, inside = found.groups()
        if kind == DENIED:
            denied.append(int(inside))
            return "null"
        if kind == PERSONAL:
            return personal.add(inside)
        if kind == WORK:
            number, _, given = inside.partition(":")
            return work(int(number), given)
        raise ValueError(kind)

    clean = MARK.sub(put, text)
    paths = denied_paths(text) if denied else ()
    flaws = [(path, denials[number]) for path, number in zip(paths, denied, strict=True)]
    return Settled(clean, flaws, personal.reads)


class Denied:
    """Stands for a value that the reader may not read."""

    def __repr__(self) -> str:
        return "DENIED"


DENIED_VALUE = Denied()


def raw(text: str) -> tuple[Any, Sequence[PersonalRead]]:
    """The values of a marked text as the executor walks it: :data:`DENIED_VALUE` for what is
    denied, the input of what is to be worked out. And whose personal data it shows."""
    if BEGIN not in text:
        return json.loads(text), ()
    personal = Personal()

    def put(found: re.Match[str]) -> str:
        kind, inside = found.groups()
        if kind == DENIED:
            return "NaN"
        return personal.add(inside) if kind == PERSONAL else inside.partition(":")[2]

    value = json.loads(MARK.sub(put, text), parse_constant=lambda _: DENIED_VALUE)
    return value, personal.reads


def denied_paths(text: str) -> Iterator[Path]:
    """Where values are denied, in the order of the text."""

    def put(found: re.Match[str]) -> str:
        kind = found[1]
        return "NaN" if kind == DENIED else "" if kind == PERSONAL else "0"

    found: list[Path] = []
    walk(json.loads(MARK.sub(put, text), parse_constant=lambda _: DENIED_VALUE), (), found)
    return iter(found)


def walk(value: Any, path: Path, found: list[Path]) -> None:
    """Note the paths of what is denied inside a list or an object."""
    pairs = value.items() if type(value) is dict else enumerate(value)
    for key, inner in pairs:
        if inner is DENIED_VALUE:
            found.append((*path, key))
        elif type(inner) is dict or type(inner) is list:
            walk(inner, (*path, key), found)


def switched_off(text: str) -> tuple[str, str | None] | None:
    """The plugin, and the code of the region, whose switch hides an answer; none for others."""
    if not text.startswith(BEGIN + OFF):
        return None
    plugin, region = json.loads(text[2:-1])
    return plugin, region


def dumps(value: object) -> str:
    """JSON, Kazakh letters as themselves, without spaces."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
