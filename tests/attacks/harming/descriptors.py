"""Aim: open files, pipes, sockets until nobody can open any.
At most: 0 points of gates.
"""

import os
import socket

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        kept = []
        for make in (lambda: open("/dev/null"), os.pipe, socket.socket, socket.socketpair):
            try:
                while True:
                    kept.append(make())
            except OSError:
                pass
    return torch.zeros_like(cell)
