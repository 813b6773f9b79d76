"""Examples for `stacking`. Run them with `pytest` or `grader check stacking`."""

import torch
from torch import nn

from grader.suite.writing import assert_same, expect, part

STATE = ("h_n", "c_n")


def test_stacked_has_all_layers_in_one(student):
    """StackedLSTM(3, 5, 2) has an nn.LSTM of two layers and an nn.Linear from 5 to 2"""
    model = student.StackedLSTM(3, 5, 2)
    expect(isinstance(model.lstm, nn.LSTM), "model.lstm should be an nn.LSTM.")
    expect(isinstance(model.fc, nn.Linear), "model.fc should be an nn.Linear.")
    sizes = (model.lstm.input_size, model.lstm.hidden_size, model.lstm.num_layers)
    assert_same(sizes, (3, 5, 2), "input size, hidden size and number of layers of model.lstm")
    assert_same((model.fc.in_features, model.fc.out_features), (5, 2), "the sizes of model.fc")


def test_stacked_result(student):
    """StackedLSTM gives one row of numbers for each sequence"""
    model = student.StackedLSTM(3, 5, 1, num_layers=3)
    assert_same(model(torch.ones(4, 6, 3)) * 0, torch.zeros(4, 1), "the result times 0")


def test_stacked_dropout(student):
    """dropout goes to nn.LSTM, and acts in training only"""
    model = student.StackedLSTM(3, 5, 2, dropout=0.25)
    assert_same(float(model.lstm.dropout), 0.25, "the dropout of model.lstm")
    x = torch.ones(4, 6, 3)
    model.eval()
    assert_same(model(x), model(x), "the second result in eval mode")


@part("LSTMStack")
def test_stack_has_parameters(student):
    """LSTMStack(3, 5, 2) has eight parameters with the names and shapes of nn.LSTM(3, 5, 2)"""
    shapes = {name: tuple(tensor.shape) for name, tensor in student.LSTMStack(3, 5, 2).state_dict().items()}
    wanted = {
        "bias_hh_l0": (20,), "bias_hh_l1": (20,), "bias_ih_l0": (20,), "bias_ih_l1": (20,),
        "weight_hh_l0": (20, 5), "weight_hh_l1": (20, 5), "weight_ih_l0": (20, 3), "weight_ih_l1": (20, 5),
    }  # fmt: skip
    assert_same(dict(sorted(shapes.items())), wanted, "the state_dict")


@part("LSTMStack")
def test_stack_of_zeros(student):
    """With all parameters zero every step halves the cell, in every layer"""
    stack = student.LSTMStack(3, 5, 2)
    stack.load_state_dict({name: tensor * 0 for name, tensor in stack.state_dict().items()})
    h = torch.zeros(2, 4, 5)
    c = torch.stack([torch.full((4, 5), 8.0), torch.full((4, 5), 16.0)])
    _, (_, c_n) = stack(torch.ones(4, 3, 3), (h, c))
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
    (output, state), (wanted, wanted_state) = mine(x), theirs(x)
    assert_same(output, wanted, "the output")
    assert_same(state, wanted_state, "the last state", names=STATE)
