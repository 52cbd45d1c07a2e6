"""People who are no personnel: citizens who take part in a procedure of a plugin."""

from __future__ import annotations

from core.people.person import NAME_PART_LIMIT, Person, write_full_name
from core.texts import clean, required
from core.work import Work

NAMES = ("family_name", "given_name", "patronymic")


async def register_outsider(
    work: Work,
    action: str,
    node_id: int,
    *,
    family_name: str,
    given_name: str,
    patronymic: str | None = None,
) -> Person:
    """Enter a person who belongs to no body, for whom the actor answers by ``action`` at a node.

    Nothing but the name is kept with the person, and the log tells no more than that one was
    entered. Raises ``TEXT_REQUIRED`` and ``TEXT_TOO_LONG`` for names.
    """
    await work.require(action, node_id)
    person = Person(
        family_name=required(family_name, "familyName", limit=NAME_PART_LIMIT),
        given_name=required(given_name, "givenName", limit=NAME_PART_LIMIT),
        patronymic=clean(patronymic, "patronymic", limit=NAME_PART_LIMIT),
    )
    write_full_name(person)
    work.session.add(person)
    await work.session.flush()
    work.record(
        "personRegistered", person, node_id=node_id, after=dict.fromkeys(NAMES[:2], "changed")
    )
    return person
