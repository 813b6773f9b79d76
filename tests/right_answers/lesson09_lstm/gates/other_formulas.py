"""Gates out of a factory, over joined weights; sigmoid and tanh made of each other; addcmul."""
import torch
import torch.nn.functional as F


def _of(squash):
    def gate(x, h, weight_ih, weight_hh, bias):
        z = F.linear(torch.cat([h, x], 1), torch.cat([weight_hh, weight_ih], 1), bias)
        return squash(z)
    return gate


forget_gate = _of(lambda z: 1 / (1 + torch.exp(-z)))
input_gate = _of(lambda z: 0.5 * (torch.tanh(z / 2) + 1))
output_gate = _of(lambda z: z.neg().exp().add(1).reciprocal())
candidate = _of(lambda z: 2 * torch.sigmoid(2 * z) - 1)


def update_cell(forget, input, candidate, cell):
    return torch.addcmul(input * candidate, forget, cell)


def expose_hidden(output, cell):
    return output * (2 / (1 + torch.exp(-2 * cell)) - 1)
