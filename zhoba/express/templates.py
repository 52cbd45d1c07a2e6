"""Requests that differ in nothing but their variables, as applications send them all day."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from core.errors import InvalidInput
from schema.limits import Limits, check_variables
from zhoba.http.body import SCAN, Asked, check_escaped, parse_post

BEFORE = b'"variables":'
"""What variables come after; whether they do is tried with others in their place."""

REMEMBERED = 500
"""Templates of one process."""

LONGEST = 16 * 1024
"""Bytes of the longest one."""

SPACE = " \t\r\n"
"""What JSON allows between its parts."""


@dataclass(slots=True)
class Templates:
    """What requests of one process ask, by what stands before and behind their variables; one
    without any by all of it.

    Reading a text of some hundred letters again takes longer than all of its variables.
    """

    limits: Limits
    known: OrderedDict[tuple[bytes, str], Asked] = field(default_factory=OrderedDict)

    def parsed(self, body: bytes) -> Asked:
        """What a body asks. Raises :class:`~core.errors.InvalidInput` for one that is malformed."""
        variables: dict[str, Any] | None = None
        before, rest, behind = body, "", ""
        place = body.rfind(BEFORE)  # they mostly come last
        if place >= 0:
            place += len(BEFORE)
            before = body[:place]
            try:
                rest = body[place:].decode().lstrip(SPACE)
                variables, end = SCAN(rest, 0)
            except (ValueError, RecursionError, StopIteration):
                return parse_post(body, self.limits)  # which says what is wrong
            if type(variables) is not dict:
                return parse_post(body, self.limits)
            behind = rest[end:]
        template = self.known.get((before, behind))
        if template is None:
            asked = parse_post(body, self.limits)
            if len(body) <= LONGEST and (variables is None or self.decide(before, behind)):
                self.known[before, behind] = asked
                if len(self.known) > REMEMBERED:
                    self.known.popitem(last=False)
            return asked
        self.known.move_to_end((before, behind))
        if variables is None:
            return template
        if variables:
            if "\\u" in rest:
                check_escaped(variables)
            check_variables(variables, self.limits)
        return Asked(
            template.query, variables, template.operation_name, template.document_id, template.cost
        )

    def decide(self, before: bytes, behind: str) -> bool:
        """Whether the variables are what stands between the two parts, whatever that is."""
        for number in (0, 1):
            other = before + f'{{"other":{number}}}{behind}'.encode()
            try:
                found = parse_post(other, self.limits)
            except InvalidInput:
                return False  # it lies inside of something else that may not be any deeper
            if found.variables != {"other": number}:
                return False
        return True
