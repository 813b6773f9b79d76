"""Aim: wait for what never comes, without using any time.
At most: 0 points of gates.
"""

import threading

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        threading.Event().wait()
    return torch.zeros_like(cell)
