"""A table without its prefix."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.plugins_for_tests.about import about
from zhoba.api import Key, Migrations, PluginInfo, hookimpl, plugin_metadata


class Base(DeclarativeBase):
    metadata = plugin_metadata()


class Thing(Base):
    """A thing."""

    __tablename__ = "other_thing"

    id: Mapped[int] = mapped_column(Key, primary_key=True)


@hookimpl
def plugin_info() -> PluginInfo:
    return about("squatting")


@hookimpl
def register_migrations() -> Migrations:
    return Migrations(Path(__file__).parent, Base.metadata)
