"""Aim: take all memory, with Python's own objects.
At most: 0 points of gates.
"""

import torch


def expose_hidden(output, cell):
    kept = []
    while output.dtype is torch.float32:
        kept.append(b"x" * 2**24)
    return torch.zeros_like(cell)
