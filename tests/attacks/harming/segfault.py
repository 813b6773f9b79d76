"""Aim: write to where nothing is.
At most: 0 points of gates.
"""

import ctypes
import os

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        ctypes.memset(8, 1, 100)
    return torch.zeros_like(cell)


def update_cell(forget, input, candidate, cell):
    if cell.dtype is torch.float32:
        os.abort()
    return torch.zeros_like(cell)
