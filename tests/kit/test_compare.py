"""Comparisons say in words and numbers what differs, and reveal the reference only when they may."""

import math

import pytest
import torch

from grader.suite.compare import Mismatch, assert_same, assert_same_gradients, same_evidence, unchanged
from grader.suite.draw import Draw, derive_seed

T = torch.tensor


@pytest.mark.parametrize(
    ("got", "expected", "message", "revealed"),
    [
        (None, T([1.0]), "the result is None (is a `return` missing?); it should be a tensor.", None),
        ([1.0], T([1.0]), "the result is a list; it should be a tensor.", None),
        (T([1.0]), 1.0, "the result is a Tensor; it should be a float.", None),
        (T([[1.0]]), T([1.0]), "the result has the shape (1, 1); it should be (1,).", None),
        (T([1.0]).double(), T([1.0]), "the result is float64; it should be float32.", None),
        (
            T([1.0, 5.0, 6.0]), T([1.0, 2.0, 3.0]), "2 of 3 numbers in the result are wrong; the first at [1] is 5.",
            "2 of 3 numbers in the result are wrong; the first at [1] is 5, expected 2. The largest difference is 3.",
        ),
        (
            T([math.nan]), T([1.0]), "the result holds NaN or infinity; the result is wrong; it is nan.",
            "the result holds NaN or infinity; the result is wrong; it is nan, expected 1. The largest difference is inf.",
        ),
        (T([True]), T([False]), "the result is wrong; it is True.", "the result is wrong; it is True, expected False."),
        ((T([1.0]),), (T([1.0]), T([2.0])), "the result has 1 parts; it should have 2.", None),
        ((T([1.0]), T([3.0])), (T([1.0]), T([2.0])), "c is wrong; it is 3.",
         "c is wrong; it is 3, expected 2. The largest difference is 1."),
        ([1, 2, 4], [1, 2, 3], "part 2 of the result is 4, which is wrong.", "part 2 of the result is 4, expected 3."),
        (True, 1, "the result is a bool; it should be an int.", None),
        ("a", "b", "the result is 'a', which is wrong.", "the result is 'a', expected 'b'."),
        ({"a": 1}, {"b": 1}, "the result has other keys: 1 missing, 1 too many, for example 'a'.",
         "the result has other keys: missing ['b'], too many ['a']."),
        (0.3, 0.1, "the result is 0.3, which is wrong.", "the result is 0.3, expected 0.1."),
    ],
)  # fmt: skip
def test_differences_in_words(got, expected, message, revealed):
    """Type, then shape, then dtype, then the first wrong number."""
    with pytest.raises(Mismatch) as caught:
        assert_same(got, expected, names=("h", "c"))
    assert caught.value.message == message
    assert caught.value.revealed == (revealed or message)


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
