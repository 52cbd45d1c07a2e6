"""What a browser brings by itself: its cookie, and where the page that sends it comes from."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from core.errors import InvalidInput
from zhoba.sign_in.door import SESSION

CSRF_HEADER = "X-Zhoba-CSRF"
"""A foreign page cannot send a header of its own without being asked first, and is not allowed."""

SECURE_COOKIE = "__Host-zhoba"
LOCAL_COOKIE = "zhoba"
"""On this machine there need not be TLS, without which a browser keeps no ``__Host-`` cookie."""

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def address_of(request: Request) -> str:
    """The address a request comes from, as far as the server was told."""
    return request.client.host if request.client is not None else ""


def authorization_of(headers: Headers) -> str | None:
    """Who asks: what the ``Authorization`` header says, else the session of the cookie.

    Raises ``CSRF_HEADER_MISSING`` for a cookie without the header only our own pages send.
    """
    given = headers.get("authorization")
    text = held_session(headers) if given is None else None
    if text is None:
        return given
    if not headers.get(CSRF_HEADER):
        raise InvalidInput("CSRF_HEADER_MISSING", header=CSRF_HEADER)
    return f"{SESSION} {text}"


def held_session(headers: Headers) -> str | None:
    """What the cookie holds; of the local one nothing, unless this is the local machine."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    found = cookies.get(cookie_name(headers))
    return found.value if found is not None and found.value else None


def cookie_name(headers: Headers) -> str:
    return LOCAL_COOKIE if is_local(headers) else SECURE_COOKIE


def is_local(headers: Headers) -> bool:
    """Whether the address in use is that of the machine itself."""
    address = parts_of(f"//{headers.get('host', '')}")
    return address is not None and address.hostname in LOCAL


def give_cookie(response: Response, headers: Headers, text: str, seconds: int) -> None:
    """Let the browser hold a session; with no seconds, nothing any more."""
    response.set_cookie(
        cookie_name(headers),
        text,
        max_age=seconds,
        path="/",
        secure=not is_local(headers),
        httponly=True,
        samesite="lax",
    )


def take_ended_cookie(response: Response, headers: Headers) -> None:
    """Take back a cookie that signs in no more, so that the next request is merely anonymous."""
    if headers.get("authorization") is None and held_session(headers) is not None:
        give_cookie(response, headers, "", 0)


def require_own_page(headers: Headers) -> None:
    """Raise ``FOREIGN_PAGE`` where a page of another origin sends a form."""
    origin = headers.get("origin")
    if origin is None:
        return
    address = parts_of(origin)
    if address is None or address.netloc.lower() != headers.get("host", "").lower():
        raise InvalidInput("FOREIGN_PAGE")


def parts_of(address: str) -> SplitResult | None:
    """An address in its parts; None: it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return None
