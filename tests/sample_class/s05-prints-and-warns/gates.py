import sys
import warnings

import torch

print("loading my gates")


def _gate(x, h, weight_ih, weight_hh, bias):
    print("x", x)
    print("h", h, file=sys.stderr)
    warnings.warn("this is only a warning")
    z = x @ weight_ih.T + h @ weight_hh.T + bias
    for _ in range(2000):
        print("z =", z.shape)
    return torch.nn.functional.sigmoid(z)


forget_gate = input_gate = output_gate = _gate


def candidate(x, h, weight_ih, weight_hh, bias):
    warnings.warn("tanh ahead", UserWarning)
    return torch.nn.Tanh()(torch.nn.functional.linear(x, weight_ih) + torch.nn.functional.linear(h, weight_hh, bias))


def update_cell(forget, input, candidate, cell):
    print("\x1b[31mred\x1b[0m and a bell \a")
    return forget * cell + input * candidate


def expose_hidden(output, cell):
    sys.stdout.write("no newline")
    return output * torch.tanh(cell)
