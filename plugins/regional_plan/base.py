"""What the tables of the plugin begin with."""

from __future__ import annotations

from sqlalchemy.orm import DeclarativeBase

from zhoba.api import plugin_metadata


class Base(DeclarativeBase):
    metadata = plugin_metadata()
