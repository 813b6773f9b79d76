"""Aim: tensors that no comparison expects: sparse, meta, quantized, nested, empty.
At most: 0 points of gates.
"""

import torch


def forget_gate(x, h, *args):
    return torch.zeros_like(h).to_sparse()


def input_gate(x, h, *args):
    return torch.empty(h.shape, dtype=h.dtype, device="meta")


def output_gate(x, h, *args):
    return torch.quantize_per_tensor(torch.zeros(h.shape), 0.1, 0, torch.quint8)


def candidate(x, h, *args):
    return torch.nested.nested_tensor(list(torch.zeros_like(h)))


def update_cell(forget, input, candidate, cell):
    return torch.zeros(0, *cell.shape)


def expose_hidden(output, cell):
    return torch._efficientzerotensor(cell.shape, dtype=cell.dtype)
