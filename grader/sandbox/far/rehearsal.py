"""A few requests that the fork server answers itself, before its first fork.

What Python and torch do only the first time (caches, adapted bytecode, tables of the dispatcher) is then done once,
in memory that all forks share.
"""

from __future__ import annotations

import socket
import types
from typing import Any

import torch

from . import wire
from .worker import STUDENT, Worker

TURNS = 12  # often enough for Python to adapt its bytecode
_SOURCE = b"""
import torch


def gate(x, h, weight, bias):
    return torch.sigmoid(x @ weight.T + bias), torch.tanh(h)
"""


def rehearse(*, backward: bool) -> None:
    """Read a module and call its function, with gradients asked for; and go back through it."""
    near, far = socket.socketpair()
    with near, far:
        worker = Worker(far, "/")
        module = types.ModuleType("rehearsal")
        exec(compile(_SOURCE, "rehearsal.py", "exec"), vars(module))  # noqa: S102 - the text above
        worker._module = module
        for turn in range(TURNS):
            requests: list[tuple[wire.Request, list[Any]]] = [_read(), _call(turn)]
            if backward:
                requests.append(_backward(turn))
            for request, blobs in requests:
                near.sendall(b"".join(wire.pack(request, blobs)))
                worker.answer_one()
                near.recv(2**16)


def _read() -> tuple[wire.Read, list[Any]]:
    files = {"rehearsal.py": wire.BytesValue(0)}
    return wire.Read(files=files, module="rehearsal", banned_names=["torch.lstm"], definitions=["gate"]), [_SOURCE]


def _call(turn: int) -> tuple[wire.Call, list[Any]]:
    blobs: list[Any] = []
    args: list[wire.Value] = []
    for shape in ((2, 3), (2, 5), (5, 3), (5,)):
        value = wire.describe_tensor(torch.ones(shape, dtype=torch.float64), blobs)
        value.requires_grad = turn % 2 == 0 or shape == (5, 3)
        args.append(value)
    function, kwargs = f"{STUDENT}gate", wire.DictValue([])
    return wire.Call(number=turn, function=function, args=wire.TupleValue(args), kwargs=kwargs, new_test=turn), blobs


def _backward(turn: int) -> tuple[wire.Backward, list[Any]]:
    blobs: list[Any] = []
    grads: list[wire.TensorValue | None] = [wire.describe_tensor(torch.ones(2, 5, dtype=torch.float64), blobs)]
    if turn % 2 == 0:  # the second result carries gradient, too
        grads.append(None)
    return wire.Backward(number=turn, call=turn, grads=grads), blobs


def train(turns: int = TURNS, *, optimizers: bool) -> None:
    """Train a little with the layers of a course; of an LSTM the first forward alone takes 30 ms.

    With optimizers or without: the first of them imports 800 modules, which takes a second and has every fork cost more.
    """
    series, lengths, classes = torch.ones(2, 4, 3), torch.tensor([4, 2]), torch.tensor([0, 1])
    recurrent = [kind(3, 3, 2, batch_first=True, dropout=0.5) for kind in (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM)]
    read, embed = torch.nn.Linear(3, 2), torch.nn.Embedding(2, 3)
    parameters = [parameter for layer in (*recurrent, read, embed) for parameter in layer.parameters()]
    kinds = (torch.optim.Adam, torch.optim.SGD) if optimizers else ()
    steps = [kind(parameters, lr=0.1) for kind in kinds]
    for _ in range(turns):
        for layer in recurrent:
            packed = torch.nn.utils.rnn.pack_padded_sequence(series, lengths, batch_first=True)
            torch.autograd.grad(layer(packed)[1][0].sum(), list(layer.parameters()), allow_unused=True)
            output = read(layer(series + embed(classes)[:, None])[0][:, -1])
            target = torch.zeros_like(output)
            loss = torch.nn.functional.cross_entropy(output, classes)
            loss = loss + torch.nn.functional.mse_loss(output, target)
            loss = loss + torch.nn.functional.binary_cross_entropy_with_logits(output, target)
            loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in steps:
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            recurrent[2](series)
