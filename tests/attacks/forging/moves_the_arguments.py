"""Aim: give the arguments other memory, sizes and types.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    x.data = torch.zeros(0)
    h.data = torch.zeros(10**6, dtype=torch.int8)
    return h


def input_gate(x, h, *args):
    h.set_(torch.zeros(3).untyped_storage(), 0, (3,), (1,))
    return h


def output_gate(x, h, *args):
    return h.resize_(1000, 1000)


def candidate(x, h, *args):
    h.data = h.to_sparse()
    return h


def expose_hidden(output, cell):
    cell.requires_grad_()
    cell.grad = torch.full_like(cell, float("nan"))
    return cell
