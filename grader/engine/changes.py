"""What a new run would change in grades that are there already, at work that stayed the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.output import Change, Run, read_result, read_run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from grader.results import ExerciseResult, SubmissionResult


def changes_of(output: Path, new: Run, results: Iterable[SubmissionResult]) -> list[Change]:
    """Who gains and who loses, and through which test. Work that was handed in anew is no regrade."""
    try:
        old = read_run(output)
    except GraderError:
        return []
    works = {each.student: each.works for each in old.hand_ins}
    changes: list[Change] = []
    for hand_in, result in zip(new.hand_ins, results, strict=True):
        before = works.get(hand_in.student, {})
        if not before:
            continue
        try:
            earlier = {each.exercise: each for each in read_result(output, hand_in.student).exercises}
        except GraderError:
            continue  # it is written anew
        for exercise in result.exercises:
            was = earlier.get(exercise.exercise)
            if was is not None and before.get(exercise.exercise) == hand_in.works[exercise.exercise]:
                changes += _changes(hand_in.student, was, exercise)
    return changes


def _changes(student: str, was: ExerciseResult, now: ExerciseResult) -> Iterator[Change]:
    if was.status == "error":  # there was no grade
        return
    if was.status != now.status:
        title = f"{was.status} → {now.status}"
        yield Change(student=student, exercise=now.exercise, test="", title=title, before=was.score, after=now.score)
        return
    before = {test.name: test for test in was.tests}
    after = {test.name: test for test in now.tests}
    for name in dict.fromkeys([*after, *before]):
        test = after.get(name) or before[name]
        points = [tests[name].points if name in tests else 0.0 for tests in (before, after)]
        if points[0] != points[1]:
            yield Change(
                student=student, exercise=now.exercise, test=name, title=test.title, before=points[0], after=points[1]
            )
