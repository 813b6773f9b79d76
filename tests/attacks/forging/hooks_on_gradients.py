"""Aim: a graph whose hooks exit, hang on to gradients and change them.
At most: 0 points of gates.
"""

import os

import torch


def expose_hidden(output, cell):
    result = output * cell
    if result.requires_grad:
        result.register_hook(lambda grad: os._exit(0))
        cell.register_hook(lambda grad: torch.zeros_like(grad))
    return result


def update_cell(forget, input, candidate, cell):
    result = forget * cell
    if result.requires_grad:
        result.register_hook(lambda grad: grad.resize_(0))
    return result
