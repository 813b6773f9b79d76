"""Whose grades may leave: those that no fault of the grader has touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.output import Graded, read_result, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from grader.output import Run
    from grader.results import SubmissionResult


class Finished(Graded):
    """A run with the results that are complete. `left_out` are the students at whose work the grader failed."""

    def __init__(self, run: Run, results: list[SubmissionResult], left_out: tuple[str, ...] = ()) -> None:
        super().__init__(run, results)
        self.left_out = left_out


def read_finished(folder: Path) -> Finished:
    """What the run in this folder has finished; an exercise that ended in the grader's own error is nobody's zero.

    Raises:
        GraderError: this is no output folder of `grader grade`, or a result is missing or damaged.
    """
    run = read_run(folder)
    results = [read_result(folder, each.student) for each in run.hand_ins]
    failed = [any(exercise.status == "error" for exercise in result.exercises) for result in results]
    return Finished(
        run,
        [result for result, bad in zip(results, failed, strict=True) if not bad],
        tuple(result.student or "" for result, bad in zip(results, failed, strict=True) if bad),
    )
