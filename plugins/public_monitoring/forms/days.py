"""Days and hours as official letters write them, by the clock of the country."""

from __future__ import annotations

from datetime import date, datetime

from plugins.public_monitoring.forms.texts import MONTHS, MonitoringFormLanguage
from zhoba.api import COUNTRY_TIME


def day_in_words(day: date, language: MonitoringFormLanguage) -> str:
    """Such as ``2026 жылғы "2" наурыз`` or ``"2" марта 2026 года``."""
    month = MONTHS[language][day.month - 1]
    if language is MonitoringFormLanguage.KK:
        return f'{day.year} жылғы "{day.day}" {month}'
    return f'"{day.day}" {month} {day.year} года'


def day_in_figures(day: date) -> str:
    """Such as 02.03.2026."""
    return f"{day:%d.%m.%Y}"


def moment_in_figures(moment: datetime) -> str:
    """Such as 02.03.2026, 11:30, in the country's time."""
    return f"{moment.astimezone(COUNTRY_TIME):%d.%m.%Y, %H:%M}"
