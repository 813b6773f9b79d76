"""What is made from something else: stubs from solutions, the notebook from the lesson's text and the stubs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring.notebooks import lesson_notebook, notebook_text
from grader.authoring.stubs import stub_of
from grader.catalog import NOTEBOOK_FILE
from grader.errors import GraderError

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course


def generated_files(course: Course) -> dict[Path, str]:
    """Every file that is made from another one, with the text that it should have."""
    files = {}
    for lesson in course.lessons:
        for exercise in lesson.exercises:
            path = course.solution(lesson, exercise)
            if not path.exists():
                raise GraderError(f"{exercise.name} of {lesson.name} has no solution: write {path}.")
            files[course.stub(lesson, exercise)] = stub_of(path.read_text(encoding="utf-8"), path.name)
        notebook = lesson_notebook(course, lesson)
        if notebook is not None:
            files[course.text_folder(lesson) / NOTEBOOK_FILE] = notebook_text(notebook)
    return files


def stale_files(course: Course) -> list[Path]:
    """The generated files that are missing or differ from what they should be."""
    return list(_stale(course))


def build(course: Course) -> list[Path]:
    """Write what is stale; returns the files that were written."""
    stale = _stale(course)
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(stale)


def _stale(course: Course) -> dict[Path, str]:
    return {
        path: text
        for path, text in generated_files(course).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
