"""The mapping file: which file is which noun, by which columns. TOML, checked before any row."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from string import Formatter
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import InvalidInput
from core.hierarchy.project import FundingSource
from core.imports.nouns import NAMES, NOUNS, Formats, converter

NATIONWIDE = "nationwide"
"""What a location's region says when the project happens everywhere."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FormatsMapping(Strict):
    """How the source writes days (``strptime``), the decimal point and thousands."""

    date: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""


class LocationMapping(Strict):
    """Where a project happens.

    ``region`` gives the code of a region, or :data:`NATIONWIDE`; nothing means that the source
    does not say, and the project gets a location with that gap. ``unit`` is the external id of an
    administrative unit. ``address`` is its parts, joined.
    """

    region: str
    unit: str = ""
    address: tuple[str, ...] = ()


class NounMapping(Strict):
    """How rows of a source become rows of one noun.

    Every text is a template: ``"{node_code}/{cup}"`` takes columns of the row, ``"{title|cup}"``
    the first of them that says something, and text without braces is a constant. ``codes``
    translates a column's values before any template sees them. ``where`` keeps rows whose column
    equals a value (or one of several), ``unless`` drops them. ``repeats`` allows the same id on
    many rows; the first counts. ``serves`` are the priorities of a program, the first leads. A list
    as a field's template is joined with new lines.
    """

    noun: str
    id: str
    parent: str | None = None
    serves: tuple[str, ...] = ()
    where: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    unless: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    repeats: bool = False
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    fields: dict[str, str | tuple[str, ...]]
    funding: dict[FundingSource | str, str] = Field(default_factory=dict)
    location: LocationMapping | None = None

    @model_validator(mode="after")
    def known(self) -> Self:
        """The noun, its fields and constants exist; what it cannot do without is mapped."""
        noun = NOUNS.get(self.noun)
        if noun is None:
            raise ValueError(f"unknown noun {self.noun!r}; known: {', '.join(NOUNS)}")
        for field, template in self.fields.items():
            if not noun.accepts(field):
                raise ValueError(f"{self.noun} has no field {field!r}")
            if isinstance(template, str) and not columns_of(template) and field in noun.fields:
                try:
                    converter(noun, field, Formats())(template)
                except InvalidInput as error:
                    raise ValueError(f"{field}: {error}") from None
        if missing := [field for field in noun.required if field not in self.fields]:
            raise ValueError(f"{self.noun} needs the fields {', '.join(missing)}")
        if not any(name in self.fields for name in NAMES):
            raise ValueError(f"{self.noun} needs a name in at least one language")
        if not columns_of(self.id) and self.repeats:
            raise ValueError("an id without columns cannot repeat")
        if self.noun == "program" and not self.serves:
            raise ValueError("a program serves at least one priority")
        if self.noun != "program" and self.serves:
            raise ValueError("only a program serves priorities")
        if self.noun != "project" and (self.funding or self.location):
            raise ValueError("only a project has funding and a location")
        for source in self.funding:
            if not isinstance(source, FundingSource) and source not in FundingSource.__members__:
                raise ValueError(f"unknown source of funding {source!r}")
        takes_parent = noun.kind is not None and noun.name not in {
            "national_priority",
            "state_body",
        }
        if takes_parent != (self.parent is not None):
            raise ValueError(f"{self.noun} {'needs a' if takes_parent else 'has no'} parent")
        return self

    def templates(self) -> list[str]:
        """Every template of it."""
        given: list[str] = [self.id, *self.serves, *self.funding.values()]
        given += [self.parent] if self.parent else []
        given += (
            [self.location.region, self.location.unit, *self.location.address]
            if self.location
            else []
        )
        for template in self.fields.values():
            given += [template] if isinstance(template, str) else template
        return given

    def columns(self) -> list[str]:
        """Every column it reads, in the order of the mapping."""
        found = [*self.where, *self.unless, *self.codes]
        for template in self.templates():
            found += columns_of(template)
        return list(dict.fromkeys(found))


