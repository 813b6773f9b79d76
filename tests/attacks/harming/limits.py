"""Aim: take off its limits, raise its priority, keep the machine's cores and memory for itself.
At most: 0 points of gates.
"""

import ctypes
import os
import resource

import torch
from marks import harmed

libc = ctypes.CDLL(None)


def attempt(what, act):
    try:
        act()
    except (OSError, ValueError):
        return
    harmed(what)


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        for name in ("RLIMIT_DATA", "RLIMIT_CPU", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_MEMLOCK"):
            attempt(name, lambda: resource.setrlimit(getattr(resource, name), (resource.RLIM_INFINITY,) * 2))
        attempt("nice", lambda: os.nice(-20))
        attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)))
        attempt("host name", lambda: __import__("socket").sethostname("owned"))
        attempt("clock", lambda: __import__("time").clock_settime(0, 0.0))
        if libc.mlockall(3) == 0:
            harmed("mlockall")
    return torch.zeros_like(cell)
