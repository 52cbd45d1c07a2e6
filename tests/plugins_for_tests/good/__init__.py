"""Without fault: a permission, a question, a field on projects."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry
import typer
from sqlalchemy import Text, literal_column

from tests.plugins_for_tests.about import about
from zhoba.api import (
    Contribution,
    Extension,
    Permission,
    PluginInfo,
    RuleRefused,
    expr,
    hookimpl,
    permission,
)


@strawberry.type
class GoodQuestions:
    """Fields of Query."""

    @strawberry.field(description="Whether it is good.", metadata={"actions": ("good.read",)})
    async def good_answer(self) -> str | None:
        return "yes"


commands = typer.Typer()


@commands.callback()
def good() -> None:
    """What a good plugin can do."""


@commands.command()
def praise() -> None:
    """Praise it."""
    print("good indeed")


@commands.command()
def refuse() -> None:
    """Refuse."""
    raise RuleRefused("GOOD_ENOUGH", clause="product default", times=2)


@hookimpl
def plugin_info() -> PluginInfo:
    return about("good")


@hookimpl
def register_actions() -> Sequence[Permission]:
    return [permission("good.read", "Ask whether it is good.")]


@hookimpl
def register_graphql() -> Contribution:
    mark = expr("goodMark", Text(), lambda row: literal_column("'good'"), "A mark.")
    return Contribution(
        questions=[GoodQuestions], extensions=[Extension(target="Project", fields=[mark])]
    )


@hookimpl
def register_cli() -> typer.Typer:
    return commands
