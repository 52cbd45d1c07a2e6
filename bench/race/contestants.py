"""Starting the servers of the race, asking them, loading them, stopping them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bench.race.queries import Question
from zhoba.testing.postgres import free_port

HERE = Path(__file__).parent
PEERS = HERE / "peers"
NODE = PEERS / "node_modules/node/bin/node"
WRK = shutil.which("wrk")
GENERATOR = "wrk" if WRK else "node"
SLOWEST_START = 60.0


@dataclass(frozen=True)
class Contestant:
    """A server: how it is started on a port, and how it is asked. ``headers`` are made when they
    are needed, for a token lives for ten minutes."""

    name: str
    command: tuple[str, ...]
    questions: Mapping[str, Question]
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: Callable[[], Mapping[str, str]] = dict


@dataclass(frozen=True)
class Running:
    """A server that answers."""

    contestant: Contestant
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def headers(self) -> dict[str, str]:
        return {"content-type": "application/json", **self.contestant.headers()}

    def body(self, question: str, variables: Mapping[str, Any]) -> str:
        document = self.contestant.questions[question].document
        return json.dumps({"query": document, "variables": variables}, ensure_ascii=False)

    def ask(self, question: str, project: int, program: int, stage: str) -> Any:
        """One answer in the common form. Raises :class:`SystemExit` for errors in it."""
        words = self.contestant.questions[question]
        body = self.body(question, words.variables(project, program, stage)).encode()
        request = urllib.request.Request(self.url, data=body, headers=self.headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{self.contestant.name}: {error.read()[:500]!r}") from error
        if answer.get("errors"):
            raise SystemExit(f"{self.contestant.name} {question}: {answer['errors']}")
        return words.plain(answer["data"])

    def memory_mb(self) -> int:
        """Resident memory of the server and its workers."""
        process = psutil.Process(self.process.pid)
        family = [process, *process.children(recursive=True)]
        return round(sum(each.memory_info().rss for each in family) / 1e6)

    def load(self, bodies: list[str], connections: int, seconds: int, folder: Path) -> Any:
        """What the load generator measured: wrk where it is installed, which takes the servers
        least of the cores they share, else one on node."""
        if WRK is not None:
            return self.load_by_wrk(bodies, connections, seconds, folder)
        file = folder / "bodies.json"
        file.write_text(json.dumps({"headers": self.headers, "bodies": bodies}))
        made = subprocess.run(
            [str(NODE), "load.mjs", self.url, str(connections), str(seconds), str(file)],
            cwd=PEERS,
            capture_output=True,
            check=True,
        )
        return json.loads(made.stdout)

    def load_by_wrk(self, bodies: list[str], connections: int, seconds: int, folder: Path) -> Any:
        asked, headers = folder / f"bodies-{self.port}", folder / f"headers-{self.port}"
        asked.write_text("\n".join(bodies))
        headers.write_text("\n".join(f"{name}: {value}" for name, value in self.headers.items()))
        command = [
            *(str(WRK), "--threads", "1", "--connections", str(connections)),
            *("--duration", f"{seconds}s", "--timeout", "30s"),
            *("--script", str(HERE / "load.lua"), self.url),
            *("--", str(asked), str(headers)),
        ]
        made = subprocess.run(command, capture_output=True, check=True, text=True)
        return json.loads(made.stdout.splitlines()[-1])


@contextmanager
def running(contestant: Contestant, folder: Path) -> Iterator[Running]:
    """The server, from its first answer until the block ends."""
    port = free_port()
    command = [part.replace("{port}", str(port)) for part in contestant.command]
    environment = {**os.environ, **contestant.environment, "PORT": str(port)}
    with (folder / f"{re.sub(r'[^a-z0-9]+', '_', contestant.name)}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder_of(contestant), env=environment,
                                   stdout=log, stderr=log)  # fmt: skip
    try:
        wait_for(port, process, contestant.name)
        yield Running(contestant, port, process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def folder_of(contestant: Contestant) -> Path:
    return PEERS if contestant.command[0] == str(NODE) else HERE.parents[1]


def wait_for(port: int, process: subprocess.Popen[bytes], name: str) -> None:
    """Return when something answers at the port."""
    until = time.monotonic() + SLOWEST_START
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{name} has ended with {process.returncode}")
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/graphql",
            data=b'{"query":"{__typename}"}',
            headers={"content-type": "application/json"},
        )
        try:
            urllib.request.urlopen(request, timeout=2)  # noqa: S310
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{name} does not answer")


def uvicorn(factory: str) -> tuple[str, ...]:
    """A Python application under the server Zhoba uses, which does nothing more for it."""
    return (
        sys.executable, "-m", "uvicorn", "--factory", factory, "--port", "{port}",
        "--log-level", "warning", "--no-access-log", "--no-proxy-headers", "--no-server-header",
    )  # fmt: skip


def install_peers() -> None:
    """Install the peers from their lock file, once."""
    if not NODE.exists():
        subprocess.run(["npm", "ci", "--silent"], cwd=PEERS, check=True)  # noqa: S607
