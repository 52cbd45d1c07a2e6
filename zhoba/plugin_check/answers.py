"""Its lists on a scratch database: one statement each, nothing where it is switched off."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.authority.rules import Relation, Rule
from core.db.engine import Database
from core.plugins.enabling import disable_plugin, enable_plugin
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import OPERATOR, OperatorAuthority
from schema.planner.binding import Connection, Field, Many, One, Stats
from schema.planner.plan import Asker
from schema.planner.reading import Reading
from schema.planner.registry import Bound, Page
from schema.planner.run import Reads, open_reads, statements
from zhoba.plugin_check.finding import Finding, finding
from zhoba.plugin_check.rows import Unfillable, fill
from zhoba.plugin_check.subject import Subject
from zhoba.testing.platform import Area, make_area
from zhoba.testing.rows import MADE_AT, make_node

READER = "auditor"
"""A role of the country, which for the length of the check may do everything."""

COUNTS = (1, 3)


@dataclass(frozen=True, slots=True)
class Scratch:
    """A migrated database with rows of the plugin, and a reader who may read everything."""

    subject: Subject
    database: Database
    reads: Reads
    area: Area
    policy: PolicySet

    async def ask(self, query: str) -> tuple[dict[str, Any], list[str], int]:
        """The data, the codes of its errors, and how many statements it took."""
        schema = self.subject.installation.schema
        asker = Asker(Reader(None, frozenset({READER})), date(2026, 3, 2), "en")
        reading = Reading(schema.planner(self.reads.dialect), self.reads, self.policy, asker)
        context = SimpleNamespace(reading=reading, admitted=None, language="en")
        with statements() as sent:
            result = await schema.execute(query, context_value=context)
        codes = [str(getattr(each.original_error, "code", each)) for each in result.errors or []]
        return result.data or {}, codes, len(sent)

    async def switch(self, *, on: bool) -> None:
        """The plugin in the region of the rows, and whatever it requires."""
        installation, plugin = self.subject.installation, self.subject.plugin
        needed = [each.id for each in installation.plugins if each.id in wanted(self.subject)]
        async with transact(
            self.database,
            actor=OPERATOR,
            authority=OperatorAuthority(installation.catalogue),
            now=MADE_AT,
            host=installation,
        ) as work:
            if on:
                for each in needed:
                    await enable_plugin(work, each, region_id=self.area.region.id)
            else:
                region_id = self.area.region.id
                await disable_plugin(work, plugin.id, "a check", region_id=region_id)


def wanted(subject: Subject) -> set[str]:
    """The plugin and all it requires."""
    found = {subject.plugin.id}
    for each in reversed(subject.installation.plugins):
        if each.id in found:
            found.update(each.info.requires_plugins)
    return found


async def list_findings(subject: Subject, url: str) -> list[Finding]:
    """Query counts, and what switching off hides and keeps. The database must be migrated."""
    queries = list(list_queries(subject))
    counted: dict[str, list[int]] = {query: [] for query in queries}
    found: dict[str, Any] = {}
    missing: list[str] = []
    kept: list[str] = []
    try:
        async with scratch(subject, url) as there:
            await there.switch(on=True)
            for total in COUNTS:
                await more_rows(there, total - (COUNTS[0] if total != COUNTS[0] else 0))
                for query in queries:
                    data, codes, sent = await there.ask(query)
                    counted[query].append(sent)
                    found[query] = data
                    missing += [f"{query} fails: {code}" for code in codes]
            missing += [
                f"{query} takes {numbers} statements for {COUNTS} rows: bind the relation"
                for query, numbers in counted.items()
                if set(numbers) != {1}
            ]
            kept = await hidden_and_kept(there, found)
    except Unfillable as error:
        kept = missing = [f"no rows could be made for this check ({error}); see that your tests do"]
    return [
        finding("query counts", missing, f"{len(queries)} lists, one statement each"),
        finding("disable and enable", kept, "hides its fields, keeps its data"),
    ]


async def hidden_and_kept(there: Scratch, before: dict[str, Any]) -> list[str]:
    """What does not vanish when the plugin is switched off, or does not come back after."""
    await there.switch(on=False)
    missing = []
    for query in before:
        data, codes, _ = await there.ask(query)
        if shown(data) and "PLUGIN_NOT_ENABLED" not in codes:
            missing.append(f"{query} answers while the plugin is off: {data}")
    await there.switch(on=True)
    for query, earlier in before.items():
        data, _, _ = await there.ask(query)
        if data != earlier:
            missing.append(f"{query} answers otherwise after switching off and on")
    return missing


def shown(data: Any) -> bool:
    """Whether anything of the plugin is in the answer to one of :func:`list_queries`."""
    for answer in data.values():
        for node in (answer or {}).get("nodes", ()):
            if any(value is not None for name, value in node.items() if name != "__typename"):
                return True
    return False


@asynccontextmanager
async def scratch(subject: Subject, url: str) -> AsyncIterator[Scratch]:
    """A region with projects."""
    database = await Database.open(url)
    reads = await open_reads(url, pool_size=1)
    try:
        async with database.session() as session, session.begin():
            country = await make_node(session, NodeKind.COUNTRY, None, stage=None)
            area = await make_area(session, country, "KZ-10")
        yield Scratch(subject, database, reads, area, allows_everything(subject))
    finally:
        await reads.close()
        await database.close()


def allows_everything(subject: Subject) -> PolicySet:
    """A policy by which the reader may do all there is to do."""
    catalogue = subject.installation.catalogue
    rules = [
        Rule(f"check:{code}", READER, code, Relation.TREE) for code in sorted(catalogue.permissions)
    ]
    return PolicySet(catalogue, rules, subject.installation.conditions)


async def more_rows(there: Scratch, count: int) -> None:
    """So many more rows of every table of the plugin."""
    migrations = there.subject.plugin.migrations
    if migrations is not None:
        async with there.database.session() as session, session.begin():
            await fill(session, migrations.metadata, there.area, count)


def list_queries(subject: Subject) -> Iterator[str]:
    """A query for every list of the plugin: its own, and those of others with its fields."""
    catalogue = subject.installation.schema.catalogue
    pages = {root.to: root.name for root in catalogue.roots.values() if isinstance(root, Page)}
    contribution = subject.plugin.contribution
    for noun in contribution.nouns:
        if noun.name in pages:
            yield of_list(pages[noun.name], catalogue.nouns[noun.name], noun.fields)
    for extension in contribution.extensions:
        if extension.target in pages:
            bound = catalogue.nouns[extension.target]
            for field in extension.fields:
                yield of_list(pages[extension.target], bound, [field])


def of_list(root: str, _bound: Bound, fields: Any) -> str:
    selected = " ".join(selection(field) for field in fields)
    return f"{{ {root}(first: 50) {{ nodes {{ __typename {selected} }} }} }}"


def selection(field: Field) -> str:
    """A field with a selection that fits its kind."""
    if isinstance(field, Connection):
        return f"{field.name}(first: 50) {{ totalCount nodes {{ __typename }} }}"
    if isinstance(field, (Many, One)):
        return f"{field.name} {{ __typename }}"
    if isinstance(field, Stats):
        return f"{field.name} {{ count }}"
    return field.name
