"""Comparisons say in words and numbers what differs, and reveal the reference only when they may."""

import math
import types

import numpy
import pytest
import torch

from grader.suite.compare import (
    Mismatch,
    assert_same,
    assert_same_gradients,
    assert_shape,
    parts_of,
    same_evidence,
    unchanged,
)
from grader.suite.constants import constants_kept
from grader.suite.draw import Draw, derive_seed

T = torch.tensor


@pytest.mark.parametrize(
    ("got", "expected", "message", "revealed"),
    [
        (None, T([1.0]), "The result is None (is a `return` missing?); it should be a tensor.", None),
        ([1.0], T([1.0]), "The result is a list; it should be a tensor.", None),
        (numpy.ones(1), T([1.0]), "The result is a NumPy array; it should be a tensor.", None),
        (T([1.0]), 1.0, "The result is a tensor; it should be a float.", None),
        (T([[1.0]]), T([1.0]), "The result has the shape (1, 1); it should be (1,).", None),
        (T([1.0]).double(), T([1.0]), "The result is float64; it should be float32.", None),
        (
            T([1.0, 5.0, 6.0]), T([1.0, 2.0, 3.0]), "2 of 3 numbers in the result are wrong; the first at [1] is 5.",
            "2 of 3 numbers in the result are wrong; the first at [1] is 5, expected 2. The largest difference is 3.",
        ),
        (
            T([1.0, 5.0]), T([1.0, 2.0]), "1 of 2 numbers in the result is wrong; that at [1] is 5.",
            "1 of 2 numbers in the result is wrong; that at [1] is 5, expected 2.",
        ),
        (
            T([math.nan, 0.0]), T([1.0, 2.0]),
            "The result holds NaN; 2 of 2 numbers are wrong; the first at [0] is nan.",
            "The result holds NaN; 2 of 2 numbers are wrong; the first at [0] is nan, expected 1.",
        ),
        (T([math.inf]), T([1.0]), "The result is inf, which is wrong.", "The result is inf, expected 1."),
        (T([True]), T([False]), "The result is True, which is wrong.", "The result is True, expected False."),
        (
            T(1.0).double(), T(1.000002, dtype=torch.float64), "The result is 1, which is wrong.",
            "The result is 1, expected 1.000002.",
        ),
        ((T([1.0]),), (T([1.0]), T([2.0])), "The result has 1 part; it should be the tuple (h, c).", None),
        ([T([1.0]), T([2.0])], (T([1.0]), T([2.0])), "The result is a list; it should be the tuple (h, c).", None),
        ((T([1.0]), T([3.0])), (T([1.0]), T([2.0])), "c is 3, which is wrong.", "c is 3, expected 2."),
        ([1, 2], [1, 2, 3], "The result is [1, 2], which is wrong.", "The result is [1, 2], expected [1, 2, 3]."),
        ((3, 20), (20, 3), "The result is (3, 20), which is wrong.", "The result is (3, 20), expected (20, 3)."),
        ([0, 0, 2.0], [0, 0, 1.0], "Part 2 of the result is 2, which is wrong.",
         "Part 2 of the result is 2, expected 1."),
        (True, 1, "The result is a bool; it should be an int.", None),
        ("a", "b", "The result is 'a', which is wrong.", "The result is 'a', expected 'b'."),
        ({"a": 1}, {"b": 1}, "The result is {'a': 1}, which is wrong.", "The result is {'a': 1}, expected {'b': 1}."),
        ({"b": 1, "a": 1}, {"a": 1, "b": 1}, "The result has the right keys in another order.", None),
        ({"a": 0.5, "c": 1}, {"a": 0.5, "b": 1}, "The result has other keys: 1 missing, 1 too many, for example 'c'.",
         "The result has other keys: missing 'b'; too many 'c'."),
        ({"a": 0.5}, {"a": 0.5, "b": 1}, "The result has other keys: 1 missing.",
         "The result has other keys: missing 'b'."),
        (0.3, 0.1, "The result is 0.3, which is wrong.", "The result is 0.3, expected 0.1."),
    ],
)  # fmt: skip
def test_differences_in_words(got, expected, message, revealed):
    """Type, then shape, then dtype, then the first wrong number."""
    with pytest.raises(Mismatch) as caught:
        assert_same(got, expected, names=("h", "c"))
    assert caught.value.message == message
    assert caught.value.revealed == (revealed or message)


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (None, "The result is None (is a `return` missing?); it should be a tensor."),
        (torch.ones(3, 2), "The result has the shape (3, 2); it should be (2, 3)."),
        (torch.ones(2, 3).double(), "The result is float64; it should be float32."),
        (torch.full((2, 3), math.nan), "The result holds NaN."),
    ],
)
def test_a_shape_alone_is_compared(got, message):
    """Whatever the numbers are; the evidence does not depend on them."""
    assert_shape(torch.randn(2, 3), (2, 3))
    with pytest.raises(Mismatch) as caught:
        assert_shape(got, (2, 3))
    assert caught.value.message == caught.value.revealed == message


