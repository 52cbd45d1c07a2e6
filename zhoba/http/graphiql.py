"""``/graphiql``: the query editor, served from the package, so it works without the internet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse

from core.work import COUNTRY_TIME
from zhoba.http.operation import Operations
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.sign_in.holders import role_holders

PAGE = Path(__file__).parent.parent / "graphiql"

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # the editor sizes its panes by style attributes
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True, slots=True)
class GraphiQL:
    """The page, and in the demo a token for every role to try it with."""

    settings: Settings
    operations: Operations

    async def page(self, _request: Request) -> HTMLResponse:
        return HTMLResponse(
            (PAGE / "index.html").read_text("utf-8"),
            headers={
                "Content-Security-Policy": CONTENT_SECURITY,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )

    async def roles(self, _request: Request) -> JSONResponse:
        """Demo tokens by role; an empty list outside the demo."""
        if not self.settings.demo:
            return JSONResponse([])
        now = self.operations.clock()
        async with self.operations.services.database.reading_session() as session:
            holders = await role_holders(session, now.astimezone(COUNTRY_TIME).date())
        return JSONResponse(
            [
                {
                    "role": role,
                    "person": holder.full_name,
                    "token": own_token(self.settings, holder.account_id, now),
                }
                for role, holder in sorted(holders.items())
            ],
            headers={"Cache-Control": "no-store"},
        )
