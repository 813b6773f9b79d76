"""Finding the submissions of a class: one entry per student, whose name (less its ending) is the student's id."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.submissions.reading import ENDINGS, Submission, read_submission

if TYPE_CHECKING:
    from grader.catalog import Lesson


class Entry(msgspec.Struct, frozen=True):
    """One student's id and where their work lies."""

    student: str
    path: Path
    problem: str = ""

    def read(self, lesson: Lesson) -> Submission:
        """What they handed in."""
        return Submission(problem=self.problem) if self.problem else read_submission(self.path, lesson)


def find_class(folder: Path, lesson: Lesson) -> list[Entry]:
    """The class in this folder, sorted by id. nbgrader's course folder and its `submitted/` are read too.

    Raises:
        GraderError: there is no such folder, nothing in it, or it is one submission and no class.
    """
    if not folder.exists():
        raise GraderError(f"There is no folder {folder}. Name the folder that holds one entry per student.")
    if not folder.is_dir():
        raise GraderError(f"{folder} is a file. Name the folder that holds one entry per student.")
    of_nbgrader = (folder / "submitted").is_dir()
    if of_nbgrader:
        folder = folder / "submitted"
    try:
        paths = sorted(
            path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "__pycache__"
        )
    except OSError as error:
        raise GraderError(f"{folder} cannot be read: {error.strerror}.") from None
    found: dict[str, Entry] = {}
    for path in paths:
        student = _student_id(path)
        if student is None:
            continue
        if student in found:
            both = f"{found[student].path.name} and {path.name}"
            found[student] = Entry(student, path, f"There are two submissions of {student}: {both}. Keep one.")
        else:
            nested = path / lesson.name
            found[student] = Entry(student, nested if of_nbgrader and nested.is_dir() else path)
    if not found:
        raise GraderError(f"{folder} holds no submissions: one folder, archive, notebook or .py file per student.")
    if found.keys() <= {exercise.name for exercise in lesson.exercises}:
        raise GraderError(
            f"{folder} looks like one student's work, not like a class. Grade the folder above it, "
            f"or check it with: grader check --file {folder}"
        )
    return [found[student] for student in sorted(found)]


def _student_id(path: Path) -> str | None:
    """The name less its ending; None for a file that is no submission. Odd bytes in a name are made visible."""
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    name = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in name)
    if path.is_dir():
        return name
    for ending in ENDINGS:
        if name.endswith(ending) and name != ending:
            return name.removesuffix(ending)
    return None
