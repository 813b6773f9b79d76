"""Aim: accuse code of a banned use that it never made, in a file that is not its own.
At most: 0 points of gates.
"""

from far import wire, worker

import torch


def answer(self, request, blobs):
    offence = wire.Offence("torch.lstm", "../s00-right/gates.py\x1b[31m", -1)
    return wire.Returned(number=request.number, value=None, offence=offence), []


worker.Worker._answer = answer
