"""The fork server: imports torch once, then makes a fork of itself for each submission and watches over it.

Started by the near side inside the wall. It speaks with the near side over one socket, a line of text each way: `fork`,
`usage`, `end`, `spent`, `core`, and `prepare`, which makes a second server that has some kernels, modules and functions taken away
for good. It never reads a byte that a fork wrote.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import socket
import sys
import time
from typing import TYPE_CHECKING, NoReturn

import torch

from . import confine, pages, rehearsal, worker
from .kernels import files_of, take_away

if TYPE_CHECKING:
    from .proc import Proc
    from .walls import Wall

MESSAGE_BYTES = 2**16
TICK_SECONDS = 0.02
EXIT_SECONDS = 30.0
NICE = 5
PF_EXITING = 0x4
LIMITS = ("memory", "tmp", "processes", "cpu")
RESIDENT = ("RssAnon:", "RssShmem:", "VmPTE:")
"""Anonymous and shared memory and page tables; mapped files do not count."""


class Fork:
    """The one fork that is alive, as seen from its parent."""

    def __init__(self, pid: int, limits: dict[str, int]) -> None:
        self.pid = pid
        self.memory_bytes = limits["memory"] * 2**20
        self.file_bytes = limits["tmp"] * 2**20
        self.processes = limits["processes"]
        self.ended_for = ""
        self.peak_bytes = 0
        self.cpu_seconds = 0.0
        self.looks = self.busy_looks = 0


class Server:
    """Reads commands from the near side, and between them looks after the fork."""

    def __init__(self, control: socket.socket, proc: Proc, wall: Wall, *, warm: bool) -> None:
        self._control = control
        self._proc = proc
        self._wall = wall
        self._warm = warm
        self._fork: Fork | None = None
        self._joined = not warm
        self._held = proc.bytes_of("self", *RESIDENT)
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")
        self._servers: set[int] = set()
        wall.begin()

    def run(self) -> None:
        """Serve until the near side goes away."""
        self._control.setblocking(True)
        self._say("ready")
        while True:
            self._control.settimeout(TICK_SECONDS if self._fork else None)
            try:
                message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE_BYTES, 2)
            except TimeoutError:
                self._watch()
                continue
            if not message:
                self._end()
                for pid in self._servers:  # they end for the same reason
                    os.waitpid(pid, 0)
                return
            word, _, rest = message.decode().partition(" ")
            if word == "fork":
                self._end()
                self._start(descriptors, dict(zip(LIMITS, map(int, rest.split()), strict=True)))
            elif word == "prepare":
                self._prepare(descriptors[0], **json.loads(rest))
            elif word == "usage":
                self._watch()
                self._say(self._usage())
            elif word == "core":
                os.sched_setaffinity(0, {int(rest)})
            elif word == "end":
                self._say(self._end())
            elif word == "spent":
                used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
                self._say(str(sum(each.ru_utime + each.ru_stime for each in used)))

    def _say(self, text: str) -> None:
        self._control.sendall(f"{text}\n".encode())

    def _start(self, descriptors: list[int], limits: dict[str, int]) -> None:
        if not self._joined:
            self._join()
        try:
            self._wall.before_fork(limits)
            pid = confine.fork()
        except OSError as error:
            for descriptor in descriptors:
                os.close(descriptor)
            print(f"cannot fork: {error}", file=sys.stderr, flush=True)
            self._say("no fork")
            return
        if pid == 0:
            self._become_worker(descriptors, limits)
        for descriptor in descriptors:
            os.close(descriptor)
        self._fork = Fork(pid, limits)
        self._hand_over_clock(pid)

    def _join(self) -> None:
        """Join the pages before the first fork; a server that makes none is spared it."""
        pages.join(self._proc)
        self._held = self._proc.bytes_of("self", *RESIDENT)
        self._joined = True

    def _hand_over_clock(self, pid: int) -> None:
        """Give the near side the file in which the kernel tells the fork's CPU time: read before every test."""
        clock = self._proc.open(f"{pid}/stat")
        try:
            socket.send_fds(self._control, [b"forked"], [clock])
        finally:
            os.close(clock)

    def _prepare(self, descriptor: int, kernels: list[str], modules: list[str], functions: list[str]) -> None:
        """Make another server, which speaks over this descriptor and whose forks miss these things."""
        self._wall.before_server()
        pid = os.fork()
        if pid != 0:
            self._servers.add(pid)
            os.close(descriptor)
            return
        try:
            self._control.close()
            taken_from = take_away(kernels, modules, functions)
            self._wall.hide(files_of([*modules, *taken_from]))
            settle(warm=self._warm)
            Server(socket.socket(fileno=descriptor), self._proc, self._wall, warm=self._warm).run()
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"a prepared server failed: {error!r}\n".encode())
        os._exit(0)

    def _become_worker(self, descriptors: list[int], limits: dict[str, int]) -> NoReturn:
        """In the fork: put on the limits, then serve. Never returns."""
        try:
            os.setsid()  # a signal to the whole process group would reach the server, whatever namespace it comes from
            self._control.close()
            channel = socket.socket(fileno=descriptors[0])
            channel.settimeout(None)
            os.dup2(descriptors[1], 1)
            os.dup2(descriptors[1], 2)
            os.close(descriptors[1])
            self._wall.enter(limits)
            os.nice(NICE)  # who watches goes first
            worker.Worker(channel, self._wall.folder).serve()
        except BaseException as error:  # noqa: BLE001
            os.write(2, f"the grader's worker failed: {error!r}\n".encode())
            os._exit(70)
        os._exit(0)

    def _watch(self) -> None:
        """Look at the fork's processes; end them all where they hold more than they may."""
        fork = self._fork
        if fork is None:
            return
        if self._is_exiting(fork.pid):  # what it leaves behind may hold its channel open
            self._wall.kill(fork.pid)
            return
        living = self._wall.processes(fork.pid, fork.processes)
        if len(living) > fork.processes:  # there may be thousands: no time to look at each
            fork.ended_for = "processes"
            self._wall.kill(fork.pid)
            return
        held, ticks, count = 0, 0, 0
        wants_to_run = False
        for pid in living:
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = self._proc.stat(pid)
                ticks += sum(int(field) for field in fields[11:15])
                held += max(0, self._proc.bytes_of(pid, *RESIDENT) - self._held)
                count += int(fields[17])
                wants_to_run |= any(fields[0] in "RD" for fields in self._threads_of(pid))
        fork.looks += 1
        fork.busy_looks += wants_to_run
        fork.cpu_seconds = max(fork.cpu_seconds, ticks / self._ticks_per_second)
        fork.peak_bytes = max(fork.peak_bytes, held)
        if held > fork.memory_bytes:
            fork.ended_for = "memory"
        elif count > fork.processes:
            fork.ended_for = "processes"
        elif self._wall.overfull(fork.file_bytes):
            fork.ended_for = "files"
        else:
            return
        self._wall.kill(fork.pid)

    def _usage(self) -> str:
        """The fork's CPU seconds, and whether it wanted to run in most looks since the last time: one look can be fooled."""
        fork = self._fork
        if fork is None:
            return "0.0 0"
        busy = 2 * fork.busy_looks > fork.looks
        fork.looks = fork.busy_looks = 0
        return f"{fork.cpu_seconds} {int(busy)}"

    def _end(self) -> str:
        """End the fork if it still lives, and say how it ended: `exit STATUS`, `signal NUMBER`, `memory` or `killed`."""
        fork, self._fork = self._fork, None
        if fork is None:
            return "none"
        deadline = time.monotonic() + EXIT_SECONDS
        pid, status = os.waitpid(fork.pid, os.WNOHANG)
        while pid == 0 and self._is_exiting(fork.pid) and time.monotonic() < deadline:
            time.sleep(0.001)
            pid, status = os.waitpid(fork.pid, os.WNOHANG)
        if pid == 0:
            self._wall.kill(fork.pid)
            os.waitpid(fork.pid, 0)
            verdict = "killed"
        elif os.WIFSIGNALED(status):
            verdict = f"signal {os.WTERMSIG(status)}"
        else:
            verdict = f"exit {os.WEXITSTATUS(status)}"
        self._wall.sweep(self._servers)
        return f"{fork.ended_for or verdict} {fork.peak_bytes // 2**20}"

    def _is_exiting(self, pid: int) -> bool:
        """Whether the process is on its way out, however far: its sockets close before it can be waited for.

        All of its threads are: a main thread that has ended says nothing of the others.
        """
        return all(fields[0] in "ZX" or int(fields[6]) & PF_EXITING for fields in self._threads_of(pid))

    def _threads_of(self, pid: int) -> list[list[str]]:
        """What the kernel tells of each thread; of one that ends meanwhile, nothing."""
        found = []
        with contextlib.suppress(OSError):
            for thread in self._proc.threads(pid):
                with contextlib.suppress(OSError):
                    found.append(self._proc.stat(f"{pid}/task/{thread}"))
        return [fields for fields in found if fields]


