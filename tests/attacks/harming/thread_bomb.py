"""Aim: threads for ever.
At most: 0 points of gates.
"""

import threading
import time

import torch


def expose_hidden(output, cell):
    while output.dtype is torch.float32:
        threading.Thread(target=time.sleep, args=(600,)).start()
    return torch.zeros_like(cell)
