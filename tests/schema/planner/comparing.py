"""Comparing three ways to answer a query: a naive resolver, the executor, the finished text."""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from random import Random
from types import SimpleNamespace
from typing import Any

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, parse, validate

from core.authority.reader import Reader
from core.errors import PlatformError
from core.messages import Messages
from schema.compose import ZhobaSchema
from schema.context import ImpersonalContext
from schema.errors import Translator
from schema.limits.admission import Admitted
from schema.limits.branches import Branches
from schema.planner.access import Policy
from schema.planner.marks import PersonalRead
from schema.planner.plan import Asker, Ready
from schema.planner.reading import Reading
from schema.planner.run import Reads, statements
from schema.planner.whole import Answer, whole_query
from tests.schema.planner.conftest import stands_at
from tests.schema.planner.queries import Writer
from tests.schema.planner.reference import Reference
from zhoba.express.express import key_of
from zhoba.express.flawed import Flawed
from zhoba.http.operation import encode

EXAMPLES = int(os.environ.get("ZHOBA_EXAMPLES", "500"))
"""Generated queries of all comparisons together, on one database."""

SEED = os.environ.get("ZHOBA_SEED") or f"{secrets.randbits(48):x}"
"""Decides which queries are made; other ones each time unless it is given."""

LANGUAGES = ("kk", "ru", "en")

SHARED = 16
"""One generated query in so many is asked as everybody, to see whose answers may be shared."""

MESSAGES = Messages.load()

MOST_BRANCHES = 40
"""Objects a generated query may lead to; more only takes long to put together."""


