"""The usual Python way: strawberry resolvers, SQLAlchemy, a data loader for each relation.

Serve with ``uvicorn --factory bench.race.plain:application``; the database is ``DATABASE``.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from sqlalchemy import MetaData, Table, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

from core.db.engine import async_url

Row = Any


class Data:
    """The tables, and the loaders of one request."""

    def __init__(self, engine: AsyncEngine, tables: dict[str, Table]) -> None:
        self.engine = engine
        self.tables = tables
        self.loaders: dict[tuple[str, str], DataLoader[int, Any]] = {}

    async def rows(self, query: Any) -> list[Row]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(query))

    async def one(self, table: str, key: int) -> Row | None:
        return await self.loader(table, "id", self.by_key).load(key)

    async def many(self, table: str, foreign: str, key: int) -> list[Row]:
        found: list[Row] = await self.loader(table, foreign, self.by_foreign).load(key)
        return found

    def loader(
        self, table: str, column: str, load: Callable[..., Awaitable[list[Any]]]
    ) -> DataLoader[int, Any]:
        if (table, column) not in self.loaders:

            async def batch(keys: list[int]) -> list[Any]:
                return await load(self.tables[table], column, keys)

            self.loaders[table, column] = DataLoader(batch)
        return self.loaders[table, column]

    async def by_key(self, table: Table, column: str, keys: list[int]) -> list[Any]:
        rows = await self.rows(select(table).where(table.c[column].in_(keys)))
        found = {row.id: row for row in rows}
        return [found.get(key) for key in keys]

    async def by_foreign(self, table: Table, column: str, keys: list[int]) -> list[Any]:
        lists: dict[int, list[Row]] = {key: [] for key in keys}
        query = select(table).where(table.c[column].in_(keys)).order_by(table.c.id)
        for row in await self.rows(query):
            lists[getattr(row, column)].append(row)
        return [lists[key] for key in keys]


Info = strawberry.Info[Data, None]


@strawberry.type
class Named:
    row: strawberry.Private[Row]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(str(self.row.id))

    @strawberry.field
    def name(self) -> str:
        return str(self.row.name)


@strawberry.type
class Country(Named):
    pass


@strawberry.type
class Body(Named):
    @strawberry.field
    async def country(self, info: Info) -> Country:
        return Country(row=await info.context.one("country", self.row.country_id))


@strawberry.type
class StageStats:
    stage: str | None
    count: int
    amount: str


@strawberry.type
class Program(Named):
    @strawberry.field
    async def body(self, info: Info) -> Body:
        return Body(row=await info.context.one("body", self.row.body_id))

    @strawberry.field
    async def directions(self, info: Info) -> list[Direction]:
        rows = await info.context.many("direction", "program_id", self.row.id)
        return [Direction(row=row) for row in rows]

    @strawberry.field
    async def by_stage(self, info: Info) -> list[StageStats]:
        data = info.context

        async def load(_table: Any, _column: str, keys: list[int]) -> list[list[StageStats]]:
            return await stats(data, keys)

        loader = data.loader("project", "stats", load)
        found: list[StageStats] = await loader.load(self.row.id)
        return found


async def stats(data: Data, keys: list[int]) -> list[list[StageStats]]:
    """Counts and sums of all programs at once."""
    project = data.tables["project"]
    query = (
        select(
            project.c.program_id, project.c.stage, func.count(), func.sum(project.c.amount)
        )
        .where(project.c.program_id.in_(keys))
        .group_by(project.c.program_id, project.c.stage)
        .order_by(project.c.stage)
    )  # fmt: skip
    lists: dict[int, list[StageStats]] = {key: [] for key in keys}
    for program_id, stage, count, amount in await data.rows(query):
        lists[program_id].append(StageStats(stage=stage, count=count, amount=str(amount)))
    return [lists[key] for key in keys]


@strawberry.type
class Direction(Named):
    @strawberry.field
    async def program(self, info: Info) -> Program:
        return Program(row=await info.context.one("program", self.row.program_id))

    @strawberry.field
    async def groups(self, info: Info) -> list[ProjectGroup]:
        rows = await info.context.many("project_group", "direction_id", self.row.id)
        return [ProjectGroup(row=row) for row in rows]


@strawberry.type
class ProjectGroup(Named):
    @strawberry.field
    async def direction(self, info: Info) -> Direction:
        return Direction(row=await info.context.one("direction", self.row.direction_id))

    @strawberry.field
    async def projects(self, info: Info) -> list[Project]:
        rows = await info.context.many("project", "group_id", self.row.id)
        return [Project(row=row) for row in rows]


@strawberry.type
class Person:
    full_name: str


@strawberry.type
class Appointment:
    row: strawberry.Private[Row]

    @strawberry.field
    def role(self) -> str:
        return str(self.row.role)

    @strawberry.field
    async def person(self, info: Info) -> Person:
        row = await info.context.one("person", self.row.person_id)
        return Person(full_name=row.full_name)


@strawberry.type
class Project(Named):
    @strawberry.field
    def number(self) -> str:
        return str(self.row.number)

    @strawberry.field
    def stage(self) -> str | None:
        return self.row.stage

    @strawberry.field
    def starts_on(self) -> str | None:
        return str(self.row.starts_on)

    @strawberry.field
    def ends_on(self) -> str | None:
        return str(self.row.ends_on)

    @strawberry.field
    def amount(self) -> str | None:
        return str(self.row.amount)

    @strawberry.field
    def currency(self) -> str | None:
        return self.row.currency

    @strawberry.field
    async def group(self, info: Info) -> ProjectGroup:
        return ProjectGroup(row=await info.context.one("project_group", self.row.group_id))

    @strawberry.field
    async def appointments(self, info: Info) -> list[Appointment]:
        rows = await info.context.many("appointment", "project_id", self.row.id)
        return [Appointment(row=row) for row in rows]


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class ProjectEdge:
    cursor: str
    node: Project


@strawberry.type
class ProjectConnection:
    edges: list[ProjectEdge]
    page_info: PageInfo


def cursor_of(row: Row) -> str:
    return base64.b64encode(json.dumps([str(row.ends_on), row.id]).encode()).decode()


@strawberry.type
class Query:
    @strawberry.field
    async def project(self, info: Info, id: strawberry.ID) -> Project | None:
        row = await info.context.one("project", int(id))
        return None if row is None else Project(row=row)

    @strawberry.field
    async def program(self, info: Info, id: strawberry.ID) -> Program | None:
        row = await info.context.one("program", int(id))
        return None if row is None else Program(row=row)

    @strawberry.field
    async def programs(self, info: Info) -> list[Program]:
        program = info.context.tables["program"]
        rows = await info.context.rows(select(program).order_by(program.c.id))
        return [Program(row=row) for row in rows]

    @strawberry.field
    async def projects(
        self, info: Info, first: int, stage: str, after: str | None = None
    ) -> ProjectConnection:
        project = info.context.tables["project"]
        query = select(project).where(project.c.stage == stage)
        if after is not None:
            day, key = json.loads(base64.b64decode(after))
            place = tuple_(cast(day, project.c.ends_on.type), key)
            query = query.where(tuple_(project.c.ends_on, project.c.id) > place)
        query = query.order_by(project.c.ends_on, project.c.id).limit(first + 1)
        rows = await info.context.rows(query)
        edges = [ProjectEdge(cursor=cursor_of(row), node=Project(row=row)) for row in rows[:first]]
        end = edges[-1].cursor if edges else None
        return ProjectConnection(
            edges=edges, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end)
        )


class Application(GraphQL[Data, None]):
    """The server; it reads the tables' shape with its first request."""

    def __init__(self) -> None:
        super().__init__(strawberry.Schema(Query), graphql_ide=None)
        self.engine = create_async_engine(
            async_url(os.environ["DATABASE"]), pool_size=int(os.environ["RACE_POOL"])
        )
        self.metadata = MetaData(schema="peer")

    async def get_context(self, request: Any, response: Any) -> Data:
        if not self.metadata.tables:
            async with self.engine.connect() as connection:
                await connection.run_sync(self.metadata.reflect)
        tables = {name.partition(".")[2]: table for name, table in self.metadata.tables.items()}
        return Data(self.engine, tables)


def application() -> Application:
    return Application()
