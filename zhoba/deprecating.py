"""Names of ``zhoba.api`` that are on their way out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Deprecated:
    """A name that still works: ``since`` that minor of the API, and for that one only."""

    value: Any
    since: str
    replacement: str


def deprecated_names(module: str, names: Mapping[str, Deprecated]) -> Callable[[str], Any]:
    """A ``__getattr__`` for ``module``: these names warn, and say what to use instead."""

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        old = names[name]
        warnings.warn(
            f"{module}.{name} is deprecated since {old.since} and goes with the next minor: use "
            f"{old.replacement}",
            DeprecationWarning,
            stacklevel=2,
        )
        return old.value

    return find
