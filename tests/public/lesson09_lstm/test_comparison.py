"""Examples for `comparison`. Run them with `pytest` or `grader check comparison`."""

import torch
from torch import nn

from grader.suite.writing import Mismatch, assert_same, assert_shape, expect, parts_of, points


def batch(student, batch_size, length, seed):
    generator = student.far_side("torch.Generator")().manual_seed(seed)
    return parts_of(student.adding_problem(batch_size, length, generator), ("x", "y"))


def test_batch(student):
    """A batch of 4 sequences of 6 steps has x of shape (4, 6, 2) and y of shape (4, 1), both float32"""
    x, y = batch(student, 4, 6, seed=0)
    assert_shape(x, (4, 6, 2), "x")
    assert_shape(y, (4, 1), "y")


def test_marks(student):
    """One step of each half is marked, and y is the sum of the two marked numbers; of 7 steps the first half has 3"""
    x, y = batch(student, 50, 7, seed=1)
    assert_shape(x, (50, 7, 2), "x")
    assert_shape(y, (50, 1), "y")
    numbers, marks = x[:, :, 0], x[:, :, 1]
    for part, counts in (("first 3", marks[:, :3].sum(dim=1)), ("last 4", marks[:, 3:].sum(dim=1))):
        row = int((counts != 1).int().argmax())  # the first that is wrong
        told = f"The {part} steps of a sequence should hold one mark, a 1; the marks of sequence {row} add up to "
        expect(counts[row] == 1, f"{told}{counts[row]:g}.", got=counts)
    assert_same(y[:, 0], (numbers * marks).sum(dim=1), "y")


def test_same_seed(student):
    """Generators with the same seed give the same batch"""
    assert_same(batch(student, 4, 6, seed=2), batch(student, 4, 6, seed=2), "the batch", names=("x", "y"))


def test_kinds(student):
    """The layer is nn.RNN, nn.LSTM or nn.GRU, and there is one number for each sequence"""
    for kind, layer in (("rnn", nn.RNN), ("lstm", nn.LSTM), ("gru", nn.GRU)):
        model = student.SequenceRegressor(kind, 2, 5)
        expect(isinstance(model.rnn, layer), f"The layer for {kind!r} should be an nn.{layer.__name__}.", got=model.rnn)
        assert_shape(model(torch.ones(3, 6, 2)), (3, 1))


def test_refusals(student):
    """A length of 1 and an unknown kind are a ValueError"""
    calls = {
        "adding_problem with length 1": lambda: batch(student, 4, 1, seed=0),
        "SequenceRegressor('transformer', 2, 5)": lambda: student.SequenceRegressor("transformer", 2, 5),
    }
    for name, call in calls.items():
        try:
            call()
        except ValueError:
            continue
        raise Mismatch(f"{name} should be a ValueError.")


@points(0, named=False)  # it trains for long: too slow to be tried on every known mistake
def test_two_steps_are_easy(student):
    """For sequences of two steps 150 training steps bring the loss down, from one for each step"""
    result = student.train_on_adding("lstm", 2, 150, hidden_size=16)
    _, losses = parts_of(result, ("model", "losses"))
    expect(isinstance(losses, list), "The losses should be a list.", got=losses)
    assert_same(len(losses), 150, "the number of losses")
    first, last = losses[0], sum(losses[-20:]) / 20
    told = f"The loss is {first:.3g} at first and {last:.3g} in the last 20 steps; it should fall below 0.05."
    expect(last < 0.05, told, got=last)
