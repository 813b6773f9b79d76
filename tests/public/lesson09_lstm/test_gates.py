"""Examples for `gates`: small enough to work out by hand. Run them with `pytest` or `grader check gates`."""

import math

import torch

from grader.suite.writing import assert_same

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
        assert_same(gate(ZERO_X, ZERO_H, *ZERO_WEIGHTS), torch.full((2, 4), 0.5))


def test_gate_by_hand(student):
    """A pre-activation of exactly 0 opens a gate by half, and makes a candidate of 0"""
    for gate in (student.forget_gate, student.input_gate, student.output_gate):
        assert_same(gate(*BY_HAND), torch.tensor([[0.5]]), "σ(0)")
    assert_same(student.candidate(*BY_HAND), torch.tensor([[0.0]]), "tanh(0)")


def test_candidate_has_a_sign(student):
    """A candidate can be negative, a gate cannot"""
    weights = (torch.zeros(4, 3), torch.zeros(4, 4), torch.full((4,), -1.0))
    assert_same(student.candidate(ZERO_X, ZERO_H, *weights), torch.full((2, 4), math.tanh(-1)))
    assert_same(student.forget_gate(ZERO_X, ZERO_H, *weights), torch.full((2, 4), 1 / (1 + math.e)))


def test_update_cell_keeps_or_writes(student):
    """A forget gate of 1 keeps the cell, an input gate of 1 writes the candidate, and both add up"""
    cell, candidate = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.25, 0.75]])
    one, zero = torch.ones(1, 2), torch.zeros(1, 2)
    assert_same(student.update_cell(one, zero, candidate, cell), cell, "the cell that is kept")
    assert_same(student.update_cell(zero, one, candidate, cell), candidate, "the candidate that is written")
    assert_same(
        student.update_cell(0.5 * one, one, candidate, cell),
        torch.tensor([[1.25, 0.25]]),
        "0.5·cell + candidate",
    )


def test_expose_hidden(student):
    """The hidden state is the output gate times tanh of the cell"""
    hidden = student.expose_hidden(torch.tensor([[1.0, 0.5, 1.0]]), torch.tensor([[0.0, 1.0, 100.0]]))
    assert_same(hidden, torch.tensor([[0.0, 0.5 * math.tanh(1), 1.0]]), "output ∘ tanh(cell)")
