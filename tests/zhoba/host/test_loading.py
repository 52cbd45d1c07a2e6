"""Loading plugins: each fault leaves out its plugin and those that require it, nobody else."""

from __future__ import annotations

import gc
import importlib
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from core.plugins.failure import Failure, Stage
from core.work import Profile
from schema.planner.registry import CompositionError
from zhoba.host import composing
from zhoba.host.failing import PluginsFailed
from zhoba.host.finding import Offer
from zhoba.host.installation import Installation
from zhoba.host.loading import load_installation, put_together, read_plugins

HERE = "tests.plugins_for_tests"
GOOD = {"good": f"{HERE}.good", "leaning": f"{HERE}.leaning"}


FAULTS: dict[str, tuple[str, Stage, str]] = {
    "broken_import": (
        "broken_import",
        Stage.IMPORT,
        f"{HERE}.broken_import cannot be imported (ModuleNotFoundError: No module named "
        "'a_package_nobody_installed'): install what it needs, or mend it.",
    ),
    "exiting": (
        "exiting",
        Stage.IMPORT,
        f"{HERE}.exiting cannot be imported (SystemExit: not today): install what it needs, or "
        "mend it.",
    ),
    "misspelled": (
        "misspelled",
        Stage.HOOKS,
        "on_region_disable takes territory, but is given work, region_id. there is no hook "
        "register_grapql: is it register_graphql? register_jobs lacks @hookimpl.",
    ),
    "nameless": (
        "nameless",
        Stage.INFO,
        "it implements no plugin_info, which every plugin must.",
    ),
    "broken_info": (
        "broken_info",
        Stage.INFO,
        "plugin_info raised ValueError: title needs exactly kk, ru, en. Mend it.",
    ),
    "renamed": (
        "renamed",
        Stage.INFO,
        "its entry point is called renamed, its plugin_info says renamed_since: give both one "
        "name.",
    ),
    "undated": (
        "undated",
        Stage.INFO,
        "its version 'of today' is none: write it like 1.0.2.",
    ),
    "greedy": (
        "greedy",
        Stage.INFO,
        "its prefix project is taken by the core: choose another in plugin_info.",
    ),
    "good_again": (
        "good_again",
        Stage.INFO,
        "its prefix good is taken by good: choose another in plugin_info.",
    ),
    "future": (
        "future",
        Stage.API,
        "it requires zhoba.api >=2.0,<3, this is 1.0: install a release of the plugin made for it.",
    ),
    "vague": (
        "vague",
        Stage.API,
        "requires_api 'the newest' is no version specifier: write it like '>=1.0,<2'.",
    ),
    "orphan": (
        "orphan",
        Stage.DEPENDENCIES,
        "it requires nobody, which is not loaded: install it, or mend it first.",
    ),
    "circle_one": (
        "circle_one",
        Stage.DEPENDENCIES,
        "it requires itself (circle_one -> circle_two -> circle_one): take one of these out.",
    ),
    "circle_two": (
        "circle_two",
        Stage.DEPENDENCIES,
        "it requires itself (circle_one -> circle_two -> circle_one): take one of these out.",
    ),
    "on_circle": (
        "on_circle",
        Stage.DEPENDENCIES,
        "it requires circle_one, which is not loaded: install it, or mend it first.",
    ),
    "squatting": (
        "squatting",
        Stage.TABLES,
        "these names do not begin with its prefix squatting: other_thing. Rename them.",
    ),
    "mistyped": (
        "mistyped",
        Stage.AUTHORITY,
        "register_actions gives coroutine where tuple is expected.",
    ),
    "generous": (
        "generous",
        Stage.AUTHORITY,
        "rule generous:project_manager:generous.give: unknown action generous.give.",
    ),
    "speechless": (
        "speechless",
        Stage.MESSAGES,
        "SPEECHLESS_AT_LAST needs exactly kk, ru, en.",
    ),
    "twofold": (
        "twofold",
        Stage.HANDLERS,
        "it has more than one handler called same.",
    ),
    "impatient": (
        "impatient",
        Stage.HOOKS,
        "can_disable must be written with `async def`.",
    ),
    "untimely": (
        "untimely",
        Stage.JOBS,
        "register_jobs raised ValueError: 'every blue moon' of the job never names no time. "
        "Mend it.",
    ),
    "hard_of_hearing": (
        "hard_of_hearing",
        Stage.HANDLERS,
        "register_event_handlers raised ValueError: the acts of the handler hear are no frozenset "
        'of texts: write acts=frozenset({"projectEdited"}). Mend it.',
    ),
    "raising": (
        "raising",
        Stage.SCHEMA,
        "register_graphql raised LookupError: no such drawer. Mend it.",
    ),
    "public_things": (
        "public",
        Stage.SCHEMA,
        "these types do not say who may read them: PublicThing. Give them `resource` or `levels`.",
    ),
    "unclassified": (
        "unclassified",
        Stage.SCHEMA,
        "Project.secret asks for unclassified.look, which no permission defines.",
    ),
    "naughty": (
        "colliding",
        Stage.SCHEMA,
        "Project.goodMark is declared by good and by naughty; Project.number is declared by core "
        "and by naughty; root field projects is added by core and by naughty.",
    ),
}
"""By the id of a plugin: its module, and at which step and why it is left out."""


