"""A far side that answers what a stream of bytes makes it answer: noise, half-truths and well-formed lies.

The near side is the real one, from the socket's bytes on: `LyingChannel` only stands in for the socket. Property tests draw
the bytes from Hypothesis, the fuzzer lets coverage choose them.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from grader.sandbox import proxy
from grader.sandbox.far import wire
from grader.sandbox.farside import NO_BANS, Bans, Channel, Deadline, FarSide, Fork, Limits
from grader.sandbox.lending import Lent
from grader.suite.compare import Mismatch, assert_same

if TYPE_CHECKING:
    from collections.abc import Callable

_ODD_NUMBERS = (0, 1, 2, 3, -1, 4, 7, 63, 64, 65, 255, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63), 2**64 - 1)
_ODD_FLOATS = (0.0, -0.0, 1.0, math.nan, math.inf, -math.inf, 5e-324, 1.7e308)
_TEXTS = (
    "", "x", "forget_gate", "MemoryError", "ValueError", "UnicodeDecodeError", "ExceptionGroup", "StopIteration",
    "KeyboardInterrupt", "SystemExit", "torch.nn.modules.rnn.LSTM", "torch.nn.Module", "collections.OrderedDict", "tuple",
    "list", "Tensor", "float64", "_dynamo", "onnx", "work.py", "../work.py", "grader:missing", "grader:unsendable",
    "NotImplementedError", "\x1b[31m", "\x00", "‮abc", "=1+1", "__class__", "🙂" * 40,
)  # fmt: skip
_DTYPES = (*wire.DTYPES, "float64", "float64", "object", "float8_e4m3fn", "")
_SMALL_BLOB = 4096


class Choices:
    """Decisions read off a stream of bytes; when it has run dry, every decision is the first possibility."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def below(self, count: int) -> int:
        """One of so many (at most 256) possibilities."""
        place = self._place
        if place >= len(self._data):
            return 0
        self._place = place + 1
        return self._data[place] % count

    def of(self, options: Any) -> Any:
        """One of a sequence's items."""
        return options[self.below(len(options))]

    def rest(self) -> bytes:
        """All that is left of the stream."""
        place, self._place = self._place, len(self._data)
        return self._data[place:]

    @property
    def dry(self) -> bool:
        """Whether nothing is left."""
        return self._place >= len(self._data)


