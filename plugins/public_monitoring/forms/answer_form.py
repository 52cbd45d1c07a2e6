"""The state body's answer to an application [R2023 App.4].

Where the form has a login and a password it says "by personal invitation": each member gets a
one-time link, and no password exists that a letter could carry (product default).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from plugins.public_monitoring.forms.blocks import (
    Addressee,
    Block,
    Corner,
    Filled,
    Line,
    Paragraph,
    Signature,
    Title,
)
from plugins.public_monitoring.forms.days import day_in_words, moment_in_figures
from plugins.public_monitoring.forms.texts import ANSWER, MonitoringFormLanguage

Words = Mapping[str, str]


@dataclass(frozen=True)
class Granted:
    """Access to the information system: which objects, and where they are found."""

    objects: Sequence[str]
    about_groups: bool


@dataclass(frozen=True)
class Admitted:
    """Access to the territory on a day and hour, at an address."""

    at: datetime
    address: str


@dataclass(frozen=True)
class NotAllowed:
    """No access, for listed reasons with their grounds."""

    reasons: str


@dataclass(frozen=True)
class AnswerForm:
    """What is entered into the form; ``system`` or ``territory`` None: not asked for."""

    number: str
    dated_on: date
    addressees: Sequence[str]
    system: Granted | NotAllowed | None
    territory: Admitted | NotAllowed | None
    manager: str | None
    signed_by: str


def answer_blocks(form: AnswerForm, language: MonitoringFormLanguage) -> Sequence[Block]:
    """The form, filled in."""
    words = ANSWER[language]
    return [
        Corner(words["appendix"].splitlines()),
        Title(words["title"]),
        Line([day_in_words(form.dated_on, language), " № ", Filled(form.number)]),
        Addressee([Filled(name) for name in form.addressees]),
        Line(
            [
                words["dear_all" if len(form.addressees) > 1 else "dear"],
                Filled(", ".join(form.addressees)),
                "!",
            ]
        ),
        *([system_paragraph(form.system, words)] if form.system else []),
        *(
            [Paragraph([words["manager"], Filled(form.manager), f" ({words['manager_caption']})."])]
            if form.manager
            else []
        ),
        *([territory_paragraph(form.territory, words)] if form.territory else []),
        Signature(words["head"], [Filled(form.signed_by, words["name"])]),
    ]


def system_paragraph(answer: Granted | NotAllowed, words: Words) -> Paragraph:
    if isinstance(answer, NotAllowed):
        return refusal(words["refused"], answer, words)
    link = words["groups_link" if answer.about_groups else "project_link"]
    invitation = Filled(words["by_invitation"])
    return Paragraph(
        [
            words["granted"],
            invitation,
            words["password"],
            invitation,
            link,
            Filled("; ".join(f"«{name}»" for name in answer.objects)),
            words["granted_end"],
        ]
    )


def territory_paragraph(answer: Admitted | NotAllowed, words: Words) -> Paragraph:
    if isinstance(answer, NotAllowed):
        return refusal(words["territory_refused"], answer, words)
    return Paragraph(
        [
            words["territory_allowed"],
            Filled(moment_in_figures(answer.at)),
            f" ({words['at']})",
            words["territory_address"],
            Filled(answer.address),
            words["territory_allowed_end"],
        ]
    )


def refusal(lead: str, answer: NotAllowed, words: Words) -> Paragraph:
    return Paragraph([lead, Filled(answer.reasons), f" ({words['reasons']})."])
