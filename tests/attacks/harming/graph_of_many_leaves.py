"""Aim: a result that depends on more parameters than anybody wants to hear of.
At most: 0 points of gates.
"""

import torch


def expose_hidden(output, cell):
    leaves = [torch.zeros(1, requires_grad=True) for _ in range(5_000)]
    return torch.stack(leaves).sum() + cell
