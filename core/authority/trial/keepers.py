"""Who would still hold the keys of the country: the last administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.appointment import Appointment
from core.authority.policies.lockout import KEYS, can_sign_in
from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.authority.trial.effect import Word, roles_of
from core.node_facts import country_id


@dataclass(frozen=True, slots=True)
class Keepers:
    """The people who hold one of the keys at the country now, and who would.

    Only appointments without an end count, of people who can sign in. Nobody left where somebody
    was: no publication.
    """

    action: str
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def locked_out(self) -> bool:
        return bool(self.before) and not self.after


async def keepers(
    session: AsyncSession, before: PolicySet, after: PolicySet, today: date
) -> list[Keepers]:
    """The holders of every key under both sets of rules."""
    root = await country_id(session)
    rules = [rule for side in (before, after) for key in KEYS for rule in side.rules_of(key)]
    people = await session.scalars(
        select(Appointment.person_id)
        .where(
            Appointment.node_id == root,
            Appointment.role.in_(sorted(roles_of(map(Word.of, rules), before.personnel))),
            Appointment.valid_from <= today,
            Appointment.valid_to.is_(None),
            can_sign_in(Appointment.person_id),
        )
        .distinct()
        .order_by(Appointment.person_id)
    )
    held: dict[tuple[int, str], list[int]] = {(side, key): [] for side in (0, 1) for key in KEYS}
    for person_id in people.all():
        for side, policy in enumerate((before, after)):
            found = await policy.decisions(session, Reader(person_id), KEYS, [root], today)
            for key in KEYS:
                if found[key, root].allowed:
                    held[side, key].append(person_id)
    return [Keepers(key, tuple(held[0, key]), tuple(held[1, key])) for key in KEYS]
