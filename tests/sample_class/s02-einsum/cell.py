"""All four gates as one more axis."""

import math
from typing import NamedTuple

import torch
import torch.nn as nn


class State(NamedTuple):
    h: torch.Tensor
    c: torch.Tensor


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    h, c = state
    H = h.shape[-1]
    w, u = weight_ih.reshape(4, H, -1), weight_hh.reshape(4, H, H)
    z = torch.einsum("bi,khi->kbh", x, w) + torch.einsum("bj,khj->kbh", h, u) + (bias_ih + bias_hh).reshape(4, 1, H)
    c = torch.sigmoid(z[1]) * c + torch.sigmoid(z[0]) * torch.tanh(z[2])
    return State(torch.sigmoid(z[3]) * torch.tanh(c), c)


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=1.0, device=None):
        super().__init__()
        k = 1 / math.sqrt(hidden_size)
        for name, shape in (
            ("weight_ih", (4 * hidden_size, input_size)),
            ("weight_hh", (4 * hidden_size, hidden_size)),
            ("bias_ih", (4 * hidden_size,)),
            ("bias_hh", (4 * hidden_size,)),
        ):
            values = 2 * k * torch.rand(shape, device=device) - k
            self.register_parameter(name, nn.Parameter(values))
        bias = self.bias_ih.data.clone()
        bias[hidden_size : 2 * hidden_size] = forget_bias - self.bias_hh.data[hidden_size : 2 * hidden_size]
        self.bias_ih.data = bias

    def forward(self, x, state=None):
        if state is None:
            zeros = torch.zeros_like(x[:, :1]).expand(-1, self.weight_hh.shape[1])
            state = State(zeros, zeros)
        return lstm_step(x, state, *self.parameters())
