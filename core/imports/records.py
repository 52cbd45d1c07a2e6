"""From a row of text to a record of a noun: templates, codes, filters, values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import Formatter

from core.errors import InvalidInput
from core.hierarchy.project import FundingSource
from core.imports.mapping import NATIONWIDE, NounMapping, columns_of
from core.imports.nouns import (
    NAMES,
    UNREADABLE,
    Formats,
    Noun,
    Value,
    converter,
    minor,
    text_reader,
)
from core.imports.sources import Row
from core.money import MINOR_DIGITS
from core.texts import TEXT_LIMIT

ID_LIMIT = 500
"""Letters of an external id; it is indexed."""

Text = Callable[[Row], str]
"""A compiled template; gives "" where the source says nothing."""


@dataclass(slots=True)
class Place:
    """Where a project happens, as the source says; all empty when it does not say."""

    region: str | None
    unit: str | None
    nationwide: bool
    address: str | None

    @property
    def known(self) -> bool:
        """Whether the source says anything about where."""
        return self.nationwide or any((self.region, self.unit, self.address))


@dataclass(slots=True)
class Record:
    """One row of the source as one row of a noun.

    ``columns`` holds every mapped column, ``None`` where the source says nothing; ``references``
    the ids of other objects by column.
    """

    line: int
    id: str
    columns: dict[str, Value]
    parent: str | None = None
    references: dict[str, str | None] = field(default_factory=dict)
    serves: tuple[str, ...] = ()
    funding: dict[FundingSource, int] | None = None
    place: Place | None = None


class RecordReader:
    """Turns rows of one table into records of one noun.

    Raises :class:`InvalidInput` ``IMPORT_COLUMN_MISSING`` when the table lacks a mapped column.
    """

    def __init__(
        self,
        mapping: NounMapping,
        noun: Noun,
        header: Row,
        formats: Formats,
        currency: str,
        file: str,
    ) -> None:
        self.noun = noun
        self.width = len(header)
        self.index = {name: place for place, name in enumerate(header)}
        for column in mapping.columns():
            if column not in self.index:
                raise InvalidInput("IMPORT_COLUMN_MISSING", field=column, file=file, column=column)
        self.codes = mapping.codes
        self.keep = [(self.index[name], choices(wanted)) for name, wanted in mapping.where.items()]
        self.drop = [(self.index[name], choices(wanted)) for name, wanted in mapping.unless.items()]
        self.id = self.compile(mapping.id)
        self.id_columns = columns_of(mapping.id)
        self.parent = self.compile(mapping.parent) if mapping.parent else None
        self.serves = [self.compile(template) for template in mapping.serves]
        self.fields: list[tuple[str, Text, Callable[[str], Value], str]] = []
        self.references: list[tuple[str, Text]] = []
        for name, template in mapping.fields.items():
            parts = [template] if isinstance(template, str) else template
            text = self.compile(template) if isinstance(template, str) else self.lines(parts, "\n")
            if name in noun.references:
                self.references.append((noun.references[name], text))
                continue
            convert = converter(noun, name, formats)
            column = name if name in (*NAMES, "stage") else noun.column(name)
            blamed = ", ".join(given for part in parts for given in columns_of(part)) or name
            self.fields.append((column, text, convert, blamed))
        self.required = [noun.column(name) for name in noun.required if name not in noun.references]
        self.names = [name for name in NAMES if name in mapping.fields]
        self.currency = currency if noun.name == "project" else None
        self.amount = converter(noun, "budget", formats) if self.currency else None
        self.budget_column = self.blame("budget_minor")
        self.funding = [
            (
                FundingSource[source] if isinstance(source, str) else source,
                self.compile(template),
                ", ".join(columns_of(template)),
            )
            for source, template in mapping.funding.items()
        ]
        self.place = mapping.location
        if self.place is not None:
            self.region = self.compile(self.place.region)
            self.unit = self.compile(self.place.unit)
            self.address = self.lines(self.place.address, ", ")
            self.readable = text_reader(TEXT_LIMIT)

    def compile(self, template: str) -> Text:
        """A template as a function of the row."""
        parts: list[str | Text] = []
        for literal, name, _, _ in Formatter().parse(template):
            if literal:
                parts.append(literal)
            if name is not None:
                parts.append(self.cell(name))
        if len(parts) == 1 and callable(parts[0]):
            return parts[0]
        columns = [part for part in parts if callable(part)]
        if not columns:
            constant = "".join(part for part in parts if isinstance(part, str))
            return lambda row: constant

        def fill(row: Row) -> str:
            values = [part if isinstance(part, str) else part(row) for part in parts]
            return "".join(values) if all(values) else ""

        return fill

    def cell(self, name: str) -> Text:
        """The first of the columns ``a|b`` that says something, translated by its codes."""
        first, *others = [self.column(column) for column in name.split("|")]
        if not others:
            return first
        return lambda row: (
            first(row) or next((text for other in others if (text := other(row))), "")
        )

    def column(self, name: str) -> Text:
        """One column of the row, translated by its codes if it has any."""
        place = self.index[name]
        codes = self.codes.get(name)
        if codes is None:
            return lambda row: row[place].strip()

        def translate(row: Row) -> str:
            text = row[place].strip()
            if not text and "" not in codes:
                return ""
            try:
                return codes[text]
            except KeyError:
                raise InvalidInput("IMPORT_UNKNOWN_CODE", field=name, text=text) from None

        return translate

    def lines(self, templates: Sequence[str], joint: str) -> Text:
        """Several templates joined, the empty ones and repetitions left out."""
        parts = [self.compile(template) for template in templates]
        return lambda row: joint.join(dict.fromkeys(text for part in parts if (text := part(row))))

    def identify(self, row: Row) -> str | None:
        """The row's id, or ``None`` for a row the filters drop. Raises InvalidInput."""
        if len(row) != self.width:
            raise InvalidInput("IMPORT_ROW_LENGTH", found=len(row), expected=self.width)
        for place, wanted in self.keep:
            if row[place].strip() not in wanted:
                return None
        for place, wanted in self.drop:
            if row[place].strip() in wanted:
                return None
        if not (id_ := self.id(row)):
            raise InvalidInput("IMPORT_ID_EMPTY", field=", ".join(self.id_columns))
        if len(id_) > ID_LIMIT or UNREADABLE.search(id_):
            raise InvalidInput("IMPORT_ID_UNFIT", field=", ".join(self.id_columns), limit=ID_LIMIT)
        return id_

    def read(self, line: int, id_: str, row: Row) -> Record:
        """The record of an identified row. Raises InvalidInput for a bad one."""
        record = Record(line, id_, columns := {})
        for column, text, convert, blamed in self.fields:
            value: Value = text(row) or None
            if value is not None:
                try:
                    value = convert(value)
                except InvalidInput as error:
                    error.field = error.field or blamed
                    raise
            columns[column] = value
        for column in self.required:
            if columns[column] is None:
                raise InvalidInput("IMPORT_VALUE_MISSING", field=self.blame(column), name=column)
        if not any(columns[name] for name in self.names):
            raise InvalidInput("IMPORT_VALUE_MISSING", field=self.blame(self.names[0]), name="name")
        if self.references:
            record.references = {column: text(row) or None for column, text in self.references}
        if self.parent is not None:
            record.parent = self.parent(row)
            if not record.parent:
                raise InvalidInput("IMPORT_VALUE_MISSING", field="parent", name="parent")
        if self.serves:
            record.serves = tuple(dict.fromkeys(id_ for text in self.serves if (id_ := text(row))))
            if not record.serves:
                raise InvalidInput("IMPORT_VALUE_MISSING", field="serves", name="serves")
        if self.currency is not None:
            self.read_money(record, row)
        if self.place is not None:
            region = self.region(row) or None
            nationwide = region == NATIONWIDE
            address = None if nationwide else self.readable(self.address(row)) or None
            unit = self.unit(row) or None
            record.place = Place(None if nationwide else region, unit, nationwide, address)
        return record

    def blame(self, column: str) -> str:
        """The columns of the source that fill a column of ours."""
        return next((blamed for name, _, _, blamed in self.fields if name == column), column)

    def read_money(self, record: Record, row: Row) -> None:
        """Amounts in minor units of the row's currency."""
        assert self.amount is not None
        assert self.currency is not None
        columns = record.columns
        currency: str = columns.get("currency") or self.currency
        columns["currency"] = currency
        digits = MINOR_DIGITS.get(currency)
        if digits is None:
            raise InvalidInput("IMPORT_UNKNOWN_CURRENCY", field="currency", currency=currency)
        starts_on, ends_on = columns.get("starts_on"), columns.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            raise InvalidInput("IMPORT_DATES_REVERSED", field=self.blame("ends_on"))
        blamed = self.budget_column
        try:
            if (budget := columns.get("budget_minor")) is not None:
                columns["budget_minor"] = minor(budget, digits)
            if not self.funding:
                return
            record.funding = {}
            for source, text, blamed in self.funding:  # noqa: B007 - the handler names it
                if (given := text(row)) and (whole := minor(self.amount(given), digits)):
                    record.funding[source] = whole
        except InvalidInput as error:
            error.field = blamed
            raise


def choices(wanted: str | Sequence[str]) -> frozenset[str]:
    return frozenset([wanted] if isinstance(wanted, str) else wanted)
