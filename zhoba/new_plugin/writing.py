"""Writing a new plugin from the template."""

from __future__ import annotations

import string
from pathlib import Path

from core.plugins.plugin import PLUGIN_ID
from zhoba.api import API_VERSION
from zhoba.host.names import RESERVED, owner_of_prefix

TEMPLATE = Path(__file__).parent / "template"
SUFFIX = ".tmpl"
"""Ends the names of the template's files, so that nobody takes them for modules."""

LONGEST = 24
"""Letters of a name: the lines of the template stay within 100 with it."""


class BadName(Exception):
    """No plugin can be called so; the text says why."""


class _Text(string.Template):
    delimiter = "%"


def new_plugin(name: str, target: Path) -> Path:
    """Write a package for a plugin of this id into a new folder; return the folder.

    Raises :class:`BadName`, and :class:`FileExistsError` when the folder is there already.
    """
    require_name(name)
    words = words_for(name)
    target.mkdir(parents=True)
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        parts = source.relative_to(TEMPLATE).parts
        top = words["module"] if parts[0] == "package" else parts[0]
        written = target.joinpath(top, *parts[1:]).with_suffix("")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(_Text(source.read_text("utf-8")).substitute(words), "utf-8")
    return target


def require_name(name: str) -> None:
    """Raise :class:`BadName` unless a plugin may have this id and prefix."""
    if not PLUGIN_ID.fullmatch(name) or len(name) > LONGEST:
        raise BadName(
            f"{name!r} is no name for a plugin: use at most {LONGEST} letters a-z, digits and _, "
            "such as site_visits"
        )
    if name in RESERVED or owner_of_prefix(name, ()) is not None:
        raise BadName(f"{name} belongs to the core: choose another name")


def words_for(name: str) -> dict[str, str]:
    """What stands in the template's holes."""
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    return {
        "id": name,
        "dashed": name.replace("_", "-"),
        "module": f"zhoba_{name}",
        "human": name.replace("_", " ").capitalize(),
        "camel": camel,
        "Type": "".join(word.capitalize() for word in name.split("_")),
        "noun_field": f"{camel}Note",
        "CODE": name.upper(),
        "api": API_VERSION,
    }
