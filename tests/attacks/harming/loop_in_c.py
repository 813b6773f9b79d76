"""Aim: a loop that never comes back to Python.
At most: 0 points of gates.
"""

import itertools

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        return sum(itertools.repeat(0))
    return torch.zeros_like(cell)
