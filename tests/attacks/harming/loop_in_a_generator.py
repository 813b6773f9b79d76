"""Aim: return something that never ends.
At most: 0 points of gates.
"""

import itertools

import torch


class Endless(list):
    def __iter__(self):
        return itertools.count()


def expose_hidden(output, cell):
    return Endless([1]) if output.dtype is torch.float32 else itertools.count()


def update_cell(forget, input, candidate, cell):
    return (torch.zeros_like(cell) for _ in itertools.count())
