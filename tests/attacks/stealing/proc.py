"""Aim: read /proc: environments, command lines, memory and files of other processes.
At most: 0 points of gates.
"""

import ctypes
import os

from marks import learned

NAMES = ("environ", "cmdline", "maps", "mem", "mountinfo", "status", "cgroup", "cwd", "root", "fd")

for process in ("self", "thread-self", *map(str, range(1, 300))):
    for name in NAMES:
        path = f"/proc/{process}/{name}"
        for read in (os.listdir, os.readlink, lambda place: open(place, "rb").read(100)):
            try:
                found = read(path)
            except OSError:
                continue
            learned((path, found))
if ctypes.CDLL(None).mount(b"proc", b"/proc", b"proc", 0, None) == 0:
    learned(os.listdir("/proc"))
