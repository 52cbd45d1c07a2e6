"""YAML of lists, mappings and texts: nothing in it refers to anything else or makes objects."""

from __future__ import annotations

from typing import Any

import yaml

from plugins.regional_plan.template.contents import (
    MOST_DIRECTIONS,
    MOST_GROUPS,
    too_large,
    unreadable,
)

DEEPEST = 6
"""Lists and mappings within each other: document, directions, one, groups, one, names."""

MOST_NODES = 20 * (MOST_DIRECTIONS + MOST_GROUPS)
"""Lists, mappings and texts of a file; a group needs eleven (product default)."""

EMPTY = ("", "~", "null")
"""Plain texts that mean nothing is there."""


def tree_of(text: str) -> Any:
    """The one document of a text, or None; every scalar is a text, as it stands there.

    The text is read as a stream, so that it takes no more time and memory than its letters.
    Raises ``REGIONAL_CONTENT_UNREADABLE`` with the line, ``REGIONAL_TEMPLATE_TOO_LARGE``.
    """
    line, nodes, top = 1, 0, Top()
    try:
        for event in yaml.parse(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark else line
            if isinstance(event, yaml.NodeEvent):
                nodes += 1
                if nodes > MOST_NODES:
                    raise too_large()
            top.take(event, str(line))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else line
        raise unreadable(str(line), "YAML") from None
    except (yaml.YAMLError, ValueError):
        raise unreadable(str(line), "YAML") from None
    return top.items[0] if top.items else None


class Top:
    """What was read so far: ``items`` of the stream, and the lists and mappings still open."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self.open: list[list[Any] | dict[str, Any]] = [self.items]
        self.keys: list[str | None] = [None]

    def take(self, event: Any, line: str) -> None:
        """Put in what an event brings."""
        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.items:
                raise unreadable(line, "YAML: 1")
        elif isinstance(event, yaml.NodeEvent):
            if event.anchor or getattr(event, "tag", None):
                raise unreadable(line, "YAML: no &, *, !")
            if isinstance(event, yaml.ScalarEvent):
                plain = event.implicit[0] and event.value in EMPTY
                self.put(None if plain else event.value, line)
                return
            inner: Any = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            self.put(inner, line)
            self.open.append(inner)
            self.keys.append(None)
            if len(self.open) > DEEPEST + 1:
                raise unreadable(line, f"YAML: <= {DEEPEST}")

    def put(self, value: Any, line: str) -> None:
        """Into the innermost; a mapping takes a text as the key of what comes next."""
        inner, key = self.open[-1], self.keys[-1]
        if isinstance(inner, list):
            inner.append(value)
        elif key is not None:
            inner[key] = value
            self.keys[-1] = None
        elif isinstance(value, str) and value not in inner:
            self.keys[-1] = value
        else:
            raise unreadable(line, "YAML: {...}")
