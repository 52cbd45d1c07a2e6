"""What the plugin adds to the schema, noun by noun."""

from __future__ import annotations

from plugins.regional_plan.compliance.showing import compliance_field
from plugins.regional_plan.cuts.figures import FIELDS as FIGURES
from plugins.regional_plan.cuts.places import FILTERS
from plugins.regional_plan.direction_request import binding as request
from plugins.regional_plan.info import INFO
from plugins.regional_plan.peculiarity import binding as peculiarity
from plugins.regional_plan.plan import binding as plan
from plugins.regional_plan.plan.questions import PlanQuestions
from plugins.regional_plan.template import binding as template
from plugins.regional_plan.template.questions import TemplateQuestions
from zhoba.api import Contribution, Extension

on_plans = Extension(target=plan.PLAN, fields=[compliance_field, *FIGURES])
on_projects = Extension(target="Project", filters=FILTERS)

CONTRIBUTION = Contribution(
    owner=INFO.id,
    nouns=[*template.NOUNS, *plan.NOUNS, *request.NOUNS, *peculiarity.NOUNS],
    extensions=[
        *plan.EXTENSIONS,
        *request.EXTENSIONS,
        *peculiarity.EXTENSIONS,
        on_plans,
        on_projects,
    ],
    roots=[*template.ROOTS, *plan.ROOTS, *request.ROOTS, *peculiarity.ROOTS],
    mutations=[*template.MUTATIONS, *plan.MUTATIONS, *request.MUTATIONS, *peculiarity.MUTATIONS],
    told=[*plan.TOLD, *request.TOLD],
    questions=[TemplateQuestions, PlanQuestions],
)
