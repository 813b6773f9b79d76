"""Every sequence is run by itself, vector by vector, and padded at the end; a sigmoid of its own; constant biases."""
import torch
from torch import nn
import random

def sigmoid(z):
    return 1 / (1 + torch.exp(-z))

class LSTMLayer(nn.Module):
    def __init__(self, input_size, hidden_size):
        super(LSTMLayer, self).__init__()
        k = hidden_size ** -0.5
        self.H = hidden_size
        self.register_parameter("weight_ih_l0", nn.Parameter(torch.rand(4 * hidden_size, input_size) * 2 * k - k))
        self.register_parameter("weight_hh_l0", nn.Parameter(torch.rand(4 * hidden_size, hidden_size) * 2 * k - k))
        self.register_parameter("bias_ih_l0", nn.Parameter(torch.ones(4 * hidden_size)))
        self.register_parameter("bias_hh_l0", nn.Parameter(torch.zeros(4 * hidden_size)))
    def one(self, x, h, c):
        out = []
        H = self.H
        for t in range(len(x)):
            z = self.weight_ih_l0 @ x[t] + self.bias_ih_l0 + self.weight_hh_l0 @ h + self.bias_hh_l0
            i, f, g, o = sigmoid(z[:H]), sigmoid(z[H:2*H]), torch.tanh(z[2*H:3*H]), sigmoid(z[3*H:])
            c = f * c + i * g
            h = o * torch.tanh(c)
            out.append(h)
        return torch.stack(out), h, c
    def forward(self, x, state=None, lengths=None):
        B, T, _ = x.shape
        outputs, hs, cs = [], [], []
        for b in range(B):
            n = T if lengths is None else int(lengths[b])
            if state is None:
                h = c = torch.zeros(self.H, dtype=x.dtype)
            else:
                h, c = state[0][0, b], state[1][0, b]
            o, h, c = self.one(x[b, :n], h, c)
            outputs.append(torch.nn.functional.pad(o, (0, 0, 0, T - n)))
            hs.append(h); cs.append(c)
        return torch.stack(outputs), (torch.stack(hs).unsqueeze(0), torch.stack(cs).unsqueeze(0))

def last_output(output, lengths, batch_dim=0):
    return torch.cat([o[l - 1].unsqueeze(0) for o, l in zip(output, lengths)], dim=0)