class _Liar:
    """One answer, whose tensors may be like those of the request."""

    def __init__(self, choices: Choices, like: list[wire.TensorValue]) -> None:
        self.choices = choices
        self.blobs: list[bytes] = []
        self._like = like

    def number(self) -> int:
        return self.choices.of(_ODD_NUMBERS)

    def text(self) -> str:
        return self.choices.of(_TEXTS)

    def _dict(self, depth: int) -> Any:
        keys = (self.number, self.text, lambda: None, lambda: True, lambda: self.choices.of(_ODD_FLOATS))
        return ["d", [[self.choices.of(keys)(), self.value(depth + 1)] for _ in range(self.choices.below(3))]]

    def value(self, depth: int = 0) -> Any:
        choices = self.choices
        kinds: tuple[Callable[[], Any], ...] = (
            lambda: None, self.tensor, self.tensor, self.tensor,
            lambda: choices.of((True, False)), self.number, self.text,
            lambda: choices.of(_ODD_FLOATS),
            lambda: ["b", self.blob(choices.rest()[:8])],
            lambda: ["b", self.number()],
            lambda: ["l", [self.value(depth + 1) for _ in range(choices.below(4))]],
            lambda: ["u", [self.value(depth + 1) for _ in range(choices.below(4))]],
            lambda: self._dict(depth),
            lambda: ["h", self.number(), self.text(), [self.text() for _ in range(choices.below(3))], choices.below(2) > 0],
            lambda: ["s", self.number()], lambda: ["k", self.number()],
            lambda: ["y", choices.of(_DTYPES)], lambda: ["y", self.text()], lambda: ["v", self.text()],
            lambda: [self.text(), self.number()],
            lambda: [self.value(depth + 1)], lambda: {self.text(): self.value(depth + 1)},
            lambda: self.nested(choices.of((60, 70, 70, 70, 70, 70, 70, 2000))),
        )  # fmt: skip
        return None if depth > 6 or choices.dry else choices.of(kinds)()

    def nested(self, depth: int) -> Any:
        value: Any = self.value(7)
        for _ in range(depth):
            value = ["l", [value]]
        return value

    def blob(self, data: bytes) -> int:
        self.blobs.append(data)
        return len(self.blobs) - 1

    def tensor(self, depth: int = 0) -> Any:
        choices = self.choices
        told = choices.of(self._like) if self._like and choices.below(4) else None
        dtype = told.dtype if told is not None and choices.below(8) else choices.of(_DTYPES)
        shape = list(told.shape) if told is not None and choices.below(8) else self.shape()
        size = wire.DTYPES[dtype].itemsize if dtype in wire.DTYPES else 1
        length = math.prod(shape) * size
        if not 0 <= length <= _SMALL_BLOB or choices.below(16) == 1:
            length = choices.below(64)
        byte = choices.below(256)
        blob = self.number() if choices.below(16) == 1 else self.blob(bytes([byte]) * length)
        strides = self.shape() if choices.below(16) == 1 else None
        known = self.number() if choices.below(4) == 1 else None
        grad = self.tensor(depth + 1) if depth < 3 and choices.below(8) == 1 else None
        told_of = ["t", dtype, shape, blob, strides, choices.below(2) > 0, choices.below(4) == 1, known, grad]
        return told_of[: choices.below(9)] if choices.below(16) == 1 else told_of

    def shape(self) -> list[int]:
        few = self.choices.below(5)
        if few == 4:
            return [self.number() for _ in range(self.choices.below(80))]
        return [self.choices.below(5) for _ in range(few)]

    def offence(self) -> Any:
        return [self.text(), self.text(), self.number()] if self.choices.below(16) == 1 else None

    def plain(self) -> Any:
        """What a lent model may be called with, and a little else."""
        return self.tensor() if self.choices.below(4) else self.value()

    def reply(self, number: int) -> dict[str, Any]:
        choices = self.choices
        kind = choices.of(
            ("returned", "returned", "gradients", "raised", "returned", "read_result", "call", "", "asked")
        )
        message: dict[str, Any] = {"type": kind, "number": self.number() if choices.below(16) == 1 else number}
        if kind == "raised":
            message |= {
                "type_name": self.text(), "bases": [self.text() for _ in range(choices.below(4))], "text": self.text(),
                "frames": [[self.text(), self.number(), self.text()] for _ in range(choices.below(4))],
                "offence": self.offence(),
            }  # fmt: skip
        elif kind == "gradients":
            message["grads"] = [self.tensor() if choices.below(4) else None for _ in range(choices.below(5))]
        elif kind == "asked":
            message |= {
                "lent": self.number() if choices.below(8) == 1 else 0,
                "args": [self.plain() for _ in range(choices.below(4))],
                "kwargs": {self.text(): self.plain() for _ in range(choices.below(2))},
                "training": choices.below(2) > 0, "grad_enabled": choices.below(2) > 0,
            }  # fmt: skip
        elif kind == "read_result":
            message |= {"problem": self.text(), "line": self.number()}
        else:
            message["value"] = self.value()
            message["leaves"] = [self.tensor() for _ in range(choices.below(3))]
            message["changes"] = [[choices.below(6), self.value()] for _ in range(choices.below(3))]
            message["offence"] = self.offence()
        if choices.below(32) == 1:
            message.pop(choices.of(list(message)))
        return message


def lie(choices: Choices, request: wire.Request, number: int) -> bytes:
    """What comes over the channel as the answer to a request, in the call of this number: sometimes almost right, sometimes noise."""
    way = choices.below(16)
    if way == 1:
        return choices.rest()
    if way == 2:
        return (header := choices.rest()) and struct.pack(">I", len(header)) + header
    like = []
    if isinstance(request, wire.Call):
        like = [value for value in request.args.items if isinstance(value, wire.TensorValue)]
    liar = _Liar(choices, like)
    message = liar.reply(number)
    message["blobs"] = [len(blob) for blob in liar.blobs]
    if choices.below(16) == 1:
        message["blobs"] = [liar.number() for _ in range(choices.below(4))]
    header = msgspec.msgpack.encode(message)
    if choices.below(16) == 1:
        place = choices.below(256) % len(header)
        header = header[:place] + bytes([choices.below(256)]) + header[place + 1 :]
    length = liar.number() % 2**32 if choices.below(32) == 1 else len(header)
    data = struct.pack(">I", length) + header + b"".join(liar.blobs)
    if way == 3:
        return data[: choices.below(256)]
    if way == 4:
        return data + choices.rest()
    return data * 2 if way == 5 else data


