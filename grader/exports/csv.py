"""CSV files of the kit's own: `grades.csv`, a row per student and exercise, and the class, a row per student."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grader.reports.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.output import Graded
    from grader.results import SubmissionResult

HEADER = ("student", "exercise", "status", "score", "max_score", "percent")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet takes for a formula."""


def plain_text(text: str) -> str:
    """A text as a cell that no spreadsheet runs as a formula; an apostrophe stands before what looks like one."""
    return f"'{visible(text)}" if text.startswith(_FORMULA) else visible(text)


def number(points: float) -> str:
    """Points with as many digits as they need, never with an exponent."""
    return f"{points:.6f}".rstrip("0").rstrip(".")


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


def class_csv(graded: Graded) -> str:
    """One row per student: when it was handed in, the score of each exercise, the sum, what being late costs, the rest."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    exercises = [exercise.name for exercise in graded.run.exercises]
    writer.writerow(
        ("student", "submitted", *exercises, "score", "max_score", "days_late", "penalty", "final"),
    )
    for result in graded.results:
        hand_in = graded.hand_in(result.student)
        scores = {exercise.exercise: number(exercise.score) for exercise in result.exercises}
        writer.writerow(
            (plain_text(hand_in.student), hand_in.submitted.isoformat() if hand_in.submitted else "",
             *(scores.get(name, "") for name in exercises), number(result.score), number(result.max_score),
             hand_in.days_late, number(hand_in.penalty), number(graded.final_score(result)))
        )  # fmt: skip
    return text.getvalue()
