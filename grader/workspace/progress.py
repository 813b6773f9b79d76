"""How far a student has come: what the last check of each exercise found, and which hints were read.

Kept in `.grader/progress.json` of the workspace. It is a convenience of its owner: nothing is graded by it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import ExerciseResult

FILE = ".grader/progress.json"


class Checked(msgspec.Struct, kw_only=True):
    """The last check of one exercise. `digest` tells whether the file has changed since."""

    digest: str
    status: str
    passed: int
    total: int
    score: float = 0.0
    max_score: float = 0.0
    stopped_at: str = ""
    message: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything passed."""
        return self.status == "graded" and self.passed == self.total


class Progress(msgspec.Struct, kw_only=True):
    """Per lesson and exercise (`lesson/exercise`): the last check, and how many hints were read."""

    checked: dict[str, Checked] = {}
    hints: dict[str, int] = {}


def key_of(lesson: Lesson, exercise: Exercise) -> str:
    """The exercise's name in the progress file."""
    return f"{lesson.name}/{exercise.name}"


def read_progress(course: Course) -> Progress:
    """What is known; nothing where the file is missing or damaged."""
    try:
        return msgspec.json.decode((course.root / FILE).read_bytes(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return Progress()


def write_progress(course: Course, progress: Progress) -> None:
    """Keep it, atomically. A folder that cannot be written keeps none: that is no reason to fail."""
    path = course.root / FILE
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        ignore = path.with_name(".gitignore")
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        fresh.write_bytes(msgspec.json.format(msgspec.json.encode(progress), indent=2))
        fresh.replace(path)


def digest_of(path: Path) -> str:
    """A short name of a file's contents; empty where there is none."""
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    except OSError:
        return ""


def note_check(progress: Progress, course: Course, lesson: Lesson, result: ExerciseResult) -> None:
    """Remember what a check of the workspace's own file found."""
    exercise = lesson.exercise(result.exercise)
    failed = next((test for test in result.tests if test.status != "passed"), None)
    progress.checked[key_of(lesson, exercise)] = Checked(
        digest=digest_of(course.stub(lesson, exercise)),
        status=result.status,
        passed=sum(test.status == "passed" for test in result.tests),
        total=len(result.tests),
        score=result.score,
        max_score=result.max_score,
        stopped_at=failed.title if failed else "",
        message=result.message or (failed.message if failed else ""),
    )
