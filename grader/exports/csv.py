"""The class as one table: a row per student."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from grader.harmless import number, plain_text

if TYPE_CHECKING:
    from grader.output import Graded


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