@pytest.fixture(scope="module")
def everything() -> Installation:
    """Two plugins without fault among all those that have one."""
    faulty = {id: f"{HERE}.{module}" for id, (module, _, _) in FAULTS.items()}
    return load_installation({**faulty, **GOOD})


@pytest.mark.parametrize("id", FAULTS)
def test_a_fault_is_told_with_its_step(everything: Installation, id: str) -> None:
    (found,) = [failure for failure in everything.failures if failure.plugin == id]
    _, stage, reason = FAULTS[id]
    assert (found.stage, found.reason.rpartition("messages.toml: ")[2]) == (stage, reason)


def test_those_without_fault_are_loaded(everything: Installation) -> None:
    assert [plugin.id for plugin in everything.plugins] == ["good", "leaning"]
    assert [failure.plugin for failure in everything.failures] == sorted(FAULTS)


def test_what_was_left_out_leaves_nothing_behind(everything: Installation) -> None:
    alone = load_installation(GOOD)
    assert everything.schema.as_str() == alone.schema.as_str()
    assert everything.catalogue == alone.catalogue
    assert everything.messages.sentences == alone.messages.sentences
    assert everything.policy(Profile.R2023).version == alone.policy(Profile.R2023).version


def test_whoever_is_required_comes_first_whatever_the_order_of_offers() -> None:
    forward = read_plugins([Offer(*each) for each in GOOD.items()], None)
    backward = read_plugins([Offer(*each) for each in reversed(GOOD.items())], None)
    assert [plugin.id for plugin in forward.plugins] == ["good", "leaning"]
    assert [plugin.id for plugin in backward.plugins] == ["good", "leaning"]


def test_only_those_chosen_are_imported() -> None:
    found = read_plugins({**GOOD, "exiting": f"{HERE}.exiting"}, ["good"])
    assert ([plugin.id for plugin in found.plugins], found.failures) == (["good"], [])


def test_one_that_is_chosen_and_not_installed_is_told_of() -> None:
    assert read_plugins(GOOD, ["good", "gone"]).failures == [
        Failure(
            "gone",
            Stage.IMPORT,
            "no installed package offers the plugin gone: install one, or take gone out of the "
            "setting `plugins`.",
        )
    ]


def test_an_id_that_two_packages_offer_is_refused() -> None:
    twice = [Offer("good", f"{HERE}.good"), Offer("good", f"{HERE}.leaning")]
    found = read_plugins(twice, None)
    assert (found.plugins, [failure.reason for failure in found.failures]) == (
        [],
        [f"{HERE}.good and {HERE}.leaning both call themselves good: uninstall all but one."],
    )


