"""`grades.csv`: one row per student and exercise, sorted."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.results import SubmissionResult

HEADER = ("student", "exercise", "status", "score", "max_score", "percent")


def grades_csv(results: Iterable[SubmissionResult]) -> str:
    """The whole file, students in the order given; points with as many digits as they need, percent with one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for result in results:
        for exercise in sorted(result.exercises, key=lambda exercise: exercise.exercise):
            percent = 100 * exercise.score / exercise.max_score if exercise.max_score else 0.0
            writer.writerow(
                (result.student, exercise.exercise, exercise.status, f"{exercise.score:g}", f"{exercise.max_score:g}",
                 f"{percent:.1f}")
            )  # fmt: skip
    return text.getvalue()
