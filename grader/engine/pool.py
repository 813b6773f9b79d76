"""A pool of workers on this machine. A worker that dies has its jobs done by others."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
from collections import Counter, deque
from typing import TYPE_CHECKING, Self

import msgspec

from grader.engine import messages
from grader.errors import GraderError, IncompleteRun
from grader.results import ExerciseResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.submissions.work import Work

ATTEMPTS = 2
AHEAD = 2
"""Jobs that a worker is given at a time, so that it never waits for the next."""


class _Worker:
    def __init__(self, setting: messages.Setting, core: int | None) -> None:
        self.core = core
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader.engine.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.splitter = messages.Splitter()
        self.given: list[int] = []
        self.ready = False
        self.send(msgspec.structs.replace(setting, core=core))

    def send(self, message: messages.ToWorker) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its end shows when it is read
            self.process.stdin.write(messages.packed(message))
            self.process.stdin.flush()

    def fileno(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def let_go(self) -> None:
        """It ends when it finds that nobody has anything for it."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def end(self) -> None:
        self.let_go()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pool:
    """Workers that examine jobs; results come in the order in which they are ready. They are hired as work is expected."""

    def __init__(self, setting: messages.Setting, size: int) -> None:
        self._setting = setting
        self._size = size
        self._workers: list[_Worker] = []
        self._cores = _cores_for(size)
        self._selector = selectors.DefaultSelector()
        self._deaths_before_ready = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._selector.close()
        for worker in self._workers:
            if exc[0] is not None:
                worker.process.terminate()
            worker.let_go()
        for worker in self._workers:  # that end at the same time
            worker.end()

    def expect(self, count: int) -> None:
        """There are so many jobs at least: the workers for them get ready while the rest is looked for."""
        while len(self._workers) < min(self._size, count):
            self._hire()

    def _hire(self) -> None:
        taken = {worker.core for worker in self._workers}
        worker = _Worker(self._setting, next((core for core in self._cores if core not in taken), None))
        self._workers.append(worker)
        self._selector.register(worker, selectors.EVENT_READ)

    def results(self, jobs: Iterable[messages.Job]) -> Iterator[messages.Done]:
        """Examine all that was expected, each taken when a worker is free for it; one whose worker dies twice is an `error`.

        Raises:
            GraderError: a worker says that it cannot work.
            IncompleteRun: workers die before they begin.
        """
        upcoming = iter(jobs)
        given: dict[int, messages.Job] = {}
        waiting: deque[int] = deque()
        attempts: Counter[int] = Counter()
        more = True
        while True:
            for idle in self._workers:
                while idle.ready and len(idle.given) < AHEAD and (more or waiting):
                    if waiting:
                        number = waiting.popleft()
                    else:
                        following = next(upcoming, None)
                        if following is None:
                            more = False
                            break
                        number = following.number
                        given[number] = following
                    idle.given.append(number)
                    idle.send(given[number])
            if not more and not given:
                return
            for key, _ in self._selector.select():
                worker = key.fileobj
                assert isinstance(worker, _Worker)
                piece = os.read(worker.fileno(), 2**16)
                if not piece:
                    for number in self._bury(worker):
                        attempts[number] += 1
                        if attempts[number] < ATTEMPTS:
                            waiting.appendleft(number)
                        else:
                            yield messages.Done(number, lost(given.pop(number).work))
                    continue
                for data in worker.splitter.feed(piece):
                    message = messages.from_worker.decode(data)
                    if isinstance(message, messages.Failed):
                        raise (GraderError if message.exit_code == GraderError.exit_code else IncompleteRun)(
                            message.text
                        )
                    if isinstance(message, messages.Ready):
                        worker.ready = True
                    else:
                        worker.given.remove(message.number)
                        del given[message.number]
                        yield message

    def _bury(self, worker: _Worker) -> list[int]:
        """Replace a dead worker; returns the jobs that it had."""
        self._selector.unregister(worker)
        self._workers.remove(worker)
        worker.end()
        if not worker.ready:
            self._deaths_before_ready += 1
            if self._deaths_before_ready >= ATTEMPTS * self._size:
                raise IncompleteRun("The grader's workers end before they begin. Try: grader doctor")
        self._hire()
        return worker.given


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cores_for(size: int) -> list[int]:
    """A core of the machine for each worker; none where there are too few, or where the system cannot say.

    Where to begin differs from run to run, so that two runs of one worker each do not meet on one core.
    """
    if not hasattr(os, "sched_getaffinity"):
        return []
    own = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(own)
    return [*own[first:], *own[:first]][:size] if size <= len(own) else []


def lost(work: Work) -> ExerciseResult:
    """What is said of a work whose worker died again and again."""
    return ExerciseResult(
        exercise=work.exercise,
        status="error",
        max_score=0.0,
        message="The grader's worker ended twice at this work.",
    )
