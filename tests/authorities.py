"""Stand-ins for the policy, for tests about rules rather than roles."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.work import Decision, Work


class Grants:
    """Allows each person exactly the actions named, at any node it does not hide from everybody.

    ``allowed`` maps a person's id (``None``: no person) to action codes.
    """

    version = "grants"

    def __init__(
        self, allowed: Mapping[int | None, Collection[str]], *, hidden: Collection[int] = ()
    ) -> None:
        self.allowed = allowed
        self.hidden = frozenset(hidden)

    async def check(self, work: Work, action: str, node_id: int) -> Decision:
        granted = action in self.allowed.get(work.actor.person_id, ())
        return Decision(granted and node_id not in self.hidden, action, role="granted")

    async def sees(self, work: Work, node_id: int) -> bool:
        return node_id not in self.hidden
