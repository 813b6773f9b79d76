"""`grader grade`: from a class of submissions to one result per student and `grades.csv`."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from grader import __version__
from grader.engine.messages import Setting
from grader.engine.pool import Pool
from grader.engine.records import Record, Records, only_run_in, origin_of
from grader.errors import IncompleteRun
from grader.exports.csv import grades_csv
from grader.output import GRADES, RESULTS, RUN, GradedExercise, HandIn, Run, as_json, result_path, update
from grader.results import SubmissionResult, submission_result
from grader.submissions.finding import find_class

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson
    from grader.submissions.finding import Entry
    from grader.submissions.work import Work


def grade_class(
    course: Course, lesson: Lesson, exercises: Sequence[Exercise], submissions: Path, output: Path, *,
    secret: str, walled: bool, jobs: int, progress: Callable[[int, int], None],
) -> list[SubmissionResult]:  # fmt: skip
    """Grade what has changed since the last run into `output`, then write all results.

    `progress(done, all)` is called at the beginning and after each piece of work.

    Raises:
        GraderError: the class or the output folder cannot be used.
        IncompleteRun: the suites cannot be run.
    """
    entries = find_class(submissions, lesson)
    run = _Run(course, lesson, exercises, submissions, secret=secret, walled=walled)
    with only_run_in(output):
        try:
            run.find(entries, Records(output))
            run.grade(jobs, progress)
            return run.write(entries, output)
        except OSError as error:
            raise IncompleteRun(f"Grading into {output} failed: {error}. What is graded so far is kept.") from None


class _Run:
    """One run: which work there is, which of it has a record, and the records of the rest."""

    def __init__(
        self, course: Course, lesson: Lesson, exercises: Sequence[Exercise], submissions: Path, *,
        secret: str, walled: bool,
    ) -> None:  # fmt: skip
        self._lesson = lesson
        self._submissions = submissions
        self._exercises = exercises
        self._origins = {
            exercise.name: origin_of(course, lesson, exercise, secret, walled=walled) for exercise in exercises
        }
        self._setting = Setting(
            root=str(course.root), lesson=lesson.name, exercises=[exercise.name for exercise in exercises],
            secret=secret, walled=walled,
        )  # fmt: skip
        self._keys: dict[tuple[str, str], str] = {}
        self._found: dict[str, Record] = {}
        self._to_do: dict[str, Work] = {}

    def find(self, entries: Sequence[Entry], records: Records) -> None:
        """Read every submission and look for records. The same work of two students is graded once."""
        self._records = records
        for entry in entries:
            submission = entry.read(self._lesson)
            for exercise in self._exercises:
                work = submission.work(exercise)
                key = self._keys[entry.student, exercise.name] = self._origins[exercise.name].key(work)
                if key in self._found or key in self._to_do:
                    continue
                record = records.find(key)
                if record is not None and record.result.status != "error":
                    self._found[key] = record
                else:
                    self._to_do[key] = work

    def grade(self, jobs: int, progress: Callable[[int, int], None]) -> None:
        """Grade what has no record; every result is written before the next is waited for."""
        keys = list(self._to_do)
        progress(0, len(keys))
        if not keys:
            return
        with Pool(self._setting, min(jobs, len(keys))) as pool:
            for done, (number, result) in enumerate(pool.results(enumerate(self._to_do.values())), start=1):
                work = self._to_do[keys[number]]
                record = Record(
                    key=keys[number],
                    work=work.digest().hex(),
                    origin=self._origins[work.exercise],
                    result=result,
                )
                self._found[record.key] = record
                self._records.write(record)
                progress(done, len(keys))

    def write(self, entries: Sequence[Entry], output: Path) -> list[SubmissionResult]:
        """One file per student, and `grades.csv`."""
        results = [
            submission_result(
                entry.student, self._lesson.name,
                [self._found[self._keys[entry.student, exercise.name]].result for exercise in self._exercises],
            )
            for entry in entries
        ]  # fmt: skip
        (output / RESULTS).mkdir(exist_ok=True)
        for entry, result in zip(entries, results, strict=True):
            update(result_path(output, entry.student), as_json(result))
        update(output / RUN, as_json(self._described(entries)))
        update(output / GRADES, grades_csv(results).encode())
        return results

    def _described(self, entries: Sequence[Entry]) -> Run:
        """The run itself, for those who read its results."""
        return Run(
            lesson=self._lesson.name,
            title=self._lesson.title,
            submissions=str(self._submissions.resolve()),
            exercises=[
                GradedExercise(name=each.name, title=each.title, points=each.points) for each in self._exercises
            ],
            hand_ins=[HandIn(student=entry.student) for entry in entries],
            grader=__version__,
            python=platform.python_version(),
            torch=metadata.version("torch"),
        )
