"""Finding the submissions of a class: one entry per student, whose name (less its ending) is the student's id."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.submissions.reading import ARCHIVES, ENDINGS, Submission, read_submission
from grader.submissions.times import TIMESTAMP, parse_time, time_of

if TYPE_CHECKING:
    from grader.catalog import Lesson

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One student's id and the hand-in that counts: the last one of `attempts`.

    `notebook_first`: it lies in nbgrader's tree, where the notebook is the work.
    """

    student: str
    path: Path
    submitted: datetime | None = None
    attempts: int = 1
    problem: str = ""
    notebook_first: bool = False

    def read(self, lesson: Lesson) -> Submission:
        """What they handed in."""
        if self.problem:
            return Submission(problem=self.problem)
        return read_submission(self.path, lesson, notebook_first=self.notebook_first)


def find_class(folder: Path, lesson: Lesson) -> list[Entry]:
    """The class in this folder, sorted by id. nbgrader's course folder, its `submitted/` and its inbound are read too.

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
    found: dict[str, list[_HandIn]] = {}
    by_assignment = of_nbgrader and any((path / lesson.name).is_dir() for path in paths)
    for path in paths:
        student, assignment, submitted = _named(path)
        if not student or (assignment and assignment != lesson.name):
            continue
        place = path / lesson.name if by_assignment else path
        if by_assignment and not os.path.lexists(place):  # they handed in other assignments
            continue
        found.setdefault(student, []).extend(_hand_ins(place, submitted))
    if not found:
        raise GraderError(f"{folder} holds no submissions: one folder, archive, notebook or .py file per student.")
    if found.keys() <= {exercise.name for exercise in lesson.exercises}:
        raise GraderError(
            f"{folder} looks like one student's work, not like a class. Grade the folder above it, "
            f"or check it with: grader check --file {folder}"
        )
    last = [_last(student, found[student]) for student in sorted(found)]
    return [msgspec.structs.replace(entry, notebook_first=of_nbgrader) for entry in last]


_HandIn = tuple[Path, datetime | None]


def _hand_ins(path: Path, submitted: datetime | None) -> list[_HandIn]:
    """A folder that holds nothing but archives is several hand-ins, as some platforms deliver them; else one."""
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            inside = [each for each in sorted(path.iterdir()) if each.name != TIMESTAMP and each.name[:1] != "."]
            if inside and all(each.name.endswith(ARCHIVES) and each.is_file() for each in inside):
                outside = submitted or time_of(path)
                return [(each, time_of(each) or outside) for each in inside]
    return [(path, submitted or time_of(path))]


def _last(student: str, hand_ins: list[_HandIn]) -> Entry:
    """The hand-in that counts; a problem where nothing says which was the last."""
    path, submitted = max(hand_ins, key=lambda each: (each[1] is not None, each[1] or _LONG_AGO))
    problem = ""
    if len(hand_ins) > 1 and (submitted is None or sum(each[1] in (None, submitted) for each in hand_ins) > 1):
        names = " and ".join(each[0].name for each in hand_ins)
        several = "two" if len(hand_ins) == 2 else str(len(hand_ins))
        problem = (
            f"There are {several} submissions of {student}, and nothing says which is the last: {names}. Keep one."
        )
    return Entry(student=student, path=path, submitted=submitted, attempts=len(hand_ins), problem=problem)


def _named(path: Path) -> tuple[str, str, datetime | None]:
    """The student's id, and in nbgrader's inbound (`student+assignment+time`) also assignment and time.

    The id is the name less its ending, odd bytes made visible; empty for a file that is no submission.
    """
    name = path.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    name = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in name)
    if not path.is_dir():
        ending = next((ending for ending in ENDINGS if name.endswith(ending) and name != ending), None)
        if ending is None:
            return "", "", None
        name = name.removesuffix(ending)
    student, *rest = name.split("+")
    submitted = parse_time(rest[1]) if len(rest) in (2, 3) else None
    return (student, rest[0], submitted) if submitted else (name, "", None)
