"""The whole platform with public monitoring: a body, its unit and office, a group of citizens."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from core.files.file import File
from core.hierarchy.project_group import ProjectGroup
from core.people.account import Account, AccountKind
from core.tree.node import Node, NodeKind
from zhoba.testing.databases import database, database_url, postgres_database, sqlite_template
from zhoba.testing.platform import Member, Platform, Tree, installation, owners, platform, tree
from zhoba.testing.rows import MADE_AT, make_node, make_person

__all__ = [
    "database",
    "database_url",
    "installation",
    "owners",
    "platform",
    "postgres_database",
    "sqlite_template",
    "tree",
]

IINS = ("900101300126", "850505400266", "780808500373")
KINDS = ("CONVICTION", "PSYCHONEUROLOGICAL", "NARCOLOGICAL")
APPLICATION = "monitoringApplication { id state version }"
MEMBER = "monitoringMember { id } "
counter = itertools.count(1)


@pytest.fixture(scope="session")
def plugin_modules() -> dict[str, str]:
    return {
        "public_monitoring": "plugins.public_monitoring.plugin",
        "seals": "tests.plugins.public_monitoring.seals.plugin",
    }


@dataclass
class Body:
    """Who acts for the state body."""

    unit: Node
    head: Member
    office: Member
    manager: Member
    direction_head: Member


@pytest.fixture
async def body(platform: Platform, tree: Tree) -> Body:
    """The body of the first region, where the plugin is on."""
    await platform.enable(tree.here.region)
    async with platform.arranging() as session:
        above = await session.get_one(Node, tree.here.body.id)
        unit = await make_node(session, NodeKind.ORGANIZATION_UNIT, above, stage=None)
        group = await session.get_one(ProjectGroup, tree.here.group.id)
        group.responsible_unit_id = unit.id
    return Body(
        unit,
        await platform.person("unit_head", unit, "Head Aigul"),
        await platform.person("po_administrator", tree.here.body, "Office Berik"),
        await platform.person("project_manager", tree.here.project, "Manager Daniyar"),
        await platform.person("bd_head", tree.here.direction, "Director Erlan"),
    )


async def citizen(platform: Platform, name: str) -> Member:
    """Somebody with an account and without any role."""
    async with platform.arranging() as session:
        person = await make_person(session, name)
        account = Account(
            kind=AccountKind.PERSON, label=name, person_id=person.id, created_at=MADE_AT
        )
        session.add(account)
        await session.flush()
        return Member(person.id, account.id)


@dataclass
class Group:
    """An application with its members, the contact first; ids are those of GraphQL."""

    platform: Platform
    id: str
    version: int
    members: list[Member]
    member_ids: list[str]
    iins: tuple[str, ...] = IINS

    @property
    def contact(self) -> Member:
        return self.members[0]

    async def act(self, mutation: str, by: Member, **given: Any) -> Any:
        """Move the application on; it must not be refused."""
        found = await self.platform.done(
            f"monitoring{mutation}",
            APPLICATION,
            by=by,
            applicationId=self.id,
            expectedVersion=self.version,
            **given,
        )
        self.version = found["version"]
        return found["state"]

    async def refused(self, mutation: str, by: Member, **given: Any) -> str:
        """The code by which an act on the application must be refused."""
        return await self.platform.refused(
            f"monitoring{mutation}",
            APPLICATION,
            by=by,
            applicationId=self.id,
            expectedVersion=self.version,
            **given,
        )

    async def join(self, name: str) -> Member:
        """One more member, who is signed in by the link."""
        family, _, given = name.partition(" ")
        answer = await self.platform.send(
            "monitoringAddMember",
            "monitoringMember { id } link",
            by=self.contact,
            applicationId=self.id,
            familyName=family,
            givenName=given,
            email="someone@example.kz",
        )
        payload = answer["data"]["monitoringAddMember"]
        assert payload["userErrors"] == [], payload
        assert payload["link"].startswith("/sign-in#")
        self.version += 1
        self.member_ids.append(payload["monitoringMember"]["id"])
        member = await signed_in(self.platform, payload["monitoringMember"]["id"])
        self.members.append(member)
        return member

    async def confirm(self, index: int, *, kinds: tuple[str, ...] = KINDS, **given: Any) -> None:
        """A member confirms and attaches documents."""
        who, id = self.members[index], self.member_ids[index]
        await self.platform.done(
            "monitoringConfirmMembership",
            "monitoringMember { confirmedAt }",
            by=who,
            **{"memberId": id, "iin": self.iins[index], "consent": True, **given},
        )
        for kind in kinds:
            await self.platform.done(
                "monitoringAttachDocument",
                "monitoringDocument { kind }",
                by=who,
                memberId=id,
                kind=kind,
                fileId=await upload(self.platform, who),
            )


async def signed_in(platform: Platform, member_id: str) -> Member:
    """The account of a member of a group."""
    from plugins.public_monitoring.models import MonitoringMember

    async with platform.arranging() as session:
        key = int(member_id.partition(":")[2])
        person_id = (await session.get_one(MonitoringMember, key)).person_id
        account_id = await session.scalar(select(Account.id).where(Account.person_id == person_id))
        assert account_id is not None
        return Member(person_id, account_id)


async def upload(platform: Platform, who: Member, kind: str = "application/pdf") -> str:
    """A file of somebody, as if uploaded."""
    async with platform.arranging() as session:
        number = next(counter)
        file = File(
            sha256=f"{number:064x}",
            name=f"{number}.{kind.rpartition('/')[2]}",
            media_type=kind,
            size=10,
            uploaded_by_id=who.account_id,
            uploaded_at=datetime.now(UTC),
        )
        session.add(file)
        await session.flush()
        return f"File:{file.id}"


async def apply(platform: Platform, tree: Tree, **given: Any) -> Group:
    """An application of one citizen for the first project, in draft."""
    contact = await citizen(platform, "Applicant Aliya")
    found = await platform.done(
        "monitoringStartApplication",
        "monitoringApplication { id version members { id } }",
        by=contact,
        **{
            "bodyId": f"StateBody:{tree.here.body.id}",
            "wantsSystem": True,
            "wantsTerritory": False,
            "projectId": f"Project:{tree.here.project.id}",
            **given,
        },
    )
    (member,) = found["members"]
    return Group(platform, found["id"], found["version"], [contact], [member["id"]])


async def objects(platform: Platform, reader: Member) -> list[Any]:
    """What somebody observes."""
    data = await platform.read("{ monitoringObjects { nodes { id } } }", by=reader)
    return [each["id"] for each in data["monitoringObjects"]["nodes"]]


async def submitted(
    platform: Platform, tree: Tree, *, iins: tuple[str, ...] = IINS, **given: Any
) -> Group:
    """The application of two who have confirmed, submitted."""
    group = await apply(platform, tree, **given)
    group.iins = iins
    await group.join("Second Bolat")
    for index in range(2):
        await group.confirm(index)
    assert await group.act("SubmitApplication", group.contact) == "SUBMITTED"
    return group


async def checked(platform: Platform, tree: Tree, body: Body, **given: Any) -> Group:
    """The same, with the unit, which has verified its members."""
    group = await submitted(platform, tree, **given)
    assert await group.act("TakeApplication", body.head) == "UNDER_CHECK"
    for id in group.member_ids:
        await platform.done("monitoringVerifyMember", MEMBER, by=body.head, memberId=id)
    return group


async def active(platform: Platform, tree: Tree, body: Body, **given: Any) -> Group:
    """The same, granted and answered."""
    group = await checked(platform, tree, body, **given)
    assert await group.act("RequestAccess", body.head) == "ACCESS_REQUESTED"
    assert await group.act("GrantAccess", body.office) == "ACCESS_GRANTED"
    answer = {"number": "15-7", "territory": "NOT_REQUESTED"}
    assert await group.act("Respond", body.head, **answer) == "ACTIVE"
    return group