def test_strict_stops_with_every_failure() -> None:
    faulty = {id: f"{HERE}.{FAULTS[id][0]}" for id in ("nameless", "raising")}
    with pytest.raises(PluginsFailed) as stopped:
        load_installation({**GOOD, **faulty}, strict=True)
    assert [failure.plugin for failure in stopped.value.failures] == ["nameless", "raising"]
    assert str(stopped.value).splitlines() == [
        "nameless was left out while reading what it says of itself: it implements no "
        "plugin_info, which every plugin must.",
        "raising was left out while composing the schema with its types and fields: "
        "register_graphql raised LookupError: no such drawer. Mend it.",
    ]


def test_the_log_has_the_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "zhoba.host"):
        load_installation({"raising": f"{HERE}.raising"})
    assert "no such drawer" in caplog.text
    assert "Traceback" in caplog.text


def failing_with(monkeypatch: pytest.MonkeyPatch, owner: str, error: Exception) -> None:
    """Let composing fail as soon as ``owner`` has part in it."""
    compose = composing.compose

    def compose_or_fail(parts: Any, *given: Any, **options: Any) -> Any:
        if any(part.owner == owner for part in parts):
            raise error
        return compose(parts, *given, **options)

    monkeypatch.setattr(composing, "compose", compose_or_fail)


@pytest.mark.parametrize("error", [KeyError("odd"), CompositionError([])])
def test_the_culprit_of_an_unexpected_error_goes_with_its_dependents(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    failing_with(monkeypatch, "good", error)
    left = load_installation({**GOOD, "untouched": f"{HERE}.untouched"})
    assert [plugin.id for plugin in left.plugins] == ["untouched"]
    assert [(failure.plugin, failure.stage) for failure in left.failures] == [
        ("good", Stage.SCHEMA),
        ("leaning", Stage.DEPENDENCIES),
    ]


def test_a_fault_of_the_core_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_with(monkeypatch, "core", KeyError("a bug"))
    with pytest.raises(KeyError, match="a bug"):
        load_installation(GOOD)


def test_a_code_that_the_core_has_is_refused() -> None:
    candidates = read_plugins(GOOD, None)
    texts: Mapping[str, str] = {"kk": "a", "ru": "b", "en": "c"}
    candidates.plugins = [
        replace(plugin, sentences={"NOT_FOUND": texts}) if plugin.id == "leaning" else plugin
        for plugin in candidates.plugins
    ]
    found = put_together(candidates, strict=False)
    assert [(failure.plugin, failure.reason) for failure in found.failures] == [
        ("leaning", "NOT_FOUND defined already: rename them.")
    ]


def test_what_a_code_has_left_out_leaves_nothing_behind() -> None:
    candidates = read_plugins(GOOD, None)
    texts: Mapping[str, str] = {"kk": "a", "ru": "b", "en": "c"}
    sentences = {"good": {"NOT_FOUND": texts}, "leaning": {"LEANING_LATE": texts}}
    candidates.plugins = [
        replace(plugin, sentences=sentences.get(plugin.id, {})) for plugin in candidates.plugins
    ]
    found = put_together(candidates, strict=False)
    assert {failure.plugin for failure in found.failures} == {"good", "leaning"}
    assert "good.read" not in found.catalogue.permissions
    assert "LEANING_LATE" not in found.messages.sentences


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_is_collected_afterwards_as_before(enabled: bool) -> None:
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(PluginsFailed):
            load_installation({"nameless": f"{HERE}.nameless"}, strict=True)
        assert gc.isenabled() is enabled
    finally:
        gc.enable()


def test_a_hook_is_called_with_what_it_takes(everything: Installation) -> None:
    good = everything.plugin("good")
    assert good.call("can_disable", work=None, region_id=1) is None
    assert good.call("plugin_info") is not None
    assert good.module is importlib.import_module(f"{HERE}.good")
    with pytest.raises(KeyError):
        everything.plugin("raising")
