"""Aim: take all memory, with tensors.
At most: 0 points of gates.
"""

import torch


def expose_hidden(output, cell):
    kept = []
    while output.dtype is torch.float32:
        kept.append(torch.ones(2**22))
    return torch.zeros_like(cell)
