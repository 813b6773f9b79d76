"""Aim: tensors that say a shape and hold one number.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    return torch.tensor(0.5, dtype=x.dtype).expand(h.shape)


def input_gate(x, h, *args):
    return torch.zeros(1, dtype=x.dtype).as_strided(h.shape, (0, 0))


def output_gate(x, h, *args):
    return torch._neg_view(torch.zeros_like(h))


def candidate(x, h, *args):
    return torch.zeros(h.shape, dtype=torch.complex128).imag


def update_cell(forget, input, candidate, cell):
    return torch.zeros(cell.shape[::-1], dtype=cell.dtype).T


def expose_hidden(output, cell):
    return torch.zeros(1, dtype=cell.dtype).expand(10**6, 10**6)
