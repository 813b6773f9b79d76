"""The same jobs on a Dask cluster, of whatever make it is.

On each of its workers a plugin tries whether the wall can be built there. Only a worker where it can gets the resource
that every job needs, so that workers which join later are asked as well; the others take no jobs and say why. A job is
examined by a process of the kit's own beside the Dask worker, which stays for the next.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import time
from collections import Counter
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import msgspec

from grader.engine import messages
from grader.engine.pool import ATTEMPTS, lost
from grader.engine.process import WorkerProcess
from grader.errors import GraderError, IncompleteRun

try:
    import distributed
except ImportError:
    raise GraderError("Dask Distributed is missing, which --scheduler needs. Next: pip install distributed") from None

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from grader.engine.records import Origin
    from grader.submissions.work import Work

AHEAD = 2
PATIENCE_SECONDS = 15.0
_CONNECT_SECONDS = 30


class _Plugin(distributed.WorkerPlugin):
    """Offers a Dask worker's threads to the grader, if the wall stands there and the course is the same."""

    def __init__(self, name: str, setting: bytes, origins: bytes) -> None:
        self.name = name
        self._setting = setting
        self._origins = origins

    async def setup(self, worker: Any) -> None:
        reason = _why_not(self._setting, self._origins)
        threads = 0 if reason else worker.state.nthreads
        await worker.set_resources(**{self.name: threads})
        worker.log_event(self.name, {"worker": worker.address, "threads": threads, "reason": reason})


def _why_not(setting: bytes, origins: bytes) -> str | None:
    """Why no job can be done on this machine."""
    from pathlib import Path

    from grader.catalog import Course
    from grader.engine.records import Origin, origin_of
    from grader.sandbox.opening import why_not

    told = messages.to_worker.decode(setting)
    assert isinstance(told, messages.Setting)
    try:
        course = Course(Path(told.root))
        reason = why_not(told.protection, course.private_folders())
        if reason is not None:
            return reason
        lesson = course.lesson(told.lesson)
        here = [
            origin_of(course, lesson, lesson.exercise(name), told.secret, protection=told.protection)
            for name in told.exercises
        ]
    except (GraderError, OSError) as error:
        return f"the course cannot be read there: {error}"
    if here != msgspec.msgpack.decode(origins, type=list[Origin]):
        return f"its course in {told.root}, its kit, its Python or its torch is another than here"
    return None


_processes: dict[tuple[int, bytes], WorkerProcess] = {}


def _examine(setting: bytes, number: int, work: bytes) -> bytes:
    """A Dask task: one job, by the process that belongs to this thread of the Dask worker."""
    key = threading.get_ident(), setting
    process = _processes.get(key)
    if process is None or not process.alive:
        process = _processes[key] = WorkerProcess(["grader.engine.worker"])
        told = messages.to_worker.decode(setting)
        assert isinstance(told, messages.Setting)
        process.send(told)
        process.hear()
    from grader.submissions.work import Work

    process.send(messages.Job(number, msgspec.msgpack.decode(work, type=Work)))
    return msgspec.msgpack.encode(process.hear())


def _end_processes() -> None:
    for process in _processes.values():
        process.end()
    _processes.clear()


class Cluster:
    """Does what `grader.engine.pool.Pool` does, on a Dask cluster."""

    def __init__(
        self, setting: messages.Setting, origins: Sequence[Origin], scheduler: str, say: Callable[[str], None]
    ) -> None:
        self._setting = msgspec.msgpack.encode(setting)
        self._origins = msgspec.msgpack.encode(list(origins))
        self._name = f"farside-{hashlib.sha256(self._setting + self._origins).hexdigest()[:16]}"
        self._scheduler = scheduler
        self._say = say
        self._threads: dict[str, int] = {}
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._client: Any = None

    def __enter__(self) -> Self:
        return self

    def expect(self, count: int) -> None:
        """There are so many jobs at least: connect, so that the cluster's workers are asked while the rest is looked for.

        Raises:
            GraderError: no scheduler answers.
        """
        if self._client is not None or count == 0:
            return
        try:
            self._client = distributed.Client(self._scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise GraderError(f"No Dask scheduler answers at {self._scheduler} ({error}).") from None
        self._client.subscribe_topic(self._name, self._heard)
        self._client.register_plugin(_Plugin(self._name, self._setting, self._origins))

    def __exit__(self, *exc: object) -> None:
        if self._client is None:
            return
        with suppress(Exception):  # whatever is wrong with the cluster by now, the results are written
            self._client.unsubscribe_topic(self._name)
            self._client.unregister_worker_plugin(self._name)
            self._client.run(_end_processes)
        self._client.close()

    def _heard(self, event: tuple[float, dict[str, Any]]) -> None:
        """A worker says whether it can work."""
        told = event[1]
        self._threads[told["worker"]] = told["threads"]
        if told["reason"]:
            self._say(f"The Dask worker {told['worker']} takes no jobs: {told['reason']}")

    def results(self, jobs: Iterable[messages.Job]) -> Iterator[messages.Done]:
        """Examine all, each taken when the cluster has room for it; a job whose worker dies again and again is lost.

        Raises:
            IncompleteRun: no worker of the cluster can work, or the cluster is gone.
        """
        upcoming = iter(jobs)
        given: dict[Any, tuple[int, Work]] = {}
        attempts: Counter[int] = Counter()
        more, heard = True, time.monotonic()
        while True:
            while more and len(given) < AHEAD * max(1, sum(self._threads.values())):
                following = next(upcoming, None)
                if following is None:
                    more = False
                else:
                    self._give(given, following.number, following.work)
            if not given:
                return
            try:
                future = self._done.get(timeout=1)
            except queue.Empty:
                self._still_there(time.monotonic() - heard)
                continue
            heard = time.monotonic()
            number, work = given.pop(future)
            try:
                yield messages.from_worker.decode(future.result())
            except distributed.KilledWorker:
                yield messages.Done(number, lost(work))
            except GraderError as error:
                if type(error) is GraderError:
                    raise
                attempts[number] += 1
                if attempts[number] < ATTEMPTS:
                    self._give(given, number, work)
                else:
                    yield messages.Done(number, lost(work))
            except (CancelledError, OSError):
                raise _gone(self._scheduler) from None

    def _give(self, given: dict[Any, tuple[int, Work]], number: int, work: Work) -> None:
        future = self._client.submit(
            _examine, self._setting, number, msgspec.msgpack.encode(work), resources={self._name: 1}, pure=False
        )
        given[future] = number, work
        future.add_done_callback(self._done.put)

    def _still_there(self, seconds: float) -> None:
        """Whether there is still something to wait for. A cluster without workers may be one that is starting them."""
        if self._client.status != "running":
            raise _gone(self._scheduler)
        if self._threads and not any(self._threads.values()) and seconds > PATIENCE_SECONDS:
            raise IncompleteRun("None of the cluster's workers can take jobs; each has said why above.")


def _gone(scheduler: str) -> IncompleteRun:
    return IncompleteRun(
        f"The Dask scheduler at {scheduler} is gone. What is graded so far is kept; the same command goes on from there."
    )
