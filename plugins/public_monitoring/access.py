"""Who may do what: permissions, the two roles, and what roles of the core may do here."""

from __future__ import annotations

from plugins.public_monitoring.states import OURS, RULES
from zhoba.api import NodeKind, Policies, grant, permission, role

READ = "monitoring_application.read"
SUBMIT = "monitoring_application.submit"
CHECK = "monitoring_application.check"
RESPOND = "monitoring_application.respond"
REQUEST_ACCESS = "monitoring_access.request"
GRANT_ACCESS = "monitoring_access.grant"
REVOKE_ACCESS = "monitoring_access.revoke"
SCOPE = "monitoring_scope.read"
DISCLOSE = "monitoring_scope.disclose"
REQUEST_VISIT = "monitoring_visit.request"
DECIDE_VISIT = "monitoring_visit.decide"
ATTEND_VISIT = "monitoring_visit.attend"
ADVISE = "monitoring_recommendation.submit"
CONSIDER = "monitoring_recommendation.consider"
FIGURES = "monitoring_figures.read"

OBSERVER = "public_observer"
APPLICANT = "monitoring_applicant"


PERMISSIONS = (
    permission(READ, "Read applications, without identification numbers.", OURS),
    permission(SUBMIT, "Apply for public monitoring.", "R2023 §18, App.3"),
    permission(CHECK, "Check applications: members, documents, identification numbers.", RULES),
    permission(RESPOND, "Sign the answer to an application.", "R2023 App.4"),
    permission(REQUEST_ACCESS, "Ask the project office for access of a group.", RULES),
    permission(GRANT_ACCESS, "Make the members of a group public observers.", RULES),
    permission(REVOKE_ACCESS, "Take the role of public observer away from a group.", RULES),
    permission(SCOPE, "Read the monitored project or group, and nothing else.", RULES),
    permission(DISCLOSE, "Tell observers facts of a project and open documents to them.", OURS),
    permission(REQUEST_VISIT, "Ask for a visit to the site.", RULES),
    permission(DECIDE_VISIT, "Allow a visit or refuse it with grounds.", RULES),
    permission(ATTEND_VISIT, "Attend a visit and explain the progress.", RULES),
    permission(ADVISE, "Submit results as recommendations.", RULES),
    permission(CONSIDER, "Consider recommendations.", RULES),
    permission(FIGURES, "Read figures of a body whose region does not show them.", OURS),
)

ROLES = (
    role(
        OBSERVER,
        labels={
            "kk": "қоғамдық бақылаушы",
            "ru": "общественный наблюдатель",
            "en": "public observer",
        },
        at=(NodeKind.PROJECT, NodeKind.PROJECT_GROUP),
        appointers=("po_head", "po_administrator"),
        ref="R2023 §18, App.3-4",
    ),
    role(
        APPLICANT,
        labels={
            "kk": "қоғамдық мониторингке өтінім беруші",
            "ru": "заявитель общественного мониторинга",
            "en": "applicant for public monitoring",
        },
        at=NodeKind.STATE_BODY,
        appointers=("po_head", "po_administrator"),
        ref="R2023 §18, App.3",
    ),
)

UNIT = grant(READ, CHECK, RESPOND, REQUEST_ACCESS, DECIDE_VISIT, ref="R2023 §18, App.4")
OFFICE = grant(READ, GRANT_ACCESS, REVOKE_ACCESS, ref=RULES)
CONSIDERING = grant(CONSIDER, ref=RULES)

POLICIES = Policies(
    grants={
        "registered_person": [grant(SUBMIT, ref=OURS)],
        APPLICANT: [grant(SUBMIT, ref="R2023 §18, App.3")],
        OBSERVER: [grant(SCOPE, REQUEST_VISIT, ADVISE, ref=RULES)],
        "unit_head": [UNIT],
        "po_head": [OFFICE, grant(DISCLOSE, FIGURES, ref=OURS)],
        "po_administrator": [OFFICE, grant(DISCLOSE, FIGURES, ref=OURS)],
        "office_member": [grant(FIGURES, ref=OURS)],
        "project_manager": [grant(ATTEND_VISIT, ref=RULES), grant(DISCLOSE, ref=OURS)],
        "bd_head": [CONSIDERING],
        "standard_bd_head": [CONSIDERING],
        "pg_curator": [
            grant(CONSIDER, condition="bd_headed_by_other_deputy", ref="R2023 §18, §62")
        ],
    },
)