def without_tags(value: Any) -> Any:
    """An answer whose cursors say only where they stand."""
    if isinstance(value, dict):
        return {key: without_tags(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_tags(inner) for inner in value]
    if isinstance(value, str) and len(value) > 16 and set(value) <= set("0123456789abcdef"):
        return stands_at(value)
    if isinstance(value, str) and value.startswith("["):
        return json.loads(value)
    return value


def holds_something(value: Any) -> bool:
    """Whether an answer shows anything beyond empty lists, zeros and nulls."""
    if isinstance(value, dict):
        return any(holds_something(inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(holds_something(inner) for inner in value)
    return value not in (None, 0, False, "", "PageInfo")


def difference(ours: Any, theirs: Any, path: str = "") -> str:
    """Where two answers differ first."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and ours.keys() == theirs.keys():
        pairs = [(f"{path}.{key}", ours[key], theirs[key]) for key in ours]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [
            (f"{path}[{place}]", *pair) for place, pair in enumerate(zip(ours, theirs, strict=True))
        ]
    else:
        return f"{path}: {ours} instead of {theirs}"
    return next(difference(o, t, where) for where, o, t in pairs if o != t)


class Asking:
    """One query of one reader, ready to be answered by the statements' texts.

    ``key`` is none where the executor has to say what is refused.
    """

    def __init__(
        self,
        comparison: Comparison,
        reading: Reading,
        query: str,
        document: DocumentNode,
        variables: dict[str, Any],
    ) -> None:
        schema, asker = comparison.schema, reading.asker
        self.reading, self.variables = reading, variables
        self.context: Any = ImpersonalContext(
            comparison.services, comparison.policy, asker.language, asker.today
        )
        (operation,) = (
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        )
        whole = whole_query(schema.graphql, schema.catalogue, document, operation, query)
        assert whole is not None, query
        self.whole = whole
        self.key: Hashable = None
        self.ready: Sequence[Ready] = ()
        try:
            ready = whole.ready(reading.planner, reading.policy, asker, variables)
        except PlatformError:
            return
        assert ready is not None, query
        self.ready = ready
        by = asker.today, reading.policy.version, asker.language
        self.key = key_of(whole, ready, variables, by)

    @property
    def cost(self) -> int:
        return sum(one.plan.cost for one in self.ready)

    async def answer(self) -> Answer:
        texts, _ = await self.reading.reads.run_under(self.ready)
        return self.whole.answer(texts, self.ready, self.variables, self.context)


class Silence:
    """Reports to nobody."""

    def refused(self, code: str) -> None:
        """Expected."""

    def failed(self, error: BaseException) -> None:
        raise AssertionError from error


def codes(errors: Any) -> Counter[Any]:
    found: Counter[Any] = Counter()
    for error in errors or ():
        cause = error.original_error
        assert error.path is not None, error
        assert cause is not None, error
        code = cause.code if isinstance(cause, PlatformError) else str(cause)
        found[tuple(error.path), code] += 1
    return found


Ask = Callable[[Any], Any]
"""Runs a coroutine and gives back what it returns."""


@dataclass
class Comparison:
    """One database with readers, and the three ways to ask it.

    ``plain`` is the schema without resolvers, of which queries are written; ``reference`` makes
    the naive resolver of a reader in a language.
    """

    run: Ask
    schema: ZhobaSchema
    plain: GraphQLSchema
    reads: Reads
    policy: Policy
    today: date
    readers: Mapping[str, Reader]
    often: Sequence[str]
    reference: Callable[[Reader, str], Reference]
    services: Any = None
    seen: Counter[str] = field(default_factory=Counter)
    documents: list[str] = field(default_factory=list)

    def all(self, examples: int) -> None:
        """Compare this many generated queries, each under two sets of variables."""
        for number in range(examples):
            seed = f"{SEED}.{number}"
            chosen_by = Random(seed)
            who = chosen_by.choice([*sorted(self.readers), *self.often])
            reference = self.reference(self.readers[who], chosen_by.choice(LANGUAGES))
            writer = Writer(chosen_by, self.plain, self.schema.catalogue, reference)
            query, (one, other) = writer.operation(), writer.variables
            try:
                self.query(reference, query, [one] if one == other else [one, other])
            except BaseException as error:
                error.add_note(f"ZHOBA_SEED={SEED} repeats it, as number {number}, asked by {who}")
                raise

    def query(self, reference: Reference, query: str, given: Sequence[dict[str, Any]]) -> None:
        """Compare the answers to one query under some variables."""
        document = parse(query)
        fragments = {
            node.name.value: node
            for node in document.definitions
            if node.kind == "fragment_definition"
        }
        branches = Branches(self.schema.graphql, fragments)  # type: ignore[arg-type]
        (operation,) = (
            node for node in document.definitions if isinstance(node, OperationDefinitionNode)
        )
        if branches.operation(operation) > MOST_BRANCHES:
            self.seen["too large"] += 1
            return
        errors = validate(self.schema.graphql, document)
        if errors and all("conflicting types" in error.message for error in errors):
            # Members of an interface may have fields of one name and different types.
            self.seen["in conflict"] += 1
            return
        assert errors == [], query
        self.documents.append(query)
        kept: dict[Hashable, Answer] = {}
        for variables in given:
            self.answers(reference, query, document, variables, kept)
        if len(self.documents) % SHARED == 0:
            self.sharing(query, document, given, kept)

    def sharing(
        self,
        query: str,
        document: DocumentNode,
        given: Sequence[dict[str, Any]],
        kept: dict[Hashable, Answer],
    ) -> None:
        """Compare with what is kept wherever another reader or language comes to the same key."""
        for reader, language in product(set(self.readers.values()), LANGUAGES[:2]):
            for variables in given:
                reading = self.reading(reader, language)
                asked = Asking(self, reading, query, document, variables)
                if asked.key in kept:
                    self.same(asked.key, self.run(asked.answer()), kept)
                    self.seen["shared"] += 1

    def same(self, key: Hashable, answer: Answer, kept: dict[Hashable, Answer]) -> None:
        """An answer is what is kept under its key, if anything is."""
        before = kept.setdefault(key, answer)
        ours, theirs = Flawed.of(answer), Flawed.of(before)
        assert ours.data == theirs.data
        assert [path for path, _ in ours.missing] == [path for path, _ in theirs.missing]
        ours_said = [(str(cause.error), cause.locations) for _, cause in ours.missing]
        assert ours_said == [(str(cause.error), cause.locations) for _, cause in theirs.missing]
        assert ours.personal == theirs.personal

    def reading(self, reader: Reader, language: str) -> Reading:
        asker = Asker(reader=reader, today=self.today, language=language)
        planner = self.schema.planner(self.reads.dialect, self.reads.version)
        return Reading(planner, self.reads, self.policy, asker)

    def answers(
        self,
        reference: Reference,
        query: str,
        document: DocumentNode,
        variables: dict[str, Any],
        kept: dict[Hashable, Answer],
    ) -> None:
        place = (reference.reader, reference.language, query, variables)
        told: list[PersonalRead] = []
        reading = self.reading(reference.reader, reference.language)
        reading.on_personal = told.extend
        context = SimpleNamespace(
            reading=reading,
            admitted=Admitted(document, False),
            language=reference.language,
            today=self.today,
            policy=self.policy,
            services=self.services,
        )
        reference.context = context
        expected = reference.execute(document, variables)
        with statements() as ran:
            result = self.run(self.schema.execute(query, variables, context_value=context))
        ours, theirs = codes(result.errors), codes(expected.errors)
        assert ours == theirs, (ours - theirs, theirs - ours, place)
        ours, theirs = without_tags(result.data), without_tags(expected.data)
        assert ours == theirs, (difference(ours, theirs), place)
        assert len(ran) <= 2 * len(result.data or document.definitions), place
        self.seen["all"] += 1
        asked = Asking(self, reading, query, document, variables)
        if asked.key is None:
            assert result.errors, place
        else:
            whole = self.run(asked.answer())
            self.same(asked.key, whole, kept)
            translator = Translator(MESSAGES, reference.language, "number", Silence())
            body: dict[str, Any] = {"data": result.data}
            if result.errors:
                body = {"errors": translator.all(result.errors), **body}
            assert Flawed.of(whole).told(translator).decode() == encode(body).decode(), place
            assert tuple(whole.personal) == tuple(told), place
            assert reference.tells_of(told), place
            assert asked.cost == reading.cost, place
            self.seen["whole"] += 1
            self.seen["flawed"] += bool(whole.flaws)
            self.seen["personal"] += bool(whole.personal)
        self.seen["answered"] += holds_something(result.data)
        self.seen["denied"] += bool(result.errors)
