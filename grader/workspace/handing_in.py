"""What a student hands in: one archive of their files, with a manifest that says what it was made with."""

from __future__ import annotations

import hashlib
import io
import platform
import zipfile
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING

import msgspec

from grader import __version__
from grader.errors import GraderError
from grader.submissions.times import MANIFEST
from grader.workspace.progress import digest_of

if TYPE_CHECKING:
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Manifest(msgspec.Struct, kw_only=True):
    """What the archive holds (SHA-256 by name), when it was packed, and the versions on the machine where that was."""

    lesson: str
    submitted: datetime
    files: dict[str, str]
    grader: str
    python: str
    torch: str


def unchanged(course: Course, pristine: Course, lesson: Lesson, exercise: Exercise) -> bool:
    """Whether the student's file is still the stub."""
    return digest_of(course.stub(lesson, exercise)) == digest_of(pristine.stub(lesson, exercise))


def pack(lesson: Lesson, files: dict[str, bytes], target: Path) -> Manifest:
    """Write the archive.

    Raises:
        GraderError: it cannot be written.
    """
    manifest = Manifest(
        lesson=lesson.name,
        submitted=datetime.now(UTC).replace(microsecond=0),
        files={name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())},
        grader=__version__,
        python=platform.python_version(),
        torch=metadata.version("torch"),
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        contents = {**files, MANIFEST: msgspec.json.format(msgspec.json.encode(manifest), indent=2)}
        for name, data in sorted(contents.items()):
            archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    try:
        target.write_bytes(buffer.getvalue())
    except OSError as error:
        raise GraderError(f"{target} cannot be written: {error.strerror}.") from None
    return manifest