def train(*, optimizers: bool) -> None:
    """Train a little: what PyTorch imports and sets up at first would cost every fork a second.

    Raises:
        RuntimeError: this PyTorch computes no gradients in the forks of a process that has done so, since its autograd keeps
            threads: no student could be graded.
    """
    rehearsal.train(optimizers=optimizers)
    pid = os.fork()
    if pid == 0:
        try:
            rehearsal.train(turns=1, optimizers=optimizers)
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        raise RuntimeError(
            f"PyTorch {torch.__version__} computes no gradients in a fork: install that of constraints.txt"
        )


def main(control_descriptor: int, proc: Proc, wall: Wall, *, warm: bool, trains: bool) -> None:
    """Import torch, warm up what every fork would otherwise pay for, and serve.

    `warm` also uses layers: worth it for a server that makes many forks. `trains`: then optimizers, too.
    """
    control = socket.socket(fileno=control_descriptor)
    torch.set_num_threads(1)  # before the first operation: OpenMP's threads do not survive a fork
    torch.set_num_interop_threads(1)
    worker.random_state()
    if warm:
        train(optimizers=trains)
    rehearsal.rehearse(backward=warm)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # in order with what goes to stderr
    settle(warm=warm)
    confine.bind_server()
    try:
        Server(control, proc, wall, warm=warm).run()
    finally:
        wall.close()


def settle(*, warm: bool) -> None:
    """Leave to the forks as little as possible to copy."""
    gc.collect()
    gc.freeze()  # what is here stays shared with the forks
    gc.set_threshold(20_000, 20, 100)  # a fork lives for seconds
    if warm:
        pages.fill_holes()
