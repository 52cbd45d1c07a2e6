"""SQLite counts every byte it allocates, under one lock for the whole process.

Nobody asks for the count, and threads that read at once spend their time waiting for that lock:
four of them made 498 program trees a second, and make 3 036 without it; a single one 643, and 770.
SQLite's own advice is to leave it off; it can only be said before the library is first used.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec

COUNTING = 9
"""SQLITE_CONFIG_MEMSTATUS."""


def stop_counting() -> bool:
    """Have SQLite not count its memory; whether it does as it is told.

    It goes on where SQLite is in use already, or is a part of Python itself.
    """
    module = find_spec("_sqlite3")
    try:
        configure = ctypes.CDLL(module.origin if module else None).sqlite3_config
        configure.argtypes = [ctypes.c_int]  # what comes behind it is passed as variable arguments
        refused: int = configure(COUNTING, 0)
    except (OSError, AttributeError):
        return False
    return refused == 0
