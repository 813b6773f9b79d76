"""The far side as the near side holds it: where student code runs, one submission at a time.

There are two (`grader.sandbox.opening` makes them): the fork server behind the wall, which grades; and where no wall can
be built, a plain child process for each submission, for checking one's own work on any system.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.far import wire

OUTPUT_LIMIT = 64 * 2**10
JOINED_BYTES = 2**20
_CHUNK = 2**16
START_SECONDS = 120.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a fork may use.

    `seconds` is CPU time for one test; a fork that only waits is ended after `patience` times as long.
    """

    seconds: float = 5.0
    memory_mb: int = 1024
    processes: int = 64
    tmp_mb: int = 64
    patience: float = 4.0


class Bans(msgspec.Struct, frozen=True):
    """What is taken away before student code is loaded: kernels, as `operator@key`; modules and functions, as patterns."""

    kernels: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


class FarSideFailed(Exception):
    """The fork server itself is gone or cannot start: the grader's fault, not the student's."""


class ForkEnded(Exception):
    """The fork did not answer. `reason` is `timeout`, `out_of_memory` or `crashed`; `detail` says it in words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


NO_BANS = Bans()


class Channel(Protocol):
    """The near end of what a fork is spoken to over: of a socket, what everybody who holds a fork needs."""

    def send(self, data: memoryview, flags: int, /) -> int:
        """Send what there is room for; how much that was. Raises BlockingIOError for no room."""
        ...

    def recv(self, size: int, /) -> bytes:
        """What has come; nothing when the other end is closed. Raises BlockingIOError where nothing comes soon."""
        ...


class Fork(ABC):
    """One process that runs one submission: requests out, replies in, and what it prints.

    `folder` is where it keeps the student's files. Once it has ended, `alive` is false and `printed_at_end` holds its
    last output. Nothing is ever sent that would block, by `_send_flags` or by the channel itself.
    """

    _send_flags = 0

    def __init__(self, limits: Limits, folder: str, channel: Channel) -> None:
        self.limits = limits
        self.folder = folder
        self._channel = channel
        self.alive = True
        self.printed_at_end = ""
        self._received = bytearray()

    def request(
        self, message: wire.Request, blobs: list[bytes], deadline: Deadline
    ) -> tuple[wire.Reply, list[bytearray]]:
        """Send and wait for the reply.

        Raises:
            ForkEnded: it died, ran out of its limits or answered with what no worker sends.
            WireError: the request is larger than any may be.
        """
        from grader.sandbox.far import wire

        buffers = wire.pack(message, list(blobs))
        try:
            if sum(map(len, buffers)) < JOINED_BYTES:
                buffers = [b"".join(buffers)]
            for buffer in buffers:
                self._send(memoryview(buffer).cast("B"), deadline)
            header = bytes(self._receive(wire.header_length(bytes(self._receive(4, deadline))), deadline))
            reply = wire.reply_decoder.decode(header)
            return reply, [self._receive(length, deadline) for length in wire.blob_lengths(reply)]
        except (wire.WireError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self.end()
            raise ForkEnded("crashed", "Your code wrote into the grader's channel, or broke the worker.") from error

    @abstractmethod
    def cpu_seconds(self) -> float:
        """CPU time of the process, threads included."""

    @abstractmethod
    def printed(self) -> str:
        """What the student's code has printed since the last time; bounded."""

    @abstractmethod
    def end(self) -> tuple[str, int]:
        """End it and everything it started.

        Returns:
            How it ended (`exit STATUS`, `signal NUMBER`, `memory`, `processes`, `files` or another word), and the most memory
            that it held, in MB.
        """

    def look_at_clocks(self, deadline: Deadline, *, sending: bool = False) -> None:
        """End it when its time is up. To send is no work: who does only that may not say that it wants to run."""
        if deadline.passed((lambda: (self._usage()[0], False)) if sending else self._usage):
            self.end()
            raise ForkEnded("timeout", deadline.sentence)

    @abstractmethod
    def _usage(self) -> tuple[float, bool]:
        """CPU seconds of all that it has started, and whether something of it wants to run."""

    @abstractmethod
    def _wait(self, deadline: Deadline, *, writing: bool = False) -> None:
        """Until the channel can be read, or written; clocks, memory and what is printed are looked after meanwhile."""

    def _send(self, view: memoryview, deadline: Deadline) -> None:
        while view:
            try:
                view = view[self._channel.send(view, self._send_flags) :]
            except BlockingIOError:
                self._wait(deadline, writing=True)
                self.look_at_clocks(deadline)
            except OSError:
                raise self._gone() from None

    def _arrived(self, size: int, deadline: Deadline) -> bytes:
        """What has come, at most so many bytes; waits for the first.

        Most answers come at once: so it receives first, and looks after the rest only when that takes long.
        """
        while True:
            try:
                part = self._channel.recv(size)
            except BlockingIOError:
                self._wait(deadline)
                continue
            except OSError:
                part = b""
            if not part:
                raise self._gone()
            return part

    def _receive(self, length: int, deadline: Deadline) -> bytearray:
        """The next bytes of the channel. What is held grows with what arrives, not with what is promised.

        What comes in drops never keeps it waiting: so the clocks are looked at here too.
        """
        while len(self._received) < length:
            self._received += self._arrived(max(_CHUNK, min(length - len(self._received), 2**20)), deadline)
            if len(self._received) < length:
                self.look_at_clocks(deadline, sending=True)
        taken = self._received[:length]
        del self._received[:length]
        return taken

    def _gone(self) -> ForkEnded:
        """The channel broke: say why."""
        how, peak = self.end()
        if how == "memory" or (how == "signal 9" and peak > 0.8 * self.limits.memory_mb):
            return ForkEnded("out_of_memory", memory_sentence(self.limits))
        if how == "processes":
            return ForkEnded("crashed", f"Your code started more than {self.limits.processes} processes and threads.")
        if how == "files":
            return ForkEnded("crashed", f"Your code wrote more than {self.limits.tmp_mb} MB, or too many files.")
        if how.startswith("exit"):
            return ForkEnded("crashed", f"Your code ended the Python process ({how.replace('exit', 'exit status')}).")
        if how.startswith("signal"):
            return ForkEnded("crashed", f"Your code brought the Python process down ({how}).")
        return ForkEnded("crashed", "Your code closed the grader's channel or ended the Python process.")


