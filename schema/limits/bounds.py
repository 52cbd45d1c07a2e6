"""The bounds of one request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may ask for. Every number is a product default, changeable by setting.

    The number of tokens bounds parsing; fragments and repeats bound validation, whose check of
    overlapping fields grows with their square (2 000 repeats of one field took it 3 s); branches
    bound planning; the rest bounds execution.
    """

    tokens: int = 2000
    depth: int = 30
    """Nested fields. The longest way down the tree, country to task with edges and nodes, is 20."""
    introspection_depth: int = 20
    """Nested fields below ``__schema`` and ``__type``; the standard introspection query has 14."""
    introspections: int = 3
    """``__schema`` and ``__type`` in one operation; each may be a megabyte of answer."""
    aliases: int = 60
    repeats: int = 60
    """Times a response name stands again in the same braces."""
    fragments: int = 100
    fields: int = 1000
    """Fields of the operation with its fragments written out."""
    branches: int = 300
    """Objects the operation leads to, an interface counted by its kinds. What all kinds have alike
    counts once, so parents of parents add up; two interfaces inside each other that ask each kind
    for something else are 92, and about a second to put together; a third is too much."""
    directives: int = 50
    cost: int = 5_000_000
    """Objects the answer may hold at most: page sizes multiplied down the operation. Three pages
    of 100 inside each other are 1 010 100; a fourth is too much."""
    list_size: int = 10
    """What a list without a page size counts for in the cost."""
    page_size: int = 20
    """What a connection without ``first`` and ``last`` counts for in the cost."""
    variables_depth: int = 20
    variables_values: int = 20_000
    body_bytes: int = 1_000_000
    response_bytes: int = 20_000_000
    seconds: float = 10.0
