"""Findings in the schema: ``RegionalPlan.compliance``."""

from __future__ import annotations

from typing import Any

import strawberry
from sqlalchemy import JSON, ColumnElement

from plugins.regional_plan.compliance.facts import facts
from plugins.regional_plan.compliance.finding import (
    Finding,
    RegionalRule,
    RegionalSeverity,
    Texts,
)
from plugins.regional_plan.compliance.knowing import known_from
from plugins.regional_plan.compliance.rules import findings
from plugins.regional_plan.plan.plan import RegionalPlan
from zhoba.api import (
    TYPE_OF,
    Fact,
    Info,
    Level,
    NodeKind,
    Row,
    computed,
    core_catalogue,
    enum_type,
    global_id,
)

LANGUAGES = ("kk", "ru", "en")


def in_language(names: Texts, language: str) -> str:
    """The text in a language, else in one that has it."""
    chosen = names[LANGUAGES.index(language)]
    return chosen or next((text for text in names if text), "")


@strawberry.type(
    name="RegionalFinding",
    description="Something about a regional plan that a rule does not agree with.",
)
class RegionalFinding:
    """One finding."""

    finding: strawberry.Private[Finding]

    @strawberry.field(graphql_type=enum_type(RegionalRule), description="The rule.")
    def rule(self) -> Any:
        return self.finding.rule

    @strawberry.field(graphql_type=enum_type(RegionalSeverity), description="How serious it is.")
    def severity(self) -> Any:
        return self.finding.severity

    @strawberry.field(description="Whether the plan is not approved as long as it is so.")
    def stops_approval(self) -> bool:
        return self.finding.stops

    @strawberry.field(description="Code of what was found; stable.")
    def code(self) -> str:
        return self.finding.code

    @strawberry.field(description='The clause of the Rules, or "product default".')
    def clause(self) -> str:
        return self.finding.clause

    @strawberry.field(description="The object it is about; read it with `node(id)`.")
    def place(self) -> strawberry.ID:
        place = self.finding.place
        return strawberry.ID(global_id(TYPE_OF[NodeKind[place.kind]], place.id))

    @strawberry.field(description="Name of that object, in the caller's language.")
    def place_name(self, info: Info) -> str:
        return in_language(self.finding.place.names, info.context.language)

    @strawberry.field(
        description="Code of the part of the architecture or of the role it is about; null: none."
    )
    def about(self) -> str | None:
        params = self.finding.params
        found: str | None = params.get("part") or params.get("role")
        return found

    @strawberry.field(description="A sentence in the caller's language.")
    def message(self, info: Info) -> str:
        language = info.context.language
        return sentence(info.context.services.messages, self.finding, language)


def sentence(messages: Any, finding: Finding, language: str) -> str:
    """What was found, in words."""
    params = dict(finding.params)
    params["place"] = in_language(finding.place.names, language)
    if finding.name is not None:
        params["name"] = in_language(finding.name, language)
    if "role" in params:
        params["role"] = core_catalogue().roles[params["role"]].labels[language]
    text: str = messages.text(finding.code, language, params)
    return text


def of_plan(row: Row) -> ColumnElement[str]:
    return facts(row[RegionalPlan.id])


compliance_field = computed(
    "compliance",
    list[RegionalFinding],
    [Fact(JSON(), of_plan)],
    lambda rows: [RegionalFinding(finding=found) for found in findings(known_from(rows))],
    "Every finding of the rules RV1 to RV8 about the plan as it is today, errors of each rule "
    "first. With one that stops the approval the plan does not go to implementation.",
    level=Level.FULL,
)
