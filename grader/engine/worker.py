"""A worker of the pool: a near side that has collected its suites, with a far side of its own.

Started as `python -m grader.engine.worker`; jobs come in over stdin, results go out over what was stdout.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from grader.engine import messages
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Send = Callable[[messages.FromWorker], None]

LOOK_SECONDS = 1.0


def serve_over_stdin(serve: Callable[[Send], None]) -> None:
    """Call `serve(send)`, which reads messages from stdin and answers them, until stdin closes or who started it is gone."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what a suite prints must not end up among the messages

    def send(message: messages.FromWorker) -> None:
        channel.write(messages.packed(message))

    try:
        serve(send)
    except GraderError as error:
        send(messages.Failed(str(error), error.exit_code))
    except KeyboardInterrupt:
        os._exit(130)


def _end_with(parent: int) -> None:
    """End when that process has: work that hangs would else keep this one from seeing that stdin is closed."""
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os._exit(1)


def jobs() -> Iterator[messages.Job]:
    """What comes in over stdin."""
    while (data := messages.read_message(sys.stdin.buffer)) is not None:
        job = messages.to_worker.decode(data)
        assert isinstance(job, messages.Job)
        yield job


def _serve(send: Send) -> None:
    first = messages.read_message(sys.stdin.buffer)
    if first is None:
        return
    setting = messages.to_worker.decode(first)
    assert isinstance(setting, messages.Setting)
    from grader.catalog import Course
    from grader.sandbox.opening import open_far_side

    course = Course(Path(setting.root))
    lesson = course.lesson(setting.lesson)
    exercises = [lesson.exercise(name) for name in setting.exercises]
    trains = any(course.trains(lesson, exercise) for exercise in exercises)
    with open_far_side(setting.protection, warm=True, trains=trains) as far:
        # It imports torch while this process does the same.
        from grader.suite.examiner import Examiner

        def work(examiner: Examiner) -> None:
            if setting.core is not None:
                far.share_core(setting.core)
            send(messages.Ready())
            for job in jobs():
                result = examiner.examine(job.work, until_named=job.until_named)
                if far.broken:
                    return  # unsaid: the pool gives the job to a new worker
                send(messages.Done(job.number, result, examiner.seed_of(job.work), examiner.margins))

        Examiner(course, lesson, exercises, far, secret=setting.secret, reveal=setting.reveal).run(work)


if __name__ == "__main__":
    serve_over_stdin(_serve)
