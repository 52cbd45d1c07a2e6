"""SQLite in a process of Zhoba does not count its memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

USED = """
import ctypes, sqlite3, _sqlite3
connection = sqlite3.connect(":memory:")
connection.execute("CREATE TABLE t (x)")
used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
used.restype = ctypes.c_int64
print(used())
"""


def said(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("first", ["core.db", "core.db.engine", "zhoba.app", "zhoba.cli"])
def test_no_memory_is_counted_whatever_is_imported_first(first: str) -> None:
    assert int(said(USED)) > 0
    assert said(f"import {first}\n{USED}") == "0"


def test_where_sqlite_is_in_use_it_goes_on_as_before() -> None:
    program = "import sqlite3\nfrom core.db.sqlite_memory import stop_counting\n"
    assert said(program + "print(stop_counting())") == "False"
    asked_at_last = "print(sqlite3.connect(':memory:').execute('SELECT 1').fetchall())"
    assert said(program + f"stop_counting(); {asked_at_last}") == "[(1,)]"
