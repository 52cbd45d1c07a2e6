"""The module plugins import keeps its names and signatures until its version says otherwise."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from zhoba import api
from zhoba.deprecating import Deprecated, deprecated_names

OURS = ("core", "schema", "migrations", "zhoba")

SNAPSHOT = Path(__file__).with_name("api_snapshot.txt")


def described(name: str, value: Any) -> str:
    """A name as the snapshot shows it: what it takes, or what it holds."""
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return f"enum {name}: {', '.join(member.name for member in value)}"
    if dataclasses.is_dataclass(value):
        fields = ", ".join(
            f"{field.name}: {field.type}" + ("" if required(field) else " = ...")
            for field in dataclasses.fields(value)
            if field.init
        )
        return f"class {name}({fields})"
    if isinstance(value, type) and hasattr(value, "__table__"):
        columns = ", ".join(column.name for column in value.__table__.columns)
        return f"table {name}: {columns}"
    if isinstance(value, type) and issubclass(value, Exception):
        return f"class {name}{plain(inspect.signature(value))}"
    if isinstance(value, type):
        return f"class {name}: {', '.join(public_names(value))}"
    if callable(value) and inspect.isroutine(value):
        kind = "async def" if inspect.iscoroutinefunction(value) else "def"
        return f"{kind} {name}{plain(inspect.signature(value))}"
    if isinstance(value, str):
        return f"{name} = {value!r}"
    return f"{name}: {type(value).__name__}"


def required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def public_names(cls: type) -> list[str]:
    """What our own classes among its bases define."""
    ours = [base for base in cls.__mro__ if base.__module__.split(".")[0] in OURS]
    return sorted({name for base in ours for name in vars(base) if not name.startswith("_")})


def plain(signature: inspect.Signature) -> str:
    """A signature without places in memory, and without which module a name lies in."""
    return re.sub(r"<[\w.]*?(\w+)(?: object)? at 0x[0-9a-f]+>", r"<\1>", str(signature))


def snapshot() -> str:
    lines = [described(name, getattr(api, name)) for name in api.__all__]
    return "\n".join(lines) + "\n"


def test_names_and_signatures_are_those_of_this_version() -> None:
    assert SNAPSHOT.read_text("utf-8") == snapshot(), (
        "zhoba.api changed. Plugins rely on it: bump API_VERSION (a minor for what was added, a "
        "major for what broke, after a minor in which it warned), then write the new snapshot with "
        "`python -m tests.zhoba.test_api`."
    )


def test_every_name_says_what_it_is() -> None:
    silent = [
        name
        for name in api.__all__
        if (value := getattr(api, name)) is not None
        and (inspect.isclass(value) or inspect.isfunction(value))
        and not (value.__doc__ or "").strip()
    ]
    assert silent == []


def test_names_are_sorted_and_given_once() -> None:
    assert sorted(set(api.__all__)) == sorted(api.__all__)


def test_nothing_stays_deprecated_for_longer_than_one_minor() -> None:
    assert {name: old.since for name, old in api.DEPRECATED.items()} == dict.fromkeys(
        api.DEPRECATED, api.API_VERSION
    )
    assert len(Version(api.API_VERSION).release) == 2


def test_a_deprecated_name_works_and_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    old = Deprecated(value=api.require_enabled, since="1.0", replacement="require_enabled")
    monkeypatch.setitem(api.DEPRECATED, "demand_enabled", old)
    with pytest.warns(DeprecationWarning, match="demand_enabled") as told:
        assert api.demand_enabled is api.require_enabled
    (warning,) = told.list
    assert str(warning.message) == (
        "zhoba.api.demand_enabled is deprecated since 1.0 and goes with the next minor: use "
        "require_enabled"
    )
    assert warning.filename == __file__


def test_a_name_that_never_was_is_missing() -> None:
    with pytest.raises(AttributeError, match=r"module 'zhoba.api' has no attribute 'no_such'"):
        api.no_such  # noqa: B018
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not hasattr(api, "neither_this")


def test_deprecated_names_of_a_module_are_its_own() -> None:
    find = deprecated_names("some.module", {})
    with pytest.raises(AttributeError, match=r"module 'some\.module' has no attribute 'x'"):
        find("x")


if __name__ == "__main__":
    SNAPSHOT.write_text(snapshot(), "utf-8")
