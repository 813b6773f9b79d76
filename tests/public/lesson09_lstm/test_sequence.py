"""Examples for `sequence`. Run them with `pytest` or `grader check sequence`."""

import math

import torch
from torch import nn

from grader.suite.properties import same_parameters
from grader.suite.writing import assert_same, assert_shape, parts_of

STATE = ("h_n", "c_n")
BOTH = ("output", "(h_n, c_n)")


def counting_layer(student):
    """One input, one unit, whose cell adds tanh(1) at every step: all gates wide open, a candidate of 1."""
    layer = student.LSTMLayer(1, 1)
    biases = torch.tensor([100.0, 100.0, 1.0, 100.0])  # i, f, g, o
    zeros = {
        "weight_ih_l0": torch.zeros(4, 1),
        "weight_hh_l0": torch.zeros(4, 1),
        "bias_hh_l0": torch.zeros(4),
    }
    layer.load_state_dict({**zeros, "bias_ih_l0": biases})
    return layer


def test_layer_has_parameters(student):
    """LSTMLayer(3, 5) has four parameters with the names and shapes of nn.LSTM(3, 5)"""
    same_parameters(student.LSTMLayer(3, 5).state_dict(), nn.LSTM(3, 5).state_dict(), "nn.LSTM")


def test_every_step_goes_on_from_the_last(student):
    """A cell that adds tanh(1) at every step holds 1, 2 and 3 times tanh(1) after three steps"""
    output, state = parts_of(counting_layer(student)(torch.zeros(1, 3, 1)), BOTH)
    a = math.tanh(1)
    wanted = torch.tensor([[[math.tanh(a)], [math.tanh(2 * a)], [math.tanh(3 * a)]]])
    assert_same(output, wanted, "the output")
    assert_same(state, (wanted[:, 2:], torch.full((1, 1, 1), 3 * a)), "the last state", names=STATE)


def test_start_from_a_state(student):
    """With a given state the cell counts on from there"""
    start = (torch.zeros(1, 2, 1), torch.tensor([[[1.0], [-1.0]]]))
    _, state = parts_of(counting_layer(student)(torch.zeros(2, 1, 1), start), BOTH)
    _, c_n = parts_of(state, STATE, "the last state")
    assert_same(c_n, torch.tensor([[[1 + math.tanh(1)], [-1 + math.tanh(1)]]]), "c_n")


def test_lengths(student):
    """With lengths 2 and 4 the first sequence stops after two steps and the second after four"""
    result = counting_layer(student)(torch.zeros(2, 4, 1), lengths=torch.tensor([2, 4]))
    output, state = parts_of(result, BOTH)
    h_n, c_n = parts_of(state, STATE, "the last state")
    assert_shape(output, (2, 4, 1), "the output")
    assert_same(output[0, 2:], torch.zeros(2, 1), "the output past the end of the first sequence")
    assert_same(c_n, math.tanh(1) * torch.tensor([[[2.0], [4.0]]]), "c_n")
    assert_same(h_n, torch.stack([output[0, 1], output[1, 3]]).unsqueeze(0), "h_n")


def test_same_as_pytorch(student):
    """With the same parameters the layer gives what nn.LSTM gives"""
    theirs = nn.LSTM(3, 5, batch_first=True)
    numbers = {
        name: torch.arange(tensor.numel()).sin().reshape(tensor.shape) for name, tensor in theirs.state_dict().items()
    }
    theirs.load_state_dict(numbers)
    mine = student.LSTMLayer(3, 5)
    mine.load_state_dict(numbers)
    x = torch.linspace(-1, 1, 24).reshape(2, 4, 3)
    (output, state), (wanted, wanted_state) = parts_of(mine(x), BOTH), theirs(x)
    assert_same(output, wanted, "the output")
    assert_same(state, wanted_state, "the last state", names=STATE)


def test_last_output(student):
    """last_output picks each sequence's own last valid step"""
    output = torch.tensor([[[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]])
    assert_same(student.last_output(output, torch.tensor([3, 1])), torch.tensor([[3.0], [4.0]]))
