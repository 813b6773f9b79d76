"""Gradescope's results.json, one per student, as its autograder specification has it.

Everything is `text`: Gradescope then shows what a student printed as it is, and runs none of it as HTML or Markdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from grader.exports.feedback import exercise_lines, late_line, points_line
from grader.harmless import number, visible
from grader.results import tidy

if TYPE_CHECKING:
    from grader.output import Graded
    from grader.results import ExerciseResult, SubmissionResult, TestResult

PRINTED_LINES = 40
PRINTED_CHARACTERS = 4000


class Test(msgspec.Struct, kw_only=True):
    """One line of the student's page."""

    __test__ = False  # pytest: this is no test class

    name: str
    number: str
    score: float
    max_score: float
    status: Literal["passed", "failed"]
    output: str = ""
    visibility: Literal["visible"] = "visible"


class Results(msgspec.Struct, kw_only=True):
    """The whole file. `score` stands for the sum of the tests; both say the same."""

    score: float
    output: str
    execution_time: float = 0.0
    output_format: Literal["text"] = "text"
    test_output_format: Literal["text"] = "text"
    test_name_format: Literal["text"] = "text"
    visibility: Literal["visible"] = "visible"
    stdout_visibility: Literal["hidden"] = "hidden"
    tests: list[Test] = []


def results_of(graded: Graded, result: SubmissionResult) -> Results:
    """One student's file: each test with its title and what the student may know of it, being late apart."""
    tests = [
        test for place, exercise in enumerate(result.exercises, start=1) for test in _tests(graded, exercise, place)
    ]
    late = late_line(graded, result)
    if late:
        penalty = graded.hand_in(result.student).penalty
        tests.append(
            Test(
                name="Late work", number=f"{len(result.exercises) + 1}", score=-penalty, max_score=0.0,
                status="failed", output=late,
            )
        )  # fmt: skip
    return Results(
        score=graded.final_score(result),
        output=points_line(graded, result),
        execution_time=tidy(sum(exercise.seconds for exercise in result.exercises)),
        tests=tests,
    )


def _tests(graded: Graded, exercise: ExerciseResult, place: int) -> list[Test]:
    if exercise.status == "graded":
        return [_test(exercise, test, f"{place}.{at}") for at, test in enumerate(exercise.tests, start=1)]
    heading, *rest = exercise_lines(graded, exercise)
    return [
        Test(
            name=heading, number=str(place), score=exercise.score, max_score=exercise.max_score, status="failed",
            output="\n".join(line.strip() for line in rest) + _printed(exercise.output),
        )
    ]  # fmt: skip


def _test(exercise: ExerciseResult, test: TestResult, place: str) -> Test:
    return Test(
        name=f"{exercise.exercise}: {visible(test.title)}",
        number=place,
        score=test.points,
        max_score=test.max_points,
        status="passed" if test.status == "passed" else "failed",
        output=visible(test.message) + _printed(test.output),
    )


def _printed(output: str | msgspec.UnsetType) -> str:
    """What the student's code printed, as far as a page can hold it."""
    if isinstance(output, msgspec.UnsetType) or not output.strip():
        return ""
    lines = visible(output).rstrip("\n").split("\n")
    shown = "\n".join(lines[:PRINTED_LINES])[:PRINTED_CHARACTERS]
    more = "" if shown == "\n".join(lines) else "\n…"
    return f"\n\nYour code printed:\n{shown}{more}"


def not_started(sentence: str) -> Results:
    """What a student reads where the autograder could not start, or could not end; no grade."""
    return Results(
        score=0.0,
        output=f"The autograder could not start. This is not your grade. Tell your instructor: {visible(sentence)}",
    )


def total_note(graded: Graded) -> str:
    """What the assignment's points in Gradescope should be."""
    return f"The assignment should have {number(sum(each.points for each in graded.run.exercises))} points there."
