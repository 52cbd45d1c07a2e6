"""What can be seen without a database: files, names, grants, descriptions, languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from core.db.base import LANGUAGES
from zhoba.host.loading import load_installation
from zhoba.plugin_check.finding import Finding, finding
from zhoba.plugin_check.subject import Subject

PLATFORM = ("core", "schema", "migrations", "zhoba", "plugins")
ALLOWED = "zhoba.api"


def static_findings(subject: Subject) -> Iterator[Finding]:
    """All of them, in the order of the page."""
    yield finding("names", [], f"all begin with {subject.plugin.info.prefix}")
    yield imports(subject)
    yield grants(subject)
    yield descriptions(subject)
    yield languages(subject)
    yield settings(subject)
    yield files(subject)


def imports(subject: Subject) -> Finding:
    """Whatever is not in the API may change with any release."""
    missing = []
    for path in subject.sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            missing += [
                f"{path.name}:{node.lineno} imports {name}: take it from {ALLOWED}"
                for name in names
                if name.split(".")[0] in PLATFORM and name != ALLOWED and not own(subject, name)
            ]
    return finding("imports", missing, f"only {ALLOWED}")


def own(subject: Subject, name: str) -> bool:
    package = subject.place.module.rpartition(".")[0]
    return bool(package) and (name == package or name.startswith(f"{package}."))


def grants(subject: Subject) -> Finding:
    """A permission nobody has is an act nobody can do."""
    plugin = subject.plugin
    granted = {
        code
        for given in plugin.policies.grants.values()
        for grant in given
        for code in grant.permissions
    }
    missing = [
        f"{each.code} is granted to nobody: grant it in register_policies"
        for each in plugin.permissions
        if each.code not in granted
    ]
    return finding("policies", missing, f"permissions: {len(plugin.permissions)}, all granted")


def descriptions(subject: Subject) -> Finding:
    """The descriptions are the manual of the API."""
    others = {each.id: each.module.__name__ for each in subject.installation.plugins}
    del others[subject.plugin.id]
    before = set(elements(load_installation(others).schema.graphql))
    added = {
        name: text
        for name, text in elements(subject.installation.schema.graphql).items()
        if name not in before
    }
    missing = [
        f"{name} has no description" for name, text in added.items() if not (text or "").strip()
    ]
    return finding("descriptions", missing, f"elements of the schema: {len(added)}, all described")


def elements(schema: GraphQLSchema) -> Mapping[str, str | None]:
    """Everything a description belongs to, with its description."""
    found: dict[str, str | None] = {}
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        found[name] = type_.description
        if isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)):
            for field_name, field in type_.fields.items():
                found[f"{name}.{field_name}"] = field.description
                for argument, definition in getattr(field, "args", {}).items():
                    found[f"{name}.{field_name}({argument})"] = definition.description
        if isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                found[f"{name}.{value_name}"] = value.description
    return found


def languages(subject: Subject) -> Finding:
    """Every code it refuses with has a sentence, in three languages that differ."""
    plugin = subject.plugin
    begins = f"{plugin.info.prefix.upper()}_"
    used = {
        node.value
        for path in subject.sources()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(begins)
        and re.fullmatch(r"[A-Z][A-Z0-9_]*", node.value)
    }
    missing = [f"{code} has no sentence in messages.toml" for code in used - set(plugin.sentences)]
    missing += [f"nothing uses the sentence {code}" for code in set(plugin.sentences) - used]
    texts = {
        "the title": plugin.info.title,
        "the description": plugin.info.description,
        **{f"the label of {role.code}": role.labels for role in plugin.roles},
        **plugin.sentences,
    }
    missing += [
        f"{name} says the same in two languages: translate it"
        for name, said in texts.items()
        if len({said[language] for language in LANGUAGES}) < len(LANGUAGES)
    ]
    return finding("languages", sorted(missing), f"texts: {len(texts)}, in {', '.join(LANGUAGES)}")


def settings(subject: Subject) -> Finding:
    """A region switches it on without settings, and sees what each is for."""
    missing = []
    fields = subject.plugin.info.settings.model_fields
    for name, field in fields.items():
        if field.is_required():
            missing.append(f"the setting {name} has no default: give it one")
        if not field.description:
            missing.append(f"the setting {name} has no description")
    return finding("settings", missing, f"settings: {len(fields)}, with defaults and descriptions")


def files(subject: Subject) -> Finding:
    """People read what it is for, and tests hold it to that."""
    missing = []
    folders = (subject.place.folder, subject.package)
    readme = next((each / "README.md" for each in folders if (each / "README.md").is_file()), None)
    if readme is None:
        missing.append("write a README.md: purpose, clauses, what it adds, its settings")
    elif subject.plugin.info.camel_prefix not in readme.read_text("utf-8"):
        missing.append("README.md names none of its fields: say what it adds")
    if not any(subject.place.folder.rglob("test_*.py")):
        missing.append("write tests: test_*.py, with the fixtures of zhoba.testing")
    return finding("readme and tests", missing)
