"""The pages of ``docs/`` that list things, drawn from the things: ``python -m zhoba.pages``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.authority.catalogue import Grant, ImpliedRole, Role, core_catalogue
from core.hierarchy.stages_page import stages_page
from core.messages import Messages, code_of
from core.work import Profile
from zhoba.settings_page import settings_page

DOCS = Path(__file__).parents[1] / "docs"


def errors_page() -> str:
    """Every code with its three sentences."""
    lines = [
        "# Error codes",
        "",
        "Every refusal and warning carries one of these codes, the clause of the Rules it",
        'rests on (or "product default"), and its numbers. Refusals of an act are `userErrors`',
        "of the mutation; who-are-you, may-not, limits and internal errors are `errors` of the",
        "answer, with `extensions { code params clause correlationId }`. The sentence follows",
        "`Accept-Language` (kk, ru, en).",
        "",
        "| Code | English | Kazakh | Russian |",
        "|---|---|---|---|",
    ]
    sentences = Messages.load().sentences
    for code in sorted(sentences):
        texts = sentences[code]
        lines.append(f"| `{code_of(code)}` | {texts['en']} | {texts['kk']} | {texts['ru']} |")
    return "\n".join(lines) + "\n"


def permissions_page() -> str:
    """Every permission, what it means, where it comes from, and who holds it."""
    lines = [
        "# Permissions and roles",
        "",
        "A permission is `resource.action`. *Planned* ones wait for an act that uses them. A role",
        "holds a permission at its node and below; words in brackets say where else, or under",
        "which condition.",
        "",
        "| Permission | Meaning | Basis | Held by |",
        "|---|---|---|---|",
    ]
    catalogue = core_catalogue()
    held_by: dict[str, list[str]] = {code: [] for code in catalogue.permissions}
    holders: list[Role | ImpliedRole] = [*catalogue.roles.values(), *catalogue.implied.values()]
    for role in holders:
        for grant in grants_of(role):
            where = [
                part for part in (grant.relation, grant.condition) if part not in (None, "tree")
            ]
            for code in grant.permissions:
                held_by[code].append(f"{role.code} ({', '.join(where)})" if where else role.code)
    for code in sorted(catalogue.permissions):
        permission = catalogue.permissions[code]
        planned = " *(planned)*" if permission.planned else ""
        held = ", ".join(dict.fromkeys(held_by[code]))
        lines.append(f"| `{code}`{planned} | {permission.meaning} | {permission.ref} | {held} |")
    lines += [
        "",
        "## Roles",
        "",
        "| Code | English | Kazakh | Russian | Held at | Basis |",
        "|---|---|---|---|---|---|",
    ]
    for listed in catalogue.roles.values():
        places = sorted(kind.name for kind in listed.node_kinds[Profile.R2023])
        texts = " | ".join(listed.labels[language] for language in ("en", "kk", "ru"))
        lines.append(f"| `{listed.code}` | {texts} | {', '.join(places)} | {listed.ref} |")
    return "\n".join(lines) + "\n"


def grants_of(role: Role | ImpliedRole) -> tuple[Grant, ...]:
    """What a role may do under the edition in force."""
    return role.grants[Profile.R2023] if isinstance(role, Role) else role.grants


PAGES: dict[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "permissions.md": permissions_page,
    "settings.md": settings_page,
    "stages.md": stages_page,
}
"""File in ``docs/`` and what draws it; a test compares them."""


def write_pages() -> None:
    """Draw all pages anew."""
    for name, draw in PAGES.items():
        (DOCS / name).write_text(draw(), "utf-8")


if __name__ == "__main__":
    write_pages()
