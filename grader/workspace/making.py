"""Making a workspace: the stubs, the examples and the lesson, copied from what this program was installed with."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.catalog import BUNDLE
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Course

PYTEST_INI = "[pytest]\ntestpaths = tests/public\n"


class Made(msgspec.Struct):
    """What `make_workspace` wrote, and what it left alone because it was there already."""

    written: list[Path] = []
    kept: list[Path] = []


def student_files(course: Course) -> Iterator[Path]:
    """Every file of a course that a student gets, relative to its root: nothing of solutions or hidden suites."""
    for lesson in course.lessons:
        folders = [
            course.text_folder(lesson),
            course.stub_folder(lesson),
            course.root / "tests" / "public" / lesson.name,
        ]
        for folder in folders:
            yield from (path.relative_to(course.root) for path in sorted(folder.rglob("*")) if is_content(path))


def _files_to_copy(course: Course) -> Iterator[Path]:
    """From a package that was made for students all that is in it, from a checkout what students get."""
    if course.root.name != BUNDLE:
        yield from student_files(course)
    else:
        yield from (path.relative_to(course.root) for path in sorted(course.root.rglob("*")) if is_content(path))


def is_content(path: Path) -> bool:
    """Whether this is a file that somebody wrote, and no cache or hidden file."""
    return path.is_file() and not path.name.startswith(".") and "__pycache__" not in path.parts


def make_workspace(course: Course, folder: Path) -> Made:
    """Copy the student's files of this course into the folder. What is there already is left as it is.

    Raises:
        GraderError: it cannot be written.
    """
    made = Made()
    try:
        for name in _files_to_copy(course):
            target = folder / name
            if target.exists():
                made.kept.append(target)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(course.root / name, target)
            made.written.append(target)
        if not (folder / "pytest.ini").exists():
            (folder / "pytest.ini").write_text(PYTEST_INI, encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{error.filename or folder} cannot be written: {error.strerror}.") from None
    return made
