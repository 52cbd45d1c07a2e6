"""The day it is for the Rules, which after 19:00 UTC is no longer the day in UTC."""

from __future__ import annotations

from datetime import date, datetime

from core.work import COUNTRY_TIME


def today() -> date:
    """The day it is in the country, as ``work.today`` would say."""
    return datetime.now(COUNTRY_TIME).date()
