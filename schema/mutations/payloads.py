"""The answers of mutations: the changed object, refusals, warnings."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import strawberry
from strawberry.scalars import JSON

from core.errors import PlatformError
from core.messages import Messages, code_of
from core.work import Caution
from schema.errors import camel, plain
from schema.mutations.acting import Outcome, perform
from schema.mutations.declaring import Mutation
from schema.mutations.inputs import input_type, parameters_of
from schema.planner.registry import CORE
from schema.types import plain_type


def error_codes(messages: Messages) -> type[enum.Enum]:
    """Every code a refusal or a warning may carry, as a GraphQL enumeration."""
    cls = enum.Enum(  # type: ignore[misc]
        "ErrorCode",
        {
            code: strawberry.enum_value(code, description=texts["en"])
            for code, texts in sorted(messages.sentences.items())
            if code == code_of(code)
        },
    )
    return strawberry.enum(
        cls, description="Every code a refusal or a warning may carry; see docs/errors.md."
    )


def complaint_types(codes: type[enum.Enum]) -> tuple[Any, Any]:
    """``UserError`` and ``Warning``: they differ in what became of the act."""
    common: dict[str, tuple[Any, str]] = {
        "code": (codes, "The code, for programs."),
        "message": (str, "A sentence in the caller's language."),
        "clause": (
            str | None,
            'The clause of the Rules it rests on, or "product default"; null: plain bad input.',
        ),
        "params": (JSON, "What the sentence speaks of, by name, for programs."),
    }
    path = (list[str], "Path of the input field at fault; empty: the act as a whole.")
    return (
        plain_type(
            "UserError",
            "Why an act was refused; nothing of it remains.",
            {"field": path, **common},
        ),
        plain_type("Warning", "What the Rules ask for that did not stop the act.", common),
    )


class Payloads:
    """Makes the payload types, one per kind of result, and the fields of ``Mutation``."""

    def __init__(self, messages: Messages, bound_type: Callable[[str], Any]) -> None:
        self.codes = error_codes(messages)
        self.user_error, self.warning = complaint_types(self.codes)
        self.bound_type = bound_type
        self.made: dict[tuple[str, str | None], type] = {}

    def field(self, mutation: Mutation, owner: str = CORE) -> Any:
        """The field of ``Mutation`` for one row of the table of ``owner``."""
        parameters = parameters_of(mutation)

        async def resolve(info: strawberry.Info[Any, Any], input: Any) -> Outcome:
            outcome = await perform(mutation, parameters, info, input, owner=owner)
            for refusal in outcome.refusals:
                if refusal.code not in self.codes.__members__:  # a plugin forgot its sentence
                    raise refusal
            return outcome

        annotated: Callable[..., Awaitable[Any]] = resolve
        annotated.__annotations__ = {
            "info": strawberry.Info[Any, Any],
            "input": Annotated[
                input_type(mutation), strawberry.argument(description="What the act needs.")
            ],
            "return": self.payload(mutation),
        }
        annotated.__name__ = mutation.name
        return strawberry.field(
            resolver=annotated,
            name=mutation.name,
            description=mutation.description,
            metadata={"actions": mutation.actions, "clause": mutation.clause, "owner": owner},
        )

    def payload(self, mutation: Mutation) -> type:
        """The payload type: shared by all mutations of a result, but for a further field."""
        extra = mutation.extra[0] if mutation.extra else None
        made = (mutation.result, extra)
        if made not in self.made:
            self.made[made] = self.make(mutation)
        return self.made[made]

    def make(self, mutation: Mutation) -> type:
        result = mutation.result
        field_name = mutation.result_field
        members: dict[str, Any] = {
            field_name: shown_field(
                field_name,
                self.bound_type(result) | None,
                lambda root, info: root.changed,
                "The object as it is now; null when the act was refused or may not be read.",
            ),
            "user_errors": shown_field(
                "userErrors",
                list[self.user_error],  # type: ignore[name-defined]
                lambda root, info: [self.user_error_of(each, info) for each in root.refusals],
                "Why the act was refused; empty when it was done.",
            ),
            "warnings": shown_field(
                "warnings",
                list[self.warning],  # type: ignore[name-defined]
                lambda root, info: [self.warning_of(each, info) for each in root.cautions],
                "What the Rules ask for that did not stop the act.",
            ),
        }
        name = f"{result}Payload"
        if mutation.extra:
            extra, description = mutation.extra
            name = f"{mutation.input_name.removesuffix('Input')}Payload"
            members[extra] = shown_field(
                extra, str | None, lambda root, info: root.extra, description
            )
        return strawberry.type(
            type(name, (), members), name=name, description=f"Answer of an act on a {result}."
        )

    def user_error_of(self, refusal: PlatformError, info: Any) -> Any:
        return self.user_error(
            field=refusal.field.split(".") if refusal.field else [],
            code=self.codes[refusal.code],
            message=info.context.services.messages.sentence(refusal, info.context.language),
            clause=refusal.clause,
            params=shown_params(refusal.params),
        )

    def warning_of(self, caution: Caution, info: Any) -> Any:
        return self.warning(
            code=self.codes[caution.code],
            message=info.context.services.messages.text(
                caution.code, info.context.language, caution.params
            ),
            clause=caution.clause,
            params=shown_params(caution.params),
        )


def shown_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a sentence as the top level of an answer tells them."""
    return {camel(name): plain(value) for name, value in params.items()}


def shown_field(
    name: str, annotation: Any, value: Callable[[Outcome, Any], Any], description: str
) -> Any:
    """A field of a payload, read from the outcome."""

    def resolve(root: Any, info: strawberry.Info[Any, Any]) -> Any:
        return value(root, info)

    resolve.__annotations__ = {"info": strawberry.Info[Any, Any], "return": annotation}
    resolve.__name__ = name
    return strawberry.field(resolver=resolve, name=name, description=description)
