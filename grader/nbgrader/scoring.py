"""What an assignment's test cell calls: `grade("lesson09_lstm", "gates", "test_forget_gate")` gives the points of one test.

Under `nbgrader autograde` the hidden suite examines what the notebook's cells define, as `grader grade` does: in processes
of its own, the student's code behind the wall. But this very process runs the student's cells too, and nbgrader believes
what comes out of it: what keeps honest work right here stops nobody who means to cheat. `grader grade` does.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from grader.engine import messages
from grader.engine.process import WorkerProcess
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import ExerciseResult
    from grader.submissions.work import Work

EXECUTION = "NBGRADER_EXECUTION"
"""What nbgrader sets while it runs a notebook: `autograde` or `validate`."""


class Points:
    """A cell's last value, which nbgrader reads as its score; no display setting of the notebook rounds it."""

    def __init__(self, points: float) -> None:
        self._points = float(points)

    def __repr__(self) -> str:
        return repr(self._points)


class NotFull(Exception):
    """The cell gives no points, or not yet; shown as its sentence alone."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def grade(lesson: str, exercise: str, test: str) -> Points | None:
    """The points of one test for what this notebook's cells define.

    Without the hidden suite, on a student's own machine, the examples are run in its place, and there is no score.

    Raises:
        NotFull: an example fails, or the grader itself did.
    """
    autograding = os.environ.get(EXECUTION) == "autograde"
    try:
        with _quiet():
            said, points = _graded(lesson, exercise, test, autograding=autograding)
    except GraderError as error:
        if not autograding:
            raise NotFull(str(error)) from None
        # More than the cell's maximum: nbgrader stops at this student, where an exception would be the student's zero.
        said, points = f"The grader failed, which is nobody's zero: {error}", float("inf")
    _clear_output()
    print(said)
    return None if points is None else Points(points)


def _graded(lesson_name: str, exercise_name: str, test_name: str, *, autograding: bool) -> tuple[str, float | None]:
    """What to say, and the points where there is a score."""
    from grader.catalog import find_course
    from grader.exports.feedback import lines_of_test
    from grader.nbgrader.cells import counted

    course = find_course()
    lesson = course.lesson(lesson_name)
    exercise = lesson.exercise(exercise_name)
    hidden = course.suite(lesson, exercise, "hidden").exists()
    if autograding and not hidden:
        raise GraderError(f"{course.root} has no hidden suite of {exercise_name}. Name your course with GRADER_COURSE.")
    result = _result(course, lesson, exercise)
    if result.status == "error":
        raise GraderError(result.message)
    if not hidden:
        if result.status != "graded" or any(each.status != "passed" for each in result.tests):
            raise NotFull(f'{exercise_name} is not right yet. Next: run check("{exercise_name}")')
        return f"The examples of {exercise_name} pass. {test_name} is run when your work is graded.", None
    found = next((each for each in counted(result.tests) if each.name == test_name), None)
    if found is None:
        raise GraderError(f"{exercise_name} has no test {test_name} any more. Next: grader nbgrader assignment")
    return "\n".join(lines_of_test(result, found)), found.points


_worker: dict[tuple[str, str], WorkerProcess] = {}
_results: dict[bytes, ExerciseResult] = {}


def _result(course: Course, lesson: Lesson, exercise: Exercise) -> ExerciseResult:
    """What the suites find, remembered for the exercise's other test cells."""
    work = _work(course, lesson, exercise)
    if work.digest() not in _results:
        key = str(course.root), lesson.name
        worker = _worker.get(key)
        if worker is None or not worker.alive:
            worker = _worker[key] = _started(course, lesson)
        worker.send(messages.Job(0, work))
        answer = worker.hear()
        assert isinstance(answer, messages.Done)
        _results[work.digest()] = answer.result
    return _results[work.digest()]


def _started(course: Course, lesson: Lesson) -> WorkerProcess:
    from grader.sandbox.opening import best_for_own_code
    from grader.secret import course_secret

    worker = WorkerProcess(["grader.engine.worker"])
    atexit.register(worker.end)
    names = [exercise.name for exercise in lesson.exercises]
    worker.send(
        messages.Setting(root=str(course.root), lesson=lesson.name, exercises=names, secret=course_secret(),
                         protection=best_for_own_code())
    )  # fmt: skip
    worker.hear()
    return worker


def _work(course: Course, lesson: Lesson, exercise: Exercise) -> Work:
    """The exercise as the notebook has it: its file where nbgrader runs it, the cells run so far where a person does."""
    from grader.notebook import executed_work
    from grader.submissions.reading import read_submission

    if EXECUTION in os.environ:
        return read_submission(Path.cwd(), lesson, notebook_first=True).work(exercise)
    return executed_work(course, lesson, exercise)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """For nbgrader, which gives a cell no points if anything is on stderr, be it a warning or a thread of an earlier cell."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def _clear_output() -> None:
    """Take away what came late from earlier cells: a line on stderr before the score would be a zero."""
    from IPython.display import clear_output

    clear_output()  # type: ignore[no-untyped-call]
