"""What a body tells observers: facts beside the plan, and documents it opened to them."""

from __future__ import annotations

from datetime import timedelta

from core.hierarchy.project import FundingSource, Project, ProjectFunding
from core.hierarchy.task import Task
from core.tree.node import Node, NodeKind
from tests.plugins.public_monitoring.conftest import Body, active, upload
from tests.plugins.public_monitoring.links import opens
from zhoba.testing.days import today
from zhoba.testing.platform import Platform, Tree
from zhoba.testing.rows import make_node

DISCLOSED = """{ monitoringObjects { nodes { id
  startsOn endsOn begunAt resultsAcceptedAt overdue taskCount tasksDone tasksDoneInTime
  schedule { nodes { name closedOn confirmed overdue result } }
  budget { amount currency } funding { source amount { amount } }
  facts { nodes { parameter asOf planned actual spent { amount currency } } }
  documents { title number signedOn closedAt file { id name uploadedBy { id } } } } } }"""
FACT = "monitoringObjectFact { id parameter spent { amount } }"
OPENED = "monitoringObjectDocument { id title closedAt }"


async def test_the_body_tells_observers_facts_and_opens_documents(
    platform: Platform, tree: Tree, body: Body
) -> None:
    day = today()
    at = {"projectId": f"Project:{tree.here.project.id}", "asOf": str(day)}
    async with platform.arranging() as session:
        project = await session.get_one(Project, tree.here.project.id)
        project.budget_minor, project.currency = 1_000_000_00, "KZT"
        project.starts_on, project.ends_on = day - timedelta(days=9), day - timedelta(days=1)
        session.add(
            ProjectFunding(
                project_id=project.id, source=FundingSource.LOCAL_BUDGET, amount_minor=1_000_000_00
            )
        )
        above = await session.get_one(Node, project.id)
        for name, due, closed, document in (
            ("Dig", 2, 2, "act 5"), ("Build", 2, 1, None), ("Paint", 1, None, None),
        ):  # fmt: skip
            node = await make_node(session, NodeKind.TASK, above, name=name, stage=None)
            task = await session.get_one(Task, node.id)
            task.due_on = day - timedelta(days=due)
            task.closed_on = None if closed is None else day - timedelta(days=closed)
            task.confirming_document = document
    group = await active(platform, tree, body)
    for given, code in (
        ({"parameter": "COST"}, "MONITORING_SPENT"),
        ({"parameter": "QUALITY", "actual": "x", "spent": "1"}, "MONITORING_SPENT"),
        ({"parameter": "QUALITY", "actual": " "}, "TEXT_REQUIRED"),
        ({"parameter": "COST", "spent": "-1"}, "AMOUNT_NEGATIVE"),
        ({"parameter": "COST", "spent": "1", "asOf": "2999-01-01"}, "MONITORING_DAY_AHEAD"),
    ):
        refused = await platform.refused(
            "monitoringStateFact", FACT, by=body.manager, **{**at, **given}
        )
        assert refused == code, given
    codes = []
    for stranger in (group.contact, body.head, body.direction_head):
        given = {**at, "parameter": "COST", "spent": "1"}
        answer = await platform.send("monitoringStateFact", FACT, by=stranger, **given)
        refused = answer["data"]
        if refused is None:
            codes.append(answer["errors"][0]["extensions"]["code"])
        else:
            codes += [each["code"] for each in refused["monitoringStateFact"]["userErrors"]]
    assert codes == ["NOT_FOUND", "NOT_FOUND", "FORBIDDEN"]
    stated = await platform.done(
        "monitoringStateFact", FACT, by=body.manager, **at, parameter="COST", spent="750000.50"
    )
    assert (stated["parameter"], stated["spent"]) == ("COST", {"amount": "750000.50"})
    quality = {"parameter": "QUALITY", "planned": "two layers", "actual": "one layer"}
    await platform.done("monitoringStateFact", FACT, by=body.office, **at, **quality)
    beside = {**at, "projectId": f"Project:{tree.here.second_project.id}", "parameter": "COST"}
    other = await platform.done("monitoringStateFact", FACT, by=body.office, **beside, spent="1")
    asked = "query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    ids = {"ids": [other["id"], stated["id"]]}
    for reader, seen in ((body.office, ids["ids"]), (group.contact, [stated["id"]])):
        data = await platform.read(asked, ids, by=reader)
        assert [each["id"] for each in data["nodes"] if each] == seen
    opened = {
        "objectId": at["projectId"],
        "title": "Act of inspection",
        "number": "7",
        "signedOn": str(day),
        "openToPublic": True,
        "fileId": await upload(platform, body.manager),
    }
    for given, code in (
        ({"openToPublic": False}, "MONITORING_DOCUMENT_NOT_OPEN"),
        ({"signedOn": "2999-01-01"}, "MONITORING_DAY_AHEAD"),
        ({"fileId": "File:999999"}, "NOT_FOUND"),
    ):
        refused = await platform.refused(
            "monitoringOpenDocument", OPENED, by=body.manager, **{**opened, **given}
        )
        assert refused == code, given
    unopened = await upload(platform, body.manager)
    document = await platform.done("monitoringOpenDocument", OPENED, by=body.manager, **opened)
    for reader in group.members:
        (found,) = (await platform.read(DISCLOSED, by=reader))["monitoringObjects"]["nodes"]
        facts = sorted(found["facts"]["nodes"], key=lambda each: each["parameter"])
        schedule = {
            each["name"]: (each["confirmed"], each["overdue"])
            for each in found["schedule"]["nodes"]
        }
        assert schedule == {"Dig": (True, False), "Build": (False, False), "Paint": (False, True)}
        counts = ("taskCount", "tasksDone", "tasksDoneInTime", "overdue")
        assert [found[name] for name in counts] == [3, 2, 1, True]
        assert (found["budget"], found["funding"]) == (
            {"amount": "1000000.00", "currency": "KZT"},
            [{"source": "LOCAL_BUDGET", "amount": {"amount": "1000000.00"}}],
        )
        cost = {"parameter": "COST", "asOf": str(day), "planned": None, "actual": None}
        assert facts == [
            {**cost, "spent": {"amount": "750000.50", "currency": "KZT"}},
            {**cost, **quality, "spent": None},
        ]
        (shown,) = found["documents"]
        file = shown.pop("file")
        assert shown == {
            "title": "Act of inspection", "number": "7", "signedOn": str(day), "closedAt": None,
        }  # fmt: skip
        assert (file["id"], file["uploadedBy"]) == (opened["fileId"], None)
        assert [await opens(platform, reader, each) for each in (file["id"], unopened)] == [
            True, False,
        ]  # fmt: skip
    await platform.done(
        "monitoringCloseDocument",
        OPENED,
        by=body.manager,
        openDocumentId=document["id"],
        reason="replaced",
    )
    (found,) = (await platform.read(DISCLOSED, by=group.contact))["monitoringObjects"]["nodes"]
    assert found["documents"] == []
    readers = (group.contact, body.manager)
    file_id = opened["fileId"]
    assert [await opens(platform, each, file_id) for each in readers] == [False, True]
    again = {"openDocumentId": document["id"], "reason": "replaced"}
    refused = await platform.refused("monitoringCloseDocument", OPENED, by=body.manager, **again)
    assert refused == "MONITORING_DOCUMENT_CLOSED"
