"""Names in a plan: those of its template, extended by the name of the region if at all."""

from __future__ import annotations

from zhoba.api import Names

LANGUAGES = ("kk", "ru", "en")
AROUND = " \u00a0.,:;()[]-–—«»\"'"
"""What may stand around the name of the region (product default)."""


def extension(base: str | None, name: str | None, region: str | None) -> str | None:
    """What a name adds to its template's; None when it is another name.

    It may add nothing, or the name of the region behind or before it (product default;
    R2023 §49: the architecture is one for all).
    """
    if name is None or base is None or base not in name:
        return None if name != base else ""
    before, _, after = name.partition(base)
    added = (before + after).strip(AROUND).casefold()
    if not added:
        return "" if name == base else None
    return name if region is not None and added == region.strip().casefold() else None


def follows(template: Names, names: Names, region: Names) -> bool:
    """Whether a name in each language is the template's, or that with the region's name."""
    return all(
        extension(getattr(template, each), getattr(names, each), getattr(region, each)) is not None
        for each in LANGUAGES
    )


def carried_over(old: Names, names: Names, region: Names, new: Names) -> Names:
    """The new name of a template, with the region's name where it stood beside the old one."""
    found: dict[str, str | None] = {}
    for each in LANGUAGES:
        base, name, fresh = (getattr(one, each) for one in (old, names, new))
        extended = extension(base, name, getattr(region, each))
        found[each] = name.replace(base, fresh, 1) if extended and fresh else fresh
    return Names(**found)
