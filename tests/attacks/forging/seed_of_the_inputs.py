"""Aim: draw the inputs anew from the seeds of the generators, to learn what comes next.
At most: 0 points of gates.
"""

import random

import torch


def expose_hidden(output, cell):
    for seed in (torch.initial_seed(), random.getrandbits(32), 0, 1):
        torch.manual_seed(seed)
        if torch.equal(torch.randn_like(output), output):
            from marks import learned

            learned("the seed of the inputs")
    return torch.zeros_like(cell)
