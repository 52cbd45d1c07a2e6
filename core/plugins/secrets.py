"""Secrets among the settings of a plugin: stars wherever settings are told.

A setting is secret when its type is one of pydantic's secret ones, or its field is ``writeOnly``,
at any depth. What the plugin's model does not know, or no model can say anymore, is taken for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

MASK = "**********"
"""Stands for a secret setting; sent back, it leaves the secret as it is."""

Schema = Mapping[str, Any]


class Marking(GenerateJsonSchema):
    """Marks every secret type as ``writeOnly``; pydantic passes over ``Secret[…]``."""

    ignored_warning_kinds = {"non-serializable-default", "skipped-choice"}  # noqa: RUF012

    def json_or_python_schema(self, schema: Any) -> dict[str, Any]:
        found = super().json_or_python_schema(schema)
        told_by = schema.get("serialization", {}).get("function")
        if getattr(told_by, "__name__", "") == "_serialize_secret":
            return {**found, "writeOnly": True}
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in the settings: all that the model says of it there."""

    says: tuple[Schema, ...]
    definitions: Schema = field(default_factory=dict)

    @property
    def is_secret(self) -> bool:
        return not self.says or any(
            each.get("writeOnly") or "contentSchema" in each for each in self.says
        )

    def inside(self, key: str | int) -> Place:
        """The place of one value of an object or a list."""
        look = within_object if isinstance(key, str) else within_list
        return place([one for each in self.says for one in look(each, key)], self.definitions)


def within_object(schema: Schema, key: Any) -> Iterator[Schema]:
    properties, rest = schema.get("properties"), schema.get("additionalProperties")
    patterns = schema.get("patternProperties", {})
    if properties is not None and key in properties:
        yield properties[key]
    elif patterns or isinstance(rest, Mapping):
        yield from patterns.values()
        if isinstance(rest, Mapping):
            yield rest
    elif properties is None and schema.get("type", "object") == "object":
        yield {}  # an object of anything


def within_list(schema: Schema, position: Any) -> Iterator[Schema]:
    first = schema.get("prefixItems", ())
    if position < len(first):
        yield first[position]
    elif schema.get("type", "array") == "array":
        rest = schema.get("items", {})
        yield rest if isinstance(rest, Mapping) else {}


def place(schemas: list[Schema], definitions: Schema) -> Place:
    """A place with references followed and choices laid open."""
    found: dict[int, Schema] = {}
    while schemas:
        schema = schemas.pop()
        if id(schema) in found:
            continue
        found[id(schema)] = schema
        for word in ("anyOf", "oneOf", "allOf"):
            schemas += schema.get(word, ())
        if "$ref" in schema:
            schemas.append(definitions[schema["$ref"].removeprefix("#/$defs/")])
    holders = ("anyOf", "oneOf", "allOf", "$ref")
    return Place(
        tuple(
            each
            for each in found.values()
            if each.get("writeOnly") or not any(word in each for word in holders)
        ),
        definitions,
    )


@lru_cache(maxsize=256)
def settings_place(model: type[BaseModel] | None) -> Place:
    """Where the settings as a whole stand, as they are given and as they are told."""
    if model is None:
        return Place(())
    try:
        both, whole = models_json_schema(
            [(model, "validation"), (model, "serialization")], schema_generator=Marking
        )
    except PydanticInvalidForJsonSchema:
        return Place(())
    return place(list(both.values()), whole.get("$defs", {}))


def masked(model: type[BaseModel] | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with stars for the secret ones; all are without a model."""
    at = settings_place(model)
    return {key: told(value, at.inside(key)) for key, value in settings.items()}


def told(value: Any, at: Place) -> Any:
    if value is None or value == "":
        return value
    if at.is_secret:
        return MASK
    if isinstance(value, Mapping):
        return {key: told(each, at.inside(key)) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [told(each, at.inside(position)) for position, each in enumerate(value)]
    return value


def restored(
    model: type[BaseModel], given: Mapping[str, Any], kept: Mapping[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """What is given, with the secrets kept where it has their stars; paths of stars for none."""
    lost: list[str] = []
    at = settings_place(model)
    return {
        key: put_back(value, kept.get(key), at.inside(key), key, lost.append)
        for key, value in given.items()
    }, lost


def put_back(value: Any, kept: Any, at: Place, path: str, lose: Callable[[str], None]) -> Any:
    if value == MASK and at.is_secret:
        if kept is None or kept == "":
            lose(path)
            return value
        return kept
    if isinstance(value, Mapping):
        before: Any = kept if isinstance(kept, Mapping) else {}
        return {
            key: put_back(each, before.get(key), at.inside(key), f"{path}.{key}", lose)
            for key, each in value.items()
        }
    if isinstance(value, list):
        known = kept if isinstance(kept, list) else []
        return [
            put_back(
                each,
                counterpart(each, position, known, at, len(known) == len(value)),
                at.inside(position),
                f"{path}.{position}",
                lose,
            )
            for position, each in enumerate(value)
        ]
    return value


def counterpart(value: Any, position: int, kept: list[Any], at: Place, same_length: bool) -> Any:
    """The item of a list kept that an item given stands for; None where that is not certain."""
    alike = [each for index, each in enumerate(kept) if told(each, at.inside(index)) == value]
    if same_length and (not alike or kept[position] in alike):
        return kept[position]
    return alike[0] if len(alike) == 1 else None
