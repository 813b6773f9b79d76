"""The far side behind a wall: one fork server, and in it one fork at a time that answers requests. Linux only."""

from __future__ import annotations

import os
import select
import socket
import struct
import subprocess
from typing import TYPE_CHECKING

import msgspec

from grader.sandbox.cgroups import ControlGroup
from grader.sandbox.farside import (
    NO_BANS,
    OUTPUT_LIMIT,
    START_SECONDS,
    Bans,
    Deadline,
    FarSide,
    FarSideFailed,
    Fork,
    Limits,
)

if TYPE_CHECKING:
    from grader.sandbox.wall import Wall

BLOCK_SECONDS = 0.02
_CHUNK = 2**16
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class ServedFork(Fork):
    """The near end of one fork's channel."""

    _channel: socket.socket
    _send_flags = socket.MSG_DONTWAIT

    def __init__(self, server: ForkServer, channel: socket.socket, output: int, limits: Limits) -> None:
        super().__init__(limits, server.folder, channel)
        self._server = server
        self._output = output
        self._clock = -1
        self._printed = bytearray()
        self._dropped = False
        channel.setblocking(True)
        seconds, fraction = divmod(BLOCK_SECONDS, 1)
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", int(seconds), int(fraction * 1e6)))
        self._poller = select.poll()
        self._poller.register(channel, select.POLLIN)
        self._poller.register(output, select.POLLIN)

    def cpu_seconds(self) -> float:
        """CPU time of the fork's own process, threads included, to a hundredth of a second."""
        if self._clock < 0:
            self._clock = self._server.clock_of_fork()
        try:
            fields = os.pread(self._clock, 1024, 0).rpartition(b")")[2].split()
        except OSError:  # it has ended
            return 0.0
        return sum(map(int, fields[11:15])) / _TICKS_PER_SECOND

    def _wait(self, deadline: Deadline, *, writing: bool = False) -> None:
        """Until the channel is ready; what the fork prints is taken in meanwhile."""
        self._poller.modify(self._channel, select.POLLOUT if writing else select.POLLIN)
        while True:
            ready = dict(self._poller.poll(max(0.0, deadline.next_look()) * 1000))
            if self._output in ready and not self._drain():
                self._poller.unregister(self._output)
            if self._channel.fileno() in ready:
                return
            self.look_at_clocks(deadline)

    def _usage(self) -> tuple[float, bool]:
        return self._server.usage()

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
        how = " ".join(answer[:-1])
        if how == "signal 9" and self._server.ran_out_of_memory():
            how = "memory"
        return how, int(answer[-1]) if answer[-1].isdigit() else 0


class ForkServer(FarSide):
    """One fork server, and for each set of bans one that was forked from it with these taken away."""

    def __init__(self, wall: Wall, *, warm: bool = False, trains: bool = True) -> None:
        self._wall = wall
        self._group = ControlGroup()
        self.folder = wall.folder
        self._process: subprocess.Popen[bytes] | None = None
        self._fork: ServedFork | None = None
        self._ready = False
        self._clock_is_due = False
        near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            setting = {"mode": "server", "channel": far.fileno(), "warm": warm, "trains": trains}
            command = self._group.joined(wall.command(setting))
            self._process = subprocess.Popen(
                command, pass_fds=[far.fileno()], env=wall.environment(), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
            )  # fmt: skip
        except BaseException:
            near.close()
            wall.close()
            self._group.close()
            raise
        finally:
            far.close()
        near.settimeout(START_SECONDS)
        self._servers = {NO_BANS: near}
        self._control = near

    def open(self, limits: Limits, bans: Bans = NO_BANS) -> ServedFork:
        """A fresh fork, with these things taken away; the one before it is ended first.

        Raises:
            FarSideFailed: the server does not start or is gone.
        """
        if self._fork is not None:
            self._fork.end()
        self.wait_until_ready()
        self._group.bound(limits)
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
        self._fork = ServedFork(self, near, output, limits)
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
        self._control = self._servers[NO_BANS]
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
    def bounded_by_group(self) -> bool:
        """Whether a control group bounds memory and processes, besides what watches."""
        return bool(self._group.folders)

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended something of the far side for what its control group may hold, since last asked."""
        return self._group.has_killed()

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
        self._wall.close()
        self._group.close()
