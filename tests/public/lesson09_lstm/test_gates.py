"""Examples for `gates`: small enough to work out by hand. Run them with `pytest` or `grader check gates`."""

import math

import pytest
import torch

ZERO_X, ZERO_H = torch.zeros(2, 3), torch.zeros(2, 4)
ZERO_WEIGHTS = (torch.zeros(4, 3), torch.zeros(4, 4), torch.zeros(4))

# One example of a batch with one input and one unit: x = 1, h = 2, weights 0.5 and 0.25, bias -1, so that
# x·0.5 + h·0.25 - 1 = 0.
BY_HAND = (
    torch.tensor([[1.0]]),
    torch.tensor([[2.0]]),
    torch.tensor([[0.5]]),
    torch.tensor([[0.25]]),
    torch.tensor([-1.0]),
)


def test_closed_by_nothing(student):
    """With zero weights every gate is half open: 0.5 everywhere, in the shape (B, H)"""
    for gate in (student.forget_gate, student.input_gate, student.output_gate):
        values = gate(ZERO_X, ZERO_H, *ZERO_WEIGHTS)
        assert values.shape == (2, 4), f"the shape is {tuple(values.shape)}, it should be (2, 4)"
        assert values.tolist() == [[0.5] * 4] * 2, "every value should be 0.5"


def test_gate_by_hand(student):
    """A pre-activation of exactly 0 opens a gate by half, and makes a candidate of 0"""
    assert student.forget_gate(*BY_HAND).item() == 0.5, "σ(0) is 0.5"
    assert student.input_gate(*BY_HAND).item() == 0.5, "σ(0) is 0.5"
    assert student.output_gate(*BY_HAND).item() == 0.5, "σ(0) is 0.5"
    assert student.candidate(*BY_HAND).item() == 0.0, "tanh(0) is 0"


def test_candidate_has_a_sign(student):
    """A candidate can be negative, a gate cannot"""
    weights = (torch.zeros(4, 3), torch.zeros(4, 4), torch.full((4,), -1.0))
    assert student.candidate(ZERO_X, ZERO_H, *weights).mean().item() == pytest.approx(math.tanh(-1))
    assert student.forget_gate(ZERO_X, ZERO_H, *weights).mean().item() == pytest.approx(1 / (1 + math.e))


def test_update_cell_keeps_or_writes(student):
    """A forget gate of 1 keeps the cell, an input gate of 1 writes the candidate, and both add up"""
    cell, candidate = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.25, 0.75]])
    one, zero = torch.ones(1, 2), torch.zeros(1, 2)
    assert student.update_cell(one, zero, candidate, cell).tolist() == [[2.0, -1.0]], "the cell should be kept"
    assert student.update_cell(zero, one, candidate, cell).tolist() == [[0.25, 0.75]], "the candidate should be written"
    assert student.update_cell(0.5 * one, one, candidate, cell).tolist() == [[1.25, 0.25]], "0.5·cell + candidate"


def test_expose_hidden(student):
    """The hidden state is the output gate times tanh of the cell"""
    hidden = student.expose_hidden(torch.tensor([[1.0, 0.5, 1.0]]), torch.tensor([[0.0, 1.0, 100.0]]))
    assert hidden.tolist()[0] == pytest.approx([0.0, 0.5 * math.tanh(1), 1.0]), "output ∘ tanh(cell)"
