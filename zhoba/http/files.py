"""``POST /files`` and ``GET /files/{id}``: the bytes that GraphQL only names."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from core.errors import NotAuthenticated, NotFound
from core.files.file import readable_file, register_file
from core.messages import accepted_language
from schema.context import RequestContext
from schema.types import global_id, parse_global_id
from zhoba.http.answers import refuse_request
from zhoba.http.operation import Caller, Operations
from zhoba.logs import correlation_id

NAME_HEADER = "X-File-Name"


@dataclass(frozen=True, slots=True)
class Files:
    """Both endpoints. The body is the file itself; its name comes percent-encoded in a header, so
    a foreign page cannot send one without asking first."""

    operations: Operations
    default_language: str

    async def upload(self, request: Request) -> Response:
        """Store a file; answers ``{"id": "File:12", "sha256": ..., "size": ...}``."""
        try:
            context = await self.context(request)
            if context.actor.is_anonymous:
                raise NotAuthenticated
            stored = await context.services.files.put(request.stream())
            async with context.transact() as work:
                file = await register_file(
                    work,
                    stored,
                    name=unquote(request.headers.get(NAME_HEADER, "")),
                    media_type=request.headers.get("content-type", ""),
                )
        except Exception as error:
            return self.refuse(request, error)
        shown = {"id": global_id("File", file.id), "sha256": file.sha256, "size": file.size}
        return JSONResponse(shown, status_code=201)

    async def download(self, request: Request) -> Response:
        """The file's bytes, always to be saved and never shown by the browser."""
        try:
            kind, key = parse_global_id(request.path_params["id"])
            if kind != "File":
                raise NotFound
            context = await self.context(request)
            async with context.asking() as work:
                file = await readable_file(work, key)
            path = context.services.files.path(file.sha256)
        except Exception as error:
            return self.refuse(request, error)
        return FileResponse(
            path,
            media_type=file.media_type,
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )

    async def context(self, request: Request) -> RequestContext:
        return await self.operations.context(
            Caller(
                authorization=request.headers.get("authorization"),
                language=accepted_language(
                    request.headers.get("accept-language"), self.default_language
                ),
                correlation_id=correlation_id.get(),
            )
        )

    def refuse(self, request: Request, error: Exception) -> Response:
        messages = self.operations.services.messages
        return refuse_request(request, error, messages, self.default_language)
