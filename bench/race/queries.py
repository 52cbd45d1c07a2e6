"""The four questions of the race, in the words of each server, and what their answers have to say.

Every answer is brought into one plain form, so that the servers can be compared for equality.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Plain = Any
"""Lists and tuples of texts and numbers."""


@dataclass(frozen=True)
class Question:
    """One question to one server. ``variables`` makes those of a request from a project's key,
    a program's key and the name of a stage; ``plain`` brings an answer into the common form."""

    document: str
    variables: Callable[[int, int, str], dict[str, Any]]
    plain: Callable[[Any], Plain]


def money(amount: str) -> str:
    return str(Decimal(amount).quantize(Decimal("0.01")))


# -- Zhoba, and servers that answer its statements ------------------------------------------------

ZHOBA = {
    "Q1": Question(
        """query ($project: ID!) { project(id: $project) {
             number name stage startsOn endsOn budget { amount currency }
             ancestors { name }
             appointments(first: 10) { nodes { roleCode person { fullName } } } } }""",
        lambda project, program, stage: {"project": f"Project:{project}"},
        lambda data: (
            project_of(data["project"]),
            [each["name"] for each in data["project"]["ancestors"]],
            sorted(
                (each["roleCode"], each["person"]["fullName"])
                for each in data["project"]["appointments"]["nodes"]
            ),
        ),
    ),
    "Q2": Question(
        """query ($program: ID!) { program(id: $program) { name
             directions(first: 100) { nodes { name
               groups(first: 100) { nodes { name
                 projects(first: 100) { nodes {
                   number name stage startsOn endsOn budget { amount currency } } } } } } } } }""",
        lambda project, program, stage: {"program": f"Program:{program}"},
        lambda data: (
            data["program"]["name"],
            sorted(
                (
                    direction["name"],
                    sorted(
                        (
                            group["name"],
                            sorted(project_of(each) for each in group["projects"]["nodes"]),
                        )
                        for group in direction["groups"]["nodes"]
                    ),
                )
                for direction in data["program"]["directions"]["nodes"]
            ),
        ),
    ),
    "Q3": Question(
        """query ($stage: Stage!) { projects(
             first: 50, where: {stage: {eq: $stage}}, orderBy: [{field: ENDS_ON}]) {
             edges { cursor node { number name stage startsOn endsOn budget { amount currency } } }
             pageInfo { hasNextPage endCursor } } }""",
        lambda project, program, stage: {"stage": stage},
        lambda data: (
            [project_of(edge["node"]) for edge in data["projects"]["edges"]],
            data["projects"]["pageInfo"]["hasNextPage"],
        ),
    ),
    "Q4": Question(
        """{ programs(first: 100) { nodes { name
             projectStats { byStage { stage count budget { amount currency } } } } } }""",
        lambda project, program, stage: {},
        lambda data: sorted(
            (
                program["name"],
                sorted(
                    (each["stage"], each["count"], money(each["budget"][0]["amount"]))
                    for each in program["projectStats"]["byStage"]
                ),
            )
            for program in data["programs"]["nodes"]
        ),
    ),
}


OWN = {
    **ZHOBA,
    "Q3": Question(
        """query ($stage: Stage!, $program: ID!) { projects(
             first: 50, where: {stage: {eq: $stage}, under: $program},
             orderBy: [{field: ENDS_ON}]) {
             edges { cursor node { number name stage startsOn endsOn budget { amount currency } } }
             pageInfo { hasNextPage endCursor } } }""",
        lambda project, program, stage: {"stage": stage, "program": f"Program:{program}"},
        ZHOBA["Q3"].plain,
    ),
}
"""What a program manager asks: pages are of his own program. Outside of it budgets are denied,
which an answer says in an error for each, and no bare text could."""


def project_of(found: Any) -> Plain:
    return (
        found["number"],
        found["name"],
        found["stage"],
        found["startsOn"],
        found["endsOn"],
        money(found["budget"]["amount"]),
        found["budget"]["currency"],
    )


# -- PostGraphile ---------------------------------------------------------------------------------

FLAT = "number name stage startsOn endsOn amount currency"

