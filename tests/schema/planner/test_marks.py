"""Marks in the text of a statement, and the answer without them."""

from __future__ import annotations

import pytest

from schema.planner.marks import (
    DENIED,
    DENIED_VALUE,
    OFF,
    PERSONAL,
    WORK,
    Denial,
    PersonalRead,
    Settled,
    mark,
    raw,
    settle,
    switched_off,
)

READ, IIN = Denial("project.read", ((1, 5),)), Denial("person.read_personal", ((1, 9), (2, 1)))


def no_work(number: int, given: str) -> str:
    raise AssertionError(number, given)


def test_a_text_without_marks_is_the_answer() -> None:
    text = '{"a":"NaN \\u0001 \\u0002d0","b":[1,{}]}'
    assert settle(text, (), no_work) == Settled(text)
    assert raw(text) == ({"a": "NaN \x01 \x02d0", "b": [1, {}]}, ())


def test_what_is_denied_is_null_and_its_place_is_told_in_the_order_of_the_text() -> None:
    one, other = mark(DENIED, 0), mark(DENIED, 1)
    text = f'{{"a":{one},"n":[{{"b":"x","c":{other}}},{{"b":null,"c":{one}}}],"z":{one}}}'
    settled = settle(text, [READ, IIN], no_work, "p")
    assert settled.text == '{"a":null,"n":[{"b":"x","c":null},{"b":null,"c":null}],"z":null}'
    assert settled.denied == [
        (('"p","a"', ("p", "a")), READ),
        (('"p","n",0,"c"', ("p", "n", "c")), IIN),
        (('"p","n",1,"c"', ("p", "n", "c")), READ),
        (('"p","z"', ("p", "z")), READ),
    ]  # fmt: skip
    value, personal = raw(text)
    assert value["n"][0] == {"b": "x", "c": DENIED_VALUE}
    assert repr(DENIED_VALUE) == "DENIED"
    assert personal == ()


def test_whose_personal_data_is_shown_is_told_once_for_each_object() -> None:
    def shown(key: int, name: str) -> str:
        return mark(PERSONAL, f"Person:{key} {name}")

    text = (
        f'[{{"p":"+7"{shown(1, "phone")},"q":"+7"{shown(1, "phone")},"iin":{mark(DENIED, 1)}}},'
        f'{{"iin":"9"{shown(2, "iin")},"e":null{shown(2, "email")}}}]'
    )
    settled = settle(text, [READ, IIN], no_work, "x")
    assert settled.text == '[{"p":"+7","q":"+7","iin":null},{"iin":"9","e":null}]'
    assert settled.denied == [(('"x",0,"iin"', ("x", "iin")), IIN)]
    reads = (PersonalRead("Person:1", ("phone",)), PersonalRead("Person:2", ("email", "iin")))
    assert settled.personal == reads
    assert raw(text)[1] == reads


def test_the_input_of_what_is_worked_out_gives_way_to_its_value() -> None:
    work = mark(WORK, '0:["x:y",null]')
    text = f'{{"a":{work},"b":{mark(DENIED, 0)}}}'
    settled = settle(text, [READ], lambda number, given: f'"{number} {len(given)}"', "x")
    assert settled.text == '{"a":"0 12","b":null}'
    assert settled.denied == [(('"x","b"', ("x", "b")), READ)]
    assert raw(text)[0] == {"a": ["x:y", None], "b": DENIED_VALUE}


@pytest.mark.parametrize(
    ("text", "off"),
    [
        (mark(OFF, '["visits",null]'), ("visits", None)),
        (mark(OFF, '["visits","KZ-71"]'), ("visits", "KZ-71")),
        ('{"a":1}', None),
        ("null", None),
    ],
)
def test_an_answer_may_say_only_which_plugin_is_off(text: str, off: object) -> None:
    assert switched_off(text) == off
