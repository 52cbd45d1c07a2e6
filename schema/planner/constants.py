"""Constants of expressions, written into the text of a statement.

Kinds, stages and depths that the platform's own code compares with never change with a request: as
parameters they would be sent again with each, and hidden from PostgreSQL's planner.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Any

from sqlalchemy import BindParameter

HARMLESS = re.compile(r"[\w.:-]*", re.ASCII)
"""Texts that are written: names and codes. Whatever came from outside is a parameter without a
value at this point; should anything else ever be none, it stays a parameter too."""


class WritingConstants:
    """A compiler that writes constants where parameters would stand, of the same type."""

    def visit_bindparam(self, element: BindParameter[Any], **options: Any) -> str:
        base: Any = super()
        compiler: Any = self
        if not is_constant(element):
            return str(base.visit_bindparam(element, **options))
        options["literal_binds"] = True
        written = str(base.visit_bindparam(element, **options))
        type_ = element.type._unwrapped_dialect_impl(compiler.dialect)
        if type_.render_bind_cast and compiler.dialect._bind_typing_render_casts:
            return str(compiler.render_bind_cast(element.type, type_, written))
        return written


def is_constant(element: BindParameter[Any]) -> bool:
    """Whether a parameter is a name, a code, a number or a truth that code compares with."""
    if element.expanding or element.callable is not None:
        return False
    value = element.value.name if isinstance(element.value, Enum) else element.value
    if isinstance(value, str):
        return HARMLESS.fullmatch(value) is not None
    return isinstance(value, int)
