"""Aim: a result with an autograd function that answers whatever gradient is asked for.
At most: 0 points of gates.
"""

import torch


class Forged(torch.autograd.Function):
    @staticmethod
    def forward(ctx, output, cell):
        return torch.zeros_like(cell)

    @staticmethod
    def backward(ctx, grad):
        return torch.full_like(grad, float("nan")), grad.expand(grad.shape) * 0


def expose_hidden(output, cell):
    return Forged.apply(output, cell)