@pytest.mark.parametrize(
    ("got", "message"),
    [
        ("gate", "The result is a str; it should be the tuple (output, (h_n, c_n))."),
        (None, "The result is None (is a `return` missing?); it should be the tuple (output, (h_n, c_n))."),
        ((1, 2, 3), "The result has 3 parts; it should be the tuple (output, (h_n, c_n))."),
    ],
)
def test_what_cannot_be_unpacked_is_said(got, message):
    """In place of Python's own words, which are about the suite."""
    assert parts_of((1, 2), ("output", "(h_n, c_n)")) == (1, 2)
    with pytest.raises(Mismatch) as caught:
        parts_of(got, ("output", "(h_n, c_n)"))
    assert caught.value.message == message


def test_a_suites_constants_stay():
    """Whoever changes one in place has changed it for nobody else, also when the test fails."""
    suite = types.ModuleType("suite")
    suite.X, suite.PARTS, suite.f = torch.ones(2), ([torch.zeros(1)], "name"), len

    def spoil():
        suite.X.add_(1)
        suite.PARTS[0].append(3)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), constants_kept(suite):
        spoil()
    assert torch.equal(suite.X, torch.ones(2))
    assert len(suite.PARTS[0]) == 1
    assert suite.f is len


def test_what_is_the_same():
    """Equal to the tolerance of the expected dtype; NaN and infinity only where they are expected."""
    assert_same(T([1.0 + 1e-7]).double(), T([1.0]).double())
    assert_same(T([math.nan, math.inf]), T([math.nan, math.inf]))
    assert_same(1, 1.0)
    assert_same({"a": [T([1])]}, {"a": [T([1])]})
    with pytest.raises(Mismatch):
        assert_same(T([1.0 + 3e-6]).double(), T([1.0]).double())
    with pytest.raises(Mismatch):
        assert_same(T([math.inf]), T([1e300]).double())


def test_the_margin_is_counted_in_tolerances():
    """A mismatch knows how far from right it is."""
    with pytest.raises(Mismatch) as caught:
        assert_same(T([1.0, 1.001]).double(), T([1.0, 1.0]).double())
    assert caught.value.margin == pytest.approx(0.001 / 1.01e-6, rel=1e-3)


def test_gradients_are_compared():
    """A missing gradient and a wrong one are told apart; a gradient of zero may be missing."""
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    assert_same_gradients(x * 2, x * 2 + 0 * y, {"x": x, "y": y}, Draw(1))
    with pytest.raises(Mismatch, match="no gradient reaches y"):
        assert_same_gradients(x * 2, x * 2 + y, {"x": x, "y": y}, Draw(1))
    with pytest.raises(Mismatch, match="2 of 2 numbers in the gradient for x"):
        assert_same_gradients(x * 3, x * 2, {"x": x}, Draw(1))
    with pytest.raises(Mismatch, match="carries no gradient"):
        assert_same_gradients((x * 2).detach(), x * 2, {"x": x}, Draw(1))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda x, items: x.data.add_(1), lambda x, items: items.append(1), lambda x, items: x.requires_grad_(),
        lambda x, items: setattr(x, "grad", torch.ones(2)),
    ],
)  # fmt: skip
def test_changes_are_seen(spoil):
    """Values, length, requires_grad and grad."""
    x, items = torch.ones(2), [0]
    with pytest.raises(Mismatch, match="was changed by the call"), unchanged(x=x, items=items):
        spoil(x, items)
    with unchanged(x=x, items=items):
        pass


def test_equal_evidence_is_equal_in_form_and_number():
    """Two wrong answers are one only where type, shape and numbers agree."""
    assert same_evidence((T([1.0]), "a", None), (T([1.0]), "a", None))
    for a, b in ((T([1.0]), T([1.1])), (T([1.0]), T([[1.0]])), (1, 1.0), ("a", "b"), ([1], (1,)), (None, 0)):
        assert not same_evidence(a, b)


def test_draws_depend_on_the_seed_alone():
    """The same seed draws the same, another another; sizes are different and never four times another."""
    assert torch.equal(Draw(5).normal(3), Draw(5).normal(3))
    assert not torch.equal(Draw(5).normal(3), Draw(6).normal(3))
    assert derive_seed("a", "bc") != derive_seed("ab", "c")
    for seed in range(200):
        sizes = Draw(seed).sizes(4)
        assert len(set(sizes)) == 4
        assert not any(a == 4 * b for a in sizes for b in sizes)
