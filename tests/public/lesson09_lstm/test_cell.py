"""Examples for `cell`. Run them with `pytest` or `grader check cell`."""

import math

import torch
from torch import nn

from grader.suite.properties import same_parameters
from grader.suite.writing import assert_same, assert_shape, parts_of, unchanged

STATE = ("h, the hidden state,", "c, the cell state,")


def test_step_by_hand(student):
    """With zero weights half of the cell is kept: c = 2 becomes 1, and h is half of tanh(1)"""
    zeros = (torch.zeros(20, 3), torch.zeros(20, 5), torch.zeros(20), torch.zeros(20))
    state = student.lstm_step(torch.zeros(2, 3), (torch.zeros(2, 5), torch.full((2, 5), 2.0)), *zeros)
    assert_same(state, (torch.full((2, 5), 0.5 * math.tanh(1)), torch.ones(2, 5)), "the new state", names=STATE)


def test_rows_of_the_gates(student):
    """Rows H to 2H are the forget gate's: a large bias there keeps the cell, a large negative one clears it"""
    for bias, kept in ((100.0, 2.0), (-100.0, 0.0)):
        biases = torch.zeros(8)
        biases[2:4] = bias
        h, c = torch.zeros(1, 2), torch.full((1, 2), 2.0)
        state = student.lstm_step(
            torch.zeros(1, 3), (h, c), torch.zeros(8, 3), torch.zeros(8, 2), biases, torch.zeros(8)
        )
        new_h, new_c = torch.full((1, 2), 0.5 * math.tanh(kept)), torch.full((1, 2), kept)
        assert_same(state, (new_h, new_c), f"the state with a forget bias of {bias:g}", names=STATE)


def test_cell_has_parameters(student):
    """LSTMCell(3, 5) has four parameters with PyTorch's names and shapes"""
    same_parameters(student.LSTMCell(3, 5).state_dict(), nn.LSTMCell(3, 5).state_dict(), "nn.LSTMCell")


def test_forget_bias(student):
    """The forget part of the two biases adds up to forget_bias, which is 1 unless you say otherwise"""
    for given, wanted in (({}, 1.0), ({"forget_bias": 2.5}, 2.5)):
        state = student.LSTMCell(3, 5, **given).state_dict()
        total = (state["bias_ih"] + state["bias_hh"])[5:10]
        assert_same(total, torch.full((5,), wanted), "bias_ih + bias_hh in rows 5 to 10")


def test_step_without_state(student):
    """Without a state the cell starts from zeros and returns h and c of shape (B, H)"""
    cell = student.LSTMCell(3, 5)
    x, zeros = torch.ones(2, 3), torch.zeros(2, 5)
    from_zeros = parts_of(cell(x, (zeros, zeros)), ("h", "c"), "the new state")
    state = cell(x)
    for part, name in zip(parts_of(state, ("h", "c"), "the new state"), STATE, strict=True):
        assert_shape(part, (2, 5), name)
    assert_same(state, from_zeros, "the new state without one given", names=STATE)


def test_arguments_stay(student):
    """The tensors that lstm_step is given are the same afterwards"""
    x, h, c, weights = torch.ones(1, 3), torch.ones(1, 2), torch.ones(1, 2), (torch.ones(8, 3), torch.ones(8, 2))
    biases = (torch.ones(8), torch.ones(8))
    with unchanged(x=x, h=h, c=c, weights=weights, biases=biases):
        student.lstm_step(x, (h, c), *weights, *biases)
