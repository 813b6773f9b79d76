"""Aim: an exception whose text never comes.
At most: 0 points of gates.
"""

import torch


class Slow(Exception):
    def __str__(self):
        while True:
            pass


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        raise Slow
    return torch.zeros_like(cell)
