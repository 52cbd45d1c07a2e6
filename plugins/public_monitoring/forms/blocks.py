"""What the pages of a form are made of, in the order they stand on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Filled:
    """What was entered on a line of the form, underlined; ``caption`` stands small below it."""

    text: str
    caption: str | None = None


@dataclass(frozen=True)
class Corner:
    """Which appendix the form is; small, at the right."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Addressee:
    """Whom it is addressed to and whom it is from, in the right half."""

    lines: Sequence[Filled]


@dataclass(frozen=True)
class Title:
    """What the document is."""

    text: str


@dataclass(frozen=True)
class Line:
    """A line in the middle, such as date and number."""

    parts: Sequence[str | Filled]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of the text, with what was entered into it."""

    parts: Sequence[str | Filled]


@dataclass(frozen=True)
class Signature:
    """Who signs, how, and when."""

    lead: str
    parts: Sequence[Filled]


Block = Corner | Addressee | Title | Line | Paragraph | Signature
