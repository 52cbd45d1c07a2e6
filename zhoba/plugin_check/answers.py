"""Its lists on a scratch database: one statement each, nothing where it is switched off."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

from sqlalchemy import update
from strawberry.types.base import StrawberryObjectDefinition

from core.authority.policy import PolicySet
from core.authority.reader import Reader
from core.authority.rules import Relation, Rule
from core.db.engine import Database
from core.errors import PlatformError
from core.plugins.enabling import disable_plugin, enable_plugin
from core.plugins.plugin_region import PluginRegion
from core.transaction import transact
from core.tree.node import NodeKind
from core.work import OPERATOR, OperatorAuthority, Work
from schema.planner.binding import Amount, Computed, Connection, Field, Many, Names, One, Stats
from schema.planner.plan import Asker
from schema.planner.reading import Reading
from schema.planner.registry import Page
from schema.planner.run import Reads, open_reads, statements
from zhoba.plugin_check.finding import Finding, finding
from zhoba.plugin_check.rows import Unfillable, fill
from zhoba.plugin_check.subject import Subject
from zhoba.testing.areas import Area, make_area
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
        reading = Reading(
            schema.planner(self.reads.dialect, self.reads.version), self.reads, self.policy, asker
        )
        context = SimpleNamespace(reading=reading, admitted=None, language="en")
        with statements() as sent:
            result = await schema.execute(query, context_value=context)
        codes = [str(getattr(each.original_error, "code", each)) for each in result.errors or []]
        return result.data or {}, codes, len(sent)

    async def switch_on(self) -> None:
        """The plugin, and whatever it requires, in the region of the rows."""
        needed = wanted(self.subject)
        async with self.work() as work:
            for each in self.subject.installation.plugins:
                if each.id in needed:
                    await enable_plugin(work, each.id, region_id=self.area.region.id)

    async def switch_off(self) -> None:
        """The plugin there, even if it holds against it."""
        try:
            async with self.work() as work:
                region_id = self.area.region.id
                await disable_plugin(work, self.subject.plugin.id, "a check", region_id=region_id)
        except PlatformError:
            await self.set_enabled(enabled=False)

    async def set_enabled(self, *, enabled: bool) -> None:
        """Whether it is on there, without asking it."""
        async with self.database.session() as session, session.begin():
            await session.execute(
                update(PluginRegion)
                .where(PluginRegion.plugin == self.subject.plugin.id)
                .values(enabled=enabled)
            )

    def work(self) -> AbstractAsyncContextManager[Work]:
        installation = self.subject.installation
        return transact(
            self.database,
            actor=OPERATOR,
            authority=OperatorAuthority(installation.catalogue),
            now=MADE_AT,
            host=installation,
        )


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
            await there.switch_on()
            for total in COUNTS:
                await more_rows(there, total)
                for query in queries:
                    data, codes, sent = await there.ask(query)
                    counted[query].append(sent)
                    found[query] = data
                    missing += [f"{query} fails: {code}" for code in codes]
            missing += [
                f"{query} takes {numbers} statements for few and for more rows: bind the relation"
                for query, numbers in counted.items()
                if set(numbers) != {1}
            ]
            missing += [
                f"{query} is empty though there are rows: is its node an object of the tree?"
                for query in own_lists(subject)
                if not shown(found[query])
            ]
            kept = await hidden_and_kept(there, found)
    except Unfillable as error:
        kept = missing = [f"no rows could be made for this check ({error}); see that your tests do"]
    except Exception as error:  # whatever the plugin's own code raises is a finding about it
        kept = missing = [
            f"the plugin raised {type(error).__name__} at {raised_at(error)}: {error}"
        ]
    return [
        finding("query counts", missing, f"lists: {len(queries)}, one statement each"),
        finding("disable and enable", kept, "hides its fields, keeps its data"),
    ]


def raised_at(error: Exception) -> str:
    """The innermost place an exception passed: ``plugin.py:42``."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"


async def hidden_and_kept(there: Scratch, before: dict[str, Any]) -> list[str]:
    """What does not vanish when the plugin is switched off, or does not come back after."""
    await there.switch_off()
    missing = []
    for query in before:
        data, codes, _ = await there.ask(query)
        if shown(data) and "PLUGIN_NOT_ENABLED" not in codes:
            missing.append(f"{query} answers while the plugin is off: {data}")
    await there.set_enabled(enabled=True)
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


def own_lists(subject: Subject) -> Iterator[str]:
    """A query for every list of the plugin, with all fields."""
    pages = pages_of(subject)
    for noun in subject.plugin.contribution.nouns:
        if noun.name in pages:
            yield of_list(pages[noun.name], noun.fields)


def list_queries(subject: Subject) -> Iterator[str]:
    """The same, and a query for every field on a list of others."""
    yield from own_lists(subject)
    pages = pages_of(subject)
    for extension in subject.plugin.contribution.extensions:
        if extension.target in pages:
            for field in extension.fields:
                yield of_list(pages[extension.target], [field])


def pages_of(subject: Subject) -> dict[str, str]:
    """The list of each type, where Query has one."""
    roots = subject.installation.schema.catalogue.roots.values()
    return {root.to: root.name for root in roots if isinstance(root, Page)}


def of_list(root: str, fields: Sequence[Field]) -> str:
    selected = " ".join(selection(field) for field in fields)
    return f"{{ {root}(first: 50) {{ nodes {{ __typename {selected} }} }} }}"


def selection(field: Field) -> str:
    """A field with a selection that fits its kind."""
    if isinstance(field, Connection):
        return f"{field.name}(first: 50) {{ totalCount nodes {{ __typename }} }}"
    if isinstance(field, (Many, One)):
        return f"{field.name} {{ __typename }}"
    if isinstance(field, (Amount, Names)):
        return f"{field.name} {{ __typename }}"
    if isinstance(field, Stats):
        return f"{field.name} {{ count }}"
    if isinstance(field, Computed) and has_fields(field.type):
        return f"{field.name} {{ __typename }}"
    return field.name


def has_fields(annotation: Any) -> bool:
    """Whether an annotation of GraphQL is of an object, or of a list of objects."""
    definition = getattr(annotation, "__strawberry_definition__", None)
    return isinstance(definition, StrawberryObjectDefinition) or any(
        has_fields(part) for part in get_args(annotation)
    )
