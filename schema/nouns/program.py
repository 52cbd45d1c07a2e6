"""Programs, basic directions and project groups."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false

from core.hierarchy.basic_direction import BasicDirection
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.program import Program, ProgramPriority
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.state_body import GoverningCommittee
from core.tree.node import Node, NodeClosure, NodeKind
from schema.nouns.tree import INTERFACES, head, tree_fields
from schema.planner.binding import Field, Level, On, bind
from schema.planner.elements import text_literal
from schema.planner.row import Model, Row
from schema.planner.words import aggregate, col, connection, many, one


def inside_program(me: Row, it: Row) -> ColumnElement[bool]:
    """Projects of a program: every node knows the program it lies in."""
    return and_(
        it[Node.program_scope_id] == me[Program.id],
        it[Node.kind] == text_literal(NodeKind.PROJECT.name),
    )


def inside_groups(model: Model, *kinds: NodeKind) -> On:
    """Projects below an object: those lying in it, or in what lies below it, of these kinds.

    There are far fewer of those than of projects, so that is the shorter way down.
    """

    def below(me: Row, it: Row) -> ColumnElement[bool]:
        return and_(
            it[NodeClosure.ancestor_id] == me[model.id],
            it[NodeClosure.kind].in_([text_literal(kind.name) for kind in kinds]),
            it[NodeClosure.descendant_id] == it[Node.parent_id],
            it[Node.kind] == text_literal(NodeKind.PROJECT.name),
        )

    return below


def projects_below(below: On, link: Model | None = None, *, large: bool = True) -> list[Field]:
    """All projects below, as a list and in figures; ``large`` where they may be thousands."""
    return [
        connection(
            "projects",
            "Project",
            below,
            "All projects inside, at any depth.",
            link=link,
            large=large,
        ),
        aggregate(
            "projectStats",
            "Project",
            below,
            "Counts and sums over all projects inside; amounts the reader may not read do not "
            "count.",
            link=link,
            large=large,
        ),
    ]


program = bind(
    "Program",
    Program,
    "A program: groups, projects and activities coordinated for what they do not reach apart "
    "[R2023 §2(8), §44-47].",
    [
        *tree_fields(Program, NodeKind.PROGRAM),
        col(
            "programKind", Program.kind, "What document it is [R2023 §44].", where=True, group=True
        ),
        col("goal", Program.goal, "Its goal.", level=Level.FULL),
        col("startsOn", Program.starts_on, "First day.", where=True, order=True),
        col("endsOn", Program.ends_on, "Last day.", where=True, order=True),
        head(
            "managerName",
            ("program_manager",),
            Node.state_body_id,
            "Full name of the program manager: the first head of its body [R2023 App.1].",
        ),
        many(
            "priorities",
            "ProgramPriority",
            lambda me, it: it[ProgramPriority.program_id] == me[Program.id],
            "The national priorities it serves, the leading one first.",
            order=lambda row: [row[ProgramPriority.lead] == false()],
            where=True,
        ),
        one(
            "governingCommittee",
            "GoverningCommittee",
            lambda me, it: it[GoverningCommittee.node_id] == me[Program.id],
            "Its own committee, under the 2021 edition only [R2021 §44].",
        ),
        connection(
            "directions",
            "BasicDirection",
            lambda me, it: it[Node.parent_id] == me[Program.id],
            "Its basic directions.",
        ),
        *projects_below(inside_program),
    ],
    resource="program",
    kind=NodeKind.PROGRAM,
    interfaces=INTERFACES,
    order=["name"],
)

program_priority = bind(
    "ProgramPriority",
    ProgramPriority,
    "A program serves a national priority (product; R2023 §9, App.5).",
    [
        col(
            "lead",
            ProgramPriority.lead,
            "Whether this priority leads; exactly one does.",
            where=True,
        ),
        one(
            "nationalPriority",
            "NationalPriority",
            lambda me, it: it[NationalPriority.id] == me[ProgramPriority.priority_id],
            "The priority.",
            where=True,
        ),
        one(
            "program",
            "Program",
            lambda me, it: it[Program.id] == me[ProgramPriority.program_id],
            "The program.",
        ),
    ],
    levels={Level.BASIC: "program.read_basic", Level.FULL: "program.read"},
    node=ProgramPriority.program_id,
    key=ProgramPriority.priority_id,
)

basic_direction = bind(
    "BasicDirection",
    BasicDirection,
    "A basic direction of a program, or the standard one of a body [R2023 §2(10), §47, §63].",
    [
        *tree_fields(BasicDirection, NodeKind.BASIC_DIRECTION),
        col("directionKind", BasicDirection.kind, "Where it comes from.", where=True, group=True),
        col("task", BasicDirection.task, "The task of the program it answers.", level=Level.FULL),
        head(
            "headName",
            ("bd_head", "standard_bd_head"),
            BasicDirection.id,
            "Full name of its head today.",
        ),
        one(
            "program",
            "Program",
            lambda me, it: it[Program.id] == me[Node.parent_id],
            "Its program; null for the standard direction of a body.",
            where=True,
        ),
        connection(
            "groups",
            "ProjectGroup",
            lambda me, it: and_(
                it[NodeClosure.ancestor_id] == me[BasicDirection.id],
                it[NodeClosure.kind] == text_literal(NodeKind.PROJECT_GROUP.name),
                it[NodeClosure.descendant_id] == it[Node.id],
            ),
            "Its project groups, nested ones too.",
            link=NodeClosure,
        ),
        *projects_below(
            inside_groups(BasicDirection, NodeKind.BASIC_DIRECTION, NodeKind.PROJECT_GROUP),
            NodeClosure,
        ),
    ],
    resource="basic_direction",
    kind=NodeKind.BASIC_DIRECTION,
    interfaces=INTERFACES,
    order=["name"],
)

project_group = bind(
    "ProjectGroup",
    ProjectGroup,
    "A group of projects, nested inside one basic direction [R2023 §2(28)-(29), §48, §65].",
    [
        *tree_fields(ProjectGroup, NodeKind.PROJECT_GROUP),
        col(
            "standardCode",
            ProjectGroup.standard_code,
            "Which of the six groups of the standard direction it is [R2023 §63].",
            where=True,
        ),
        head("headName", ("pg_head",), ProjectGroup.id, "Full name of its head today."),
        one(
            "responsibleUnit",
            "OrganizationUnit",
            lambda me, it: it[OrganizationUnit.id] == me[ProjectGroup.responsible_unit_id],
            "The responsible unit or organisation.",
            level=Level.FULL,
        ),
        one(
            "program",
            "Program",
            lambda me, it: it[Program.id] == me[Node.program_scope_id],
            "The program it lies in; null inside a standard direction.",
            where=True,
        ),
        connection(
            "groups",
            "ProjectGroup",
            lambda me, it: it[Node.parent_id] == me[ProjectGroup.id],
            "The groups in it directly.",
        ),
        *projects_below(
            inside_groups(ProjectGroup, NodeKind.PROJECT_GROUP), NodeClosure, large=False
        ),
    ],
    resource="project_group",
    kind=NodeKind.PROJECT_GROUP,
    interfaces=INTERFACES,
    order=["name"],
)

PROGRAM = (program, program_priority, basic_direction, project_group)