class SourceMapping(Strict):
    """One file of the folder, or rows written in the mapping itself; one transaction each."""

    file: str | None = None
    sheet: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    rows: tuple[dict[str, str], ...] = ()
    nouns: tuple[NounMapping, ...] = Field(alias="noun", min_length=1)

    @model_validator(mode="after")
    def one_source(self) -> Self:
        if (self.file is None) == (not self.rows):
            raise ValueError("a source is either a file or rows")
        return self


class Mapping(Strict):
    """A whole mapping. ``system`` names the source in ``origin_system`` for ever.

    ``sample`` marks everything as made up for demonstration.
    """

    system: str = Field(min_length=1, max_length=60, pattern=r"^[a-z0-9_.-]+$")
    title: str
    licence: str
    attribution: str
    sample: bool = False
    currency: str = Field(default="KZT", pattern=r"^[A-Z]{3}$")
    formats: FormatsMapping = FormatsMapping()
    sources: tuple[SourceMapping, ...] = Field(alias="source", min_length=1)

    def value_formats(self) -> Formats:
        return Formats(self.formats.date, self.formats.decimal, self.formats.thousands)


def columns_of(template: str) -> list[str]:
    """The columns a template takes."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    return [column for name in names for column in name.split("|")]


def shipped_mappings() -> list[str]:
    """Names of the mappings that come with Zhoba."""
    folder = resources.files("core.imports") / "mappings"
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    )


def load_mapping(file: str | Path) -> Mapping:
    """Read a mapping from a path, or a shipped one by its name.

    Raises :class:`InvalidInput` ``IMPORT_MAPPING_MISSING``, ``IMPORT_MAPPING_SYNTAX`` (line,
    column) or ``IMPORT_MAPPING_INVALID`` (line, path, problem).
    """
    path = Path(file)
    if path.is_file():
        return parse_mapping(path.read_text(encoding="utf-8"), str(file))
    if str(file) in shipped_mappings():
        shipped = resources.files("core.imports") / "mappings" / f"{file}.toml"
        return parse_mapping(shipped.read_text(encoding="utf-8"), str(file))
    raise InvalidInput(
        "IMPORT_MAPPING_MISSING", file=str(file), shipped=", ".join(shipped_mappings())
    )


def parse_mapping(text: str, file: str = "mapping") -> Mapping:
    """The mapping written in ``text``; raises as :func:`load_mapping` does."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        problem = str(error).split(" (at ")[0]
        raise InvalidInput(
            "IMPORT_MAPPING_SYNTAX", file=file, line=line, column=column, problem=problem
        ) from None
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = first["loc"]
        raise InvalidInput(
            "IMPORT_MAPPING_INVALID",
            field=".".join(str(part) for part in path),
            file=file,
            line=line_of(text, path),
            path=".".join(str(part) for part in path) or "mapping",
            problem=first["msg"].removeprefix("Value error, "),
        ) from None


def line_of(text: str, path: Sequence[Any]) -> int:
    """The line of ``text`` where the value at ``path`` stands, or the table it lies in."""
    headers: dict[tuple[Any, ...], int] = {}
    lines = text.splitlines()
    counts: dict[tuple[Any, ...], int] = {}
    best, best_length, table = 1, 0, tuple[Any, ...]()
    for number, line in enumerate(lines, 1):
        if header := re.match(r"\s*\[(\[?)([\w.]+)\]\]?", line):
            keys = header[2].split(".")
            table = ()
            for key in keys[:-1]:
                table += (key,)
                if table in counts:
                    table += (counts[table],)
            table += (keys[-1],)
            if header[1]:
                counts[table] = counts.get(table, -1) + 1
                for deeper in [
                    known for known in counts if known[: len(table)] == table and known != table
                ]:
                    del counts[deeper]
                table += (counts[table],)
            headers[table] = number
            here = table
        elif key := re.match(r"\s*([\w]+)\s*=", line):
            here = (*table, key[1])
        else:
            continue
        shared = 0
        while shared < min(len(here), len(path)) and here[shared] == path[shared]:
            shared += 1
        if shared == len(here) and shared > best_length:
            best, best_length = number, shared
    return best
