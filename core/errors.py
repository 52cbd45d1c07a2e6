"""What can go wrong, as types. A refusal carries its code, the clause it rests on, its numbers.

The sentence a person reads is looked up by code and language in the ``messages.toml`` files
(:mod:`core.messages`); nothing here holds prose.
"""

from __future__ import annotations

from typing import Any

PRODUCT_DEFAULT = "product default"
"""The clause named where the Rules are silent and Zhoba had to choose."""


class PlatformError(Exception):
    """Base of everything Zhoba refuses on purpose.

    ``clause`` names the paragraph of the Rules (``"R2023 §87"``), of another source, or
    :data:`PRODUCT_DEFAULT`. ``field`` is the path of the input field at fault in GraphQL spelling,
    ``params`` fill the sentence and are safe to show. ``denial`` is what a unit of work denied, for
    the decision log. ``wording`` names the sentence where the code has several.
    """

    denial: Any = None
    wording: str | None = None

    def __init__(
        self, code: str, /, *, clause: str | None = None, field: str | None = None, **params: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.clause = clause
        self.field = field
        self.params = params

    def __str__(self) -> str:
        details = ", ".join(f"{key}={value}" for key, value in self.params.items())
        return f"{self.code}({details}) [{self.clause}]"


class InvalidInput(PlatformError):
    """The client sent something no rule needs to be asked about: a malformed id, an empty name."""


class NotAuthenticated(PlatformError):
    """The request proves no identity, or an expired or forged one."""

    def __init__(self, code: str = "NOT_AUTHENTICATED", /, **params: Any) -> None:
        super().__init__(code, **params)


class NotAllowed(PlatformError):
    """The actor sees the object but may not do this to it."""

    def __init__(self, action: str, /, *, clause: str | None = None, **params: Any) -> None:
        super().__init__("FORBIDDEN", clause=clause, action=action, **params)
        self.action = action


class NotFound(PlatformError):
    """Absent, or hidden from this actor: the answer is the same."""

    def __init__(self, field: str | None = None, /, **params: Any) -> None:
        super().__init__("NOT_FOUND", field=field, **params)


class RuleRefused(PlatformError):
    """A rule forbids it; ``clause`` says which."""

    def __init__(
        self, code: str, /, *, clause: str, field: str | None = None, **params: Any
    ) -> None:
        super().__init__(code, clause=clause, field=field, **params)


class WrongState(RuleRefused):
    """The object is in a state this act does not start from; ``allowed`` says what may come."""


class StaleVersion(PlatformError):
    """Someone changed the object since the client read it. Read again and decide again."""

    def __init__(self, *, expected: int, current: int, field: str = "expectedVersion") -> None:
        super().__init__("CONFLICT", field=field, expected=expected, current=current)
