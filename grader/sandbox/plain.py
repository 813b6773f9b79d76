"""The far side where no wall can be built: a plain child process for each submission, on any system that has Python.

It bounds time and memory and leaves nothing behind. It hides nothing: what it runs can read what its user can read.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psutil

from grader.sandbox import wall
from grader.sandbox.far.plain import TOKEN_BYTES
from grader.sandbox.farside import (
    NO_BANS,
    OUTPUT_LIMIT,
    START_SECONDS,
    Bans,
    Deadline,
    FarSide,
    FarSideFailed,
    Fork,
    ForkEnded,
    Limits,
)

LOOK_SECONDS = 0.05
"""How often the memory of a child that is at work is looked at."""
FLOOD_BYTES = 64 * 2**20
_EXIT_SECONDS = 10.0


class _Child:
    """A process that has imported torch, or is about to, and has no work yet."""

    def __init__(self, *, warm: bool, trains: bool) -> None:
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="grader-"))
        self.output = Path(self.folder) / "output.txt"
        with socket.create_server(("127.0.0.1", 0)) as listening, self.output.open("wb") as output:
            command = wall.plain_command(listening.getsockname()[1], warm=warm, trains=trains)
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=self.folder, start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )  # fmt: skip
            self.channel = self._connected(listening)
        self._ready = False

    def _connected(self, listening: socket.socket) -> socket.socket:
        """The connection of the child itself: of all that could call, it alone knows the token."""
        token = secrets.token_bytes(TOKEN_BYTES)
        assert self.process.stdin is not None
        self.process.stdin.write(token)
        self.process.stdin.flush()
        deadline = time.monotonic() + START_SECONDS
        listening.settimeout(0.2)
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                channel, _ = listening.accept()
            except TimeoutError:
                continue
            channel.settimeout(START_SECONDS)
            if channel.recv(len(token), socket.MSG_WAITALL) == token:
                channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return channel
            channel.close()
        raise FarSideFailed(self.why())

    def wait_until_ready(self) -> None:
        """Until it has imported torch."""
        if not self._ready:
            try:
                self._ready = self.channel.recv(1) == b"R"
            except OSError:
                self._ready = False
            if not self._ready:
                raise FarSideFailed(self.why())

    def why(self) -> str:
        """Why it does not answer; it is gone then."""
        self.end()
        return f"the process for your code ended: {self.last_words or f'exit status {self.process.returncode}'}"

    last_words = ""

    def end(self) -> None:
        """End it and all that it started, and remove its folder."""
        found: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            own = psutil.Process(self.process.pid)
            found = [*own.children(recursive=True), own]
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self.process.wait()
        with contextlib.suppress(OSError):
            self.last_words = (self.output.read_text("utf-8", "replace").strip().splitlines() or [""])[-1]
        if self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
        if hasattr(self, "channel"):
            self.channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class PlainFork(Fork):
    """A child at work."""

    _channel: socket.socket

    def __init__(self, child: _Child, limits: Limits) -> None:
        super().__init__(limits, str(Path(child.folder) / "work"), child.channel)
        self._child = child
        self._process = psutil.Process(child.process.pid)
        self._held = self._resident()
        self._began = self._last_cpu = self._cpu()
        self._peak = 0
        self._read = self._size_of_output()
        child.channel.setblocking(False)

    def _cpu(self) -> float:
        try:
            times = self._process.cpu_times()
        except psutil.Error:  # it has ended
            return 0.0
        return float(times.user + times.system)

    def _resident(self) -> int:
        try:
            return int(self._process.memory_info().rss)
        except psutil.Error:
            return 0

    def cpu_seconds(self) -> float:
        """CPU time since it was given its work."""
        return max(0.0, self._cpu() - self._began)

    def _usage(self) -> tuple[float, bool]:
        """CPU time, and whether it has used any since the last look."""
        now = self._cpu()
        worked, self._last_cpu = now > self._last_cpu, now
        return max(0.0, now - self._began), worked

    def _wait(self, deadline: Deadline, *, writing: bool = False) -> None:
        """Until the channel is ready, with an eye on time, memory and what is printed."""
        channel = self._channel
        while True:
            seconds = min(LOOK_SECONDS, max(0.0, deadline.next_look()))
            reading, sending, _ = select.select([channel], [channel] if writing else [], [], seconds)
            if sending or (reading and not writing):
                return
            if reading and self._child.process.poll() is not None:
                raise self._gone()
            self._peak = max(self._peak, self._resident() - self._held)
            if self._peak > self.limits.memory_mb * 2**20:
                self._how = "memory"
                raise self._gone()
            if self._size_of_output() - self._read > FLOOD_BYTES:
                self.end()
                raise ForkEnded("crashed", f"Your code printed more than {FLOOD_BYTES // 2**20} MB.")
            self.look_at_clocks(deadline)

    _how = ""

    def _size_of_output(self) -> int:
        try:
            return self._child.output.stat().st_size
        except OSError:
            return self._read

    def printed(self) -> str:
        """What the student's code has printed since the last time; bounded."""
        with self._child.output.open("rb") as file:
            file.seek(self._read)
            text = file.read(OUTPUT_LIMIT).decode("utf-8", "replace")
        begun, self._read = self._read, self._size_of_output()
        if self._read - begun > OUTPUT_LIMIT:
            text += "\n… (more was printed)"
        return text

    def end(self) -> tuple[str, int]:
        """End it, whatever it does."""
        if not self.alive:
            return "ended", 0
        self.alive = False
        process = self._child.process
        if not self._how:
            with contextlib.suppress(subprocess.TimeoutExpired):  # whoever closed the channel may be on the way out
                process.wait(_EXIT_SECONDS if self._is_exiting() else 0)
            status = process.poll()
            self._how = "killed" if status is None else f"signal {-status}" if status < 0 else f"exit {status}"
        self.printed_at_end = self.printed()
        self._child.end()
        return self._how, self._peak // 2**20

    def _is_exiting(self) -> bool:
        """Whether it has closed its end of the channel."""
        try:
            return self._child.channel.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


