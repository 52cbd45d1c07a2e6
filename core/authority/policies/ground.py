"""What an act on the policy stands on: the rules of the code, and the right to change them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.authority.catalogue import Catalogue
from core.authority.conditions import ConditionRegistry
from core.authority.policies.change import Change
from core.authority.policies.effective import Ground
from core.authority.policy import PolicySet
from core.node_facts import country_id
from core.places.region import Region
from core.rows import find
from core.tree.node import Node, NodeKind
from core.work import OperatorAuthority, Work

MANAGE = "policy.manage"


class PolicyOperator(OperatorAuthority):
    """The operator at the machine, who knows the roles and conditions of the installation."""

    def __init__(self, catalogue: Catalogue, conditions: ConditionRegistry) -> None:
        super().__init__(catalogue)
        self.ground_catalogue = catalogue
        self.conditions = conditions


def ground_of(work: Work) -> Ground:
    """The rules of the code under the edition in force. Raises :class:`TypeError` for an authority
    that knows none."""
    authority = work.authority
    if isinstance(authority, PolicySet):
        catalogue, conditions = authority.catalogue, authority.conditions
    elif isinstance(authority, PolicyOperator):
        catalogue, conditions = authority.ground_catalogue, authority.conditions
    else:
        raise TypeError("acts on the policy need an authority that knows the rules")
    return Ground.of(catalogue, conditions, work.rules.profile)


async def require_manager(work: Work, region_id: int | None, *, field: str | None = None) -> int:
    """Raise unless the actor may change the rules of the country or of one region.

    The node at which it was asked: the country; for a region a body of it, or the country where
    the region has none.
    """
    node_id = None
    if region_id is not None:
        await find(work.session, Region, region_id, field="regionId")
        node_id = await work.session.scalar(
            select(func.min(Node.id)).where(
                Node.region_id == region_id, Node.kind == NodeKind.STATE_BODY
            )
        )
    if node_id is None:
        node_id = await country_id(work.session)
    await work.require(MANAGE, node_id, field=field)
    return node_id


async def code_of_region(session: AsyncSession, region_id: int) -> str:
    """The code rules name a region by."""
    return (await find(session, Region, region_id)).code


async def own_changes(
    session: AsyncSession, region_id: int | None, changes: Sequence[Change]
) -> list[Change]:
    """Those of a version's changes that its administrators made; without a region: all."""
    if region_id is None:
        return list(changes)
    own = await code_of_region(session, region_id)
    return [change for change in changes if change.by_region and change.region == own]


async def region_codes(session: AsyncSession) -> frozenset[str]:
    """The codes of all regions."""
    return frozenset(await session.scalars(select(Region.code)))
