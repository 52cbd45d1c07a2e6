"""What administrators changed about the rules of a plugin, when the plugin goes.

Drafts lose it, and the policy in force goes on as a new version without it; older versions tell of
it for good.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select

from core.authority.policies.policy_version import (
    PolicyChange,
    PolicyVersion,
    changes_of_version,
    hold_head,
    rows_of,
)
from core.work import Work


def about(noted: Any) -> ColumnElement[bool]:
    """Changes of the plugin's rules, and rules added for its roles or permissions."""
    return or_(
        PolicyChange.rule.startswith(f"{noted.plugin}:", autoescape=True),
        PolicyChange.role.in_(noted.roles),
        PolicyChange.action.in_(noted.permissions),
    )


def drafted(noted: Any) -> ColumnElement[bool]:
    """Those among them that are not in force yet."""
    return PolicyChange.draft_id.is_not(None) & about(noted)


def in_force(noted: Any) -> ColumnElement[bool]:
    """Those among them that are in force."""
    head = select(PolicyVersion.id).order_by(PolicyVersion.number.desc()).limit(1)
    return (PolicyChange.version_id == head.scalar_subquery()) & about(noted)


async def publish_without(work: Work, noted: Any) -> None:
    """Publish the next version without what is about the plugin, where the one in force has any."""
    head = await hold_head(work.session)
    gone = {
        (row.rule, row.region)
        for row in await work.session.execute(
            select(PolicyChange.rule, PolicyChange.region).where(in_force(noted))
        )
    }
    if not gone:
        return
    kept = [each for each in await changes_of_version(work.session, head) if each.key not in gone]
    version = PolicyVersion(
        number=head + 1, reason=f"{noted.plugin} was uninstalled", published_at=work.now
    )
    work.session.add(version)
    await work.session.flush()
    if kept:
        await work.session.execute(insert(PolicyChange), rows_of(kept, version_id=version.id))
    work.record(
        "policyPublished",
        version,
        after={"number": version.number, "reason": version.reason, "changes": len(kept)},
    )
