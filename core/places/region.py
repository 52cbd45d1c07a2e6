"""Regions: oblasts, cities of republican significance, the capital."""

from __future__ import annotations

import enum
import re

from sqlalchemy import Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key, Named
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.node_facts import country_id
from core.rows import (
    Lock,
    change,
    entered,
    find,
    flush_unique,
    require_version,
)
from core.texts import Names, cleaned_names
from core.unset import UNSET, Unset
from core.work import Work

CODE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
"""ISO 3166-2."""

KATO = re.compile(r"[0-9]{9}")
"""The national classifier of administrative units."""


class RegionKind(enum.Enum):
    """What a region is [R2023 §12]."""

    REGION = "region"
    CITY_OF_REPUBLICAN_SIGNIFICANCE = "city of republican significance"
    CAPITAL = "capital"


class Region(Named, Base):
    """An oblast, a city of republican significance, or the capital.

    ``special_regime`` marks Astana, Almaty and Shymkent, for which the Rules allow peculiarities
    of structure [R2023 §12]. ``code`` is ISO 3166-2 and unique.
    """

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("code"), UniqueConstraint("origin_system", "origin_id"))

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    kato: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[RegionKind] = mapped_column(named_enum(RegionKind))
    special_regime: Mapped[bool] = mapped_column(default=False)
    origin_system: Mapped[str | None] = mapped_column(Text)
    origin_id: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)


async def register_region(
    work: Work,
    *,
    names: Names,
    code: str,
    kind: RegionKind,
    kato: str | None = None,
    special_regime: bool = False,
) -> Region:
    """Add a region to the reference data (product; R2023 §12).

    Action ``region.manage`` at the country. Raises ``REGION_CODE_MALFORMED``, ``KATO_MALFORMED``,
    ``REGION_CODE_TAKEN``, ``CAPITAL_EXISTS``, ``SPECIAL_REGIME_IS_FOR_CITIES``.
    """
    country = await country_id(work.session, hold=True)
    await work.require("region.manage", country)
    values = {
        "code": checked_code(code),
        "kato": checked_kato(kato),
        "kind": kind,
        "special_regime": special_regime,
        **cleaned_names(names),
    }
    region = Region(**values)
    await check_region(work, region)
    work.session.add(region)
    await flush_unique(work.session, code_taken(region.code))
    work.record("regionRegistered", region, node_id=country, after=entered(values))
    return region


async def edit_region(
    work: Work,
    region_id: int,
    *,
    expected_version: int,
    names: Names | Unset = UNSET,
    code: str | Unset = UNSET,
    kind: RegionKind | Unset = UNSET,
    kato: str | Unset | None = UNSET,
    special_regime: bool | Unset = UNSET,
) -> Region:
    """Correct a region's reference data.

    Action ``region.manage`` at the country. Raises ``CONFLICT`` and what
    :func:`register_region` raises.
    """
    country = await country_id(work.session, hold=True)
    region = await find(work.session, Region, region_id, field="id", lock=Lock.UPDATE)
    await work.require("region.manage", country)
    require_version(region.version, expected_version)
    before, after = change(
        region,
        {
            "code": code if code is UNSET else checked_code(code),
            "kato": kato if kato is UNSET else checked_kato(kato),
            "kind": kind,
            "special_regime": special_regime,
            **({} if names is UNSET else cleaned_names(names)),
        },
    )
    if not after:
        return region
    with work.session.no_autoflush:
        await check_region(work, region)
    region.version += 1
    await flush_unique(work.session, code_taken(region.code))
    work.record("regionEdited", region, node_id=country, before=before, after=after)
    return region


async def check_region(work: Work, region: Region) -> None:
    """What the kind of a region allows.

    Astana, Almaty and Shymkent, to which peculiarities apply, are cities [R2023 §12]; there is one
    capital (product default).
    """
    if region.special_regime and region.kind is RegionKind.REGION:
        raise RuleRefused("SPECIAL_REGIME_IS_FOR_CITIES", clause="R2023 §12", field="specialRegime")
    if region.kind is RegionKind.CAPITAL:
        other = await work.session.scalar(
            select(Region.code)
            .where(Region.kind == RegionKind.CAPITAL, Region.id != (region.id or 0))
            .limit(1)
        )
        if other is not None:
            raise RuleRefused("CAPITAL_EXISTS", clause=PRODUCT_DEFAULT, field="kind", code=other)


def checked_code(code: str) -> str:
    """``code`` if it is one of ISO 3166-2, else ``REGION_CODE_MALFORMED``."""
    if not CODE.fullmatch(code):
        raise InvalidInput("REGION_CODE_MALFORMED", clause=PRODUCT_DEFAULT, field="code")
    return code


def checked_kato(kato: str | None) -> str | None:
    """``kato`` if it has nine digits, else ``KATO_MALFORMED``."""
    if kato is not None and not KATO.fullmatch(kato):
        raise InvalidInput("KATO_MALFORMED", clause=PRODUCT_DEFAULT, field="kato")
    return kato


def code_taken(code: str) -> RuleRefused:
    return RuleRefused("REGION_CODE_TAKEN", clause=PRODUCT_DEFAULT, field="code", code=code)
