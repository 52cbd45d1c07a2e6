"""Plain row makers; authors of plugins use them too, so they live in :mod:`zhoba.testing`."""

from zhoba.testing.rows import (
    MADE_AT,
    NOUNS,
    World,
    counter,
    dull,
    make_act,
    make_appointment,
    make_node,
    make_person,
    make_region,
    make_service,
    make_world,
    note_installed,
)

__all__ = [
    "MADE_AT",
    "NOUNS",
    "World",
    "counter",
    "dull",
    "make_act",
    "make_appointment",
    "make_node",
    "make_person",
    "make_region",
    "make_service",
    "make_world",
    "note_installed",
]