def memory_sentence(limits: Limits) -> str:
    """What a student is told whose code needs too much memory."""
    return f"Your code needed more than {limits.memory_mb} MB of memory."


class Deadline:
    """The time of one test, by both clocks: CPU time decides, wall time bounds what only waits.

    On a busy machine a fork may wait long for its turn; that is no fault of the student's. So wall time counts only
    while nothing of the fork wants to run, and between two looks no more of it than was meant to lie there: the machine
    may have kept everybody waiting.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.sentence = ""
        self.begin_at(0.0)

    def begin_at(self, cpu_seconds: float) -> None:
        """The test begins now, with the fork's CPU clock showing this; a fresh fork's shows zero."""
        self._cpu_began = cpu_seconds
        self._began = self._looked = time.monotonic()
        self._idle = 0.0
        self._look_in(self._limits.seconds)

    def _look_in(self, seconds: float) -> None:
        self._between = seconds
        self._look = self._looked + seconds

    def next_look(self) -> float:
        """Seconds until the clocks are looked at."""
        return self._look - time.monotonic()

    def passed(self, usage: Callable[[], tuple[float, bool]]) -> bool:
        """Whether the test has used up its time; asks for the CPU clock only when enough wall time is gone."""
        now = time.monotonic()
        if now < self._look:
            return False
        limit, patience = self._limits.seconds, self._limits.patience
        cpu_seconds, wants_to_run = usage()
        used = cpu_seconds - self._cpu_began
        if used >= limit * 0.98:
            self.sentence = f"Your code ran for more than {limit:g} seconds: is there a loop that never ends?"
            return True
        self._idle = 0.0 if wants_to_run else self._idle + min(now - self._looked, 1.5 * self._between)
        if self._idle >= limit * patience or now - self._began >= max(120.0, 30 * limit):
            self.sentence = f"Your code did not come back: it waited for {limit * patience:g} seconds and did nothing."
            return True
        self._looked = now
        self._look_in(min(max(0.02, limit - used), 0.25))
        return False


class FarSide(ABC):
    """Makes forks. Start it early: it imports torch while the near side does the same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @abstractmethod
    def open(self, limits: Limits, bans: Bans = NO_BANS) -> Fork:
        """A fresh fork, with these things taken away; the one before it is ended first.

        Raises:
            FarSideFailed: it cannot be made.
        """

    @abstractmethod
    def wait_until_ready(self) -> None:
        """Until it has imported torch.

        Raises:
            FarSideFailed: it does not start.
        """

    @abstractmethod
    def share_core(self, core: int) -> None:
        """Keep this process and the far side to one core of the machine, from now on."""

    @property
    @abstractmethod
    def broken(self) -> bool:
        """Whether nothing more can be asked of it."""

    @abstractmethod
    def close(self) -> None:
        """End the fork and all that makes forks. Nothing of them is left."""
