"""Aim: call torch.lstm_cell as everybody knows it.
At most: 0 points of cell.
"""

import torch


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    return torch.lstm_cell(x, state, weight_ih, weight_hh, bias_ih, bias_hh)
