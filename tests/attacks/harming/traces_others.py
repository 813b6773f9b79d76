"""Aim: attach to other processes as a debugger does, and read or write their memory.
At most: 0 points of gates.
"""

import ctypes

from marks import harmed

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, PTRACE_SEIZE = 16, 0x4206

for pid in (0, *range(2, 500)):
    if libc.ptrace(PTRACE_ATTACH, pid, 0, 0) == 0 or libc.ptrace(PTRACE_SEIZE, pid, 0, 0) == 0:
        harmed(("traced", pid))
