"""``/metrics``: counts of this process for Prometheus, in its text format. They name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from zhoba.express.express import Express
from zhoba.http.operation import Operations

TEXT = "text/plain; version=0.0.4; charset=utf-8"

Kind = Literal["counter", "gauge"]
Metric = tuple[str, Kind, str, float]
"""Name, kind, meaning, value."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The endpoint. The hit rate of kept answers is ``hits / (hits + misses)``."""

    operations: Operations
    express: Express | None

    async def show(self, _request: Request) -> Response:
        return Response(
            "".join(lines(self.all())), media_type=TEXT, headers={"Cache-Control": "no-store"}
        )

    def all(self) -> Iterator[Metric]:
        """Everything that is counted."""
        express = self.express
        if express is not None:
            yield (
                "express_answers_total", "counter",
                "Requests answered without the executor.", express.answered,
            )  # fmt: skip
            yield (
                "express_left_total", "counter",
                "Requests the express lane handed on to the executor.", express.left,
            )  # fmt: skip
            yield (
                "express_shared_reads_total", "counter",
                "Requests that waited for the read of another.", express.flights.shared,
            )  # fmt: skip
        if express is not None and express.answers is not None:
            kept = express.answers
            yield "answer_cache_hits_total", "counter", "Answers found kept.", kept.hits
            yield "answer_cache_misses_total", "counter", "Answers not found kept.", kept.misses
            yield "answer_cache_bytes", "gauge", "Memory of the kept answers.", kept.held
            yield (
                "answer_cache_most_bytes", "gauge",
                "Memory the kept answers may take.", kept.most_bytes,
            )  # fmt: skip
            yield "answer_cache_entries", "gauge", "Answers kept.", len(kept.kept)
        planner = self.operations.services.planner
        if planner is not None:
            yield "plans_made_total", "counter", "Statements compiled.", planner.made
            yield "plans_bytes", "gauge", "Memory of the plans kept.", planner.weight
        decisions = self.operations.services.decisions
        if decisions is not None:
            yield (
                "decision_lines_waiting", "gauge",
                "Lines of the decision log that are still to be written.", len(decisions.lines),
            )  # fmt: skip


def lines(metrics: Iterator[Metric]) -> Iterator[str]:
    for name, kind, meaning, value in metrics:
        yield f"# HELP zhoba_{name} {meaning}\n# TYPE zhoba_{name} {kind}\nzhoba_{name} {value}\n"
