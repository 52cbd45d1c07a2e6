"""The project office of a state body."""

from __future__ import annotations

import enum
from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.acts.act import Act
from core.db.base import Base, Key
from core.db.types import named_enum
from core.errors import PRODUCT_DEFAULT, RuleRefused
from core.hierarchy.stages import refuse_unless_in
from core.hierarchy.state_body import StateBody, StateBodyKind
from core.rows import Lock, change, entered, find, flush_unique, require_version
from core.tree.editing import lock_node
from core.tree.node import NodeKind
from core.unset import UNSET, Unset
from core.work import Work


class ProjectOfficeForm(enum.Enum):
    """How the project office is organised [R2023 §55]."""

    CENTRAL_BODY = "a unit or part of a unit of the central apparatus"
    LOCAL_EXECUTIVE = "a separate unit at the akim's apparatus"
    LAW_ENFORCEMENT = "at the central apparatus, with the specifics of the branch"
    PRESIDENT_SUBORDINATE = "a matrix structure without a unit"
    STATE_PARTICIPATION_BASE = "at a state enterprise or organisation with state participation"


FORMS: dict[StateBodyKind, frozenset[ProjectOfficeForm]] = {
    kind: frozenset({form, ProjectOfficeForm.STATE_PARTICIPATION_BASE})
    for kind, form in (
        (StateBodyKind.CENTRAL, ProjectOfficeForm.CENTRAL_BODY),
        (StateBodyKind.LOCAL_EXECUTIVE, ProjectOfficeForm.LOCAL_EXECUTIVE),
        (StateBodyKind.LAW_ENFORCEMENT, ProjectOfficeForm.LAW_ENFORCEMENT),
        (StateBodyKind.PRESIDENT_SUBORDINATE, ProjectOfficeForm.PRESIDENT_SUBORDINATE),
    )
}
"""The forms open to each kind of body; a base with state participation is open to all."""


class ProjectOffice(Base):
    """The one project office of a state body [R2023 §54-55]."""

    __tablename__ = "project_office"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    state_body_id: Mapped[int] = mapped_column(ForeignKey("state_body.id"), unique=True)
    form: Mapped[ProjectOfficeForm] = mapped_column(named_enum(ProjectOfficeForm))
    created_on: Mapped[date]
    act_id: Mapped[int | None] = mapped_column(ForeignKey("act.id"))
    version: Mapped[int] = mapped_column(default=1)


async def create_project_office(
    work: Work,
    *,
    state_body_id: int,
    form: ProjectOfficeForm,
    created_on: date | None = None,
    act_id: int | None = None,
) -> ProjectOffice:
    """Create the project office of a body [R2023 §54, §55, §74(1)].

    Action ``project_office.create`` at the body; ``created_on`` is today when not given. Raises
    ``PROJECT_OFFICE_EXISTS`` [R2023 §54], ``PROJECT_OFFICE_FORM_NOT_ALLOWED`` [R2023 §55],
    ``PROJECT_OFFICE_IN_FUTURE``, ``NODE_ARCHIVED``, ``NOT_FOUND``.
    """
    body_node = await lock_node(
        work.session, state_body_id, NodeKind.STATE_BODY, field="stateBodyId", share=True
    )
    await work.require("project_office.create", body_node.id, field="stateBodyId")
    refuse_unless_in(body_node)
    body = await find(work.session, StateBody, body_node.id)
    check_form(body.kind, form)
    created_on = created_on or work.today
    if created_on > work.today:
        raise RuleRefused(
            "PROJECT_OFFICE_IN_FUTURE",
            clause=PRODUCT_DEFAULT,
            field="createdOn",
            created_on=created_on,
            today=work.today,
        )
    if act_id is not None:
        await find(work.session, Act, act_id, field="actId")
    values = {
        "state_body_id": body.id,
        "form": form,
        "created_on": created_on,
        "act_id": act_id,
    }
    office = ProjectOffice(**values)
    work.session.add(office)
    await flush_unique(
        work.session,
        RuleRefused("PROJECT_OFFICE_EXISTS", clause="R2023 §54", field="stateBodyId"),
    )
    work.record(
        "projectOfficeCreated",
        office,
        node_id=body.id,
        after=entered(values),
        clause="R2023 §74(1)",
    )
    return office


async def edit_project_office(
    work: Work,
    office_id: int,
    *,
    expected_version: int,
    form: ProjectOfficeForm | Unset = UNSET,
    act_id: int | Unset | None = UNSET,
) -> ProjectOffice:
    """Change the form of a project office, or the act it rests on [R2023 §55].

    Action ``project_office.create`` at its body. Raises ``CONFLICT``, ``NODE_ARCHIVED``,
    ``PROJECT_OFFICE_FORM_NOT_ALLOWED``, ``NOT_FOUND``.
    """
    office = await find(work.session, ProjectOffice, office_id, field="id", lock=Lock.UPDATE)
    node = await lock_node(work.session, office.state_body_id, share=True)
    await work.require("project_office.create", node.id, field="id")
    require_version(office.version, expected_version)
    refuse_unless_in(node)
    body = await find(work.session, StateBody, node.id)
    if form is not UNSET:
        check_form(body.kind, form)
    if act_id is not UNSET and act_id is not None:
        await find(work.session, Act, act_id, field="actId")
    before, after = change(office, {"form": form, "act_id": act_id})
    if after:
        office.version += 1
        await work.session.flush()
        work.record(
            "projectOfficeEdited",
            office,
            node_id=body.id,
            before=before,
            after=after,
            clause="R2023 §55",
        )
    return office


def check_form(kind: StateBodyKind, form: ProjectOfficeForm) -> None:
    """Raise unless a body of this kind may have its office in this form [R2023 §55]."""
    allowed = FORMS[kind]
    if form not in allowed:
        raise RuleRefused(
            "PROJECT_OFFICE_FORM_NOT_ALLOWED",
            clause="R2023 §55",
            field="form",
            form=form,
            kind=kind,
            allowed=[each for each in ProjectOfficeForm if each in allowed],
        )
