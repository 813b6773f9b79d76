"""Aim: raise every signal there is.
At most: 0 points of gates.
"""

import os
import signal

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        for number in sorted(signal.valid_signals()):
            os.kill(os.getpid(), number)
    return torch.zeros_like(cell)
