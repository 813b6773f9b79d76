"""Records of what was graded: one file per piece of work, written atomically, named by what the grade depends on.

A run that was killed finds them and goes on; unchanged work is not graded again.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

import grader
from grader.errors import GraderError
from grader.harmless import visible_json
from grader.output import RESULTS, write_atomically
from grader.results import ExerciseResult
from grader.sandbox.opening import Protection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Course, Exercise, Lesson
    from grader.submissions.work import Work


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What a grade depends on besides the work: hashes of the course's files and of the kit, and versions.

    `secret` is a hash of the course's secret, which seeds the drawn inputs together with work and suite.
    """

    suites: str
    kit: str
    secret: str
    python: str
    torch: str
    protection: Protection

    def key(self, work: Work) -> bytes:
        """The name of the record of this work."""
        digest = hashlib.blake2b(digest_size=20)
        for part in (work.digest(), msgspec.msgpack.encode(self)):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One graded piece of work, and all that is needed to grade it so again.

    `work` is its hash; with `seed`, `pytest --submission PATH --grader-seed SEED` draws the same inputs.
    """

    key: str
    work: str
    seed: int
    origin: Origin
    result: ExerciseResult


def _hash_files(paths: list[Path], extra: bytes = b"") -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(extra)
    for path in paths:
        data = path.read_bytes() if path.is_file() else b""
        digest.update(path.name.encode() + len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@cache
def _kit_hash() -> str:
    return _hash_files(sorted(Path(grader.__file__).parent.rglob("*.py")))


def origin_of(course: Course, lesson: Lesson, exercise: Exercise, secret: str, *, protection: Protection) -> Origin:
    """What the grades of this exercise depend on, now."""
    files = [
        course.suite(lesson, exercise, "public"),
        course.suite(lesson, exercise, "hidden"),
        course.misconceptions(lesson, exercise),
        course.solution(lesson, exercise),
    ]
    data_folders = (
        course.text_folder(lesson) / "data",
        course.suite(lesson, exercise, "hidden").parent / "data",
    )
    files += [path for folder in data_folders for path in sorted(folder.rglob("*")) if path.is_file()]
    bans = [lesson.bans[forbids.ban] for forbids in exercise.forbids]
    return Origin(
        suites=_hash_files(files, hashlib.sha256(msgspec.msgpack.encode([exercise, bans])).digest()),
        kit=_kit_hash(),
        secret=hashlib.blake2b(secret.encode(), digest_size=16, person=b"course secret").hexdigest(),
        python=platform.python_version(),
        torch=metadata.version("torch"),
        protection=protection,
    )


class Records:
    """The records in an output folder."""

    def __init__(self, output: Path) -> None:
        self._folder = output / "records"
        self._folder.mkdir(exist_ok=True)

    def find(self, key: bytes) -> Record | None:
        """The record of that name; a damaged one counts as none."""
        try:
            return msgspec.json.decode(self._path(key).read_bytes(), type=Record)
        except (OSError, msgspec.MsgspecError):
            return None

    def write(self, key: bytes, record: Record) -> None:
        """Keep a result for good.

        Nobody waits for the disk: where the machine itself goes down, what it loses is found damaged and graded again,
        with the same grade.
        """
        write_atomically(self._path(key), visible_json(msgspec.json.encode(record)), lasting=False)

    def _path(self, key: bytes) -> Path:
        return self._folder / f"{key.hex()}.json"


@contextmanager
def only_run_in(output: Path) -> Iterator[None]:
    """Hold the output folder; it is made where it is missing.

    Raises:
        GraderError: it cannot be written, or another run holds it.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        lock = (output / ".lock").open("w")
    except OSError as error:
        raise GraderError(f"{output} cannot be written: {error.strerror}. Choose another --output.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GraderError(f"Another run is writing to {output}. Wait for it, or choose another --output.") from None
        for folder in (output, output / "records", output / RESULTS):  # what a killed run left half written
            for path in folder.glob(".?*.*"):
                path.unlink(missing_ok=True)
        yield
