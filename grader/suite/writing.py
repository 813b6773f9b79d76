"""What a suite imports: points, drawn inputs, comparisons, and what a bank of misconceptions is made of."""

import pytest

from grader.sandbox.proxy import changes_shown
from grader.suite.compare import (
    Mismatch,
    Own,
    assert_same,
    assert_same_gradients,
    assert_shape,
    expect,
    parts_of,
    unchanged,
)
from grader.suite.draw import Draw
from grader.suite.misconceptions import misconception

points = pytest.mark.points
"""`@points(2)`: what the test is worth. A test without it is worth nothing, as in the public suites."""

part = pytest.mark.part
"""`@part("LSTMStack")`: which definition of the exercise the test is about, for bans that hold only for it."""

__all__ = [
    "Draw",
    "Mismatch",
    "Own",
    "assert_same",
    "assert_same_gradients",
    "assert_shape",
    "changes_shown",
    "expect",
    "misconception",
    "part",
    "parts_of",
    "points",
    "unchanged",
]
