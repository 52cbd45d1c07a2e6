"""Every noun of the core as GraphQL shows it: one binding per type, and the fields of ``Query``."""

from __future__ import annotations

from sqlalchemy import true

from core.authority.reader import READER_PERSON
from core.people.person import Person
from schema.nouns.absence import ABSENCE
from schema.nouns.act import ACT
from schema.nouns.appointment import APPOINTMENT
from schema.nouns.country import COUNTRY
from schema.nouns.decision import DECISIONS
from schema.nouns.jobs import JOB_ROOTS, JOBS
from schema.nouns.person import PERSON
from schema.nouns.places import PLACES
from schema.nouns.policy import POLICY, POLICY_ROOTS
from schema.nouns.program import PROGRAM
from schema.nouns.project import PROJECT
from schema.nouns.state_body import STATE_BODY
from schema.nouns.task import TASK
from schema.nouns.trial import TRIAL, TRIAL_ROOTS
from schema.planner.registry import ById, ByIds, Own, Page, Registry
from schema.planner.words import one
from schema.plugins.nouns import PLUGIN_ROOTS, PLUGINS

SINGLE = {
    "region": ("Region", "A region."),
    "administrativeUnit": ("AdministrativeUnit", "A city, district or rural district."),
    "nationalPriority": ("NationalPriority", "A national priority."),
    "portfolio": ("Portfolio", "The portfolio of a national priority."),
    "stateBody": ("StateBody", "A state body."),
    "organizationUnit": ("OrganizationUnit", "A unit of a state body."),
    "projectOffice": ("ProjectOffice", "A project office."),
    "governingCommittee": ("GoverningCommittee", "A governing committee."),
    "program": ("Program", "A program."),
    "basicDirection": ("BasicDirection", "A basic direction."),
    "projectGroup": ("ProjectGroup", "A project group."),
    "project": ("Project", "A project."),
    "projectLocation": ("ProjectLocation", "A place where a project happens."),
    "lesson": ("Lesson", "An entry of a lessons log."),
    "task": ("Task", "A task, milestone or activity."),
    "stageMove": ("StageMove", "A move between stages."),
    "person": ("Person", "A person."),
    "account": ("Account", "An account."),
    "identity": ("Identity", "An identity that signs in to an account."),
    "serviceKey": ("ServiceKey", "A key of an information system."),
    "act": ("Act", "A basis document."),
    "absence": ("Absence", "An absence."),
    "substitution": ("Substitution", "A substitution."),
    "appointment": ("Appointment", "An appointment."),
    "auditEntry": ("AuditEntry", "An entry of the audit log."),
    "decisionEntry": ("DecisionEntry", "A line of the decision log."),
}
"""Root fields that read one object by its id: null where there is none the reader may see."""

LISTS = {
    "regions": ("Region", "All regions."),
    "administrativeUnits": ("AdministrativeUnit", "All cities, districts and rural districts."),
    "nationalPriorities": ("NationalPriority", "The national priorities the reader may see."),
    "portfolios": ("Portfolio", "The portfolios the reader may see."),
    "stateBodies": ("StateBody", "The state bodies the reader may see."),
    "organizationUnits": ("OrganizationUnit", "The units the reader may see."),
    "projectOffices": ("ProjectOffice", "The project offices the reader may see."),
    "governingCommittees": ("GoverningCommittee", "The committees the reader may see."),
    "programs": ("Program", "The programs the reader may see."),
    "basicDirections": ("BasicDirection", "The basic directions the reader may see."),
    "projectGroups": ("ProjectGroup", "The project groups the reader may see."),
    "projects": ("Project", "The projects the reader may see."),
    "projectLocations": ("ProjectLocation", "The places of projects the reader may read."),
    "lessons": ("Lesson", "The lessons of projects the reader may read."),
    "tasks": ("Task", "The tasks the reader may see."),
    "stageMoves": ("StageMove", "The moves between stages the reader may see."),
    "persons": ("Person", "The persons the reader may see."),
    "accounts": ("Account", "The accounts the reader may see."),
    "identities": ("Identity", "The identities the reader may see."),
    "serviceKeys": ("ServiceKey", "The keys of information systems the reader may see."),
    "acts": ("Act", "The acts the reader may see."),
    "absences": ("Absence", "The absences of persons the reader may see."),
    "substitutions": ("Substitution", "The substitutions the reader may see."),
    "appointments": ("Appointment", "The appointments the reader may see."),
    "decisionEntries": ("DecisionEntry", "The decision log, as far as the reader may read it."),
    "auditEntries": ("AuditEntry", "The audit log, as far as the reader may read it."),
}
"""Root fields over all objects of a type, in pages."""


def core_registry() -> Registry:
    """The bindings of the core; plugins add theirs to it."""
    registry = Registry()
    for nouns in (
        PLACES, COUNTRY, STATE_BODY, PROGRAM, PROJECT, TASK, PERSON, ABSENCE, ACT, APPOINTMENT,
        DECISIONS,
        PLUGINS,
        JOBS,
        POLICY,
        TRIAL,
    ):  # fmt: skip
        registry.add(*nouns)
    registry.root(
        ById("node", "Anything by its id; null where there is nothing the reader may see.", "Node"),
        ByIds("nodes", "Several things by their ids, in that order.", "Node"),
        Own(
            one(
                "viewer",
                "Person",
                lambda me, it: it[Person.id] == READER_PERSON,
                "The person who is signed in; null when nobody is.",
            )
        ),
        Own(
            one(
                "country",
                "Country",
                lambda me, it: true(),
                "The country: the root of the tree.",
            )
        ),
        *(ById(name, text, to) for name, (to, text) in SINGLE.items()),
        *(Page(name, text, to) for name, (to, text) in LISTS.items()),
        *PLUGIN_ROOTS,
        *JOB_ROOTS,
        *POLICY_ROOTS,
        *TRIAL_ROOTS,
    )
    return registry
