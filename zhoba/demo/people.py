"""Persons of the demonstration: names, posts, accounts. None of them exists."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import Any

from core.authority.catalogue import ROLES
from core.people.account import create_account
from core.people.person import CertificateLevel, Person, register_person
from core.work import Work
from zhoba.demo.sample import DATA, SEED, SYSTEM

CERTIFICATE_END = date(2030, 12, 31)


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """Family names, given names and patronymics."""
    return tomllib.loads((DATA / "names.toml").read_text("utf-8"))


def made_up_names() -> Iterator[dict[str, str]]:
    """Endless names in a fixed order; two persons may be called alike."""
    chance = Random(SEED)  # noqa: S311 - made-up data, not secrets
    while True:
        kind = words()[chance.choice(("men", "women"))]
        yield {
            "family_name": chance.choice(kind["family"]),
            "given_name": chance.choice(kind["given"]),
            "patronymic": chance.choice(kind["patronymic"]),
        }


async def enter(
    work: Work,
    names: dict[str, str],
    origin_id: str,
    *,
    role: str | None = None,
    body_id: int | None = None,
    unit_id: int | None = None,
) -> Person:
    """Register one person, certified where the role asks for it, and mark it as made up."""
    certified: dict[str, Any] = {}
    if role is not None and ROLES[role].certificate is not None:
        certified = {
            "certificate_level": CertificateLevel.PROJECT_MANAGEMENT,
            "certificate_number": f"SAMPLE-{hash_of(origin_id):06d}",
            "certificate_expires_on": CERTIFICATE_END,
        }
    person = await register_person(
        work,
        family_name=names["family_name"],
        given_name=names["given_name"],
        patronymic=names.get("patronymic"),
        post=ROLES[role].labels["kk"] if role else None,
        email=f"{hash_of(origin_id):06d}@example.kz",
        state_body_id=body_id,
        organization_unit_id=unit_id,
        **certified,
    )
    person.origin_system, person.origin_id = SYSTEM, origin_id
    return person


def hash_of(text: str) -> int:
    """A number of six digits that a text always gives."""
    return Random(text).randrange(10**6)  # noqa: S311 - made-up data, not secrets


async def open_account(work: Work, person: Person) -> None:
    await create_account(work, person.id, label=person.full_name)
