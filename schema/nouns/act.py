"""Acts and files."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import ColumnElement, func

from core.acts.act import Act
from core.authority.appointment import Appointment
from core.files.file import File
from core.hierarchy.state_body import StateBody
from core.people.account import Account
from schema.nouns.root import country_key
from schema.nouns.tree import NODE
from schema.planner.access import Access
from schema.planner.binding import Level, bind
from schema.planner.row import Form, Row
from schema.planner.words import col, connection, expr, ident, one


def at_issuer(access: Access, row: Row, action: str, form: Form) -> ColumnElement[bool]:
    """Asked at the body that issued the act; without one, at the country."""
    return access.holds(action, func.coalesce(row[Act.body_id], country_key()), form)


act = bind(
    "Act",
    Act,
    "A basis document: order, directive, protocol, assignment or resolution [R2023 App.1, §52].",
    [
        ident(),
        col("kind", Act.kind, "What document it is.", where=True, group=True),
        col("number", Act.number, "Its number.", where=True, order=True),
        col("datedOn", Act.dated_on, "Its date.", where=True, order=True),
        col("title", Act.title, "Its title."),
        col("version", Act.version, "Counts its changes; for `expectedVersion`."),
        one(
            "body",
            "StateBody",
            lambda me, it: it[StateBody.id] == me[Act.body_id],
            "The body that issued it.",
            where=True,
        ),
        one(
            "file",
            "File",
            lambda me, it: it[File.id] == me[Act.file_id],
            "The document itself.",
        ),
        connection(
            "appointments",
            "Appointment",
            lambda me, it: it[Appointment.act_id] == me[Act.id],
            "The appointments that rest on it.",
        ),
    ],
    levels={Level.BASIC: "act.read"},
    holds=at_issuer,
    interfaces=[NODE],
    order=["-datedOn"],
)

file = bind(
    "File",
    File,
    "A stored file. It is reached only through what it is attached to, and fetched by the link of "
    "`prepareDownload`.",
    [
        ident(),
        col("name", File.name, "Name it was uploaded under, for showing."),
        col("mediaType", File.media_type, "Media type, by its content."),
        expr("size", sa.Integer(), lambda row: row[File.size], "Bytes.", nullable=False),
        col("sha256", File.sha256, "SHA-256 of its bytes."),
        col("uploadedAt", File.uploaded_at, "When it was uploaded."),
        one(
            "uploadedBy",
            "Account",
            lambda me, it: it[Account.id] == me[File.uploaded_by_id],
            "The account it was uploaded by.",
        ),
    ],
    public=True,
)

ACT = (act, file)
