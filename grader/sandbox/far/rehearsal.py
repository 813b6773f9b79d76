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


def rehearse() -> None:
    """Read a module and call its function, with gradients asked for.

    No backward: autograd refuses to work in the forks of a process that has used it.
    """
    near, far = socket.socketpair()
    with near, far:
        worker = Worker(far, "/")
        module = types.ModuleType("rehearsal")
        exec(compile(_SOURCE, "rehearsal.py", "exec"), vars(module))  # noqa: S102 - the text above
        worker._module = module
        for turn in range(TURNS):
            for request, blobs in (_read(), _call(turn)):
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
        value.requires_grad = turn % 2 == 0
        args.append(value)
    function, kwargs = f"{STUDENT}gate", wire.DictValue([])
    return wire.Call(number=turn, function=function, args=wire.TupleValue(args), kwargs=kwargs, new_test=turn), blobs


def use_layers() -> None:
    """Use the layers of a course once, without a backward; of an LSTM the first forward alone takes 30 ms.

    Gradients are made up for a step of each optimizer.
    """
    series, classes = torch.ones(2, 4, 3), torch.tensor([0, 1])
    recurrent = [kind(3, 3, num_layers=2, dropout=0.5) for kind in (torch.nn.RNN, torch.nn.GRU, torch.nn.LSTM)]
    layers = torch.nn.ModuleList([*recurrent, torch.nn.Linear(3, 2), torch.nn.Embedding(2, 3)])
    for _ in range(TURNS):
        for layer in recurrent:
            output = layers[3](layer(series)[0][:, -1])
        layers[4](classes)
        torch.nn.functional.cross_entropy(output, classes)
        torch.nn.functional.mse_loss(output, torch.ones_like(output))
        torch.nn.functional.binary_cross_entropy_with_logits(output, torch.ones_like(output))
        with torch.no_grad():
            recurrent[2](series)
    for parameter in layers.parameters():
        parameter.grad = torch.ones_like(parameter)
    torch.nn.utils.clip_grad_norm_(layers.parameters(), 1.0)
    for optimizer in (torch.optim.Adam, torch.optim.SGD):
        optimizer(layers.parameters(), lr=0.1).step()


def train_once() -> None:
    """One small step of training, with all that PyTorch imports for its first."""
    model = torch.nn.LSTM(2, 3, batch_first=True)
    optimizer = torch.optim.Adam(model.parameters())
    packed = torch.nn.utils.rnn.pack_padded_sequence(torch.ones(2, 4, 2), torch.tensor([4, 2]), batch_first=True)
    torch.autograd.grad(model(packed)[1][0].sum(), list(model.parameters()), allow_unused=True)
    model(torch.ones(1, 3, 2))[0].sum().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
