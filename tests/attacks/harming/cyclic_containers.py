"""Aim: lists and dicts that contain themselves.
At most: 0 points of gates.
"""

import torch

loop = []
loop.append(loop)
knot = {}
knot["knot"] = knot


def forget_gate(*args):
    return loop


def input_gate(*args):
    return knot


def output_gate(*args):
    return (loop, knot, loop)


def expose_hidden(output, cell):
    wide = torch.zeros_like(cell)
    for _ in range(60 if cell.dtype is torch.float32 else 1):
        wide = [wide, wide]
    return wide
