"""Aim: die of signals that a harness may take for a clean end.
At most: 0 points of gates.
"""

import os
import signal


def forget_gate(*args):
    os.kill(os.getpid(), signal.SIGTERM)


def input_gate(*args):
    signal.raise_signal(signal.SIGALRM)


def output_gate(*args):
    signal.raise_signal(signal.SIGPIPE)


def candidate(*args):
    signal.raise_signal(signal.SIGINT)
