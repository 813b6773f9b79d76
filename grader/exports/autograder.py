"""Gradescope's autograder: a zip with the kit, the course and the hidden suites, for a container of its own.

Instructors only: it holds the solutions.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from grader.authoring.release import release
from grader.errors import GraderError
from grader.output import write_atomically

if TYPE_CHECKING:
    from grader.catalog import Course, Lesson

CONSTRAINTS = "constraints.txt"
_PROGRAMS = ("setup.sh", "run_autograder")


def pack(course: Course, lesson: Lesson, target: Path, *, secret: str, accept_no_wall: bool) -> None:
    """Write the zip that grades this lesson. What it draws inputs from is made of the course's secret, and is not it.

    Raises:
        GraderError: a hidden suite is missing, or the zip cannot be built or written.
    """
    without = [each.name for each in lesson.exercises if not course.suite(lesson, each, "hidden").exists()]
    if without:
        raise GraderError(f"This installation has no hidden suite for {', '.join(without)}, so it cannot grade.")
    settings = {
        "LESSON": lesson.name,
        "SECRET": hashlib.blake2b(secret.encode(), person=b"gradescope").hexdigest(),
        "OPTIONS": "--accept-no-wall" if accept_no_wall else "",
    }
    programs = importlib.resources.files("grader.exports") / "gradescope_programs"
    with tempfile.TemporaryDirectory() as name:
        wheel = release(course, "self-study", Path(name))
        packed = Path(name) / "autograder.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(wheel, wheel.name)
            constraints = course.root / CONSTRAINTS
            archive.writestr(CONSTRAINTS, constraints.read_bytes() if constraints.exists() else b"")
            for program in _PROGRAMS:
                text = (programs / program).read_text(encoding="utf-8")
                for key, value in settings.items():
                    text = text.replace(f"@{key}@", value)
                entry = zipfile.ZipInfo(program, (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o100755 << 16
                archive.writestr(entry, text)
        try:
            write_atomically(target, packed.read_bytes())
        except OSError as error:
            raise GraderError(f"{target} cannot be written: {error.strerror}.") from None
