"""Checking from a notebook: `check("gates")` examines what the notebook's cells define and shows the result below.

The work is done by a process of its own that stays for the next check, so that only the first one waits for torch.
"""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

import click

from grader.catalog import NOTEBOOK_FILE, find_course
from grader.engine import messages
from grader.engine.process import WorkerProcess
from grader.errors import GraderError
from grader.submissions.cells import Cell, exercise_source
from grader.submissions.notebooks import read_notebook
from grader.submissions.unsafe import UnsafeSubmission
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
        done = _examined(course, chosen, executed_work(course, chosen, declared), plot=plot)
    except GraderError as error:
        return Shown(note_html(str(error)), str(error))
    html = exercise_html(done.result, declared)
    text = click.unstyle("\n".join(check_text(submission_result(None, chosen.name, [done.result]), chosen)))
    if done.picture:
        html += picture_html(done.picture, f"What your {exercise} does, drawn")
    if done.note:
        html, text = html + note_html(done.note), f"{text}\n{done.note}"
    return Shown(html, text)


def executed_work(course: Course, lesson: Lesson, exercise: Exercise) -> Work:
    """What the executed cells define of this exercise.

    Raises:
        GraderError: nothing.
    """
    own = _cells_of_lesson(course.text_folder(lesson) / NOTEBOOK_FILE)
    source = exercise_source([Cell(text, of_lesson=text.strip() in own) for text in _executed_cells()], exercise)
    if not source:
        names = ", ".join(exercise.defines)
        raise GraderError(f"No cell that you have run defines {names}. Run the cell of the exercise first.")
    return Work(exercise=exercise.name, files={f"{exercise.name}.py": source})


def _cells_of_lesson(notebook: Path) -> set[str]:
    """The lesson's own code, which is no part of anybody's answer."""
    try:
        return {cell.text.strip() for cell in read_notebook(notebook) if cell.of_lesson}
    except (OSError, UnsafeSubmission):
        return set()


def _executed_cells() -> list[str]:
    """What was run in this session, oldest first."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    if shell is None:
        raise GraderError("check() is for notebooks. In a terminal: grader check")
    return [text for text in shell.user_ns.get("In", []) if text.strip()]


_processes: dict[tuple[str, str], WorkerProcess] = {}


def _examined(course: Course, lesson: Lesson, work: Work, *, plot: bool) -> messages.Done:
    """What the suites find in it. The first call starts the process; one that has ended is started anew."""
    key = str(course.root), lesson.name
    process = _processes.get(key)
    if process is None or not process.alive:
        process = _processes[key] = WorkerProcess(["grader.workspace.serving", *key])
        atexit.register(process.end)
        process.hear()
    process.send(messages.Job(0, work, plot))
    answer = process.hear()
    assert isinstance(answer, messages.Done)
    return answer
