"""A process that examines a student's works one after the other: what a notebook keeps so that only its first check waits.

Started as `python -m grader.workspace.serving ROOT LESSON`; then it speaks like a worker of the pool.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.catalog import Course
from grader.engine import messages
from grader.engine.worker import jobs, serve_over_stdin
from grader.errors import GraderError
from grader.workspace.checking import with_examiner

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.suite.examiner import Examiner


def _serve(send: Callable[[messages.FromWorker], None]) -> None:
    course = Course(Path(sys.argv[1]))
    lesson = course.lesson(sys.argv[2])

    def run(examiner: Examiner) -> None:
        send(messages.Ready())
        for job in jobs():
            done = messages.Done(job.number, examiner.examine(job.work))
            if job.plot and any(test.status == "passed" for test in done.result.tests):
                from grader.workspace.plotting import draw

                picture = io.BytesIO()
                try:
                    draw(course, lesson, lesson.exercise(job.work.exercise), job.work, examiner.far, picture)
                    done.picture = picture.getvalue()
                except GraderError as error:
                    done.note = str(error)
            send(done)

    with_examiner(course, lesson, lesson.exercises, run, stays=True)


if __name__ == "__main__":
    serve_over_stdin(_serve)
