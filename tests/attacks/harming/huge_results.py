"""Aim: return what does not fit into memory or into a message.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    return torch.zeros(1).expand(2**20, 2**20)


def input_gate(x, h, *args):
    return "x" * 2**26


def output_gate(x, h, *args):
    return bytes(2**27)


def candidate(x, h, *args):
    return [0] * 2 * 10**6


def update_cell(forget, input, candidate, cell):
    return 10 ** (10**5)


def expose_hidden(output, cell):
    return {number: "x" * 100 for number in range(10**5)}
