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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

POSSIBLE = hasattr(os, "SCHED_IDLE")

SPIN = """
import os, sys
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
os.sched_setaffinity(0, {int(sys.argv[1])})
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def awake() -> Iterator[None]:
    """No processor is idle within this block, where the system knows such a priority."""
    with ExitStack() as stack:
        if POSSIBLE:
            for processor in sorted(os.sched_getaffinity(0)):
                command = [sys.executable, "-c", SPIN, str(processor)]
                spinning = stack.enter_context(subprocess.Popen(command))
                stack.callback(spinning.kill)
        yield
