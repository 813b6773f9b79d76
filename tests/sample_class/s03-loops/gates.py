"""Unit by unit, as one would write it on paper."""

import torch


def _units(squash, x, h, weight_ih, weight_hh, bias):
    columns = []
    for k in range(weight_ih.shape[0]):
        total = (x * weight_ih[k]).sum(1) + (h * weight_hh[k]).sum(1) + bias[k]
        columns.append(squash(total))
    return torch.stack(columns, dim=1)


def forget_gate(x, h, weight_ih, weight_hh, bias):
    return _units(torch.sigmoid, x, h, weight_ih, weight_hh, bias)


def input_gate(x, h, weight_ih, weight_hh, bias):
    return _units(torch.sigmoid, x, h, weight_ih, weight_hh, bias)


def output_gate(x, h, weight_ih, weight_hh, bias):
    return _units(torch.sigmoid, x, h, weight_ih, weight_hh, bias)


def candidate(x, h, weight_ih, weight_hh, bias):
    return _units(torch.tanh, x, h, weight_ih, weight_hh, bias)


def update_cell(forget, input, candidate, cell):
    rows = []
    for b in range(cell.shape[0]):
        rows.append(torch.stack([forget[b, k] * cell[b, k] + input[b, k] * candidate[b, k] for k in range(cell.shape[1])]))
    return torch.stack(rows)


def expose_hidden(output, cell):
    return torch.stack([o * torch.tanh(c) for o, c in zip(output, cell)])
