"""``/healthz`` and ``/readyz``: is the process alive, and may it be sent requests."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import JSONResponse

from migrations.run import pending
from schema.context import Services
from zhoba.logs import log


@dataclass(frozen=True, slots=True)
class Health:
    """Both endpoints; they say what is wrong in one word and never why."""

    services: Services

    async def alive(self, _request: Request) -> JSONResponse:
        """The process answers."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> JSONResponse:
        """The database answers, its tables are those of this release, the rules are loaded.

        A plugin that was left out is told of, and does not keep the server from answering.
        """
        checks = {
            "database": await self.database(),
            "migrations": await self.migrations(),
            "policy": await self.policy(),
        }
        ready = all(state == "ok" for state in checks.values())
        failures = self.services.installation.failures
        answer: dict[str, object] = {
            "status": "ok" if ready else "unready",
            "checks": {**checks, "plugins": "failed" if failures else "ok"},
        }
        if failures:
            answer["plugins"] = {each.plugin: each.stage.name.lower() for each in failures}
        return JSONResponse(
            answer,
            status_code=200 if ready else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def database(self) -> str:
        try:
            async with self.services.database.reading_session() as session:
                await session.execute(select(1))
        except Exception as error:
            log.warning("unready", check="database", exc_info=error)
            return "unreachable"
        return "ok"

    async def policy(self) -> str:
        try:
            async with self.services.database.reading_session() as session:
                await self.services.policies.current(session)
        except Exception as error:
            log.warning("unready", check="policy", exc_info=error)
            return "unreachable"
        return "ok"

    async def migrations(self) -> str:
        try:
            behind = await pending(self.services.database.url)
        except Exception as error:
            log.warning("unready", check="migrations", exc_info=error)
            return "unreachable"
        return "pending" if behind else "ok"
