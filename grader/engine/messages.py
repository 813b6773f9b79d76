"""What the command and its workers say to each other: length-prefixed msgpack over pipes."""

from __future__ import annotations

import struct
from typing import IO, TYPE_CHECKING

import msgspec

from grader.results import ExerciseResult
from grader.sandbox.opening import Protection
from grader.submissions.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = struct.Struct(">I")
_encoder = msgspec.msgpack.Encoder()


class Setting(msgspec.Struct, tag=True, frozen=True, kw_only=True):
    """The first message to a worker: which suites to collect, and how to build the far side.

    `reveal`: messages may say what was expected. `core`: the core of the machine that the worker keeps to.
    """

    root: str
    lesson: str
    exercises: list[str]
    secret: str
    protection: Protection
    reveal: bool = False
    core: int | None = None


class Job(msgspec.Struct, tag=True, frozen=True):
    """One piece of work to examine; `number` comes back with the result.

    `plot`: draw what it does, too. `until_named`: leave out the tests that train for long once the mistake is named.
    """

    number: int
    work: Work
    plot: bool = False
    until_named: bool = False


class Ready(msgspec.Struct, tag=True, frozen=True):
    """The suites are collected."""


class Done(msgspec.Struct, tag=True):
    """A job's result, the seed of its inputs, and per failed test how many tolerances its numbers were from right.

    `picture` is a PNG; where one was asked for and there is none, `note` says why.
    """

    number: int
    result: ExerciseResult
    seed: int = 0
    margins: dict[str, float] = {}
    picture: bytes = b""
    note: str = ""


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The worker cannot work; the text says why, and `exit_code` how the command should end."""

    text: str
    exit_code: int


ToWorker = Setting | Job
FromWorker = Ready | Done | Failed
to_worker = msgspec.msgpack.Decoder(ToWorker)
from_worker = msgspec.msgpack.Decoder(FromWorker)


def packed(message: ToWorker | FromWorker) -> bytes:
    """A message ready to be written."""
    data = _encoder.encode(message)
    return _LENGTH.pack(len(data)) + data


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message's bytes; None at the end of the stream."""
    prefix = stream.read(_LENGTH.size)
    if len(prefix) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(prefix)
    data = stream.read(length)
    return data if len(data) == length else None


class Splitter:
    """Whole messages out of a stream that is read in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take in a piece; gives each message that is complete with it."""
        self._buffer += piece
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if len(self._buffer) < _LENGTH.size + length:
                return
            yield bytes(self._buffer[_LENGTH.size : _LENGTH.size + length])
            del self._buffer[: _LENGTH.size + length]
