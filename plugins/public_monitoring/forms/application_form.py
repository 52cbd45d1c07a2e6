"""The application for public monitoring [R2023 App.3]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from plugins.public_monitoring.forms.blocks import (
    Addressee,
    Block,
    Corner,
    Filled,
    Paragraph,
    Signature,
    Title,
)
from plugins.public_monitoring.forms.days import day_in_figures
from plugins.public_monitoring.forms.texts import APPLICATION, MonitoringFormLanguage


@dataclass(frozen=True)
class FormMember:
    """A member as the form names them; ``iin`` is masked whoever reads the form."""

    name: str
    iin: str
    email: str
    signed: str | None
    signed_on: date | None


@dataclass(frozen=True)
class ApplicationForm:
    """What is entered into the form.

    ``objects`` are the names of the project or of its groups; ``place`` is where the project is.
    """

    body: str
    members: Sequence[FormMember]
    objects: Sequence[str]
    place: str | None
    about_groups: bool
    wants_system: bool
    wants_territory: bool


def application_blocks(form: ApplicationForm, language: MonitoringFormLanguage) -> Sequence[Block]:
    """The form, filled in."""
    words = APPLICATION[language]
    target = "groups" if form.about_groups else "project"
    named = "; ".join(f"«{name}»" for name in form.objects)
    asked = [
        *([words["system"]] if form.wants_system else []),
        *([words[f"territory_{target}"]] if form.wants_territory else []),
    ]
    return [
        Corner(words["appendix"].splitlines()),
        Addressee(
            [
                Filled(form.body, words["body"]),
                *(
                    Filled(
                        ", ".join(filter(None, (member.name, member.iin, member.email))),
                        words["member"],
                    )
                    for member in form.members
                ),
            ]
        ),
        Title(words["title"]),
        Paragraph(
            [
                words[f"we_{target}"],
                Filled(", ".join(filter(None, (named, form.place)))),
                f" ({words[target]}).",
            ]
        ),
        Paragraph([capitalized(words["ask_first"] + words["and"].join(asked) + words["ask"])]),
        Paragraph([words["attached"]]),
        *(
            Signature(
                words["name"],
                [
                    Filled(member.name),
                    Filled(member.signed or "", words["signature"]),
                    Filled(
                        day_in_figures(member.signed_on) if member.signed_on else "", words["date"]
                    ),
                ],
            )
            for member in form.members
        ),
    ]


def capitalized(sentence: str) -> str:
    """The sentence with a capital letter at its beginning; the others stay."""
    return sentence[:1].upper() + sentence[1:]