POSTGRAPHILE = {
    "Q1": Question(
        f"""query ($project: BigInt!) {{ projectByRowId(rowId: $project) {{ {FLAT}
             projectGroupByGroupId {{ name directionByDirectionId {{ name
               programByProgramId {{ name bodyByBodyId {{ name
                 countryByCountryId {{ name }} }} }} }} }}
             appointmentsByProjectId(first: 10) {{
               nodes {{ role personByPersonId {{ fullName }} }} }} }} }}""",
        lambda project, program, stage: {"project": str(project)},
        lambda data: (
            flat(data["projectByRowId"]),
            chain(
                data["projectByRowId"],
                "projectGroupByGroupId",
                "directionByDirectionId",
                "programByProgramId",
                "bodyByBodyId",
                "countryByCountryId",
            ),
            sorted(
                (each["role"], each["personByPersonId"]["fullName"])
                for each in data["projectByRowId"]["appointmentsByProjectId"]["nodes"]
            ),
        ),
    ),
    "Q2": Question(
        f"""query ($program: BigInt!) {{ programByRowId(rowId: $program) {{ name
             directionsByProgramId(first: 100) {{ nodes {{ name
               projectGroupsByDirectionId(first: 100) {{ nodes {{ name
                 projectsByGroupId(first: 100) {{ nodes {{ {FLAT} }} }} }} }} }} }} }} }}""",
        lambda project, program, stage: {"program": str(program)},
        lambda data: (
            data["programByRowId"]["name"],
            sorted(
                (
                    direction["name"],
                    sorted(
                        (
                            group["name"],
                            sorted(flat(each) for each in group["projectsByGroupId"]["nodes"]),
                        )
                        for group in direction["projectGroupsByDirectionId"]["nodes"]
                    ),
                )
                for direction in data["programByRowId"]["directionsByProgramId"]["nodes"]
            ),
        ),
    ),
    "Q3": Question(
        f"""query ($stage: String!) {{ allProjects(
             first: 50, condition: {{stage: $stage}}, orderBy: [ENDS_ON_ASC, ROW_ID_ASC]) {{
             edges {{ cursor node {{ {FLAT} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""",
        lambda project, program, stage: {"stage": stage},
        lambda data: (
            [flat(edge["node"]) for edge in data["allProjects"]["edges"]],
            data["allProjects"]["pageInfo"]["hasNextPage"],
        ),
    ),
    "Q4": Question(
        """{ allPrograms(first: 100) { nodes { name projectsByProgramId {
             groupedAggregates(groupBy: [STAGE]) {
               keys distinctCount { rowId } sum { amount } } } } } }""",
        lambda project, program, stage: {},
        lambda data: sorted(
            (
                program["name"],
                sorted(
                    (
                        each["keys"][0],
                        int(each["distinctCount"]["rowId"]),
                        money(each["sum"]["amount"]),
                    )
                    for each in program["projectsByProgramId"]["groupedAggregates"]
                ),
            )
            for program in data["allPrograms"]["nodes"]
        ),
    ),
}


def flat(found: Any) -> Plain:
    return (
        found["number"],
        found["name"],
        found["stage"],
        found["startsOn"],
        found["endsOn"],
        money(found["amount"]),
        found["currency"],
    )


def chain(found: Any, *links: str) -> list[str]:
    """The names of all ancestors, from the country down."""
    names = []
    for link in links:
        found = found[link]
        names.append(found["name"])
    return names[::-1]


# -- mercurius ------------------------------------------------------------------------------------

PLAIN = {
    "Q1": Question(
        f"""query ($project: ID!) {{ project(id: $project) {{ {FLAT}
             group {{ name direction {{ name program {{ name body {{ name
               country {{ name }} }} }} }} }}
             appointments {{ role person {{ fullName }} }} }} }}""",
        lambda project, program, stage: {"project": str(project)},
        lambda data: (
            flat(data["project"]),
            chain(data["project"], "group", "direction", "program", "body", "country"),
            sorted(
                (each["role"], each["person"]["fullName"])
                for each in data["project"]["appointments"]
            ),
        ),
    ),
    "Q2": Question(
        f"""query ($program: ID!) {{ program(id: $program) {{ name directions {{ name
             groups {{ name projects {{ {FLAT} }} }} }} }} }}""",
        lambda project, program, stage: {"program": str(program)},
        lambda data: (
            data["program"]["name"],
            sorted(
                (
                    direction["name"],
                    sorted(
                        (group["name"], sorted(flat(each) for each in group["projects"]))
                        for group in direction["groups"]
                    ),
                )
                for direction in data["program"]["directions"]
            ),
        ),
    ),
    "Q3": Question(
        f"""query ($stage: String!) {{ projects(first: 50, stage: $stage) {{
             edges {{ cursor node {{ {FLAT} }} }} pageInfo {{ hasNextPage endCursor }} }} }}""",
        lambda project, program, stage: {"stage": stage},
        lambda data: (
            [flat(edge["node"]) for edge in data["projects"]["edges"]],
            data["projects"]["pageInfo"]["hasNextPage"],
        ),
    ),
    "Q4": Question(
        "{ programs { name byStage { stage count amount } } }",
        lambda project, program, stage: {},
        lambda data: sorted(
            (
                program["name"],
                sorted(
                    (each["stage"], each["count"], money(each["amount"]))
                    for each in program["byStage"]
                ),
            )
            for program in data["programs"]
        ),
    ),
}
"""mercurius, and strawberry with SQLAlchemy: the same schema."""
