"""The standard basic direction of a state body, with its six groups [R2023 §63]."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from core.hierarchy.basic_direction import BasicDirection, BasicDirectionKind
from core.hierarchy.project_group import ProjectGroup
from core.rows import entered
from core.texts import Names, cleaned_names
from core.tree.closure import insert_node
from core.tree.node import Node, NodeKind, Stage
from core.work import Work

CLAUSE = "R2023 §63"
REFERENCE = Path(__file__).parents[1] / "reference" / "standard_basic_direction.json"


@cache
def reference() -> dict[str, Any]:
    """The names of the direction, and codes and names of its groups."""
    content: dict[str, Any] = json.loads(REFERENCE.read_text("utf-8"))
    return content


async def found_standard_direction(work: Work, body: Node) -> BasicDirection:
    """Give a body its standard direction and the six groups; part of registering the body."""
    values = {"kind": BasicDirectionKind.STANDARD, **names_of(reference()["names"])}
    node = await insert_node(
        work.session,
        kind=NodeKind.BASIC_DIRECTION,
        parent=body,
        now=work.now,
        stage=Stage.INITIATION,
    )
    direction = BasicDirection(id=node.id, **values)
    work.session.add(direction)
    await work.session.flush()
    work.record(
        "standardDirectionFounded", direction, node_id=node.id, after=entered(values), clause=CLAUSE
    )
    for group in reference()["project_groups"]:
        await found_standard_group(work, node, group)
    return direction


async def found_standard_group(work: Work, direction: Node, group: dict[str, str]) -> None:
    """Put one of the six groups into the standard direction."""
    values = {"standard_code": group["code"], **names_of(group)}
    node = await insert_node(
        work.session,
        kind=NodeKind.PROJECT_GROUP,
        parent=direction,
        now=work.now,
        stage=Stage.INITIATION,
    )
    row = ProjectGroup(id=node.id, **values)
    work.session.add(row)
    await work.session.flush()
    work.record(
        "standardGroupFounded", row, node_id=node.id, after=entered(values), clause=group["ref"]
    )


def names_of(texts: dict[str, str]) -> dict[str, str | None]:
    return cleaned_names(Names(kk=texts["kk"], ru=texts["ru"], en=texts["en"]))
