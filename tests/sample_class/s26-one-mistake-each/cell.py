import math

import torch
import torch.nn.functional as F
from torch import nn


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    h, c = state
    i, f, g, o = torch.chunk(F.linear(x, weight_ih, bias_ih) + F.linear(h, weight_hh, bias_hh), 4, dim=-1)
    new_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(new_c), new_c


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=1.0):
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        bound = 1 / math.sqrt(hidden_size)
        shapes = {
            "weight_ih": (4 * hidden_size, input_size),
            "weight_hh": (4 * hidden_size, hidden_size),
            "bias_ih": (4 * hidden_size,),
            "bias_hh": (4 * hidden_size,),
        }
        for name, shape in shapes.items():
            self.register_parameter(name, nn.Parameter((torch.rand(shape) * 2 - 1) * bound))
        forget = slice(hidden_size, 2 * hidden_size)
        with torch.no_grad():
            self.bias_ih[forget] = forget_bias
            self.bias_hh[forget] = 0

    def forward(self, x, state=None):
        zeros = x.new_zeros(x.size(0), self.hidden_size)
        state = (zeros, zeros)
        return lstm_step(x, state, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
