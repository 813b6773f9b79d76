"""Aim: have the tests skipped, by exceptions that look like those of pytest and unittest.
At most: 0 points of gates.
"""

import unittest


class Skipped(BaseException):
    msg = "not today"
    allow_module_level = True


Skipped.__module__ = "_pytest.outcomes"
Skipped.Exception = Skipped


class XFailed(Skipped):
    pass


def forget_gate(*args):
    raise Skipped


def input_gate(*args):
    raise unittest.SkipTest("not today")


def output_gate(*args):
    raise XFailed
