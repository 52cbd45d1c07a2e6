"""The country: the root of the tree, exactly one."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Named
from core.errors import PRODUCT_DEFAULT, InvalidInput, RuleRefused
from core.rows import change, entered, find
from core.texts import Names, cleaned_names
from core.tree.closure import insert_node
from core.tree.editing import lock_node, refuse_stale
from core.tree.lock import reshape_tree
from core.tree.node import Node, NodeKind
from core.work import Work

NOWHERE = 0
"""Where authority is asked for before there is a tree; no role reaches it, only the operator."""


class Country(Named, Base):
    """The root node (product)."""

    __tablename__ = "country"

    id: Mapped[int] = mapped_column(ForeignKey("node.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(Text, unique=True)


async def found_country(work: Work, *, names: Names, code: str = "KZ") -> Country:
    """Make the root of the tree, once.

    Action ``country.manage``, which only the operator at the machine has then. ``code`` is ISO
    3166-1 alpha-2. Raises ``COUNTRY_CODE_MALFORMED``, ``COUNTRY_FOUNDED_ALREADY``.
    """
    await work.require("country.manage", NOWHERE)
    if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        raise InvalidInput("COUNTRY_CODE_MALFORMED", clause=PRODUCT_DEFAULT, field="code")
    await reshape_tree(work.session)
    if await work.session.scalar(select(Node.id).where(Node.parent_id.is_(None)).limit(1)):
        raise RuleRefused("COUNTRY_FOUNDED_ALREADY", clause=PRODUCT_DEFAULT)
    values = {"code": code, **cleaned_names(names)}
    node = await insert_node(work.session, kind=NodeKind.COUNTRY, parent=None, now=work.now)
    country = Country(id=node.id, **values)
    work.session.add(country)
    await work.session.flush()
    work.record("countryFounded", country, node_id=node.id, after=entered(values))
    return country


async def rename_country(
    work: Work, country_id: int, *, expected_version: int, names: Names
) -> Country:
    """Set the names of the country.

    Action ``country.manage`` at the country. Raises ``CONFLICT``.
    """
    node = await lock_node(work.session, country_id, NodeKind.COUNTRY, field="id")
    await work.require("country.manage", node.id)
    refuse_stale(node, expected_version)
    country = await find(work.session, Country, node.id)
    before, after = change(country, cleaned_names(names))
    if after:
        node.version += 1
        await work.session.flush()
        work.record("countryRenamed", country, node_id=node.id, before=before, after=after)
    return country
