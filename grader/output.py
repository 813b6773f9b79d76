"""The output folder of a run: what `grade` writes there, and what reports and exports read.

- `grades.csv`: one row per student and exercise
- `results/<student>.json`: everything found in one student's work
- `run.json`: the run itself: which hand-ins counted, what was late, what regrading changed
- `records/`: one file per piece of graded work, for resuming
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.harmless import plain_text, visible_json
from grader.results import SubmissionResult, tidy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

RUN = "run.json"
RESULTS = "results"
GRADES = "grades.csv"
HEADER = ("student", "exercise", "status", "score", "max_score", "percent")


class HandIn(msgspec.Struct, kw_only=True):
    """What one student handed in, and when.

    `attempts` counts all hand-ins, of which the last one was graded; `penalty` is in points and not part of any score.
    `works` are hashes of the graded work by exercise.
    """

    student: str
    submitted: datetime | None = None
    attempts: int = 1
    days_late: int = 0
    penalty: float = 0.0
    works: dict[str, str] = {}


class Change(msgspec.Struct, kw_only=True):
    """What a regrade changed at work that stayed the same: points before and after, of one test.

    `test` is empty where the exercise as a whole changed its status; `title` then says from what to what.
    """

    student: str
    exercise: str
    test: str
    title: str
    before: float
    after: float


class Regrade(msgspec.Struct, kw_only=True):
    """One time that grades were replaced by others."""

    time: datetime
    changes: list[Change]


class GradedExercise(msgspec.Struct, kw_only=True):
    """An exercise of the run, as its lesson declares it."""

    name: str
    title: str
    points: float


class Run(msgspec.Struct, kw_only=True):
    """One run over a class. `submissions` is where the hand-ins lay; `penalty_per_day` is in percent of the score."""

    lesson: str
    title: str
    submissions: str
    exercises: list[GradedExercise]
    hand_ins: list[HandIn]
    grader: str
    python: str
    torch: str
    due: datetime | None = None
    penalty_per_day: float = 0.0
    regrades: list[Regrade] = []


class Graded:
    """A run and its results, in the order of the students' ids."""

    def __init__(self, run: Run, results: list[SubmissionResult]) -> None:
        self.run = run
        self.results = results
        self._by_student = {each.student: each for each in run.hand_ins}

    def hand_in(self, student: str | None) -> HandIn:
        """When this student handed in, and how often."""
        return self._by_student[student or ""]

    def final_score(self, result: SubmissionResult) -> float:
        """The score less the penalty for late work."""
        return tidy(result.score - self.hand_in(result.student).penalty)


def read_run(folder: Path) -> Run:
    """The run itself.

    Raises:
        GraderError: this is no output folder of `grader grade`.
    """
    try:
        return msgspec.json.decode((folder / RUN).read_bytes(), type=Run)
    except FileNotFoundError:
        raise GraderError(f"{folder} holds no run. Name the folder that grader grade --output wrote.") from None
    except (OSError, msgspec.MsgspecError) as error:
        raise GraderError(f"{folder / RUN} cannot be read ({error}). Run grader grade again.") from None


def read_graded(folder: Path) -> Graded:
    """The run and all its results.

    Raises:
        GraderError: this is no output folder of `grader grade`, or a result is missing or damaged.
    """
    run = read_run(folder)
    return Graded(run, [read_result(folder, each.student) for each in run.hand_ins])


def read_result(folder: Path, student: str) -> SubmissionResult:
    """One student's result.

    Raises:
        GraderError: it is missing or damaged.
    """
    path = result_path(folder, student)
    try:
        return msgspec.json.decode(path.read_bytes(), type=SubmissionResult)
    except (OSError, msgspec.MsgspecError) as error:
        raise GraderError(f"{path} cannot be read ({error}). Run grader grade again.") from None


def result_path(folder: Path, student: str) -> Path:
    """Where a student's result lies."""
    return folder / RESULTS / f"{file_stem(student)}.json"


def file_stem(student: str) -> str:
    """A file name for a student's id; a very long one is cut and told apart by a hash."""
    if len(student.encode()) <= 200:
        return student
    return f"{student.encode()[:150].decode(errors='ignore')}-{hashlib.sha256(student.encode()).hexdigest()[:16]}"


def grades_csv(results: Iterable[SubmissionResult]) -> str:
    """The whole file, students in the order given; points with as many digits as they need, percent with one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for result in results:
        for exercise in sorted(result.exercises, key=lambda exercise: exercise.exercise):
            percent = 100 * exercise.score / exercise.max_score if exercise.max_score else 0.0
            writer.writerow(
                (plain_text(result.student or ""), exercise.exercise, exercise.status, f"{exercise.score:g}",
                 f"{exercise.max_score:g}", f"{percent:.1f}")
            )  # fmt: skip
    return text.getvalue()


def as_json(value: object) -> bytes:
    """JSON that people can read too."""
    return visible_json(msgspec.json.format(msgspec.json.encode(value), indent=2)) + b"\n"


def update(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Write the file unless it holds just this already."""
    if not path.exists() or path.read_bytes() != data:
        write_atomically(path, data, lasting=lasting)


def write_atomically(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """The whole file or none of it, whatever happens meanwhile.

    What is not `lasting`, since it can be made again, does not wait for the disk: only where the machine itself goes down it
    may be found empty.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
