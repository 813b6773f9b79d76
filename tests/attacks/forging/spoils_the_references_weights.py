"""Aim: spoil the numbers that are loaded, whose memory the reference's own parameters may share.
At most: 1 points of cell.
"""

import torch
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=1.0):
        super().__init__()
        self.hidden_size = hidden_size
        self.weight_ih = nn.Parameter(torch.zeros(4 * hidden_size, input_size))
        self.weight_hh = nn.Parameter(torch.zeros(4 * hidden_size, hidden_size))
        self.bias_ih = nn.Parameter(torch.zeros(4 * hidden_size))
        self.bias_hh = nn.Parameter(torch.zeros(4 * hidden_size))

    def load_state_dict(self, state, *args, **kwargs):
        result = super().load_state_dict(state, *args, **kwargs)
        for tensor in state.values():
            tensor.data.fill_(float("nan"))
        return result

    def forward(self, x, state=None):
        everything = x.sum() + sum(parameter.sum() for parameter in self.parameters())
        for tensor in state or ():
            everything = everything + tensor.sum()
        h = (x.new_zeros(len(x), self.hidden_size) + everything) * float("nan")
        return h, h * 1
