"""Examples for `gates`: small enough to work out by hand. Run them with `pytest` or `grader check gates`."""

import math

import torch

from grader.suite.writing import assert_same, unchanged

GATES = ("forget_gate", "input_gate", "output_gate")


def zeros_and_bias(bias):
    """x, h, weight_ih, weight_hh and bias for 2 sequences, 3 inputs and 4 units: all zero but the bias."""
    return torch.zeros(2, 3), torch.zeros(2, 4), torch.zeros(4, 3), torch.zeros(4, 4), torch.full((4,), bias)


def by_hand():
    """One sequence, one input, one unit: x = 1, h = 2, both weights 0.5, bias -1.5; 1·0.5 + 2·0.5 - 1.5 = 0."""
    return {
        "x": torch.tensor([[1.0]]), "h": torch.tensor([[2.0]]),
        "weight_ih": torch.tensor([[0.5]]), "weight_hh": torch.tensor([[0.5]]), "bias": torch.tensor([-1.5]),
    }  # fmt: skip


def test_closed_by_nothing(student):
    """With zero weights every gate is half open: 0.5 everywhere, in the shape (B, H)"""
    for name in GATES:
        assert_same(getattr(student, name)(*zeros_and_bias(0.0)), torch.full((2, 4), 0.5), f"the result of {name}")


def test_gate_by_hand(student):
    """A pre-activation of exactly 0 opens a gate by half and makes a candidate of 0; the arguments stay as they are"""
    for name, wanted in {**dict.fromkeys(GATES, 0.5), "candidate": 0.0}.items():
        arguments = by_hand()
        with unchanged(**arguments):
            result = getattr(student, name)(*arguments.values())
        assert_same(result, torch.tensor([[wanted]]), f"the result of {name}")


def test_candidate_has_a_sign(student):
    """A candidate can be negative, a gate cannot"""
    written, kept = torch.full((2, 4), math.tanh(-1)), torch.full((2, 4), 1 / (1 + math.e))
    assert_same(student.candidate(*zeros_and_bias(-1.0)), written, "the result of candidate for a bias of -1")
    assert_same(student.forget_gate(*zeros_and_bias(-1.0)), kept, "the result of forget_gate for a bias of -1")


def test_update_cell_keeps_or_writes(student):
    """A forget gate of 1 keeps the cell, an input gate of 1 writes the candidate, and both add up; the arguments stay"""
    cases = {  # forget gate, input gate and what they make of a cell of 2, -1 and a candidate of 0.25, 0.75
        "the new cell for forget = 1, input = 0": (1.0, 0.0, [[2.0, -1.0]]),
        "the new cell for forget = 0, input = 1": (0.0, 1.0, [[0.25, 0.75]]),
        "the new cell for forget = 0.5, input = 1": (0.5, 1.0, [[1.25, 0.25]]),
    }
    for what, (forget, write, wanted) in cases.items():
        arguments = {
            "forget": torch.full((1, 2), forget), "input": torch.full((1, 2), write),
            "candidate": torch.tensor([[0.25, 0.75]]), "cell": torch.tensor([[2.0, -1.0]]),
        }  # fmt: skip
        with unchanged(**arguments):
            result = student.update_cell(*arguments.values())
        assert_same(result, torch.tensor(wanted), what)


def test_expose_hidden(student):
    """The hidden state is the output gate times tanh of the cell; the arguments stay"""
    output, cell = torch.tensor([[1.0, 0.5, 1.0]]), torch.tensor([[0.0, 1.0, 100.0]])
    with unchanged(output=output, cell=cell):
        result = student.expose_hidden(output, cell)
    assert_same(result, torch.tensor([[0.0, 0.5 * math.tanh(1), 1.0]]), "the hidden state")
