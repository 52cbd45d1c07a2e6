"""The order in which plugins are loaded: whoever is required first, then by id."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush


def in_order(requires: Mapping[str, Collection[str]]) -> tuple[list[str], dict[str, list[str]]]:
    """The ids in order, and those that require themselves, with the circle each is in.

    Requirements nobody offers are passed over here.
    """
    left = {id: sorted(set(requires[id]) & set(requires)) for id in sorted(requires)}
    circles: dict[str, list[str]] = {}
    while True:
        sorter = TopologicalSorter(left)
        try:
            sorter.prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            for id in circle:
                circles[id] = circle[::-1]
                left.pop(id, None)
            left = {id: [each for each in left[id] if each in left] for id in left}
            continue
        return sorted_ready(sorter), circles


def sorted_ready(sorter: TopologicalSorter[str]) -> list[str]:
    """The order, the smallest id first among those that are ready."""
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        for id in sorter.get_ready():
            heappush(ready, id)
        order.append(heappop(ready))
        sorter.done(order[-1])
    return order
