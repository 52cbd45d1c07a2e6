"""Marks in the text that a statement returns, for what JSON cannot say.

Each stands between two control characters, which no valid JSON holds as they are: a text without
the first of them is the answer as it stands. Marked are values the reader may not read, fields to
be worked out in Python, whose personal data a value is, and an answer that a plugin's switch hides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import FieldNode
from graphql.language import get_location

BEGIN = "\x01"
END = "\x02"
BEGIN_BYTE = ord(BEGIN)
"""The same in UTF-8: one number is found in a text four times as fast as bytes are."""

MARK = re.compile(f"{BEGIN}(.)([^{END}]*){END}")
DENIALS = re.compile(f"{BEGIN}d([0-9]+){END}")

DENIED, WORK, PERSONAL, OFF = "d", "w", "p", "o"
"""Kinds of marks: the character after the first."""

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


class Place(NamedTuple):
    """Where in an answer something is missing: its path as JSON, without the brackets, and the
    names on it."""

    path: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer without its marks: the text, what in it is denied, whose personal data it shows."""

    text: str
    denied: Sequence[tuple[Place, Denial]] = ()
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


def settle(
    text: str, denials: Sequence[Denial], work: Callable[[int, str], str], root: str = ""
) -> Settled:
    """The answer of the field ``root`` of Query without its marks; ``work`` puts a text for the
    number of a computed field and its input.

    Raises whatever ``work`` raises.
    """
    if BEGIN not in text:
        return Settled(text)
    personal = Personal()

    def put(found: re.Match[str]) -> str:
        kind, inside = found.groups()
        if kind == PERSONAL:
            return personal.add(inside)
        if kind == WORK:
            number, _, given = inside.partition(":")
            return work(int(number), given)
        return found[0]

    if begin(WORK) in text or begin(PERSONAL) in text:
        text = MARK.sub(put, text)
    numbers = [int(number) for number in DENIALS.findall(text)]
    if not numbers:
        return Settled(text, (), personal.reads)
    clean = known = text
    for number in set(numbers):
        this = mark(DENIED, number)
        clean, known = clean.replace(this, "null"), known.replace(this, "NaN")
    places: list[Place] = []
    walk(json.loads(known, parse_constant=denied_value), f'"{root}"', (root,), places)
    denied = [(place, denials[at]) for place, at in zip(places, numbers, strict=True)]
    return Settled(clean, denied, personal.reads)


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

    value = json.loads(MARK.sub(put, text), parse_constant=denied_value)
    return value, personal.reads


def denied_value(_constant: str) -> Denied:
    return DENIED_VALUE


def walk(value: Any, path: str, names: tuple[str, ...], found: list[Place]) -> None:
    """Note the places of what is denied inside a list or an object, in the order of the text."""
    if type(value) is list:
        for number, inner in enumerate(value):
            if type(inner) is dict or type(inner) is list:
                walk(inner, f"{path},{number}", names, found)
        return
    for key, inner in value.items():
        if inner is DENIED_VALUE:
            found.append(Place(f'{path},"{key}"', (*names, key)))
        elif type(inner) is dict or type(inner) is list:
            walk(inner, f'{path},"{key}"', (*names, key), found)


def switched_off(text: str) -> tuple[str, str | None] | None:
    """The plugin, and the code of the region, whose switch hides an answer; none for others."""
    if not text.startswith(BEGIN + OFF):
        return None
    plugin, region = json.loads(text[2:-1])
    return plugin, region


def dumps(value: object) -> str:
    """JSON, Kazakh letters as themselves, without spaces."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
