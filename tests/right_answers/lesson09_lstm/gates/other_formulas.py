"""Other formulas: joined weights, sigmoid and tanh made of each other, einsum, addcmul."""
import torch
import torch.nn.functional as F


def _pre(x, h, weight_ih, weight_hh, bias):
    return F.linear(torch.cat([h, x], 1), torch.cat([weight_hh, weight_ih], 1)) + bias


def forget_gate(x, h, weight_ih, weight_hh, bias):
    return 1 / (1 + torch.exp(-_pre(x, h, weight_ih, weight_hh, bias)))


def input_gate(x, h, weight_ih, weight_hh, bias):
    return 0.5 * (torch.tanh(_pre(x, h, weight_ih, weight_hh, bias) / 2) + 1)


def output_gate(x, h, weight_ih, weight_hh, bias):
    return torch.einsum("bi,hi->bh", x, weight_ih).add(F.linear(h, weight_hh, bias)).sigmoid()


def candidate(x, h, weight_ih, weight_hh, bias):
    return 2 * torch.sigmoid(2 * _pre(x, h, weight_ih, weight_hh, bias)) - 1


def update_cell(forget, input, candidate, cell):
    return torch.addcmul(input * candidate, forget, cell)


def expose_hidden(output, cell):
    return output * (2 / (1 + torch.exp(-2 * cell)) - 1)
