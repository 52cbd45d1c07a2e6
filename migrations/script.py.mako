"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

% if config.attributes["owner"].name == "core":
from core.db.base import Key, SortText
from core.db.types import JSON_VALUE, UtcDateTime
% else:
from zhoba.api import JSON_VALUE, Key, SortText, UtcDateTime
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