class PlainSide(FarSide):
    """A process for each fork. Where many are expected, the next one is started before it is needed."""

    def __init__(self, *, warm: bool = False, trains: bool = True) -> None:
        self._warm = warm
        self._trains = trains
        self._opened = 0
        self._fork: PlainFork | None = None
        self._spare: _Child | None = self._child()

    def _child(self) -> _Child:
        return _Child(warm=self._warm, trains=self._trains)

    def open(self, limits: Limits, bans: Bans = NO_BANS) -> Fork:
        """A fresh process, with these things taken away; the one before it is ended first.

        Raises:
            FarSideFailed: it does not start.
        """
        if self._fork is not None:
            self._fork.end()
        child, self._spare = self._spare or self._child(), None
        child.wait_until_ready()
        self._opened += 1
        if self._warm or self._opened > 1:
            self._spare = self._child()
        order = json.dumps({"kernels": bans.kernels, "modules": bans.modules, "functions": bans.functions}).encode()
        try:
            child.channel.sendall(len(order).to_bytes(4, "big") + order)
        except OSError:
            raise FarSideFailed(child.why()) from None
        self._fork = PlainFork(child, limits)
        return self._fork

    def wait_until_ready(self) -> None:
        """Until the first process has imported torch.

        Raises:
            FarSideFailed: it does not start.
        """
        if self._spare is not None:
            self._spare.wait_until_ready()

    def share_core(self, core: int) -> None:
        """The system chooses the cores."""

    @property
    def broken(self) -> bool:
        """Never: each fork is a process of its own."""
        return False

    def close(self) -> None:
        """End the fork and the process that waits."""
        if self._fork is not None:
            self._fork.end()
        if self._spare is not None:
            self._spare.end()
