"""Execution that does not walk what the statement has finished.

graphql-core visits every value of an answer: 60 ms for a tree of 657 projects that the database
made in 6. Where a statement's text is the answer already (nothing worked out in Python, nothing
denied, no object behind an interface) its values are taken as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


@dataclass(frozen=True, slots=True)
class Finished:
    """A value with everything selected below it, exactly as the client gets it."""

    value: Any


class PlannedExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor with the short way for finished values."""

    def complete_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        """The value itself where it is finished, else graphql-core's completion."""
        if type(result) is Finished:
            return result.value
        return super().complete_value(
            return_type, field_details_list, info, path, result, position_context
        )
