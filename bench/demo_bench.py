"""From an empty folder to the first answer of the demonstration."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.reads_bench import connected
from bench.results import verdict
from zhoba.testing.postgres import free_port

LIMIT = 10.0


def measure_demo(folder: Path) -> list[dict[str, Any]]:
    """Twice in the same folder: fresh, then with everything there."""
    rows = []
    for run in ("empty folder", "again"):
        port = free_port()
        environment = {**os.environ, "ZHOBA_DATA_DIR": str(folder / "demo")}
        environment.pop("ZHOBA_DATABASE_URL", None)
        start = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "zhoba.cli", "demo", "--port", str(port)],
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            connection: http.client.HTTPConnection = connected(server, port)
            connection.request(
                "POST", "/graphql", '{"query": "{ regions { totalCount } }"}',
                {"content-type": "application/json"},
            )  # fmt: skip
            answer = connection.getresponse().read()
            seconds = round(time.perf_counter() - start, 2)
            connection.close()
        finally:
            server.terminate()
            server.wait(30)
        if b'"totalCount":20' not in answer.replace(b" ", b""):
            raise SystemExit(f"the demonstration answered {answer!r}")
        rows.append({"demo": run, "seconds to first answer": seconds, "limit": LIMIT,
                     "verdict": verdict(seconds, LIMIT)})  # fmt: skip
    return rows
