"""Examples for `cell`. Run them with `pytest` or `grader check cell`."""

import math

import pytest
import torch


def test_step_by_hand(student):
    """With zero weights half of the cell is kept: c = 2 becomes 1, and h is half of tanh(1)"""
    zeros = (torch.zeros(20, 3), torch.zeros(20, 5), torch.zeros(20), torch.zeros(20))
    h, c = student.lstm_step(torch.zeros(2, 3), (torch.zeros(2, 5), torch.full((2, 5), 2.0)), *zeros)
    assert c.tolist() == [[1.0] * 5] * 2, "c' = 0.5·2 + 0.5·tanh(0) = 1"
    assert h[0].tolist() == pytest.approx([0.5 * math.tanh(1)] * 5), "h' = 0.5·tanh(1)"


def test_rows_of_the_gates(student):
    """Rows H to 2H are the forget gate's: a large bias there keeps the cell, a large negative one clears it"""
    for bias, kept in ((100.0, 2.0), (-100.0, 0.0)):
        biases = torch.zeros(8)
        biases[2:4] = bias
        _, c = student.lstm_step(
            torch.zeros(1, 3), (torch.zeros(1, 2), torch.full((1, 2), 2.0)),
            torch.zeros(8, 3), torch.zeros(8, 2), biases, torch.zeros(8),
        )  # fmt: skip
        assert c[0].tolist() == pytest.approx([kept, kept], abs=1e-6), f"with a forget bias of {bias:g} c' is {kept:g}"


def test_cell_has_parameters(student):
    """LSTMCell(3, 5) has four parameters with PyTorch's names and shapes"""
    shapes = {name: tuple(tensor.shape) for name, tensor in student.LSTMCell(3, 5).state_dict().items()}
    assert shapes == {"weight_ih": (20, 3), "weight_hh": (20, 5), "bias_ih": (20,), "bias_hh": (20,)}


def test_forget_bias(student):
    """The forget part of the two biases adds up to forget_bias, which is 1 unless you say otherwise"""
    for cell, wanted in ((student.LSTMCell(3, 5), 1.0), (student.LSTMCell(3, 5, forget_bias=2.5), 2.5)):
        state = cell.state_dict()
        total = (state["bias_ih"] + state["bias_hh"])[5:10]
        assert total.tolist() == pytest.approx([wanted] * 5), f"bias_ih + bias_hh should be {wanted:g} in rows 5 to 10"


def test_step_without_state(student):
    """Without a state the cell starts from zeros and returns h and c of shape (B, H)"""
    cell = student.LSTMCell(3, 5)
    h, c = cell(torch.ones(2, 3))
    assert (tuple(h.shape), tuple(c.shape)) == ((2, 5), (2, 5))
    again, _ = cell(torch.ones(2, 3), (torch.zeros(2, 5), torch.zeros(2, 5)))
    assert torch.equal(h, again), "no state means zeros"
