"""Aim: print what changes the terminal, the page or the table of whoever reads it.
At most: 0 points of gates.
"""

import os

import torch

TEXT = b"\x1b[2J\x1b]0;owned\x07\x1b[31m\x00\xff\xfe\r\x08" + "\u202e\u2066".encode() + b"<script>alert(1)</script>=cmd|' /C calc'!A0\n[link=file:///etc/passwd]x[/link]"


class Evil(Exception):
    pass


Evil.__qualname__ = "\x1b[2J<img src=x onerror=alert(1)>"


def forget_gate(*args):
    os.write(1, TEXT * 10)
    return torch.zeros(1)


def input_gate(*args):
    raise Evil(TEXT.decode("utf-8", "replace"))


def output_gate(*args):
    return type("\x1b[31m=1+1", (), {})()


def candidate(*args):
    return {"\x1b[31m<b>": TEXT.decode("latin-1")}
