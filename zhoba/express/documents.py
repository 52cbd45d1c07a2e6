"""Documents that were met, and whether they are fit for the lane."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from schema.compose import ZhobaSchema
from schema.limits import Admitted
from schema.planner.whole import WholeQuery, whole_query
from zhoba.http.body import Asked
from zhoba.http.operation import Operations

KNOWN = 1000
"""Documents remembered as fit for the lane, or as unfit."""


@dataclass(frozen=True, slots=True)
class Known:
    """How a document is read in the lane; none: it is not fit for that. ``paged`` is the document
    where variables say how long its pages are."""

    query: WholeQuery | None = None
    paged: Admitted | None = None


@dataclass(slots=True)
class Documents:
    """What one process knows of documents, by their text and the operation asked for."""

    operations: Operations
    known: OrderedDict[tuple[str, str | None], Known] = field(default_factory=OrderedDict)

    def met(self, asked: Asked) -> bool:
        """Whether the document was met before."""
        return (asked.query, asked.operation_name) in self.known

    def whole(self, asked: Asked) -> WholeQuery | None:
        """The document, if it fits the lane. Raises for one that is not admitted."""
        key = asked.query, asked.operation_name
        known = self.known.get(key)
        if known is None:
            known = self.known[key] = self.judge(asked)
            if len(self.known) > KNOWN:
                self.known.popitem(last=False)
        else:
            self.known.move_to_end(key)
        query = known.query
        if query is not None and known.paged is not None:
            self.operations.admission.check_pages(
                known.paged, query.operation.node, asked.variables
            )
        return query

    def judge(self, asked: Asked) -> Known:
        """Whether a document that was not met before fits the lane."""
        admitted = self.operations.admission.admit(asked.query)
        schema = self.operations.schema
        if not isinstance(schema, ZhobaSchema):
            return Known()
        node = admitted.operation(asked.operation_name)
        query = whole_query(schema.graphql, schema.catalogue, admitted.document, node, asked.query)
        paged = query is not None and admitted.paged_by_variables
        return Known(query, admitted if paged else None)
