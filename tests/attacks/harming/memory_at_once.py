"""Aim: ask for more memory in one piece than there is.
At most: 0 points of gates.
"""

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        return torch.ones(2**40)
    return torch.zeros_like(cell)
