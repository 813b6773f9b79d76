"""Checking from a notebook: `check("gates")` examines what the notebook's cells define and shows the result below.

The work is done by a process of its own that stays for the next check, so that only the first one waits for torch.
"""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING, Any

import click

from grader.catalog import NOTEBOOK_FILE, find_course
from grader.errors import GraderError
from grader.submissions.cells import Cell, exercise_source
from grader.submissions.reading import UnsafeSubmission, cells_of_notebook
from grader.submissions.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course, Lesson
    from grader.engine.pool import Pool

_pools: dict[str, Pool] = {}


class Shown:
    """A result that a notebook shows as HTML and a terminal as text."""

    def __init__(self, html: str, text: str) -> None:
        self._html = html
        self._text = text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def check(exercise: str, *, lesson: str | None = None) -> Shown:
    """Examine the exercise as this notebook's executed cells define it.

    Args:
        exercise: its name, such as "gates".
        lesson: which lesson, where the course has several.

    Raises:
        GraderError: there is no such exercise, or no cell defines it yet.
    """
    course = find_course()
    chosen = course.lesson(lesson)
    declared = chosen.exercise(exercise)
    own = _cells_of_lesson(course.text_folder(chosen) / NOTEBOOK_FILE)
    cells = [Cell(text, of_lesson=text.strip() in own) for text in _executed_cells()]
    source = exercise_source(cells, declared)
    if not source:
        names = ", ".join(declared.defines)
        raise GraderError(f"No cell that you have run defines {names}. Run the cell of the exercise first.")
    from grader.reports.html import exercise_html
    from grader.reports.terminal import check_text
    from grader.results import submission_result

    work = Work(exercise=exercise, files={f"{exercise}.py": source})
    ((_, result),) = _pool(course, chosen).results([(0, work)])
    text = "\n".join(check_text(submission_result(None, chosen.name, [result]), chosen))
    return Shown(exercise_html(result, declared), click.unstyle(text))


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


def _pool(course: Course, lesson: Lesson) -> Pool:
    key = f"{course.root}/{lesson.name}"
    if key not in _pools:
        from grader.engine.messages import Setting
        from grader.engine.pool import Pool
        from grader.sandbox import wall
        from grader.secret import course_secret

        setting = Setting(
            root=str(course.root), lesson=lesson.name, exercises=[each.name for each in lesson.exercises],
            secret=course_secret(), walled=wall.why_no_wall() is None, reveal=True,
        )  # fmt: skip
        pool = _pools[key] = Pool(setting, 1).__enter__()
        atexit.register(pool.__exit__, None, None, None)
    return _pools[key]
