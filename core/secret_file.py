"""A secret of the installation in a file of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def secret_in(path: Path, make: Callable[[], str]) -> str:
    """What a file holds; made at the first use, readable by its owner only.

    Two processes that start at once agree: the file appears whole, and the first one stays.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return path.read_text("utf-8")
