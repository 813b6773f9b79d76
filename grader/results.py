"""The types of the contract: what grading says of one student's work. They know nobody else in the kit."""

from __future__ import annotations

from typing import Literal

import msgspec

TestStatus = Literal["passed", "failed", "error", "timeout", "out_of_memory", "crashed", "not_run"]
ExerciseStatus = Literal["graded", "missing", "unreadable", "forbidden", "failed_to_load", "error"]
Visibility = Literal["public", "hidden"]


class TestResult(msgspec.Struct, kw_only=True):
    """What one test of a suite found.

    `output` is what the student's code printed during the test; it is left out where nothing was printed.
    """

    __test__ = False  # pytest: this is no test class

    name: str
    title: str
    visibility: Visibility
    status: TestStatus
    points: float = 0.0
    max_points: float
    message: str = ""
    misconception: str | None = None
    seconds: float = 0.0
    output: str | msgspec.UnsetType = msgspec.UNSET


class ExerciseResult(msgspec.Struct, kw_only=True):
    """What the suites of one exercise found. `output` is what the module printed while it was loaded."""

    exercise: str
    status: ExerciseStatus
    score: float = 0.0
    max_score: float
    message: str = ""
    seconds: float = 0.0
    tests: list[TestResult] = []
    output: str | msgspec.UnsetType = msgspec.UNSET


class SubmissionResult(msgspec.Struct, kw_only=True):
    """Everything found in one student's work; `student` is None where a student checks their own."""

    student: str | None
    lesson: str
    score: float
    max_score: float
    exercises: list[ExerciseResult]


def tidy(points: float) -> float:
    """Points without the dust of binary addition (0.1 + 0.2 is 0.3), so that equal grades are equal bytes."""
    return round(points, 6)


def submission_result(student: str | None, lesson: str, exercises: list[ExerciseResult]) -> SubmissionResult:
    """The sum over the exercises, in the order of the lesson."""
    return SubmissionResult(
        student=student,
        lesson=lesson,
        score=tidy(sum(exercise.score for exercise in exercises)),
        max_score=tidy(sum(exercise.max_score for exercise in exercises)),
        exercises=exercises,
    )
