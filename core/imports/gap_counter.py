"""Counting what a source lacks of what the Rules ask for. Shown, never filled by guesses."""

from __future__ import annotations

import enum
from typing import Any

from core.hierarchy.gaps import gaps, inputs_of
from core.imports.nouns import Noun
from core.imports.records import Record
from core.imports.report import NounCount


class GapCounter:
    """Adds the gaps of records to a count; rows that lack the same things are judged once."""

    def __init__(self, noun: Noun, count: NounCount) -> None:
        self.kind = noun.kind
        self.inputs = inputs_of(noun.kind) if noun.kind else ()
        self.counts = count.gaps
        self.judged: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def add(self, record: Record) -> None:
        if self.kind is None:
            return
        known: dict[str, Any] = {
            **record.columns,
            **record.references,
            "held_roles": (),
            "lead_priority_id": record.serves or None,
            "location_count": int(record.place is not None and record.place.known),
        }
        values = [known.get(name) for name in self.inputs]
        # A member of an enumeration matters itself, of anything else only whether it is there.
        pattern = tuple([v if isinstance(v, enum.Enum) else (v is None, bool(v)) for v in values])
        codes = self.judged.get(pattern)
        if codes is None:
            found = gaps(self.kind, dict(zip(self.inputs, values, strict=True)))
            codes = self.judged[pattern] = tuple(gap.code for gap in found)
        for code in codes:
            self.counts[code] = self.counts.get(code, 0) + 1
