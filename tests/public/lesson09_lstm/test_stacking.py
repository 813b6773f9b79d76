"""Examples for `stacking`. Run them with `pytest` or `grader check stacking`."""

import torch
from torch import nn

from grader.suite.properties import same_parameters
from grader.suite.writing import assert_same, assert_shape, expect, part, parts_of

STATE = ("h_n", "c_n")
BOTH = ("output", "(h_n, c_n)")


def test_stacked_has_all_layers_in_one(student):
    """StackedLSTM(3, 5, 2) has an nn.LSTM of two layers and an nn.Linear from 5 to 2"""
    model = student.StackedLSTM(3, 5, 2)
    expect(isinstance(model.lstm, nn.LSTM), "model.lstm should be an nn.LSTM.")
    expect(isinstance(model.fc, nn.Linear), "model.fc should be an nn.Linear.")
    for name, size in {"input_size": 3, "hidden_size": 5, "num_layers": 2}.items():
        assert_same(getattr(model.lstm, name), size, f"model.lstm.{name}")
    for name, size in {"in_features": 5, "out_features": 2}.items():
        assert_same(getattr(model.fc, name), size, f"model.fc.{name}")


def test_stacked_result(student):
    """StackedLSTM gives one row of numbers for each sequence"""
    model = student.StackedLSTM(3, 5, 1, num_layers=3)
    assert_shape(model(torch.ones(4, 6, 3)), (4, 1))


def test_stacked_dropout(student):
    """dropout goes to nn.LSTM, and acts in training only"""
    model = student.StackedLSTM(3, 5, 2, dropout=0.25)
    assert_same(float(model.lstm.dropout), 0.25, "model.lstm.dropout")
    model.eval()
    first, second = model(torch.ones(4, 6, 3)), model(torch.ones(4, 6, 3))
    assert_same(second, first, "the result of the same call once more, in eval mode,")


@part("LSTMStack")
def test_stack_has_parameters(student):
    """LSTMStack(3, 5, 2) has eight parameters with the names and shapes of nn.LSTM(3, 5, 2)"""
    same_parameters(student.LSTMStack(3, 5, 2).state_dict(), nn.LSTM(3, 5, 2).state_dict(), "nn.LSTM")


@part("LSTMStack")
def test_stack_of_zeros(student):
    """With all parameters zero every step halves the cell, in every layer"""
    stack = student.LSTMStack(3, 5, 2)
    stack.load_state_dict({name: tensor * 0 for name, tensor in stack.state_dict().items()})
    h = torch.zeros(2, 4, 5)
    c = torch.stack([torch.full((4, 5), 8.0), torch.full((4, 5), 16.0)])
    _, state = parts_of(stack(torch.ones(4, 3, 3), (h, c)), BOTH)
    _, c_n = parts_of(state, STATE, "the last state")
    assert_same(c_n, torch.stack([torch.full((4, 5), 1.0), torch.full((4, 5), 2.0)]), "c_n after three steps")


@part("LSTMStack")
def test_stack_same_as_pytorch(student):
    """With the same parameters the stack gives the output and the state that nn.LSTM gives"""
    theirs = nn.LSTM(3, 5, num_layers=2, batch_first=True)
    numbers = {
        name: torch.arange(tensor.numel()).sin().reshape(tensor.shape) for name, tensor in theirs.state_dict().items()
    }
    theirs.load_state_dict(numbers)
    mine = student.LSTMStack(3, 5, 2)
    mine.load_state_dict(numbers)
    x = torch.linspace(-1, 1, 24).reshape(2, 4, 3)
    (output, state), (wanted, wanted_state) = parts_of(mine(x), BOTH), theirs(x)
    assert_same(output, wanted, "the output")
    assert_same(state, wanted_state, "the last state", names=STATE)
