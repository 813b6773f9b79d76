"""Checking from a notebook: `check("gates")` examines what the notebook's cells define and shows the result below.

The work is done by a process of its own that stays for the next check, so that only the first one waits for torch.
"""

from __future__ import annotations

import atexit
import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click

from grader.catalog import NOTEBOOK_FILE, find_course
from grader.engine import messages
from grader.errors import GraderError, IncompleteRun
from grader.submissions.cells import Cell, exercise_source
from grader.submissions.reading import UnsafeSubmission, cells_of_notebook
from grader.submissions.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson


class Shown:
    """A result that a notebook shows as HTML and a terminal as text."""

    def __init__(self, html: str, text: str) -> None:
        self._html = html
        self._text = text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def check(exercise: str, *, plot: bool = False, lesson: str | None = None) -> Shown:
    """Examine the exercise as this notebook's executed cells define it.

    Args:
        exercise: its name, such as "gates".
        plot: also draw what the code does, where the exercise has a picture.
        lesson: which lesson, where the course has several.
    """
    from grader.reports.html import exercise_html, note_html, picture_html
    from grader.reports.terminal import check_text
    from grader.results import submission_result

    try:
        course = find_course()
        chosen = course.lesson(lesson)
        declared = chosen.exercise(exercise)
        work = Work(exercise=exercise, files={f"{exercise}.py": _source(course, chosen, declared)})
        done = _worker(course, chosen).examine(work, plot=plot)
    except GraderError as error:
        return Shown(note_html(str(error)), str(error))
    html = exercise_html(done.result, declared)
    text = click.unstyle("\n".join(check_text(submission_result(None, chosen.name, [done.result]), chosen)))
    if done.picture:
        html += picture_html(done.picture, f"What your {exercise} does, drawn")
    if done.note:
        html, text = html + note_html(done.note), f"{text}\n{done.note}"
    return Shown(html, text)


def _source(course: Course, lesson: Lesson, exercise: Exercise) -> bytes:
    """What the executed cells define of this exercise, as a module."""
    own = _cells_of_lesson(course.text_folder(lesson) / NOTEBOOK_FILE)
    source = exercise_source([Cell(text, of_lesson=text.strip() in own) for text in _executed_cells()], exercise)
    if not source:
        names = ", ".join(exercise.defines)
        raise GraderError(f"No cell that you have run defines {names}. Run the cell of the exercise first.")
    return source


def _cells_of_lesson(notebook: Path) -> set[str]:
    """The lesson's own code, which is no part of anybody's answer."""
    try:
        return {cell.text.strip() for cell in cells_of_notebook(notebook.read_bytes()) if cell.of_lesson}
    except (OSError, UnsafeSubmission):
        return set()


def _executed_cells() -> list[str]:
    """What was run in this session, oldest first."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        raise GraderError("check() is for notebooks. In a terminal: grader check")
    return [text for text in shell.user_ns.get("In", []) if text.strip()]


class _Worker:
    """A process that has collected the lesson's suites and examines one work after the other."""

    def __init__(self, course: Course, lesson: Lesson) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.workspace.serving", str(course.root), lesson.name],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._hear()

    def examine(self, work: Work, *, plot: bool) -> messages.Done:
        """What the suites find in it.

        Raises:
            IncompleteRun: the process has ended.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):  # its end shows when it is read
            self._process.stdin.write(messages.packed(messages.Job(0, work, plot)))
            self._process.stdin.flush()
        done = self._hear()
        assert isinstance(done, messages.Done)
        return done

    def _hear(self) -> messages.FromWorker:
        assert self._process.stdout is not None
        data = messages.read_message(self._process.stdout)
        if data is None:
            self.end()
            raise IncompleteRun("The process that examines your code has ended. Run the cell again.")
        answer: messages.FromWorker = messages.from_worker.decode(data)
        if isinstance(answer, messages.Failed):
            self.end()
            raise GraderError(answer.text)
        return answer

    def end(self) -> None:
        """End it; the next check starts another."""
        for key in [key for key, worker in _workers.items() if worker is self]:
            del _workers[key]
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process.wait()


_workers: dict[tuple[str, str], _Worker] = {}


def _worker(course: Course, lesson: Lesson) -> _Worker:
    key = str(course.root), lesson.name
    if key not in _workers:
        worker = _workers[key] = _Worker(course, lesson)
        atexit.register(worker.end)
    return _workers[key]
