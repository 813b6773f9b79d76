"""Aim: import the grader, its suites, the solutions and the programs that they need.
At most: 0 points of gates.
"""

import importlib

from marks import learned

NAMES = ("grader", "grader.suite.compare", "grader.secret", "tests", "tests.hidden", "solutions", "nbgrader", "pytest",
         "_pytest", "pluggy", "click", "psutil", "test_gates", "misconceptions_gates", "conftest", "reference")  # fmt: skip

for name in NAMES:
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    learned(name)
