"""Every table of the core, imported once so that the metadata is whole."""

from __future__ import annotations

from core.acts.act import Act
from core.audit.entry import AuditChain, AuditEntry
from core.authority.absence import Absence
from core.authority.acting import Substitution
from core.authority.appointment import Appointment
from core.authority.policies.draft import PolicyDraft
from core.authority.policies.policy_version import PolicyChange, PolicyVersion
from core.authority.trial.assertion import PolicyAssertion
from core.db.base import Base
from core.decisions.entry import DecisionEntry
from core.events.delivery import Delivery, HandlerPlace
from core.events.idempotency import IdempotencyKey
from core.events.outbox import OutboxEvent
from core.files.claim import FileClaim
from core.files.file import File
from core.files.ticket import FileTicket
from core.hierarchy.basic_direction import BasicDirection
from core.hierarchy.country import Country
from core.hierarchy.national_priority import NationalPriority
from core.hierarchy.organization_unit import OrganizationUnit
from core.hierarchy.program import Program, ProgramPriority
from core.hierarchy.project import Lesson, Project, ProjectFunding, ProjectNumber
from core.hierarchy.project_group import ProjectGroup
from core.hierarchy.project_location import ProjectLocation
from core.hierarchy.project_office import ProjectOffice
from core.hierarchy.stage_move import StageMove
from core.hierarchy.state_body import GoverningCommittee, StateBody
from core.hierarchy.task import Task
from core.jobs.job_run import JobRun, JobSchedule
from core.people.account import Account, Identity
from core.people.attempt import SignInAttempt
from core.people.invitation import Invitation
from core.people.person import Person
from core.people.service_key import ServiceKey
from core.people.session import SignInSession
from core.places.administrative_unit import AdministrativeUnit
from core.places.region import Region
from core.plugins.installed_plugin import InstalledPlugin
from core.plugins.plugin_region import PluginChange, PluginRegion
from core.tree.node import Node, NodeClosure

metadata = Base.metadata

__all__ = [
    "Absence",
    "Account",
    "Act",
    "AdministrativeUnit",
    "Appointment",
    "AuditChain",
    "AuditEntry",
    "BasicDirection",
    "Country",
    "DecisionEntry",
    "Delivery",
    "File",
    "FileClaim",
    "FileTicket",
    "GoverningCommittee",
    "HandlerPlace",
    "IdempotencyKey",
    "Identity",
    "InstalledPlugin",
    "Invitation",
    "JobRun",
    "JobSchedule",
    "Lesson",
    "NationalPriority",
    "Node",
    "NodeClosure",
    "OrganizationUnit",
    "OutboxEvent",
    "Person",
    "PluginChange",
    "PluginRegion",
    "PolicyAssertion",
    "PolicyChange",
    "PolicyDraft",
    "PolicyVersion",
    "Program",
    "ProgramPriority",
    "Project",
    "ProjectFunding",
    "ProjectGroup",
    "ProjectLocation",
    "ProjectNumber",
    "ProjectOffice",
    "Region",
    "ServiceKey",
    "SignInAttempt",
    "SignInSession",
    "StageMove",
    "StateBody",
    "Substitution",
    "Task",
    "metadata",
]
