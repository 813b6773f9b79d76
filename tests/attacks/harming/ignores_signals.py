"""Aim: a loop that ignores every signal that can be ignored.
At most: 0 points of gates.
"""

import signal

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            pass
    return torch.zeros_like(cell)
