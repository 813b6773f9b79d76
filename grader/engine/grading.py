"""`grader grade`: from a class of submissions to one result per student and `grades.csv`."""

from __future__ import annotations

import math
import platform
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING

import msgspec

from grader import __version__
from grader.engine.changes import changes_of
from grader.engine.costs import known_costs, remember
from grader.engine.messages import Job, Setting
from grader.engine.pool import Pool
from grader.engine.records import Record, Records, only_run_in, origin_of
from grader.errors import GraderError, IncompleteRun
from grader.output import (
    GRADES,
    RESULTS,
    RUN,
    Change,
    GradedExercise,
    HandIn,
    Regrade,
    Run,
    as_json,
    grades_csv,
    read_run,
    result_path,
    update,
)
from grader.results import SubmissionResult, submission_result, tidy
from grader.sandbox.opening import Protection
from grader.submissions.finding import find_class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson
    from grader.engine.cluster import Cluster
    from grader.engine.watcher import Watcher
    from grader.submissions.finding import Entry

_DAY = timedelta(days=1)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is done.

    `scheduler` is the address of a Dask cluster that does the work of the local `jobs`; `regrade` grades again what has
    a result already; `dry_run` replaces none; `penalty_per_day` is in percent of the score, for each day begun after `due`.
    """

    secret: str
    protection: Protection = Protection.BUBBLEWRAP
    jobs: int = 1
    scheduler: str | None = None
    regrade: bool = False
    dry_run: bool = False
    due: datetime | None = None
    penalty_per_day: float = 0.0


class Outcome(msgspec.Struct):
    """What a run did. `failed` tells the pieces of work at which the grader itself failed."""

    run: Run
    changes: list[Change]
    written: bool
    failed: list[str]


def grade_class(
    course: Course, lesson: Lesson, exercises: Sequence[Exercise], submissions: Path, output: Path,
    options: Options, watcher: Watcher,
) -> Outcome:  # fmt: skip
    """Grade what has changed since the last run into `output`, then write all results.

    Raises:
        GraderError: the class or the output folder cannot be used.
        IncompleteRun: the suites cannot be run, or the folder cannot be written to the end.
    """
    entries = find_class(submissions, lesson)
    run = _Run(course, lesson, exercises, options)
    with only_run_in(output):
        try:
            with run.workers(watcher) as workers:
                run.find(entries, Records(output), workers)
                run.grade(workers, watcher)
            described = run.described(submissions)
            changes = changes_of(output, described, run.results())
            written = watcher.agrees(changes) if changes else not options.dry_run
            if written:
                run.write(output, described, changes)
            return Outcome(described, changes, written, run.failed)
        except OSError as error:
            raise IncompleteRun(f"Grading into {output} failed: {error}. What is graded so far is kept.") from None


class _Run:
    """One run: which work there is, which of it has a record, and the records of the rest.

    Neither submissions nor results are held: they are read when they are needed, so that a class of any size fits.
    """

    def __init__(self, course: Course, lesson: Lesson, exercises: Sequence[Exercise], options: Options) -> None:
        self._course = course
        self._lesson = lesson
        self._exercises = exercises
        self._options = options
        self._origins = [
            origin_of(course, lesson, exercise, options.secret, protection=options.protection) for exercise in exercises
        ]
        self._keys: list[list[bytes]] = []
        self._to_do: dict[bytes, tuple[int, int]] = {}
        self.failed: list[str] = []
        """Where the grader itself failed, and how; known once the results are written."""

    def workers(self, watcher: Watcher) -> Pool | Cluster:
        """Who will do the work; nobody is asked to before there is some."""
        setting = Setting(
            root=str(self._course.root), lesson=self._lesson.name,
            exercises=[exercise.name for exercise in self._exercises], secret=self._options.secret,
            protection=self._options.protection,
        )  # fmt: skip
        if self._options.scheduler is None:
            return Pool(setting, self._options.jobs)
        from grader.engine.cluster import Cluster

        return Cluster(setting, self._origins, self._options.scheduler, watcher.say)

    def find(self, entries: Sequence[Entry], records: Records, workers: Pool | Cluster) -> None:
        """Read every submission and look for records. The same work of two students is graded once.

        Workers get ready from the first on that has no record.
        """
        self._entries = entries
        self._records = records
        found: set[bytes] = set()
        for place, entry in enumerate(entries):
            submission = entry.read(self._lesson)
            self._keys.append([])
            for which, exercise in enumerate(self._exercises):
                key = self._origins[which].key(submission.work(exercise))
                self._keys[place].append(key)
                if key in found or key in self._to_do:
                    continue
                record = None if self._options.regrade else records.find(key)
                if record is not None and record.result.status != "error":
                    found.add(key)
                else:
                    self._to_do[key] = place, which
                    workers.expect(len(self._to_do))

    def grade(self, workers: Pool | Cluster, watcher: Watcher) -> None:
        """Grade what has no record; every result is written before the next is waited for."""
        watcher.progress(0, len(self._to_do))
        if not self._to_do:
            return
        keys = self._longest_first()
        seconds: dict[str, list[float]] = defaultdict(list)
        done = 0
        for done, answer in enumerate(workers.results(self._jobs(keys)), start=1):
            key, (_, which) = keys[answer.number], self._to_do[keys[answer.number]]
            self._records.write(
                key,
                Record(key=key.hex(), work=self._digests.pop(answer.number), seed=answer.seed,
                       origin=self._origins[which], result=answer.result),
            )  # fmt: skip
            if answer.result.status == "graded":
                seconds[self._origins[which].suites].append(answer.result.seconds)
            watcher.progress(done, len(keys))
        remember({suites: sum(each) / len(each) for suites, each in seconds.items()})
        if done < len(keys):
            raise IncompleteRun(
                f"{len(keys) - done} hand-in(s) changed while the class was graded. The same command grades them."
            )

    def _longest_first(self) -> list[bytes]:
        """The keys of what there is to do; where a cost is not known, the exercise's limit stands for it."""
        known = known_costs()
        costs = [
            known.get(origin.suites, exercise.limits.seconds)
            for origin, exercise in zip(self._origins, self._exercises, strict=True)
        ]
        return sorted(self._to_do, key=lambda key: (-costs[self._to_do[key][1]], self._to_do[key]))

    def _jobs(self, keys: list[bytes]) -> Iterator[Job]:
        """The works, each read when it is asked for; what is no longer what it was is left out."""
        self._digests: dict[int, str] = {}
        for number, key in enumerate(keys):
            place, which = self._to_do[key]
            work = self._entries[place].read(self._lesson).work(self._exercises[which])
            if self._origins[which].key(work) == key:
                self._digests[number] = work.digest().hex()
                yield Job(number, work)

    def results(self) -> Iterator[SubmissionResult]:
        """Everything found, a student at a time, out of the records."""
        for place, entry in enumerate(self._entries):
            exercises = [record.result for record in self._records_of(place)]
            yield submission_result(entry.student, self._lesson.name, exercises)

    def _records_of(self, place: int) -> Iterator[Record]:
        for key in self._keys[place]:
            record = self._records.find(key)
            if record is None:
                raise IncompleteRun("A record of this run is gone from its output folder. Run the same command again.")
            yield record

    def described(self, submissions: Path) -> Run:
        """The run itself, for those who read its results."""
        return Run(
            lesson=self._lesson.name,
            title=self._lesson.title,
            submissions=str(submissions.resolve()),
            exercises=[
                GradedExercise(name=each.name, title=each.title, points=each.points) for each in self._exercises
            ],
            hand_ins=[self._hand_in(place, entry) for place, entry in enumerate(self._entries)],
            grader=__version__,
            python=platform.python_version(),
            torch=metadata.version("torch"),
            due=self._options.due,
            penalty_per_day=self._options.penalty_per_day,
        )

    def _hand_in(self, place: int, entry: Entry) -> HandIn:
        records = list(self._records_of(place))
        days = days_late(entry.submitted, self._options.due)
        share = min(1.0, days * self._options.penalty_per_day / 100)
        return HandIn(
            student=entry.student,
            submitted=entry.submitted,
            attempts=entry.attempts,
            days_late=days,
            penalty=tidy(share * sum(record.result.score for record in records)),
            works={record.result.exercise: record.work for record in records},
        )

    def write(self, output: Path, described: Run, changes: list[Change]) -> None:
        """One file per student, the run itself, and `grades.csv`.

        The changes are noted before the first grade is replaced, so that a killed run forgets none.
        """
        before = _run_before(output)
        if before is not None:
            described.regrades = before.regrades
            noted = described.regrades[-1].changes if described.regrades else []
            if not all(change in noted for change in changes):
                described.regrades.append(Regrade(time=datetime.now(UTC).replace(microsecond=0), changes=changes))
                update(output / RUN, as_json(before))
        (output / RESULTS).mkdir(exist_ok=True)
        grades = grades_csv(self._written(output))
        update(output / RUN, as_json(described))
        update(output / GRADES, grades.encode())

    def _written(self, output: Path) -> Iterator[SubmissionResult]:
        for result in self.results():
            update(result_path(output, result.student or ""), as_json(result), lasting=False)  # made of the records
            self.failed += [
                f"{result.student}/{exercise.exercise}: {exercise.message}"
                for exercise in result.exercises
                if exercise.status == "error"
            ]
            yield result


def _run_before(output: Path) -> Run | None:
    try:
        return read_run(output)
    except GraderError:
        return None


def days_late(submitted: datetime | None, due: datetime | None) -> int:
    """Days begun after the due time; none where either is unknown."""
    if submitted is None or due is None:
        return 0
    return max(0, math.ceil((submitted - due) / _DAY))
