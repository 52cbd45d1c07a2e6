"""The order in which plugins are loaded."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from zhoba.host.ordering import in_order

IDS = st.sampled_from("abcdefgh")


@given(st.dictionaries(IDS, st.frozensets(IDS, max_size=3)))
def test_whoever_is_required_comes_first_and_circles_are_told(
    requires: dict[str, frozenset[str]],
) -> None:
    order, circles = in_order(requires)
    assert sorted([*order, *circles]) == sorted(requires)
    places = {id: place for place, id in enumerate(order)}
    for id in order:
        assert all(places[each] < places[id] for each in requires[id] if each in places)
    for id, circle in circles.items():
        assert id in circle
        assert circle[0] == circle[-1]
        assert all(b in requires[a] for a, b in pairwise(circle))


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_the_order_of_offers_changes_nothing(ids: list[str]) -> None:
    needs = {"a": ["e"], "b": [], "c": ["b", "a"], "d": [], "e": []}
    assert in_order({id: needs[id] for id in ids}) == (["b", "d", "e", "a", "c"], {})


def test_of_those_that_are_ready_the_first_by_id_comes_next() -> None:
    assert in_order({"z": [], "a": ["m"], "m": []})[0] == ["m", "a", "z"]
