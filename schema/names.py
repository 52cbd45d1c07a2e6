"""Names as GraphQL shows them."""

from __future__ import annotations

from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

CONVERTER = StrawberryConfig().name_converter


def graphql_name(field: StrawberryField) -> str:
    """The name of a field in the schema."""
    return CONVERTER.get_graphql_name(field)
