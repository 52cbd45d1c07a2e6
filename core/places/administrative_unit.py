"""Cities, districts and rural districts of a region."""

from __future__ import annotations

import enum
from typing import NoReturn

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.node_facts import country_id
from core.places.region import Region, RegionKind
from core.rows import (
    Lock,
    change,
    entered,
    find,
    flush_unique,
    require_version,
)
from core.texts import CODE_LIMIT, Names, cleaned_names, required
from core.unset import UNSET, Unset
from core.work import Work


class AdministrativeUnitKind(enum.Enum):
    """What an administrative unit is [R2021 §34]."""

    CITY = "city"
    DISTRICT = "district"
    RURAL_DISTRICT = "rural district"


MAY_LIE_IN: dict[AdministrativeUnitKind, frozenset[AdministrativeUnitKind | None]] = {
    AdministrativeUnitKind.CITY: frozenset({None, AdministrativeUnitKind.DISTRICT}),
    AdministrativeUnitKind.DISTRICT: frozenset({None, AdministrativeUnitKind.CITY}),
    AdministrativeUnitKind.RURAL_DISTRICT: frozenset(
        {AdministrativeUnitKind.CITY, AdministrativeUnitKind.DISTRICT}
    ),
}
"""What an administrative unit may lie in; ``None`` is the region itself (product default)."""


class AdministrativeUnit(Named, Base):
    """A city, district or rural district; monitoring is cut by them [R2021 §34]."""

    __tablename__ = "administrative_unit"
    __table_args__ = (
        UniqueConstraint("region_id", "code"),
        UniqueConstraint("origin_system", "origin_id"),
        Index("ix_administrative_unit_parent_id", "parent_id"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("administrative_unit.id"))
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[AdministrativeUnitKind] = mapped_column(named_enum(AdministrativeUnitKind))
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)


async def register_administrative_unit(
    work: Work,
    *,
    region_id: int,
    names: Names,
    code: str,
    kind: AdministrativeUnitKind,
    parent_id: int | None = None,
) -> AdministrativeUnit:
    """Add a city, district or rural district to a region (product; R2021 §34).

    Action ``region.manage`` at the country. Raises ``NOT_FOUND`` for the region or the unit above,
    ``ADMINISTRATIVE_UNIT_OF_ANOTHER_REGION``, ``ADMINISTRATIVE_UNIT_PLACE_NOT_ALLOWED``,
    ``ADMINISTRATIVE_UNIT_CODE_TAKEN``.
    """
    country = await country_id(work.session)
    await work.require("region.manage", country)
    region = await find(work.session, Region, region_id, field="regionId", lock=Lock.UPDATE)
    values = {
        "region_id": region.id,
        "code": required(code, "code", limit=CODE_LIMIT),
        "kind": kind,
        "parent_id": parent_id,
        **cleaned_names(names),
    }
    unit = AdministrativeUnit(**values)
    await check_place(work, unit)
    work.session.add(unit)
    await flush_unique(work.session, code_taken(unit.code))
    work.record("administrativeUnitRegistered", unit, node_id=country, after=entered(values))
    return unit


async def edit_administrative_unit(
    work: Work,
    unit_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    code: str | Unset = UNSET,
    kind: AdministrativeUnitKind | Unset = UNSET,
    parent_id: int | Unset | None = UNSET,
) -> AdministrativeUnit:
    """Correct an administrative unit, or put it elsewhere in its region.

    Action ``region.manage`` at the country. Raises ``CONFLICT``, ``ADMINISTRATIVE_UNIT_CYCLE`` and
    what :func:`register_administrative_unit` raises.
    """
    country = await country_id(work.session)
    unit = await find(work.session, AdministrativeUnit, unit_id, field="id")
    await work.require("region.manage", country)
    # One edit at a time in a region: two units put into each other at once would make a cycle.
    await find(work.session, Region, unit.region_id, lock=Lock.UPDATE)
    await work.session.refresh(unit, with_for_update=True)
    require_version(unit.version, expected_version)
    before, after = change(
        unit,
        {
            "code": code if code is UNSET else required(code, "code", limit=CODE_LIMIT),
            "kind": kind,
            "parent_id": parent_id,
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if not after:
        return unit
    with work.session.no_autoflush:
        await check_place(work, unit)
        await check_units_inside(work, unit)
    unit.version += 1
    await flush_unique(work.session, code_taken(unit.code))
    work.record("administrativeUnitEdited", unit, node_id=country, before=before, after=after)
    return unit


async def check_place(work: Work, unit: AdministrativeUnit) -> None:
    """Raise unless the unit above lies in the same region, is of a fitting kind, and not inside."""
    parent = (
        None
        if unit.parent_id is None
        else await find(work.session, AdministrativeUnit, unit.parent_id, field="parentId")
    )
    if parent is not None and parent.region_id != unit.region_id:
        raise RuleRefused(
            "ADMINISTRATIVE_UNIT_OF_ANOTHER_REGION", clause=PRODUCT_DEFAULT, field="parentId"
        )
    above = parent
    while above is not None:
        if above.id == unit.id:
            raise RuleRefused("ADMINISTRATIVE_UNIT_CYCLE", clause=PRODUCT_DEFAULT, field="parentId")
        above = (
            None
            if above.parent_id is None
            else await find(work.session, AdministrativeUnit, above.parent_id)
        )
    if (parent.kind if parent else None) not in MAY_LIE_IN[unit.kind]:
        refuse_place(unit.kind, parent.kind if parent else None)


async def check_units_inside(work: Work, unit: AdministrativeUnit) -> None:
    """Raise if the kind the unit is to have does not suit the units that lie in it."""
    inside = await work.session.scalars(
        select(AdministrativeUnit.kind).where(AdministrativeUnit.parent_id == unit.id).distinct()
    )
    for kind in inside:
        if unit.kind not in MAY_LIE_IN[kind]:
            refuse_place(kind, unit.kind)


def refuse_place(
    kind: AdministrativeUnitKind, parent_kind: AdministrativeUnitKind | None
) -> NoReturn:
    raise RuleRefused(
        "ADMINISTRATIVE_UNIT_PLACE_NOT_ALLOWED",
        clause=PRODUCT_DEFAULT,
        field="parentId",
        kind=kind,
        parent_kind=parent_kind or RegionKind.REGION,
    )


def code_taken(code: str) -> RuleRefused:
    return RuleRefused(
        "ADMINISTRATIVE_UNIT_CODE_TAKEN", clause=PRODUCT_DEFAULT, field="code", code=code
    )
