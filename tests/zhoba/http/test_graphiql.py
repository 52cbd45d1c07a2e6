"""The query editor: offline, under a strict policy, with demo roles only in the demo."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.people.account import Account, AccountKind
from core.tree.node import NodeKind
from tests.factories import make_appointment, make_node, make_person
from tests.zhoba.conftest import Client, client_of
from zhoba.http.graphiql import PAGE
from zhoba.settings import Settings

LARGEST_ASSET = 1_000_000


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Nothing here depends on the database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'zhoba.db')}"


async def test_page_brings_everything_it_needs(client: Client) -> None:
    page = await client.get("/graphiql")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(addresses) == 2
    for address in addresses:
        assert (await client.get(address)).status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "unsafe-eval" not in page.headers["content-security-policy"]


def test_assets_load_nothing_from_elsewhere_and_stay_small() -> None:
    assets = sorted((PAGE / "assets").iterdir())
    assert len(assets) > 2
    for path in assets:
        text = path.read_text("utf-8")
        assert path.stat().st_size < LARGEST_ASSET
        hosts = r"sourceMappingURL|u[n]pkg|j[s]delivr|n[p]mjs|y[a]rnpkg|@font-face"
        assert re.findall(hosts, text) == []
        assert re.findall(r"(?:import|from)\s*\(?[\"']https?:", text) == []


async def test_assets_do_not_lead_out_of_their_folder(client: Client) -> None:
    for address in ("/graphiql/assets/../index.html", "/graphiql/assets/%2e%2e/README.md"):
        assert (await client.get(address)).status_code == 404


async def test_roles_are_shown_in_the_demo_only(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    answers = {}
    for demo in (False, True):
        chosen = settings.model_copy(update={"demo": demo})
        app = await open_app(chosen)
        if not demo:
            async with app.state.operations.services.database.session() as session, session.begin():
                country = await make_node(session, NodeKind.COUNTRY, None)
                person = await make_person(session, "Omarov Aidar")
                await make_appointment(session, person, "office_head", country)
                account = Account(
                    kind=AccountKind.PERSON,
                    label="Aidar",
                    person_id=person.id,
                    created_at=datetime.now(UTC),
                )
                session.add(account)
        async with client_of(app, chosen) as client:
            answers[demo] = (await client.get("/graphiql/roles.json")).json()
            for entry in answers[demo]:
                headers = {"authorization": f"Bearer {entry['token']}"}
                assert await client.query("{ whoami }", headers=headers) == {
                    "data": {"whoami": "Aidar en"}
                }
    assert answers[False] == []
    assert [(e["role"], e["person"]) for e in answers[True]] == [("office_head", "Omarov Aidar")]


async def test_graphiql_can_be_left_out(
    open_app: Callable[[Settings], Any], settings: Settings
) -> None:
    chosen = settings.model_copy(update={"graphiql": False})
    async with client_of(await open_app(chosen), chosen) as client:
        assert (await client.get("/graphiql")).status_code == 404
