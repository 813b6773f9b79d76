"""The far side as the near side holds it: one fork server, and in it one fork at a time that answers requests."""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
import time
from typing import TYPE_CHECKING, Self

import msgspec

from grader.sandbox import wall

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.sandbox.far import wire

OUTPUT_LIMIT = 64 * 2**10
START_SECONDS = 120.0
BLOCK_SECONDS = 0.02
JOINED_BYTES = 2**20
_CHUNK = 2**16
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


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
    """What is taken away before student code is loaded: kernels, as `operator@key`, and modules, as patterns."""

    kernels: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


class FarSideFailed(Exception):
    """The fork server itself is gone or cannot start: the grader's fault, not the student's."""


class ForkEnded(Exception):
    """The fork did not answer. `reason` is `timeout`, `out_of_memory` or `crashed`; `detail` says it in words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


_NO_BANS = Bans()


class Fork:
    """The near end of one fork's channel: requests out, replies in, and what the fork prints."""

    def __init__(self, server: FarSide, channel: socket.socket, output: int, limits: Limits) -> None:
        self._server = server
        self._channel = channel
        self._output = output
        self._limits = limits
        self._clock = -1
        self._printed = bytearray()
        self._dropped = False
        self._received = bytearray()
        channel.setblocking(True)
        seconds, fraction = divmod(BLOCK_SECONDS, 1)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6)))
        self._poller = select.poll()
        self._poller.register(channel, select.POLLIN)
        self._poller.register(output, select.POLLIN)
        self.alive = True

    def request(
        self, message: wire.Request, blobs: list[bytes], deadline: Deadline
    ) -> tuple[wire.Reply, list[bytearray]]:
        """Send and wait for the reply.

        Raises:
            ForkEnded: it died, ran out of its limits or answered with what no worker sends.
        """
        from grader.sandbox.far import wire

        try:
            buffers = wire.pack(message, list(blobs))
            if sum(map(len, buffers)) < JOINED_BYTES:
                buffers = [b"".join(buffers)]
            for buffer in buffers:
                self._send(memoryview(buffer).cast("B"), deadline)
            header = bytes(self._receive(wire.header_length(bytes(self._receive(4, deadline))), deadline))
            reply = wire.reply_decoder.decode(header)
            return reply, [self._receive(length, deadline) for length in wire.blob_lengths(reply)]
        except (wire.WireError, msgspec.MsgspecError, RecursionError) as error:
            self.end()
            raise ForkEnded("crashed", "Your code wrote into the grader's channel, or broke the worker.") from error

    def cpu_seconds(self) -> float:
        """CPU time of the fork's own process, threads included, to a hundredth of a second."""
        if self._clock < 0:
            self._clock = self._server.clock_of_fork()
        try:
            fields = os.pread(self._clock, 1024, 0).rpartition(b")")[2].split()
        except OSError:  # it has ended
            return 0.0
        return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND

    def _send(self, view: memoryview, deadline: Deadline) -> None:
        while view:
            try:
                view = view[self._channel.send(view, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except OSError:
                raise self._gone() from None

    def _receive(self, length: int, deadline: Deadline) -> bytearray:
        """The next bytes of the channel. What is held grows with what arrives, not with what is promised.

        Most answers come at once: so it receives first, and looks at clocks and output only when that takes long.
        """
        while len(self._received) < length:
            try:
                part = self._channel.recv(max(_CHUNK, min(length - len(self._received), 2**20)))
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except OSError:
                raise self._gone() from None
            if not part:
                raise self._gone()
            self._received += part
        taken = self._received[:length]
        del self._received[:length]
        return taken

    def _wait(self, event: int, deadline: Deadline) -> None:
        """Until the channel is ready; what the fork prints is taken in meanwhile."""
        self._poller.modify(self._channel, event)
        while True:
            ready = dict(self._poller.poll(max(0.0, deadline.next_look()) * 1000))
            if self._output in ready and not self._drain():
                self._poller.unregister(self._output)
            if self._channel.fileno() in ready:
                return
            if deadline.passed(self._server.usage):
                self.end()
                raise ForkEnded("timeout", deadline.sentence)

    def _drain(self) -> bool:
        """Take in one piece of output; False when the pipe is closed."""
        try:
            part = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return True
        room = OUTPUT_LIMIT - len(self._printed)
        self._dropped = self._dropped or len(part) > room
        self._printed += part[: max(0, room)]
        return bool(part)

    def printed(self) -> str:
        """What the student's code has printed since the last time; bounded."""
        while select.select([self._output], [], [], 0)[0] and self._drain():
            if self._dropped:
                break
        text = self._printed.decode("utf-8", "replace")
        if self._dropped:
            text += "\n… (more was printed)"
        self._printed.clear()
        self._dropped = False
        return text

    def _gone(self) -> ForkEnded:
        """The channel broke: ask the server why."""
        how, peak = self.end()
        if how == "memory" or (how == "signal 9" and peak > 0.8 * self._limits.memory_mb):
            return ForkEnded("out_of_memory", memory_sentence(self._limits))
        if how == "processes":
            return ForkEnded("crashed", f"Your code started more than {self._limits.processes} processes and threads.")
        if how.startswith("exit"):
            return ForkEnded("crashed", f"Your code ended the Python process ({how.replace('exit', 'exit status')}).")
        if how.startswith("signal"):
            return ForkEnded("crashed", f"Your code brought the Python process down ({how}).")
        return ForkEnded("crashed", "Your code closed the grader's channel or ended the Python process.")

    def end(self) -> tuple[str, int]:
        """End the fork and everything in it; returns how it ended and the most memory it held, in MB."""
        if not self.alive:
            return "ended", 0
        self.alive = False
        try:
            answer = self._server.ask("end").split()
            self.printed_at_end = self.printed()
        finally:
            self._channel.close()
            os.close(self._output)
            if self._clock >= 0:
                os.close(self._clock)
        return " ".join(answer[:-1]), int(answer[-1]) if answer[-1].isdigit() else 0

    printed_at_end = ""


def memory_sentence(limits: Limits) -> str:
    """What a student is told whose code needs too much memory."""
    return f"Your code needed more than {limits.memory_mb} MB of memory."


class Deadline:
    """The time of one test, by both clocks: CPU time decides, wall time bounds what only waits.

    On a busy machine a fork may wait long for its turn; that is no fault of the student's. So wall time counts only
    while nothing of the fork wants to run.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.sentence = ""
        self.begin_at(0.0)

    def begin_at(self, cpu_seconds: float) -> None:
        """The test begins now, with the fork's CPU clock showing this; a fresh fork's shows zero."""
        self._cpu_began = cpu_seconds
        self._began = self._idle_since = time.monotonic()
        self._look = self._began + self._limits.seconds

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
        if wants_to_run:
            self._idle_since = now
        if now - self._idle_since >= limit * patience or now - self._began >= max(120.0, 30 * limit):
            self.sentence = f"Your code did not come back: it waited for {limit * patience:g} seconds and did nothing."
            return True
        self._look = now + min(max(0.02, limit - used), 0.25)
        return False


class FarSide:
    """One fork server, and for each set of bans one that was forked from it with these taken away.

    Start it early: it imports torch while the near side does the same.
    `warm` is for a server that makes many forks: it also imports what training needs, before the first of them.
    """

    def __init__(self, *, walled: bool, warm: bool = False) -> None:
        self.walled = walled
        self._process: subprocess.Popen[bytes] | None = None
        self._fork: Fork | None = None
        self._ready = False
        self._clock_is_due = False
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            command_for = wall.walled_command if walled else wall.plain_command
            command = command_for(far.fileno(), "warm" if warm else "cold")
            self._process = subprocess.Popen(
                command, pass_fds=[far.fileno()], env=wall.environment(walled=walled), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
            )  # fmt: skip
        except BaseException:
            near.close()
            raise
        finally:
            far.close()
        near.settimeout(START_SECONDS)
        self._servers = {_NO_BANS: near}
        self._control = near

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def open(self, limits: Limits, bans: Bans = _NO_BANS) -> Fork:
        """A fresh fork, with these things taken away; the one before it is ended first.

        Raises:
            FarSideFailed: the server does not start or is gone.
        """
        if self._fork is not None:
            self._fork.end()
        self.wait_until_ready()
        self._control = self._servers.get(bans) or self._prepare(bans)
        near, far = socket.socketpair()
        output, far_output = os.pipe()
        cpu_backstop = 3600
        order = f"fork {limits.memory_mb} {limits.tmp_mb} {limits.processes} {cpu_backstop}"
        try:
            socket.send_fds(self._control, [order.encode()], [far.fileno(), far_output])
        except OSError:
            near.close()
            os.close(output)
            raise FarSideFailed(self._why()) from None
        finally:
            far.close()
            os.close(far_output)
        os.set_blocking(output, False)
        self._clock_is_due = True
        self._fork = Fork(self, near, output, limits)
        return self._fork

    def wait_until_ready(self) -> None:
        """Until the server has imported torch.

        Raises:
            FarSideFailed: it does not start.
        """
        if not self._ready:
            if self._hear() != "ready":
                raise FarSideFailed(self._why())
            self._ready = True

    def share_core(self, core: int) -> None:
        """Keep this process and the far side to one core of the machine, from now on.

        They take turns: on one core each finds the other's data in the cache, and no sleeping core has to be woken.
        """
        self.wait_until_ready()
        try:
            for control in self._servers.values():
                control.sendall(f"core {core}".encode())
        except OSError:
            raise FarSideFailed(self._why()) from None
        os.sched_setaffinity(0, {core})

    def _prepare(self, bans: Bans) -> socket.socket:
        """A server with these bans in place."""
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = b"prepare " + msgspec.json.encode(bans)
        self._control = self._servers[_NO_BANS]
        try:
            socket.send_fds(self._control, [order], [far.fileno()])
        except OSError:
            near.close()
            raise FarSideFailed(self._why()) from None
        finally:
            far.close()
        near.settimeout(START_SECONDS)
        self._servers[bans] = self._control = near
        if self._hear() != "ready":
            raise FarSideFailed(self._why())
        return near

    def ask(self, command: str) -> str:
        """One command to the server, one line back."""
        self._take_clock()
        try:
            self._control.sendall(command.encode())
        except OSError:
            raise FarSideFailed(self._why()) from None
        answer = self._hear()
        if answer is None:
            raise FarSideFailed(self._why())
        return answer

    def _take_clock(self) -> None:
        """Take the clock that nobody has asked for out of the way of the next answer."""
        if self._clock_is_due:
            os.close(self.clock_of_fork())

    def clock_of_fork(self) -> int:
        """The descriptor of the fork's clock, which the server sent when it had forked."""
        self._clock_is_due = False
        try:
            _, descriptors, _, _ = socket.recv_fds(self._control, 256, 1)
        except OSError:
            descriptors = []
        if not descriptors:
            raise FarSideFailed(self._why())
        return descriptors[0]

    def usage(self) -> tuple[float, bool]:
        """CPU seconds that the fork has used, all threads and processes together; and whether one wants to run."""
        seconds, wants_to_run = self.ask("usage").split()
        return float(seconds), wants_to_run == "1"

    def spent(self) -> float:
        """CPU seconds of the servers and of all forks that have ended: bubblewrap does not pass them on."""
        self.wait_until_ready()
        self._take_clock()
        current, total = self._control, 0.0
        try:
            for self._control in tuple(self._servers.values()):  # noqa: B020
                total += float(self.ask("spent"))
        finally:
            self._control = current
        return total

    def _hear(self) -> str | None:
        try:
            return self._control.recv(256).decode().strip() or None
        except OSError:
            return None

    @property
    def broken(self) -> bool:
        """Whether the server is gone; nothing more can be asked of it."""
        return self._process is None or self._process.poll() is not None

    def _why(self) -> str:
        process = self._process
        if process is None or process.stderr is None:
            return "the far side was never started"
        process.kill()
        said = process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        return f"the far side ended: {said[-1] if said else f'exit status {process.wait()}'}"

    def close(self) -> None:
        """End the fork and the server. Nothing of them is left."""
        if self._fork is not None and self._fork.alive:
            try:
                self._fork.end()
            except FarSideFailed:
                self._fork = None
        for control in self._servers.values():
            control.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stderr is not None:
                self._process.stderr.close()
