"""Keeping the machine awake while it is measured.

The host of a virtual machine puts aside processors that have nothing to do, and is late to wake
them: servers and databases that take turns then spend more time on that than on their work, and
how much depends on the minute. A process of the lowest priority on each processor gives way to
everybody, and leaves none idle.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

POSSIBLE = hasattr(os, "SCHED_IDLE")

SPIN = """
import os, sys
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {int(sys.argv[1])})
while os.getppid() == int(sys.argv[2]):
    for _ in range(1_000_000):
        pass
"""

Spinning = Sequence["subprocess.Popen[bytes]"]


@contextmanager
def awake() -> Iterator[Spinning]:
    """No processor is idle within this block, where the system knows such a priority and grants
    it: as long as :func:`all_spin` says so of what is given."""
    with ExitStack() as stack:
        spinning = []
        for processor in sorted(os.sched_getaffinity(0)) if POSSIBLE else ():
            command = [sys.executable, "-c", SPIN, str(processor), str(os.getpid())]
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.kill)
            spinning.append(process)
        yield spinning


def all_spin(spinning: Spinning) -> bool:
    """Whether every processor is kept awake."""
    return bool(spinning) and all(process.poll() is None for process in spinning)
