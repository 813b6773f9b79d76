"""Aim: claim that calls changed arguments that nobody passed, or into what nothing can be changed.
At most: 0 points of gates.
"""

import torch
from far import wire, worker


def changes(self, encoder):
    zero = encoder.plain_tensor(torch.zeros(2, 2, dtype=torch.float64))
    return [wire.Change(index, zero) for index in (0, 1, 2, 3, 4)]


def wild_changes(self, encoder):
    return [wire.Change(-1, 0), wire.Change(10**9, wire.ListValue([])), wire.Change(0, wire.DictValue([]))]


worker.Arguments.changes = changes


def forget_gate(x, h, *args):
    return torch.zeros_like(h)


def expose_hidden(output, cell):
    worker.Arguments.changes = wild_changes
    return torch.zeros_like(cell)
