"""One request's reads: from a resolver to the plan, the statement, and the values of fields."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFound, PlatformError
from core.plugins.gate import PluginNotEnabled
from schema.planner import elements
from schema.planner.access import Policy
from schema.planner.binding import MEMBER
from schema.planner.compile import PERSONAL
from schema.planner.executor import Finished
from schema.planner.plan import Asker, Operation, Planner, Ready
from schema.planner.registry import ById
from schema.planner.run import Reads, run_inside
from schema.planner.working import Worked, worker


class Denied:
    """Stands for a value that the reader may not read."""

    def __repr__(self) -> str:
        return "DENIED"


DENIED = Denied()


class Off:
    """Begins an answer that only says which plugin is off, and where."""

    def __repr__(self) -> str:
        return "OFF"


OFF = Off()

MARKS: dict[str, Denied | Off] = {elements.DENIED: DENIED, elements.OFF: OFF}


def parse(text: str, *, finished: bool = False) -> Any:
    """The values in a statement's answer; its marks become :data:`DENIED` and :data:`OFF`.

    With ``finished``, and without marks, they come as :class:`Finished`.
    """
    value, marked = marked_values(text)
    return Finished(value) if finished and not marked and value is not None else value


def parse_working(text: str, worked: Worked, context: Any) -> Any:
    """The same, with computed fields worked out, as :class:`Finished`; where something is denied
    or does not work out, as the executor has to walk it."""
    try:
        value, marked = marked_values(text, worker(worked, context))
    except Exception:
        marked = True  # whatever it was is raised again at the field
    if marked:
        return parse(text)
    return Finished(value) if value is not None else None


def marked_values(
    text: str, put: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> tuple[Any, bool]:
    """The values, each object as ``put`` makes it, and whether there are marks among them."""
    marks: list[str] = []

    def marked(mark: str) -> Denied | Off:
        marks.append(mark)
        return MARKS[mark]

    value = json.loads(text, parse_constant=marked, object_hook=put)
    return value, bool(marks)


def unfit(value: Any, ready: Ready) -> bool:
    """Whether the executor has to walk a value whose plan was not made for that."""
    if isinstance(value, Finished) or value is None:
        return False
    return ready.plan.untagged and not (isinstance(value, list) and value[:1] == [OFF])


@dataclass(frozen=True, slots=True)
class PersonalRead:
    """Personal data that an answer shows: the id of the object, and the fields."""

    id: str
    fields: tuple[str, ...]


def personal_reads(value: Any) -> Iterator[PersonalRead]:
    """Whose personal data a value shows, wherever inside; what is denied does not count."""
    if isinstance(value, list):
        for each in value:
            yield from personal_reads(each)
    elif isinstance(value, dict):
        if PERSONAL in value:
            whose, *fields = value.pop(PERSONAL)
            shown = sorted({name for key, name in fields if value.get(key) is not DENIED})
            if shown:
                yield PersonalRead(whose, tuple(shown))
        for each in value.values():
            yield from personal_reads(each)


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
        for key, nodes in selected.items():
            root = self.planner.catalogue.roots.get(nodes[0].name.value)
            if root is None:
                continue
            try:
                ready[key] = self.planner.root(
                    operation, key, root, info.parent_type, nodes, self.policy, self.asker
                )
            except PlatformError as refusal:
                answers[key] = refusal
        self.count(list(ready.values()))
        if ready:
            values = await self.values(ready, info.context)
            if any(unfit(value, ready[key]) for key, value in values.items()):
                for key in ready:
                    nodes = selected[key]
                    root = self.planner.catalogue.roots[nodes[0].name.value]
                    ready[key] = self.planner.root(
                        operation,
                        key,
                        root,
                        info.parent_type,
                        nodes,
                        self.policy,
                        self.asker,
                        walked=True,
                    )
                values = await self.values(ready, info.context)
            for key, value in values.items():
                self.tell(ready[key], value)
                if isinstance(value, list) and value[:1] == [OFF]:
                    _, plugin, region = value
                    name = selected[key][0].name.value
                    nowhere = not isinstance(self.planner.catalogue.roots[name], ById)
                    value = PluginNotEnabled(plugin, region, name, nowhere=nowhere)
                answers[key] = value
        return answers

    def tell(self, ready: Ready, value: Any) -> None:
        """Tell of the personal data in an answer."""
        if ready.plan.personal and self.on_personal is not None:
            self.on_personal(list(personal_reads(value)))

    async def values(self, ready: Mapping[str, Ready], context: Any) -> dict[str, Any]:
        """What the statements answer, all from one snapshot."""
        texts = await self.reads.run(list(ready.values()))
        return {
            key: parse_working(text, one.plan.worked, context)
            if one.plan.worked
            else parse(text, finished=one.plan.finished)
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
                value = parse(text, finished=ready.plan.finished)
                if unfit(value, ready):
                    ready = self.planner.one(
                        operation, place, noun, key, nodes, self.policy, self.asker, walked=True
                    )
                    value = parse(await self.run_one(ready, session))
                self.tell(ready, value)
                if isinstance(value, dict):
                    value[MEMBER] = noun  # a field of an interface has to know which member it is
                by_key[response_key] = value
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


def object_type(types: Any, type_: Any) -> GraphQLObjectType:
    """The object type inside lists and non-nulls."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    found = types[type_.name]
    if not isinstance(found, GraphQLObjectType):
        raise TypeError(f"{type_} holds no object")
    return found
