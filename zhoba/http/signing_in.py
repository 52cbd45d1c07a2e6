"""``/sign-in``: from a one-time link to a session in a browser, and out again.

The link's token stands behind ``#``, which no browser sends: looking at the link, as scanners of
mail do, neither spends it nor leaves it in a log. The page's button sends it in the body of a POST.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from core.errors import InvalidInput, NotAuthenticated, PlatformError
from core.messages import accepted_language
from core.people.attempt import note_failure, require_patience
from core.people.invitation import accept_invitation
from core.people.session import end_session, live_session
from core.people.sign_in import actor_of_account
from core.transaction import transact
from core.work import ANONYMOUS
from zhoba.http.answers import refuse_request, status_of
from zhoba.http.body import check_content_type, parse_json, read_body
from zhoba.http.browser import (
    CSRF_HEADER,
    address_of,
    give_cookie,
    held_session,
    require_own_page,
)
from zhoba.http.operation import Operations
from zhoba.http.sign_in_page import SCRIPT, page, signed_in_page
from zhoba.logs import correlation_id
from zhoba.settings import Settings
from zhoba.sign_in.door import session_token

FORM = "application/x-www-form-urlencoded"
MOST_BODY = 2000

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'unsafe-inline';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""With ``no-referrer`` browsers would hide from us that the form is our own page's."""


@dataclass(frozen=True, slots=True)
class SigningIn:
    """The endpoints of sign-in by invitation."""

    settings: Settings
    operations: Operations

    async def page(self, request: Request) -> Response:
        """The page a link leads to; it changes nothing."""
        return HTMLResponse(page(self.language(request)), headers=PAGE_HEADERS)

    async def script(self, _request: Request) -> Response:
        """What puts the token behind ``#`` into the page's form."""
        return Response(SCRIPT, media_type="text/javascript", headers=PAGE_HEADERS)

    async def enter(self, request: Request) -> Response:
        """Spend an invitation: a form gets a page back, a program JSON, and both the cookie."""
        form = (request.headers.get("content-type") or "").partition(";")[0].strip() == FORM
        try:
            require_own_page(request.headers)
            text = await self.token_in(request, form=form)
            secret, expires_at = await self.accept(request, text)
        except Exception as error:
            if form and isinstance(error, PlatformError):
                return self.refusing_page(request, error)
            return self.refuse(request, error)
        seconds = int((expires_at - self.operations.clock()).total_seconds())
        response: Response = JSONResponse(
            {"expiresAt": expires_at.isoformat(), "header": CSRF_HEADER},
            status_code=201,
            headers={"Cache-Control": "no-store"},
        )
        if form:
            shown = signed_in_page(self.language(request), self.settings.home_address)
            response = HTMLResponse(shown, headers=PAGE_HEADERS)
        give_cookie(response, request.headers, secret, seconds)
        return response

    async def token(self, request: Request) -> Response:
        """A short token for the session of the cookie, for WebSockets and for programs."""
        try:
            now = self.operations.clock()
            async with self.operations.services.database.reading_session() as session:
                held = await live_session(
                    session, self.settings.rules(), now, text=self.session_in(request)
                )
                await actor_of_account(session, held.account_id)
            text, expires_at = session_token(self.settings, held, now)
        except Exception as error:
            return self.refuse(request, error)
        shown = {"token": text, "expiresAt": expires_at.isoformat()}
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def leave(self, request: Request) -> Response:
        """End the session of the cookie, if it has not ended, and take the cookie back."""
        try:
            text = self.session_in(request)
            services, now = self.operations.services, self.operations.clock()
            with suppress(NotAuthenticated):
                async with services.database.reading_session() as session:
                    held = await live_session(session, services.rules, now, text=text)
                    actor = await actor_of_account(session, held.account_id)
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
                    await end_session(work, held.id)
        except Exception as error:
            return self.refuse(request, error)
        response = Response(status_code=204, headers={"Cache-Control": "no-store"})
        give_cookie(response, request.headers, "", 0)
        return response

    async def token_in(self, request: Request, *, form: bool) -> str:
        """The invitation's token in a form or in JSON. Raises ``BAD_PARAMETER`` without one."""
        if not form:
            check_content_type(request.headers.get("content-type"))
        body = (await read_body(request, MOST_BODY)).decode("utf-8", "replace")
        if form:
            found: object = parse_qs(body).get("token", [""])[0].strip()
        else:
            given = parse_json(body)
            found = given.get("token") if isinstance(given, dict) else None
        if not isinstance(found, str) or not found:
            raise InvalidInput("BAD_PARAMETER", field="token", parameter="token")
        return found.rpartition("#")[2]

    async def accept(self, request: Request, text: str) -> tuple[str, datetime]:
        """What the browser is to hold, and until when. Failures are counted by address."""
        services, now = self.operations.services, self.operations.clock()
        address = address_of(request)
        async with services.database.reading_session() as session:
            await require_patience(session, address, now)
            _, policy = await services.policies.current(session)
        try:
            async with transact(
                services.database,
                actor=ANONYMOUS,
                authority=policy,
                now=now,
                rules=services.rules,
                correlation_id=correlation_id.get(),
                host=services.installation,
            ) as work:
                held, secret = await accept_invitation(work, text)
                return secret, held.expires_at
        except NotAuthenticated:
            await note_failure(services.database, address, now)
            raise

    def session_in(self, request: Request) -> str:
        """What the cookie holds. Raises ``CSRF_HEADER_MISSING`` like every use of it."""
        text = held_session(request.headers)
        if text is None:
            raise NotAuthenticated
        if not request.headers.get(CSRF_HEADER):
            raise InvalidInput("CSRF_HEADER_MISSING", header=CSRF_HEADER)
        return text

    def language(self, request: Request) -> str:
        return accepted_language(request.headers.get("accept-language"), self.settings.language)

    def refusing_page(self, request: Request, error: PlatformError) -> Response:
        language = self.language(request)
        sentence = self.operations.services.messages.sentence(error, language)
        return HTMLResponse(
            page(language, sentence), status_code=status_of(error), headers=PAGE_HEADERS
        )

    def refuse(self, request: Request, error: Exception) -> Response:
        messages = self.operations.services.messages
        return refuse_request(request, error, messages, self.settings.language)
