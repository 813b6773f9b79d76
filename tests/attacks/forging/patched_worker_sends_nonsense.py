"""Aim: replies that fit the schema and make no sense: negative numbers, strides, leaves and tensors that refer to nothing.
At most: 0 points of gates.
"""

import torch
from far import wire, worker

turn = iter(range(10**9))


def answer(self, request, blobs):
    out = [b"\0" * 8]
    good = wire.TensorValue(dtype="float64", shape=[1], blob=0)
    values = [
        wire.TensorValue(dtype="float64", shape=[-1], blob=0), wire.TensorValue(dtype="float64", shape=[2**62], blob=0),
        wire.TensorValue(dtype="float64", shape=[1], blob=7), wire.TensorValue(dtype="object", shape=[1], blob=0),
        wire.TensorValue(dtype="float64", shape=[1], blob=0, strides=[0]), wire.TensorValue(dtype="int64", shape=[1],
        blob=0, requires_grad=True), wire.TensorValue(dtype="float64", shape=[1] * 1000, blob=0), wire.SameTensor(3),
        wire.KnownTensor(5), wire.BytesValue(-1), wire.HandleValue(-5, "x" * 1000, ["os.system", "torch.nn.Module"]),
        wire.DtypeValue("Tensor"), wire.DeviceValue("/etc/passwd"), wire.DictValue([(None, good), (None, good)]),
        wire.TensorValue(dtype="float64", shape=[1], blob=0, known=-1, parameter=True, grad=good),
    ]  # fmt: skip
    return wire.Returned(number=request.number, value=values[next(turn) % len(values)], leaves=[good, good]), out


worker.Worker._answer = answer
