"""Aim: let a traceback quote a line of a file that only the grader can read.
At most: 0 points of gates.
"""

CODE = "\n" * 20 + "raise ValueError('here')"


def forget_gate(*args):
    exec(compile(CODE, "/tmp/work/../../etc/passwd", "exec"))


def input_gate(*args):
    exec(compile(CODE, "/tmp/work/tests/hidden/lesson09_lstm/test_gates.py", "exec"))


def output_gate(*args):
    exec(compile(CODE, "/tmp/work/cell.py", "exec"))


def candidate(*args):
    raise SyntaxError("here", ("/tmp/work/../../etc/passwd", 1, 1, "x"))
