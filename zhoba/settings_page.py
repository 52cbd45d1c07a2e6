"""``docs/settings.md``, written from the settings themselves; a test keeps the two equal."""

from __future__ import annotations

import json
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from zhoba.settings import IssuerSettings, Settings

HEAD = """# Settings

An installation is set by environment variables, or by `zhoba.toml` in the folder the command is run
in (`ZHOBA_CONFIG` names another file), where the names are small and without `ZHOBA_`. The
environment wins. Lists and objects are JSON in the environment:

```sh
ZHOBA_DATABASE_URL=postgresql://zhoba@db.example/zhoba
ZHOBA_CORS_ORIGINS='["https://portal.example"]'
ZHOBA_ISSUERS='[{"issuer": "https://id.example", "audience": "zhoba", "jwks": "https://id.example/jwks"}]'
```

| Variable | Default | Meaning |
|---|---|---|
"""

ISSUER_HEAD = """
## An entry of `ZHOBA_ISSUERS`

A person signs in with a token of one of these issuers when an account has the identity
(`iss`, `sub`) linked to it. Keys are fetched again every ten minutes, and for an unknown key id.

| Name | Default | Meaning |
|---|---|---|
"""


def settings_page() -> str:
    """The whole page."""
    rows = [row(f"ZHOBA_{name.upper()}", field) for name, field in Settings.model_fields.items()]
    issuer = [row(name, field) for name, field in IssuerSettings.model_fields.items()]
    return HEAD + "".join(rows) + ISSUER_HEAD + "".join(issuer)


def row(name: str, field: FieldInfo) -> str:
    words = ", ".join(f"`{each}`" for each in options(field.annotation))
    choices = f" Possible: {words}." if words else ""
    return f"| `{name}` | {default(field)} | {field.description}{choices} |\n"


def options(annotation: Any) -> tuple[str, ...]:
    """The words a setting may be, where only some are."""
    if get_origin(annotation) is tuple:
        return options(get_args(annotation)[0])
    found = get_args(annotation)
    return tuple(found) if found and all(isinstance(each, str) for each in found) else ()


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value in ("", ()):
        return "empty"
    if isinstance(value, (bool, int, float, tuple)):
        return f"`{json.dumps(value)}`"
    return f"`{value}`"
