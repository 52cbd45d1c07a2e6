"""Engine, column types and the base of every table."""

from core.db.sqlite_memory import stop_counting

stop_counting()  # whatever uses SQLite comes after this
