"""Answers with errors beside their data, and those that show what is personal.

An answer is kept without anything of the request it was read for: errors are worded for each
caller, in their language and under their number, and what is logged is logged for each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import GraphQLError

from schema.errors import Translator
from schema.planner.marks import PersonalRead, dumps
from schema.planner.whole import Answer, Cause

FLAW_BYTES = 200
"""Memory of one missing value, beside its path."""


@dataclass(frozen=True, slots=True)
class Flawed:
    """The data, the paths of what is missing with their causes, and what the log is told.

    ``errors`` hold one place of each cause: those of a list count once.
    """

    data: bytes
    missing: Sequence[tuple[str, Cause]]
    errors: Sequence[GraphQLError]
    personal: Sequence[PersonalRead]

    @classmethod
    def of(cls, answer: Answer) -> Flawed:
        errors: dict[tuple[tuple[str, ...], Cause], GraphQLError] = {}
        for place, cause in answer.flaws:
            if (place.names, cause) not in errors:
                errors[place.names, cause] = GraphQLError(
                    cause.error.code,
                    cause.nodes,
                    path=json.loads(f"[{place.path}]"),
                    original_error=cause.error,
                )
        missing = [(place.path, cause) for place, cause in answer.flaws]
        return cls(answer.text, missing, list(errors.values()), answer.personal)

    def __len__(self) -> int:
        """Bytes of memory, roughly."""
        return len(self.data) + sum(len(path) + FLAW_BYTES for path, _ in self.missing)

    def told(self, translator: Translator) -> bytes:
        """The answer as its caller gets it."""
        if not self.missing:
            return self.data
        around: dict[Cause, tuple[str, str]] = {}
        errors = []
        for path, cause in self.missing:
            if cause not in around:
                around[cause] = worded(cause, translator)
            before, after = around[cause]
            errors.append(f"{before}[{path}]{after}")
        return f'{{"errors":[{",".join(errors)}],'.encode() + self.data[1:]


def worded(cause: Cause, translator: Translator) -> tuple[str, str]:
    """What stands before and after the path in the errors of one cause."""
    said = translator.one(cause.error)
    locations = [{"line": line, "column": column} for line, column in cause.locations]
    before = dumps({"message": said["message"], "locations": locations})
    return f'{before[:-1]},"path":', f',"extensions":{dumps(said["extensions"])}}}'
