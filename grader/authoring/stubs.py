"""Stubs from solutions: what stands between nbgrader's markers becomes `raise NotImplementedError()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import GraderError

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def stub_of(solution: str, name: str) -> str:
    """The stub of a solution: the same text without what the student is to write.

    Its imports stay: a student may want them.

    Raises:
        GraderError: the markers do not pair up; the message says in which line.
    """
    lines: list[str] = []
    opened = 0
    for number, line in enumerate(solution.splitlines(), start=1):
        if line.strip() == BEGIN:
            if opened:
                raise GraderError(f"{name}, line {number}: a second {BEGIN} before {END}.")
            opened = number
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        elif line.strip() == END:
            if not opened:
                raise GraderError(f"{name}, line {number}: {END} without {BEGIN}.")
            opened = 0
        elif not opened:
            lines.append(line)
    if opened:
        raise GraderError(f"{name}, line {opened}: {BEGIN} is never closed by {END}.")
    if "# YOUR CODE HERE" not in map(str.strip, lines):
        raise GraderError(f"{name} has no {BEGIN}, so there would be nothing for a student to write.")
    return "\n".join(lines) + "\n"


def generated_files(course: Course) -> dict[Path, str]:
    """Every file that is made from another one, with the text that it should have."""
    files = {}
    for lesson in course.lessons:
        for exercise in lesson.exercises:
            path = course.solution(lesson, exercise)
            if not path.exists():
                raise GraderError(f"{exercise.name} of {lesson.name} has no solution: write {path}.")
            files[course.stub(lesson, exercise)] = stub_of(path.read_text(encoding="utf-8"), path.name)
    return files


def stale_files(course: Course) -> list[Path]:
    """The generated files that are missing or differ from what they should be."""
    return [
        path
        for path, text in generated_files(course).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


def build(course: Course) -> list[Path]:
    """Write what is stale; returns the files that were written."""
    stale = stale_files(course)
    texts = generated_files(course)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    return stale
