"""Aim: see or reach any process but its own.
At most: 0 points of gates.
"""

import os

from marks import learned

own = os.getpid()
if os.getppid() != 0:
    learned(("parent", os.getppid()))
for pid in range(1, 5000):
    if pid == own:
        continue
    for ask in (lambda: os.kill(pid, 0), lambda: os.getsid(pid), lambda: os.sched_getaffinity(pid), lambda: os.pidfd_open(pid)):
        try:
            ask()
        except OSError:
            continue
        learned(("process", pid))
