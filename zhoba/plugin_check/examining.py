"""The whole checklist of one plugin."""

from __future__ import annotations

import tempfile
from pathlib import Path

from zhoba.plugin_check.answers import list_findings
from zhoba.plugin_check.finding import Finding, finding
from zhoba.plugin_check.subject import Place, importable, load
from zhoba.plugin_check.tables import migration_finding
from zhoba.plugin_check.texts import static_findings


async def examine(place: Place) -> list[Finding]:
    """Everything that was looked at, in the order of the page.

    A plugin that cannot be loaded is told so, and nothing else is looked at; its lists are asked
    only when it has tables and can be switched on without settings. The scratch database is a
    SQLite file; the tests that ``zhoba new-plugin`` writes run on PostgreSQL too.
    """
    with importable(place.folder):
        subject = load(place)
        if isinstance(subject, str):
            return [finding("loads", [subject])]
        found = [finding("loads", [], f"{place.id} {subject.plugin.info.version}")]
        found += static_findings(subject)
        with tempfile.TemporaryDirectory(prefix="zhoba-check-") as folder:
            url = f"sqlite:///{Path(folder) / 'scratch.db'}"
            found.append(await migration_finding(subject, url))
            if all(each.done for each in found if each.name in ("settings", "migrations")):
                found += await list_findings(subject, url)
        return found
