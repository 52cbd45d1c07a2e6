"""One request's reads: from a resolver to the plan, the statement, and the values of fields."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, PlatformError
from core.plugins.gate import PluginNotEnabled
from schema.planner.access import Policy
from schema.planner.binding import MEMBER
from schema.planner.executor import Finished
from schema.planner.marks import DENIED, PersonalRead, begin, raw, settle, switched_off
from schema.planner.plan import Asker, Operation, Planner, Ready
from schema.planner.registry import ById
from schema.planner.run import Reads, run_inside
from schema.planner.working import Worker


@dataclass(frozen=True, slots=True)
class Off:
    """In place of an answer that the switch of a plugin hides, and where it is off."""

    plugin: str
    region: str | None


@dataclass(frozen=True, slots=True)
class Value:
    """What a statement answered, and whose personal data it shows."""

    value: Any
    personal: Sequence[PersonalRead] = ()


def parse(text: str, work: Callable[[int, str], str], *, walked: bool = False) -> Value:
    """A statement's answer: :class:`Finished`, or for the executor to walk where something in it
    is denied or does not work out, or the statement was made for that."""
    off = switched_off(text)
    if off is not None:
        return Value(Off(*off))
    if walked or begin(DENIED) in text:
        return Value(*raw(text))
    try:
        settled = settle(text, (), work)
    except Exception:
        return Value(*raw(text))  # whatever it was is raised again at the field
    value = json.loads(settled.text)
    return Value(None if value is None else Finished(value), settled.personal)


def unfit(value: Value, ready: Ready) -> bool:
    """Whether the executor has to walk a value whose plan was not made for that."""
    return ready.plan.untagged and isinstance(value.value, dict | list)


@dataclass(frozen=True)
class Selected:
    """One object as a mutation or subscription shows it: a value for each response key.

    Payload types hold it in their field; the schema's resolver takes the value it needs.
    """

    by_key: dict[str, Any]


@dataclass
class Reading:
    """What a request reads with; ``info.context.reading`` of every resolver.

    ``on_cost`` is called with the number of objects the operation may put together before
    anything runs; it may raise. ``on_personal`` is told whose personal data an answer shows.
    """

    planner: Planner
    reads: Reads
    policy: Policy
    asker: Asker
    on_cost: Callable[[int], None] | None = None
    on_personal: Callable[[Sequence[PersonalRead]], None] | None = None
    cost: int = 0
    answers: dict[int, asyncio.Task[dict[str, Any]]] = field(default_factory=dict)

    async def root(self, info: GraphQLResolveInfo[Any]) -> Any:
        """The value of a field of Query.

        The first field that asks starts the statements of all of them, in one snapshot. Raises
        what planning this field raised, :class:`~core.errors.NotFound` where a single object
        does not exist for the reader, and :class:`~core.plugins.gate.PluginNotEnabled` where only
        the switch of a plugin hides it.
        """
        key = id(info.operation)
        if key not in self.answers:
            self.answers[key] = asyncio.ensure_future(self.all_roots(info))
        answers = await asyncio.shield(self.answers[key])
        answer = answers[str(info.path.key)]
        if isinstance(answer, Exception):
            raise answer
        root = self.planner.catalogue.roots[info.field_name]
        if answer is None and isinstance(root, ById):
            raise NotFound("id")
        return answer

    async def all_roots(self, info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
        """Every planned field of the operation, by response key; a refusal in place of a value."""
        operation = Operation.of(info)
        selected = operation.selector().fields(info.parent_type, [info.operation.selection_set])
        answers: dict[str, Any] = {}
        ready: dict[str, Ready] = {}

        def plan(key: str, *, walked: bool = False) -> Ready:
            nodes = selected[key]
            root = self.planner.catalogue.roots[nodes[0].name.value]
            return self.planner.root(
                operation,
                key,
                root,
                info.parent_type,
                nodes,
                self.policy,
                self.asker,
                walked=walked,
            )

        for key, nodes in selected.items():
            if nodes[0].name.value not in self.planner.catalogue.roots:
                continue
            try:
                ready[key] = plan(key)
            except PlatformError as refusal:
                answers[key] = refusal
        self.count(list(ready.values()))
        if ready:
            values = await self.values(ready, operation, info.context)
            if any(unfit(value, ready[key]) for key, value in values.items()):
                ready = {key: plan(key, walked=True) for key in ready}
                values = await self.values(ready, operation, info.context)
            for key, value in values.items():
                self.tell(value)
                answers[key] = value.value
                if isinstance(value.value, Off):
                    name = selected[key][0].name.value
                    nowhere = not isinstance(self.planner.catalogue.roots[name], ById)
                    off = value.value
                    answers[key] = PluginNotEnabled(off.plugin, off.region, name, nowhere=nowhere)
        return answers

    def tell(self, value: Value) -> None:
        """Tell of the personal data in an answer."""
        if value.personal and self.on_personal is not None:
            self.on_personal(value.personal)

    async def values(
        self, ready: Mapping[str, Ready], operation: Operation, context: Any
    ) -> dict[str, Value]:
        """What the statements answer, all from one snapshot."""
        texts = await self.reads.run(list(ready.values()))
        return {
            key: parsed(text, one, operation, context)
            for (key, one), text in zip(ready.items(), texts, strict=True)
        }

    async def payload(
        self,
        info: GraphQLResolveInfo[Any],
        path: str,
        noun: str,
        key: int,
        *,
        session: AsyncSession | None = None,
    ) -> Selected | None:
        """An object as the payload of a mutation or an event shows it.

        ``path`` is where the payload holds it, field names with dots between them (``project``).
        With ``session`` the statement runs inside it, and sees what it has flushed. None when the
        object is not selected, or not visible to the reader.
        """
        operation = Operation.of(info)
        selector = operation.selector()
        places: list[tuple[GraphQLObjectType, Sequence[FieldNode]]] = [
            (object_type(info.schema.type_map, info.return_type), info.field_nodes)
        ]
        *through, last = path.split(".")
        for name in through:
            places = [
                (object_type(info.schema.type_map, type_.fields[name].type), nodes)
                for type_, around in places
                for nodes in selector.collect(type_, around).values()
                if nodes[0].name.value == name
            ]
        by_key: dict[str, Any] = {}
        for type_, around in places:
            for response_key, nodes in selector.collect(type_, around).items():
                if nodes[0].name.value != last:
                    continue
                place = f"{info.path.key}.{path}.{response_key}"
                ready = self.planner.one(
                    operation, place, noun, key, nodes, self.policy, self.asker
                )
                self.count([ready])
                text = await self.run_one(ready, session)
                value = parsed(text, ready, operation, info.context)
                if unfit(value, ready):
                    ready = self.planner.one(
                        operation, place, noun, key, nodes, self.policy, self.asker, walked=True
                    )
                    text = await self.run_one(ready, session)
                    value = parsed(text, ready, operation, info.context)
                self.tell(value)
                if isinstance(value.value, dict):
                    value.value[MEMBER] = noun  # a field of an interface asks which member it is
                by_key[response_key] = value.value
        if all(value is None for value in by_key.values()):
            return None
        return Selected(by_key)

    async def run_one(self, ready: Ready, session: AsyncSession | None) -> str:
        if session is not None:
            return await run_inside(session, ready)
        return (await self.reads.run([ready]))[0]

    def count(self, ready: Sequence[Ready]) -> None:
        self.cost += sum(one.plan.cost for one in ready)
        if self.on_cost is not None:
            self.on_cost(self.cost)


def parsed(text: str, ready: Ready, operation: Operation, context: Any) -> Value:
    """A statement's answer, its computed fields worked out in a context."""
    worker = Worker(ready.plan.worked, operation.asked(context))
    return parse(text, worker, walked=ready.plan.walked)


def object_type(types: Any, type_: Any) -> GraphQLObjectType:
    """The object type inside lists and non-nulls."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    found = types[type_.name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(f"{type_} holds no object")
    return found
