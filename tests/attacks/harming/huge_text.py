"""Aim: return long texts and names where a short one is shown.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    raise type("E" * 10**6, (Exception,), {})("x" * 10**7)


def input_gate(x, h, *args):
    return type("T" * 10**6, (), {})()


def output_gate(x, h, *args):
    return "x" * 2**22


def candidate(x, h, *args):
    return torch.zeros([1] * 60)


def update_cell(forget, input, candidate, cell):
    return torch.zeros(0, 2**30)