class LyingChannel:
    """A channel at whose other end `answer` sits: it gets a request and gives bytes.

    When no byte is left the channel is closed, as by a process that has ended.
    """

    def __init__(self, answer: Callable[[wire.Request], bytes]) -> None:
        self._answer = answer
        self._sent = bytearray()
        self._coming = b""

    def send(self, data: memoryview, flags: int, /) -> int:
        """All of it, at once."""
        self._sent += data
        return len(data)

    def recv(self, size: int, /) -> bytes:
        """The answer to what was sent."""
        if self._sent:
            length = wire.header_length(bytes(self._sent[:4]))
            request = wire.request_decoder.decode(self._sent[4 : 4 + length])
            self._coming += self.answered(request, bytes(self._sent))
            self._sent.clear()
        part, self._coming = self._coming[:size], self._coming[size:]
        return part

    def answered(self, request: wire.Request, sent: bytes) -> bytes:
        """The answer to this request, which came in these bytes."""
        return self._answer(request)


class LyingFork(Fork):
    """A fork of which there is nothing but its channel."""

    def __init__(self, channel: Channel, limits: Limits) -> None:
        super().__init__(limits, "/tmp/work", channel)

    def cpu_seconds(self) -> float:
        """No time passes."""
        return 0.0

    def printed(self) -> str:
        """Nothing."""
        return ""

    def end(self) -> tuple[str, int]:
        """As if it had left by itself."""
        self.alive = False
        return "exit 0", 0

    def _usage(self) -> tuple[float, bool]:
        return 0.0, False

    def _wait(self, deadline: Deadline, *, writing: bool = False) -> None:
        """Nobody has to wait for a lie."""


class LyingSide(FarSide):
    """Reads and loads a module as an honest worker does, and from then on says what `choices` make it say."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self._number = 0

    def _answer(self, request: wire.Request) -> bytes:
        if isinstance(request, wire.Read):
            return b"".join(wire.pack(wire.ReadResult(), []))
        if isinstance(request, wire.Load):
            return b"".join(wire.pack(wire.Returned(number=0, value=None), []))
        self._number = getattr(request, "number", self._number)
        return lie(self.choices, request, self._number)

    def open(self, limits: Limits, bans: Bans = NO_BANS) -> Fork:
        """A fresh liar."""
        return LyingFork(LyingChannel(self._answer), limits)

    def wait_until_ready(self) -> None:
        """It is."""

    def share_core(self, core: int) -> None:
        """It uses none."""

    @property
    def broken(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Nothing is held."""


EXPECTED = torch.tensor([[0.25, -3.5, 7.125]], dtype=torch.float64)
_SOURCE = proxy.Source(files={"work.py": b"def f(x, items, table): ...\n"}, module="work")
_LIMITS = Limits()


def converse(data: bytes) -> None:
    """One conversation: a call with a tensor, a list and a dict, questions to a lent model, and what a suite may do with what comes back.

    Whatever is answered, it ends in one of the ways that the examiner knows, and never as the right result.

    Raises:
        AssertionError: it was taken for the right result, or is told at endless length.
    """
    far = LyingSide(Choices(data))
    session = proxy.Session(far, _SOURCE, _LIMITS)
    session._fork = far.open(_LIMITS)  # as if it were loaded: that part is always the same
    session._lent.append(Lent(lambda x, factor=2: x[:, 0] * factor))
    student = proxy.Student(session)
    x = torch.ones(1, 3, dtype=torch.float64, requires_grad=True)
    arguments: tuple[Any, ...] = (x, [torch.ones(2)], {"a": 1})
    try:
        with proxy.changes_shown(*arguments):
            got = student.f(*arguments)
        assert len(proxy.value_text(got)) < 10_000
        isinstance(got, torch.nn.Module)
        try:
            assert_same(got, EXPECTED)
        except Mismatch as difference:
            told = difference
        else:
            told = None
        assert told is not None, "a lie was taken for the right result"
        if type(got) is torch.Tensor and got.grad_fn is not None and x.requires_grad:
            torch.autograd.grad(got, x, torch.ones_like(got), allow_unused=True)
        if type(got) is proxy.Handle:
            got.attribute  # noqa: B018
    except proxy.StudentError as error:
        too_long = len(error.explanation) > 100_000
        assert not too_long, "told at endless length"
    except (proxy.StudentStopped, proxy.BannedUse):
        pass
    finally:
        session.close()
