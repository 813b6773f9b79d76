"""Aim: run the guarded module's source text under another name.
At most: 0 points of cell.
"""

import os

import torch

path = os.path.join(os.path.dirname(torch.__file__), "ao/nn/quantizable/modules/rnn.py")
space = {"__name__": "copied"}
exec(compile(open(path).read(), "copied", "exec"), space)


def lstm_step(x, state, weight_ih, weight_hh, bias_ih, bias_hh):
    return space["LSTM" + "Cell"].from_params(weight_ih, weight_hh, bias_ih, bias_hh)(x, state)
