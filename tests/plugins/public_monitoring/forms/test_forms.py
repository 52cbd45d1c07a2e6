"""The two forms, filled in: their words, and documents that say the same in both formats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from docx import Document

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
from plugins.public_monitoring.forms.pdf import pdf, pictures
from plugins.public_monitoring.forms.texts import ANSWER, APPLICATION, MonitoringFormLanguage

DAY = date(2026, 3, 20)
KK, RU = MonitoringFormLanguage.KK, MonitoringFormLanguage.RU

APPLIED = ApplicationForm(
    body="Қарағанды облысының әкімдігі",
    members=[
        FormMember("Әбдірахманов Қайрат", "******1234", "k@example.kz", "ЭЦҚ", DAY),
        FormMember("Ғалымова Іңкәр", "******5678", "i@example.kz", None, None),
    ],
    objects=["№ 5 мектеп"],
    place="Қарағанды қ.",
    about_groups=False,
    wants_system=True,
    wants_territory=True,
)

ANSWERED = AnswerForm(
    number="12-05/77",
    dated_on=DAY,
    addressees=["Әбдірахманов Қайрат", "Ғалымова Іңкәр"],
    system=Granted(["№ 5 мектеп"], about_groups=False),
    territory=Admitted(datetime(2026, 4, 1, 5, tzinfo=UTC), "Бұқар жырау д-лы, 1"),
    manager="Серіков Бауыржан, +7 701 000 00 00",
    signed_by="Жұмабаева Гүлнәр",
)


def lines(blocks: Sequence[Block]) -> list[str]:
    """What the paragraphs of the document say."""
    return [each.text for each in Document(BytesIO(docx(blocks, DAY))).paragraphs]


def test_application_says_what_appendix_3_says() -> None:
    assert lines(application_blocks(APPLIED, KK)) == [
        "Жобалық басқаруды\nжүзеге асыру қағидаларына\n3-қосымша",
        "Қарағанды облысының әкімдігі\nөтінім жіберілетін мемлекеттік органның атауы",
        f"Әбдірахманов Қайрат, ******1234, k@example.kz\n{APPLICATION[KK]['member']}",
        f"Ғалымова Іңкәр, ******5678, i@example.kz\n{APPLICATION[KK]['member']}",
        "Қоғамдық мониторинг жүргізу туралы өтінім",
        "Біз, жобаның қоғамдық мониторингі тобының мүшелері «№ 5 мектеп», Қарағанды қ. "
        "(жобаның атауы, жобаның орналасқан жері).",
        "Жобалық басқарудың ақпараттық жүйесіне және жоғарыда көрсетілген жоба шеңберінде "
        "құрылатын/құрылған объектінің/объектілердің аумағына кіруге рұқсат беруді сұраймыз.",
        APPLICATION[KK]["attached"],
        "Тегі, аты, әкесінің аты (бар болса) Әбдірахманов Қайрат ЭЦҚ (қолы) 20.03.2026 (күні)",
        "Тегі, аты, әкесінің аты (бар болса) Ғалымова Іңкәр ________________ (қолы) "
        "________________ (күні)",
    ]


@pytest.mark.parametrize(
    ("system", "territory", "asks"),
    [
        (True, False, "Просим предоставить доступ в информационную систему проектного управления."),
        (
            False,
            True,
            "Просим предоставить доступ на территорию объекта/объектов, создаваемого/созданного "
            "(создаваемых/созданных) в рамках вышеуказанной группы проектов.",
        ),
    ],
)
def test_application_asks_for_what_is_wanted_alone(
    system: bool, territory: bool, asks: str
) -> None:
    form = replace(
        APPLIED,
        objects=["Мектептер", "Жолдар"],
        place=None,
        about_groups=True,
        wants_system=system,
        wants_territory=territory,
    )
    said = lines(application_blocks(form, RU))
    assert said[6] == asks
    assert said[5].endswith("«Мектептер»; «Жолдар» (перечень групп проектов).")


def test_answer_says_what_appendix_4_says_and_holds_no_password() -> None:
    assert lines(answer_blocks(ANSWERED, KK))[1:] == [
        "Мемлекеттік органның жауабы",
        '2026 жылғы "20" наурыз № 12-05/77',
        "Әбдірахманов Қайрат",
        "Ғалымова Іңкәр",
        "Құрметті Әбдірахманов Қайрат, Ғалымова Іңкәр!",
        "Сізге жобалық басқарудың ақпараттық жүйесіне логин жеке шақыру бойынша, пароль жеке "
        "шақыру бойынша, жоба сілтемесі бойынша «№ 5 мектеп» арқылы рұқсат берілді.",
        "Жоба жетекшісі Серіков Бауыржан, +7 701 000 00 00 "
        "(тегі, аты, әкесінің аты (бар болса), телефоны).",
        "Қоғамдық мониторинг объектісінің аумағына кіруге сіздің қоғамдық мониторинг тобыңызға "
        "01.04.2026, 10:00 (күні, уақыты) жоба/жобалар мекенжайы бойынша Бұқар жырау д-лы, 1 "
        "рұқсат етіледі.",
        "Мемлекеттік органның құрылымдық бөлімшесінің басшысы Жұмабаева Гүлнәр "
        "(Тегі, аты, әкесінің аты (бар болса))",
    ]


def test_answer_names_the_reasons_of_a_refusal_and_leaves_out_what_was_not_asked() -> None:
    form = replace(
        ANSWERED, system=NotAllowed("құрам 18-тармаққа сай емес"), territory=None, manager=None
    )
    said = lines(answer_blocks(form, RU))
    assert said[6] == (
        "Вам не предоставляется доступ в информационную систему проектного управления по "
        "следующим причинам: құрам 18-тармаққа сай емес (перечисление причин и их обоснование)."
    )
    assert len(said) == 8
    assert said[5] == "Уважаемые Әбдірахманов Қайрат, Ғалымова Іңкәр!"
    alone = replace(form, addressees=["Ғалымова Іңкәр"])
    assert lines(answer_blocks(alone, RU))[4] == "Уважаемый(ая) Ғалымова Іңкәр!"
    refused = replace(ANSWERED, territory=NotAllowed("құрылыс қауіпті"))
    assert lines(answer_blocks(refused, RU))[8].startswith(
        ANSWER[RU]["territory_refused"] + "құрылыс қауіпті"
    )


@pytest.mark.parametrize("language", MonitoringFormLanguage)
def test_forms_fill_one_page_and_are_the_same_bytes_again(language: MonitoringFormLanguage) -> None:
    for blocks in (application_blocks(APPLIED, language), answer_blocks(ANSWERED, language)):
        made = pdf(blocks, language, DAY)
        assert made.startswith(b"%PDF-")
        assert made == pdf(blocks, language, DAY)
        (picture,) = pictures(blocks, language, DAY)
        assert picture.startswith(b"\x89PNG")


def test_what_was_entered_is_never_read_as_markup() -> None:
    plain = replace(APPLIED, body="A")
    marked = replace(APPLIED, body='#panic("x") $ \\ *a* @b <c> `d`')
    assert lines(application_blocks(marked, KK))[1].startswith(marked.body)
    shown = pictures(application_blocks(marked, KK), KK, DAY)
    assert shown != pictures(application_blocks(plain, KK), KK, DAY)
