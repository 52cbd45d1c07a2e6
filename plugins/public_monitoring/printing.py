"""The application and the answer as documents in the layout of the Rules [R2023 App.3, App.4].

A document is a copy of whoever asked for it: only they open it, and it is gone a day later. It
shows identification numbers masked, so that no file ever holds one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from plugins.public_monitoring.access import CHECK, READ, SUBMIT
from plugins.public_monitoring.forms.answer_form import (
    Admitted,
    AnswerForm,
    Granted,
    NotAllowed,
    answer_blocks,
)
from plugins.public_monitoring.forms.application_form import (
    ApplicationForm,
    FormMember,
    application_blocks,
)
from plugins.public_monitoring.forms.blocks import Block
from plugins.public_monitoring.forms.docx import docx
from plugins.public_monitoring.forms.pdf import pdf
from plugins.public_monitoring.forms.texts import MonitoringFormLanguage
from plugins.public_monitoring.loading import (
    is_own,
    members_of,
    own_membership,
    require_submitted,
    targets_of,
)
from plugins.public_monitoring.membership import masked_iin
from plugins.public_monitoring.models import (
    MonitoringApplication,
    MonitoringMember,
    MonitoringResponse,
    MonitoringTargetKind,
    MonitoringTerritoryAnswer,
)
from plugins.public_monitoring.signing import LINK
from plugins.public_monitoring.states import UNNAMED
from zhoba.api import (
    COUNTRY_TIME,
    AdministrativeUnit,
    File,
    Named,
    NotFound,
    Person,
    Project,
    ProjectGroup,
    ProjectLocation,
    Region,
    StateBody,
    Work,
    WrongState,
    find,
    store_file,
)


class MonitoringForm(enum.Enum):
    """Which document."""

    APPLICATION = "the application, appendix 3 to the Rules"
    ANSWER = "the answer of the state body, appendix 4 to the Rules"


class MonitoringFileFormat(enum.Enum):
    """What the document is opened with."""

    DOCX = "a word processor"
    PDF = "any reader, ready to print"


BY_LINK = {
    MonitoringFormLanguage.KK: "жеке сілтемемен расталды",
    MonitoringFormLanguage.RU: "подтверждено по личной ссылке",
}
BY_CERTIFICATE = {
    MonitoringFormLanguage.KK: "электрондық қолтаңбамен расталды",
    MonitoringFormLanguage.RU: "подтверждено электронной подписью",
}


async def make_document(
    work: Work,
    application_id: int,
    form: MonitoringForm,
    format: MonitoringFileFormat,
    language: MonitoringFormLanguage,
) -> File:
    """Make the application, or the answer to it, as a document in the layout of the Rules.

    It is the reader's own copy, fetched with ``prepareDownload`` within a day; identification
    numbers are masked. Raises ``MONITORING_NOT_ANSWERED``.
    """
    application = await readable(work, application_id)
    if form is MonitoringForm.APPLICATION:
        day = (application.submitted_at or application.created_at).astimezone(COUNTRY_TIME).date()
        blocks = application_blocks(await application_form(work, application, language), language)
    else:
        response = await answer_to(work, application)
        day = response.dated_on
        blocks = answer_blocks(await answer_form(work, application, response, language), language)
    name = f"{form.name}-{application.id}-{language.name}.{format.name}".lower()
    return await store_file(work, written(blocks, format, language, day), name=name)


def written(
    blocks: Sequence[Block],
    format: MonitoringFileFormat,
    language: MonitoringFormLanguage,
    day: Any,
) -> bytes:
    if format is MonitoringFileFormat.PDF:
        return pdf(blocks, language, day)
    return docx(blocks, day)


async def readable(work: Work, application_id: int) -> MonitoringApplication:
    """An application, for its group and, once it was submitted, for who may read it at the body."""
    found = await find(work.session, MonitoringApplication, application_id, field="applicationId")
    if (await work.may(SUBMIT, found.body_id)).allowed:
        try:
            await own_membership(work, found)
        except NotFound:
            pass
        else:
            return found
    await work.require(READ, found.node_id, field="applicationId")
    require_submitted(found)
    return found


async def answer_to(work: Work, application: MonitoringApplication) -> MonitoringResponse:
    found: MonitoringResponse | None = await work.session.scalar(
        select(MonitoringResponse).where(MonitoringResponse.application_id == application.id)
    )
    if found is None:
        raise WrongState("MONITORING_NOT_ANSWERED", clause="R2023 App.4", field="form")
    return found


async def application_form(
    work: Work, application: MonitoringApplication, language: MonitoringFormLanguage
) -> ApplicationForm:
    """What is entered into appendix 3."""
    about_groups = application.target_kind is MonitoringTargetKind.PROJECT_GROUPS
    objects = [] if application.object_title is None else [application.object_title]
    place = None
    if application.state not in UNNAMED:  # as :data:`UNNAMED` says of names
        found = await monitored(work, application)
        objects = [name_in(language, each) for each in found]
        place = None if about_groups else await place_of(work, found[0].id, language)
    return ApplicationForm(
        body=name_in(language, await work.session.get_one(StateBody, application.body_id)),
        members=[
            await form_member(work, application, member, language)
            for member in await members_of(work, application.id)
        ],
        objects=objects,
        place=place,
        about_groups=about_groups,
        wants_system=application.wants_system,
        wants_territory=application.wants_territory,
    )


async def form_member(
    work: Work,
    application: MonitoringApplication,
    member: MonitoringMember,
    language: MonitoringFormLanguage,
) -> FormMember:
    """A member; the address only of oneself, and for who checks applications of others."""
    signed = member.confirmed_at
    words = BY_LINK if member.signature_kind == LINK else BY_CERTIFICATE
    checks = member.person_id == work.actor.person_id or (
        (await work.may(CHECK, application.node_id)).allowed
        and not await is_own(work, application.id)
    )
    return FormMember(
        name=(await work.session.get_one(Person, member.person_id)).full_name,
        iin=masked_iin(work.seal, member.iin_sealed) or "",
        email=(member.email or "") if checks else "",
        signed=words[language] if signed else None,
        signed_on=signed.astimezone(COUNTRY_TIME).date() if signed else None,
    )


async def answer_form(
    work: Work,
    application: MonitoringApplication,
    response: MonitoringResponse,
    language: MonitoringFormLanguage,
) -> AnswerForm:
    """What is entered into appendix 4."""
    refused = NotAllowed(response.reasons or "")
    system: Granted | NotAllowed | None = None
    if application.wants_system:
        system = refused
        if response.granted:
            names = [name_in(language, each) for each in await monitored(work, application)]
            system = Granted(names, application.target_kind is MonitoringTargetKind.PROJECT_GROUPS)
    territory: Admitted | NotAllowed | None = None
    if response.territory is MonitoringTerritoryAnswer.ALLOWED:
        assert response.territory_at is not None
        territory = Admitted(response.territory_at, response.territory_address or "")
    elif response.territory is MonitoringTerritoryAnswer.REFUSED:
        territory = refused
    addressees = [member.person_id for member in await members_of(work, application.id)]
    manager = [] if response.manager_id is None else [response.manager_id]
    signed_by = [] if response.signed_by_id is None else [response.signed_by_id]
    phone = [response.manager_phone] if response.manager_phone else []
    return AnswerForm(
        number=response.number,
        dated_on=response.dated_on,
        addressees=await full_names(work, addressees),
        system=system,
        territory=territory,
        manager=", ".join([*await full_names(work, manager), *phone]) or None,
        signed_by=", ".join(await full_names(work, signed_by)),
    )


async def full_names(work: Work, ids: Iterable[int]) -> list[str]:
    return [(await work.session.get_one(Person, each)).full_name for each in ids]


async def monitored(work: Work, application: MonitoringApplication) -> list[Project | ProjectGroup]:
    """The project, or the groups, an application is about."""
    about_groups = application.target_kind is MonitoringTargetKind.PROJECT_GROUPS
    model: type[Any] = ProjectGroup if about_groups else Project
    targets = await targets_of(work, application.id)
    return [await work.session.get_one(model, each) for each in targets]


async def place_of(work: Work, project_id: int, language: MonitoringFormLanguage) -> str | None:
    """Where a project happens: its first place that says so, from the region to the address."""
    place = await work.session.scalar(
        select(ProjectLocation)
        .where(ProjectLocation.project_id == project_id, ProjectLocation.nationwide.is_(False))
        .order_by(ProjectLocation.id)
        .limit(1)
    )
    if place is None:
        return None
    named = [
        name_in(language, await work.session.get_one(model, key))
        for model, key in (
            (Region, place.region_id),
            (AdministrativeUnit, place.administrative_unit_id),
        )
        if key is not None
    ]
    return ", ".join([*named, *([place.address] if place.address else [])]) or None


def name_in(language: MonitoringFormLanguage, named: Named) -> str:
    """A name in the language of the document, or in whichever there is."""
    first, second = named.name_kk, named.name_ru
    if language is MonitoringFormLanguage.RU:
        first, second = second, first
    return first or second or named.name_en or ""
