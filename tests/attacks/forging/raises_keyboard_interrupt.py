"""Aim: stop the run as if the instructor had pressed Ctrl-C.
At most: 0 points of gates.
"""

def forget_gate(*args):
    raise KeyboardInterrupt


def input_gate(*args):
    raise GeneratorExit


def output_gate(*args):
    raise StopIteration


def candidate(*args):
    raise BaseException("end")


def update_cell(*args):
    raise BaseExceptionGroup("several", [KeyboardInterrupt(), SystemExit(0)])
