"""``/files``: the bytes that GraphQL only names.

``POST /files/tickets`` announces a file, ``POST /files`` sends it with the ticket, once, and the
mutation ``prepareDownload`` makes an address that ``GET /files/{link}`` answers, once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from core.errors import InvalidInput, NotAuthenticated
from core.files.store import Stored
from core.files.ticket import (
    FileTicket,
    account_of_download,
    begin_upload,
    finish_upload,
    give_upload_back,
    prepare_upload,
    use_download,
)
from core.messages import accepted_language
from core.people.attempt import note_failure, require_patience
from core.people.sign_in import actor_of_account
from core.transaction import transact
from schema.context import RequestContext
from schema.types import global_id
from zhoba.http.answers import MethodNotAllowed, refuse_request
from zhoba.http.body import check_content_type, parse_json, read_body
from zhoba.http.browser import address_of, authorization_of
from zhoba.http.operation import Caller, Operations
from zhoba.logs import correlation_id, log

TICKET_HEADER = "X-Upload-Ticket"
MOST_ANNOUNCED = 10_000
"""Bytes of an announcement."""


@dataclass(frozen=True, slots=True)
class Files:
    """The three endpoints. The body of an upload is the file itself."""

    operations: Operations
    default_language: str

    async def announce(self, request: Request) -> Response:
        """A ticket to send one file: ``{"name", "mediaType", "size"}`` in, the ticket out."""
        try:
            check_content_type(request.headers.get("content-type"))
            given = announced(await read_body(request, MOST_ANNOUNCED))
            context = await self.context(request)
            largest = context.services.files.largest
            async with context.transact() as work:
                ticket, text = await prepare_upload(work, largest=largest, **given)
                shown = {
                    "ticket": text,
                    "expiresAt": ticket.expires_at.isoformat(),
                    "largest": largest,
                }
        except Exception as error:
            return self.refuse(request, error)
        return JSONResponse(shown, status_code=201, headers={"Cache-Control": "no-store"})

    async def upload(self, request: Request) -> Response:
        """Store a file; answers ``{"id": "File:12", "sha256": ..., "size": ...}``.

        It has to be there whole before the ticket expires. One request at a time sends with it.
        """
        try:
            context = await self.context(request)
            text = request.headers.get(TICKET_HEADER, "")
            async with context.transact() as work:
                ticket = await begin_upload(work, text)
            try:
                stored = await self.received(request, context, ticket)
            except Exception:
                async with context.transact() as work:
                    await give_upload_back(work, ticket)
                raise
            async with context.transact() as work:
                file = await finish_upload(work, ticket, stored)
                shown = {
                    "id": global_id("File", file.id),
                    "name": file.name,
                    "mediaType": file.media_type,
                    "size": file.size,
                    "sha256": file.sha256,
                }
        except TimeoutError:
            return self.refuse(request, InvalidInput("UPLOAD_LINK_EXPIRED"))
        except ClientDisconnect:
            log.info("client left", path=request.url.path)
            return Response(status_code=400)
        except Exception as error:
            return self.refuse(request, error)
        return JSONResponse(shown, status_code=201)

    async def received(
        self, request: Request, context: RequestContext, ticket: FileTicket
    ) -> Stored:
        """What the body holds, stored. Raises :class:`TimeoutError` when the ticket expires."""
        left = (ticket.expires_at - context.now).total_seconds()
        async with asyncio.timeout(left):
            return await context.services.files.put(
                request.stream(),
                name=ticket.name or "",
                media_type=ticket.media_type or request.headers.get("content-type", ""),
            )

    async def download(self, request: Request) -> Response:
        """The file's bytes, always to be saved and never shown by the browser.

        Whether the account may still open the file is asked again now. Links that are none are
        counted by address like failed attempts to sign in.
        """
        try:
            if request.method != "GET":  # looking must not spend the link
                raise MethodNotAllowed(["GET"])
            text = request.path_params["link"]
            services, now = self.operations.services, self.operations.clock()
            async with services.database.reading_session() as session:
                await require_patience(session, address_of(request), now)
                actor = await actor_of_account(session, await account_of_download(session, text))
                _, policy = await services.policies.current(session)
            async with transact(
                services.database,
                actor=actor,
                authority=policy,
                now=now,
                rules=services.rules,
                correlation_id=correlation_id.get(),
                host=services.installation,
            ) as work:
                file = await use_download(work, text)
                path, name, kind = services.files.present(file.sha256), file.name, file.media_type
        except Exception as error:
            if isinstance(error, InvalidInput) and error.code == "DOWNLOAD_LINK_UNKNOWN":
                await note_failure(services.database, address_of(request), now)
            return self.refuse(request, error)
        return FileResponse(
            path,
            media_type=kind,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def context(self, request: Request) -> RequestContext:
        context = await self.operations.context(
            Caller(
                authorization=authorization_of(request.headers),
                language=accepted_language(
                    request.headers.get("accept-language"), self.default_language
                ),
                correlation_id=correlation_id.get(),
            )
        )
        if context.actor.is_anonymous:
            raise NotAuthenticated
        return context

    def refuse(self, request: Request, error: Exception) -> Response:
        messages = self.operations.services.messages
        return refuse_request(request, error, messages, self.default_language)


def announced(body: bytes) -> dict[str, Any]:
    """What an announcement says of a file, each part checked for its type."""
    try:
        given = parse_json(body.decode())
    except UnicodeDecodeError:
        raise InvalidInput("BAD_REQUEST_BODY", problem="NOT_UTF8") from None
    if not isinstance(given, dict):
        raise InvalidInput("BAD_REQUEST_BODY", problem="NOT_AN_OBJECT")
    found: dict[str, Any] = {}
    for parameter, name, kind in (
        ("name", "name", str),
        ("mediaType", "media_type", str),
        ("size", "size", int),
    ):
        value = given.pop(parameter, None)
        if value is None and parameter != "name":
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InvalidInput("BAD_PARAMETER", field=parameter, parameter=parameter)
        found[name] = value
    if given:
        raise InvalidInput("BAD_PARAMETER", parameter=min(given))
    return found
