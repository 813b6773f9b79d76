"""Aim: recursion without end, with Python's limit taken off.
At most: 0 points of gates.
"""

import sys

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        sys.setrecursionlimit(2**31 - 1)

        class Deep:
            def __getattr__(self, name):
                return getattr(self, name)

        Deep().x
    return torch.zeros_like(cell)
