"""The tutorial for authors of plugins does what it says: its commands, edits and queries are run.

In an environment of its own beside this one, so that a package can be installed and taken away.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from zhoba.testing.postgres import free_port

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"^```(console|diff|graphql|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVERS = ("zhoba demo", "zhoba serve")

KEPT = re.compile(r"audit_|outbox_event|policy_|sqlite_|idempotency_key")
"""What uninstalling keeps."""


@dataclass
class Reader:
    """Somebody who follows the page, command by command."""

    folder: Path
    environment: dict[str, str]
    port: int
    server: subprocess.Popen[bytes] | None = None
    answer: Any = None
    steps: list[str] = field(default_factory=list)

    def follow(self, kind: str, text: str) -> None:
        self.steps.append(text)
        getattr(self, kind)(text)

    def console(self, text: str) -> None:
        """Run each command; what stands below it is its output."""
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            if command.startswith("cd "):
                self.folder /= command.removeprefix("cd ")
            elif command in SERVERS:
                self.serve(command)
            else:
                if command.startswith(("zhoba migrate", "zhoba plugins uninstall")):
                    self.stop()
                said = self.run(command)
                if output.strip():
                    assert without_seconds(said) == output.strip(), command

    def run(self, command: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=self.folder, env=self.environment,
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return (done.stdout or done.stderr).strip("\n")

    def serve(self, command: str) -> None:
        """Start a server, and wait until it is ready."""
        self.stop()
        log = self.folder / "server.log"
        with log.open("wb") as said:
            self.server = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"], cwd=self.folder, env=self.environment,
                stdout=said, stderr=said,
            )  # fmt: skip
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            assert self.server.poll() is None, log.read_text("utf-8")
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                with suppress(subprocess.TimeoutExpired):
                    self.server.wait(0.1)
        raise AssertionError("the server is not ready")

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGINT)
            self.server.wait(60)
            self.server = None

    def diff(self, text: str) -> None:
        subprocess.run(
            ["/bin/sh", "-c", "git apply -"], cwd=self.folder, input=text, text=True,
            check=True, env=self.environment,
        )  # fmt: skip

    def graphql(self, text: str) -> None:
        """Ask as the role the first line names."""
        role = text.splitlines()[0].removeprefix("# ")
        token = self.run(f"zhoba token {role}")
        self.answer = httpx.post(
            f"http://127.0.0.1:{self.port}/graphql",
            json={"query": text},
            headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
            timeout=60,
        ).json()

    def json(self, text: str) -> None:
        expected = json.loads(text)
        assert shortened(self.answer, expected) == expected, self.answer


def without_seconds(text: str) -> str:
    """Output of pytest without how long it took."""
    return re.sub(r" in \d+\.\d+s", "", text).strip()


def shortened(given: Any, expected: Any) -> Any:
    """Of an answer, what the page shows of it."""
    if isinstance(given, dict) and isinstance(expected, dict):
        shown = {key: shortened(given[key], expected[key]) for key in expected if key in given}
        return shown | {key: given[key] for key in given if key == "errors" and key not in expected}
    if isinstance(given, list) and isinstance(expected, list) and len(given) == len(expected):
        return [shortened(*pair) for pair in zip(given, expected, strict=True)]
    return given


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    home = tmp_path / "environment"
    venv.create(home, with_pip=True)
    base = sysconfig.get_path("purelib")
    own = next((home / "lib").glob("python*/site-packages"))
    (own / "zz_base.pth").write_text(f"import site; site.addsitedir({base!r})\n")
    command = home / "bin" / "zhoba"
    command.write_text(f"#!{home / 'bin' / 'python'}\nfrom zhoba.cli import main\nmain()\n")
    command.chmod(0o755)
    port = free_port()
    ours = ("ZHOBA_", "PYTEST_ADDOPTS")  # how these tests are run is no part of it
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    environment = {
        **kept,
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "ZHOBA_DATA_DIR": str(tmp_path / "var"),
        "ZHOBA_PORT": str(port),
        "GIT_CEILING_DIRECTORIES": str(tmp_path),
        "COLUMNS": "80",
        "PYTHONWARNINGS": "",
    }
    folder = tmp_path / "work"
    folder.mkdir()
    found = Reader(folder, environment, port)
    yield found
    found.stop()


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that uninstalling is to bring back to what it was."""
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = sorted(name for (name,) in names if not KEPT.match(name))
        return {
            name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in tables
        }


@pytest.mark.early
@pytest.mark.skipif(sys.platform == "win32", reason="signals and paths of Unix")
def test_the_tutorial_does_what_it_says(reader: Reader, tmp_path: Path) -> None:
    blocks = BLOCK.findall(PAGE.read_text("utf-8"))
    assert len(blocks) > 18
    before = None
    for kind, text in blocks:
        reader.follow(kind, text)
        if before is None:
            before = contents(tmp_path / "var" / "zhoba.db")
    after = contents(tmp_path / "var" / "zhoba.db")
    assert set(after) == set(before or {})
    assert {name for name, rows in after.items() if rows != (before or {})[name]} == set()
