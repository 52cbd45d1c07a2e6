"""Changes of the policy as CSV and YAML; what is written is read back equal."""

from __future__ import annotations

import csv
import enum
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from core.authority.policies.change import DISABLE, MOST_CHANGES, Change
from core.authority.rules import ANY_REGION, NO_CONDITION
from core.errors import InvalidInput
from core.texts import clean

FILE_LIMIT = 4_000_000
"""Letters of a file; more than the most changes there may be."""

PART_LIMIT = 1_000
"""Letters of a part as a draft keeps it; a version takes fewer."""

NATIONAL, REGION = "national", "region"

DEFAULTS = {
    "act": "",
    "rule": "",
    "region": ANY_REGION,
    "role": "",
    "action": "",
    "relation": "",
    "condition": NO_CONDITION,
    "effect": "allow",
    "set_by": NATIONAL,
}
"""The columns, with what an absent one says."""


class Format(enum.Enum):
    """How a file of changes is written."""

    CSV = "comma separated, with a header"
    YAML = "a list of mappings"


def write_changes(changes: Sequence[Change], format: Format) -> str:
    """The changes as the text of a file."""
    rows = [columns_of(change) for change in changes]
    if format is Format.YAML:
        short = [
            {name: text for name, text in row.items() if text != DEFAULTS[name]} for row in rows
        ]
        return yaml.dump(
            short, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000
        )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, DEFAULTS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def columns_of(change: Change) -> dict[str, str]:
    return {
        "act": change.act,
        "rule": change.rule,
        "region": change.region,
        "role": change.role,
        "action": change.action,
        "relation": change.relation,
        "condition": change.condition,
        "effect": change.effect,
        "set_by": REGION if change.by_region else NATIONAL,
    }


def read_changes(text: str, format: Format) -> list[Change]:
    """The changes in the text of a file, each with its line.

    Raises, with the line, ``POLICY_FILE_UNREADABLE``, ``POLICY_FILE_NO_LIST``,
    ``POLICY_FILE_NAMES``, ``POLICY_FILE_NAME_TWICE``, ``POLICY_FILE_CELLS``,
    ``POLICY_FILE_PART``, ``POLICY_FILE_SET_BY``; ``POLICY_FILE_EMPTY``, ``POLICY_FILE_TOO_LONG``
    and ``POLICY_TOO_MANY_CHANGES``. What the changes mean is not asked here.
    """
    if len(text) > FILE_LIMIT:
        raise InvalidInput("POLICY_FILE_TOO_LONG", field="text", limit=FILE_LIMIT)
    found: list[Change] = []
    read: Callable[[str], Iterator[tuple[int, dict[str, str]]]] = (
        read_csv if format is Format.CSV else read_yaml
    )
    for line, row in read(text):
        if len(found) == MOST_CHANGES:
            raise InvalidInput("POLICY_TOO_MANY_CHANGES", field="text", limit=MOST_CHANGES)
        found.append(change_of_row(line, row))
    return found


def change_of_row(line: int, row: Mapping[str, str]) -> Change:
    """One change from the columns given."""
    unknown = sorted(set(row) - set(DEFAULTS))
    if unknown:
        raise fault("POLICY_FILE_NAMES", line, name=unknown[0][:100], names=[*DEFAULTS])
    try:
        given = {name: clean(text, name, limit=PART_LIMIT) or "" for name, text in row.items()}
    except InvalidInput as error:
        raise fault("POLICY_FILE_PART", line, part=error.field or "", limit=PART_LIMIT) from None
    parts = {**DEFAULTS, **{name: text for name, text in given.items() if text}}
    set_by = parts.pop("set_by")
    if set_by not in (NATIONAL, REGION):
        raise fault("POLICY_FILE_SET_BY", line, text=set_by[:100], national=NATIONAL, region=REGION)
    if parts["act"] == DISABLE:
        parts["effect"] = DEFAULTS["effect"]
    return Change(**parts, by_region=set_by == REGION, line=line)


def read_csv(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, with the line each ends on."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        if not any(header):
            raise InvalidInput("POLICY_FILE_EMPTY", field="text")
        unknown = [name for name in header if name not in DEFAULTS]
        unknown += [name for name in ("act", "rule") if name not in header]
        if unknown:
            raise fault("POLICY_FILE_NAMES", 1, name=unknown[0][:100], names=[*DEFAULTS])
        if twice := [name for name in header if header.count(name) > 1]:
            raise fault("POLICY_FILE_NAME_TWICE", 1, name=twice[0])
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) > len(header):
                raise fault("POLICY_FILE_CELLS", reader.line_num, most=len(header), count=len(row))
            yield reader.line_num, dict(zip(header, row, strict=False))
    except csv.Error:
        raise fault("POLICY_FILE_UNREADABLE", reader.line_num, format="CSV") from None


def read_yaml(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The mappings of a YAML list, with the line each begins on; texts only, and no aliases."""
    depth, line, key = 0, 0, None
    row: dict[str, str] = {}
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader):
            at = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.SequenceStartEvent) and depth == 0:
                depth = 1
            elif isinstance(event, yaml.MappingStartEvent) and depth == 1:
                depth, line, row, key = 2, at, {}, None
            elif isinstance(event, yaml.ScalarEvent) and depth == 2:
                if key is None:
                    key = event.value
                    if key in row:
                        raise fault("POLICY_FILE_NAME_TWICE", at, name=key[:100])
                else:
                    row[key], key = event.value, None
            elif isinstance(event, yaml.MappingEndEvent):
                depth = 1
                yield line, row
            elif isinstance(event, yaml.SequenceEndEvent):
                depth = 3
            elif isinstance(event, yaml.ScalarEvent) and depth == 0 and not event.value:
                continue
            elif isinstance(event, (yaml.NodeEvent, yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                raise fault("POLICY_FILE_NO_LIST", at)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark.line + 1 if error.problem_mark else 1
        raise fault("POLICY_FILE_UNREADABLE", at, format="YAML") from None
    except yaml.reader.ReaderError:
        raise fault("POLICY_FILE_UNREADABLE", 1, format="YAML") from None
    if depth == 0:
        # A list without anything in it is written [] and means what it says.
        raise InvalidInput("POLICY_FILE_EMPTY", field="text")


def fault(code: str, line: int, **params: Any) -> InvalidInput:
    """Why a line cannot be read."""
    return InvalidInput(code, field="text", line=line, **params)
