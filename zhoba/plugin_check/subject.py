"""The plugin that is looked at: where its files lie, and how it is loaded."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from zhoba.host.finding import GROUP, installed_offers
from zhoba.host.installation import Installation
from zhoba.host.loading import load_installation
from zhoba.host.plugin import Plugin


class NoPlugin(Exception):
    """There is no plugin where one was looked for; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plugin lies: the folder of the project, its id, and its module."""

    folder: Path
    id: str
    module: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A loaded plugin; ``package`` is the folder of its code."""

    place: Place
    plugin: Plugin
    installation: Installation
    package: Path

    def sources(self) -> list[Path]:
        """Its modules, without its tests."""
        return [
            path
            for path in sorted(self.package.rglob("*.py"))
            if "tests" not in path.relative_to(self.package).parts
        ]


def place_of(folder: Path, module: str | None = None) -> Place:
    """The plugin of a folder: the one its ``pyproject.toml`` offers, or ``id=module``.

    Raises :class:`NoPlugin`.
    """
    if module is not None:
        id, found, name = module.partition("=")
        if not found:
            raise NoPlugin(f"{module!r}: write it as id=module, such as visits=zhoba_visits.plugin")
        return Place(folder, id, name)
    project = folder / "pyproject.toml"
    if not project.is_file():
        raise NoPlugin(
            f"{folder} has no pyproject.toml: name the folder of a plugin's project, or its module "
            "with --module id=module"
        )
    read = tomllib.loads(project.read_text("utf-8"))
    offered = read.get("project", {}).get("entry-points", {}).get(GROUP, {})
    if len(offered) != 1:
        raise NoPlugin(
            f'{project} offers {len(offered)} plugins: write one below [project.entry-points."'
            f'{GROUP}"], or name one with --module id=module'
        )
    ((id, name),) = offered.items()
    return Place(folder, id, name)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """The folder's modules can be imported, whether it is installed or not."""
    added = [str(each) for each in (folder, folder / "src") if each.is_dir()]
    sys.path[:0] = added
    try:
        yield
    finally:
        for each in added:
            sys.path.remove(each)


def load(place: Place) -> Subject | str:
    """The plugin, loaded beside whatever else is installed; else why it cannot be."""
    offers = {each.id: each.module for each in installed_offers()} | {place.id: place.module}
    installation = load_installation(offers)
    for failure in installation.failures:
        if failure.plugin == place.id:
            return f"{failure.stage.value}: {failure.reason}"
    plugin = installation.plugin(place.id)
    package = Path(plugin.module.__file__ or "").parent
    return Subject(place, plugin, installation, package)
