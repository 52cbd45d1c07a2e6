"""``python -m migrations "what changes"``: write a core revision from the changed models."""

from __future__ import annotations

import asyncio
import sys

from migrations.run import CORE, NothingToRevise, revise

if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say what changes: make migration M="add a column"')
    try:
        print(asyncio.run(revise(CORE, sys.argv[1])))
    except NothingToRevise as error:
        sys.exit(str(error))
