"""What a student is told of a result, as lines of plain text: points, what went wrong, what being late costs."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from grader.harmless import number, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.output import Graded
    from grader.results import ExerciseResult, SubmissionResult, TestResult

PAGE_WIDTH = 100


def points_line(graded: Graded, result: SubmissionResult) -> str:
    """The sum in one sentence, the penalty for late work apart."""
    line = f"Points: {number(graded.final_score(result))} of {number(result.max_score)}."
    late = late_line(graded, result)
    return f"{line} Without the penalty: {number(result.score)}. {late}" if late else line


def late_line(graded: Graded, result: SubmissionResult) -> str:
    """What being late costs; empty where it costs nothing."""
    hand_in = graded.hand_in(result.student)
    if not hand_in.penalty:
        return ""
    days = f"{hand_in.days_late} day{'' if hand_in.days_late == 1 else 's'}"
    return f"Late by {days}: {number(hand_in.penalty)} points less."


def exercise_lines(graded: Graded, exercise: ExerciseResult) -> Iterator[str]:
    """One exercise: its points, then each test that lost some, with the first line of why."""
    titles = {each.name: each.title for each in graded.run.exercises}
    title = titles.get(exercise.exercise, exercise.exercise)
    yield f"{title} ({exercise.exercise}): {number(exercise.score)} of {number(exercise.max_score)} points"
    if exercise.status != "graded":
        yield f"    {visible(exercise.message)}"
        return
    for test in exercise.tests:
        if test.status != "passed" and test.max_points:
            reason = visible(test.message).partition("\n")[0]
            yield f"    {visible(test.title)}: {reason}" if reason else f"    {visible(test.title)}"


def lines_of_test(exercise: ExerciseResult, test: TestResult) -> Iterator[str]:
    """One test: its points, and the whole of why some are missing, in lines that fit a page."""
    yield f"{visible(test.title)}: {number(test.points)} of {number(test.max_points)} points"
    reason = test.message if exercise.status == "graded" else exercise.message
    for line in visible(reason).splitlines() if test.status != "passed" else ():
        yield from textwrap.wrap(line, PAGE_WIDTH, subsequent_indent="  ", break_on_hyphens=False) or [""]
