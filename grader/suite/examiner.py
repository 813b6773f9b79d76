"""Runs the suites on one submission after the other: collected once, run again and again.

pytest holds the loop: `Examiner.run` starts it with the suites' files and gives the time between collection and end to
`work`, which calls `examine` for each piece of work. Nothing untrusted ever enters this process.
"""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import torch

from grader.errors import GraderError, IncompleteRun
from grader.harmless import shortened
from grader.results import ExerciseResult, TestResult, tidy
from grader.sandbox.farside import FarSide, FarSideFailed
from grader.sandbox.proxy import (
    BannedUse,
    FailedToLoad,
    Session,
    Student,
    StudentError,
    StudentStopped,
    Unreadable,
)
from grader.suite.compare import Mismatch
from grader.suite.draw import derive_seed, generators_seed
from grader.suite.fingerprints import fitting, read_fingerprints
from grader.suite.local import LocalStudent
from grader.suite.naming import Bank, call_test, failure_of
from grader.suite.plugin import Sitting
from grader.suite.running import SuiteTest
from grader.suite.sources import bans_for, limits_of, load_reference, source_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import TestStatus, Visibility
    from grader.sandbox.far.wire import Offence
    from grader.submissions.work import Work
    from grader.suite.fingerprints import Fingerprint, Fingerprints
    from grader.suite.misconceptions import Misconception
    from grader.suite.naming import Failure

_OUT_OF_MEMORY = "[enforce fail at "
"""How torch's own error begins: what stands further on may be a student's text."""

VISIBILITIES: tuple[Visibility, ...] = ("public", "hidden")


class _Suite:
    """The tests of one exercise, as collected."""

    def __init__(self) -> None:
        self.tests: list[SuiteTest] = []
        self.problem = ""


class Examiner:
    """A pytest plugin that holds the collected suites and one far side."""

    def __init__(
        self, course: Course, lesson: Lesson, exercises: Iterable[Exercise], far: FarSide | None, *,
        secret: str, reveal: bool = False,
    ) -> None:  # fmt: skip
        self._course = course
        self._lesson = lesson
        self._exercises = list(exercises)
        self._far = far
        self._secret = secret
        self._reveal = reveal
        self._suites: dict[str, _Suite] = defaultdict(_Suite)
        self._texts: dict[str, bytes] = {}
        self._banks: dict[str, Bank] = {}
        self._references: dict[str, ModuleType | None] = {}
        self._fingerprints: Fingerprints | None = None
        self._collection_problems: list[str] = []
        self._work: Callable[[Examiner], None] | None = None
        self._failure: BaseException | None = None
        self.margins: dict[str, float] = {}
        """For each failed comparison of the last work that gives points: how many tolerances the numbers were apart."""

    def run(self, work: Callable[[Examiner], None]) -> None:
        """Collect the suites, then call `work(self)`.

        Raises:
            GraderError: there is no suite to run.
            IncompleteRun: a suite cannot be collected.
        """
        paths = [
            path
            for exercise in self._exercises
            for visibility in VISIBILITIES
            if (path := self._course.suite(self._lesson, exercise, visibility)).exists()
        ]
        if not paths:
            raise GraderError("There is no suite for these exercises in this course.")
        for path in paths:  # pytest would take a module of that name from another course's run in this process
            sys.modules.pop(".".join(path.relative_to(self._course.root).with_suffix("").parts), None)
        self._work = work
        before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        addopts = os.environ.pop("PYTEST_ADDOPTS", None)
        try:
            pytest.main(
                [
                    "-c", str(Path(__file__).with_name("suites.ini")), "--rootdir", str(self._course.root),
                    "-p", "grader.suite.plugin", "-p", "no:terminal", "-p", "no:cacheprovider",
                    "-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:faulthandler",
                    "-p", "no:logging", "-p", "no:warnings", "-p", "no:junitxml",
                    "--capture=no", "--assert=plain", "--import-mode=importlib", "--strict-markers",
                    *map(str, paths),
                ],
                plugins=[self],
            )  # fmt: skip
        finally:
            if before is None:
                del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
            else:
                os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = before
            if addopts is not None:
                os.environ["PYTEST_ADDOPTS"] = addopts
        if self._failure is not None:
            raise self._failure
        if self._collection_problems:
            raise IncompleteRun("A suite cannot be collected.\n" + "\n".join(self._collection_problems))
        if self._work is not None:
            raise IncompleteRun("pytest ended before it ran the suites.")

    # pytest's hooks

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A suite that cannot be imported is the grader's own fault."""
        if report.failed:
            self._collection_problems.append(f"{report.nodeid}: {report.longreprtext.strip().splitlines()[-1]}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """In place of pytest's own loop: sort what was collected, then work."""
        if self._collection_problems:
            return True
        self._sort(session.items)
        torch.set_num_threads(1)  # one core for each worker, and sums in the same order as on the far side
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 100)  # an examination makes much that does not last and little that does
        work, self._work = self._work, None
        assert work is not None
        try:
            work(self)
        except BaseException as error:  # noqa: BLE001 - raised again by run(), outside of pytest
            self._failure = error
        return True

    def _sort(self, items: list[pytest.Item]) -> None:
        for item in items:
            assert isinstance(item, pytest.Function)
            visibility: Visibility = "hidden" if item.path.parent.parent.name == "hidden" else "public"
            self._suites[item.path.stem.removeprefix("test_")].tests.append(SuiteTest(item, visibility))
        for exercise in self._exercises:
            suite = self._suites[exercise.name]
            if not self._course.suite(self._lesson, exercise, "hidden").exists():
                continue
            total = tidy(sum(test.points for test in suite.tests))
            if total != exercise.points:
                suite.problem = (
                    f"the tests of {exercise.name} add up to {total:g} points, lesson.toml says {exercise.points:g}"
                )

    # One piece of work

    def examine(self, work: Work, *, until_named: bool = False) -> ExerciseResult:
        """Run the suites of one exercise on what was handed in.

        With `until_named` the tests that train for long are left out once a mistake has been named by another: enough
        to prove that a known mistake is caught.
        """
        exercise = self._lesson.exercise(work.exercise)
        suite = self._suites[exercise.name]
        began = time.perf_counter()
        self.margins = {}
        result = ExerciseResult(
            exercise=exercise.name,
            status="graded",
            max_score=tidy(sum(test.points for test in suite.tests)),
            tests=[
                TestResult(
                    name=test.name,
                    title=test.title,
                    visibility=test.visibility,
                    status="not_run",
                    max_points=test.points,
                )
                for test in suite.tests
            ],
        )
        if suite.problem or not suite.tests:
            result.status, result.message = (
                "error",
                suite.problem or f"no test of {exercise.name} was collected",
            )
            return result
        if work.status in ("missing", "unreadable"):
            result.status = "missing" if work.status == "missing" else "unreadable"
            result.message = work.problem
            return result
        sitting = _Examination(self, self._lesson, exercise, work, suite.tests)
        try:
            sitting.run(result, until_named=until_named)
        except FarSideFailed as failure:
            result.status, result.message, result.score = "error", str(failure), 0.0
        finally:
            sitting.close()
        result.seconds = round(time.perf_counter() - began, 4)
        result.message = shortened(result.message)
        for test in result.tests:
            test.message = shortened(test.message)
        return result

    @property
    def far(self) -> FarSide:
        """The fork server."""
        assert self._far is not None, "an examiner without a far side examines nothing"
        return self._far

    def seed_of(self, work: Work) -> int:
        """What this work's inputs are drawn from; `pytest --grader-seed` with it draws the same."""
        exercise = self._lesson.exercise(work.exercise)
        text = self._texts.get(exercise.name)
        if text is None:
            paths = [self._course.suite(self._lesson, exercise, visibility) for visibility in VISIBILITIES]
            text = self._texts[exercise.name] = b"".join(path.read_bytes() for path in paths if path.exists())
        return derive_seed(self._secret, work.digest(), text)

    @property
    def reveal(self) -> bool:
        """Whether messages may say what was expected."""
        return self._reveal

    def bank(self, exercise: Exercise) -> Bank:
        """The known wrong answers of an exercise."""
        if exercise.name not in self._banks:
            self._banks[exercise.name] = Bank(
                self._course.misconceptions(self._lesson, exercise),
                self._course.solution(self._lesson, exercise),
            )
        return self._banks[exercise.name]

    def fingerprints(self, exercise: Exercise) -> list[Fingerprint]:
        """How known mistakes fail the examples, where this installation has that in place of the bank."""
        if self._fingerprints is None:
            self._fingerprints = read_fingerprints(self._course.fingerprints(self._lesson))
        return self._fingerprints.get(exercise.name, [])

    def examples(self, exercise: Exercise) -> list[pytest.Function]:
        """The tests of the public suite that mistakes are named by."""
        tests = self._suites[exercise.name].tests
        return [test.item for test in tests if test.visibility == "public" and test.named]

    def reference(self, exercise: Exercise) -> ModuleType | None:
        """The reference solution; None where this installation has none."""
        if exercise.name not in self._references:
            self._references[exercise.name] = load_reference(self._course, self._lesson, exercise)
        return self._references[exercise.name]


class _Examination:
    """One exercise of one student."""

    def __init__(
        self, examiner: Examiner, lesson: Lesson, exercise: Exercise, work: Work,
        tests: list[SuiteTest],
    ) -> None:  # fmt: skip
        self._examiner = examiner
        self._lesson = lesson
        self._exercise = exercise
        self._work = work
        self._tests = tests
        self._limits = limits_of(exercise)
        self._base_seed = examiner.seed_of(work)
        self._sessions: dict[tuple[str, ...], Session] = {}
        self._named: dict[int, list[str]] = {}
        self._failures: dict[str, Failure | None] = {}
        self._used: dict[int, set[str]] = {}
        self._blamed: dict[int, str] = {}
        self._hidden = [place for place, test in enumerate(tests) if test.visibility == "hidden"]

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()

    def run(self, result: ExerciseResult, *, until_named: bool) -> None:
        exercise = self._exercise
        session = self._session("")
        try:
            offences = session.load()
        except Unreadable as reason:
            result.status, result.message = "unreadable", str(reason)
            return
        except FailedToLoad as reason:
            result.status, result.message = "failed_to_load", str(reason)
            result.output = session.printed() or msgspec.UNSET
            return
        if offences:
            self._forbid(result, offences[0])
            return
        result.output = session.printed() or msgspec.UNSET
        order = self._order()
        if until_named:
            order.sort(key=lambda entry: not entry[1].named)
        for turn, (place, test) in enumerate(order):
            if until_named and not test.named and any(self._named.get(other) for other in self._hidden):
                continue
            following = order[turn + 1][1] if turn + 1 < len(order) and not until_named else None
            try:
                self._run_test(place, test, following, result.tests[place])
            except BannedUse as use:
                self._forbid(result, use.offence)
                return
            except _SuiteFault as fault:
                result.status, result.message = "error", f"{test.name}: {fault}"
                return
        self._write_names(result)
        if not until_named:
            self._take_back(result)
        result.score = tidy(sum(test.points for test in result.tests))
        assert exercise.name == result.exercise

    def _take_back(self, result: ExerciseResult) -> None:
        """Points kept because another definition was wrong, where no test of that one alone says so: it was in that test alone."""
        wrong = [self._used[place] for place, test in enumerate(result.tests) if test.status != "passed"]
        for place, name in self._blamed.items():
            if {name} not in wrong:
                test = result.tests[place]
                test.status, test.points = "failed", 0.0
                test.message = f"In this test your {name} answers otherwise than in its own tests, which pass."

    def _order(self) -> list[tuple[int, SuiteTest]]:
        """The tests and their places; those under the same bans in a row, since each change of bans costs a fork."""
        first: dict[tuple[str, ...], int] = {}
        for place, test in enumerate(self._tests):
            first.setdefault(bans_for(self._exercise, test.part), place)
        return sorted(
            enumerate(self._tests), key=lambda entry: (first[bans_for(self._exercise, entry[1].part)], entry[0])
        )

    def _session(self, part: str) -> Session:
        """The session whose bans fit the part of the exercise that a test is about."""
        key = bans_for(self._exercise, part)
        if key not in self._sessions:
            source = source_for(self._lesson, self._exercise, self._work.files, part)
            self._sessions[key] = Session(self._examiner.far, source, self._limits)
        return self._sessions[key]

    def _forbid(self, result: ExerciseResult, offence: Offence) -> None:
        where = f"{offence.file}, line {offence.line}" if offence.line else offence.file
        result.status = "forbidden"
        result.message = (
            f"{where}: {offence.name} is not allowed in this exercise, which asks you to write it yourself. "
            "No test of the exercise is counted."
        )
        result.score = 0.0
        for test in result.tests:
            test.status, test.points, test.message, test.misconception = "not_run", 0.0, "", None

    def _run_test(self, place: int, test: SuiteTest, following: SuiteTest | None, result: TestResult) -> None:
        session = self._session(test.part)
        seed = derive_seed(str(self._base_seed), test.name)
        session.begin_test(self._limits, generators_seed(seed))
        began = time.perf_counter()
        error = test.begin(Sitting(Student(session), self._examiner.reference(self._exercise), seed))
        result.seconds = round(time.perf_counter() - began, 4)
        ending: BaseException | None = None
        try:
            result.output = session.printed() or msgspec.UNSET
            result.status, result.message = self._verdict(error, session, test, seed)
            self._used[place] = session.used
            if result.status == "passed":
                result.points = test.points
                if session.blamed:
                    self._blamed[place] = session.blamed
            elif error is not None and test.named:
                self._named[place] = self._names(test, error, session, seed)
        except BaseException as raised:  # noqa: BLE001 - raised again below, when the test is torn down
            ending = raised
        torn = test.end(following if ending is None else None)
        if ending is not None:
            raise ending
        if torn is not None:
            raise _SuiteFault(f"its teardown raised {type(torn).__name__}")

    def _verdict(
        self, error: BaseException | None, session: Session, test: SuiteTest, seed: int
    ) -> tuple[TestStatus, str]:
        """The status of a test and what the student is told."""
        if error is None:
            return "passed", session.note
        if isinstance(error, BannedUse | FarSideFailed):
            raise error
        call = f"\nThe call was {session.last_call}." if session.last_call else ""
        if isinstance(error, StudentStopped):
            return error.reason, error.explanation  # type: ignore[return-value]
        if isinstance(error, Mismatch):
            if test.marked:
                self._examiner.margins[test.name] = error.margin
            return "failed", (error.revealed if self._examiner.reveal else error.message) + call
        if isinstance(error, StudentError):
            if error.missing:
                return "failed", error.explanation
            first = ""
            if error.innermost in self._exercise.defines and not session.last_call.startswith(error.innermost):
                first = f"\nMend {error.innermost} first: this test only gets as far as that."
            unwritten = isinstance(error, NotImplementedError)
            return "error", error.explanation + ("" if unwritten else call) + first
        if isinstance(error, MemoryError) or str(error).startswith(_OUT_OF_MEMORY):
            raise _SuiteFault("the grader has too little memory for what came back")
        if isinstance(error, AssertionError):
            said = str(error.args[0]) if error.args else "What came back is not what this test asks for."
            return "failed", said + call
        if not isinstance(error, Exception) or not self._passes_on_reference(test, seed):
            raise _SuiteFault(f"the suite itself raised {type(error).__name__}: {error}")
        told = self._examiner.reveal and not re.search(r"\bgrader\b|Handle", str(error))  # words of this program's own
        detail = f": {error}" if told else ""
        return (
            "failed",
            f"This test cannot work with what your code returned ({type(error).__name__}{detail}).{call}",
        )

    def _passes_on_reference(self, test: SuiteTest, seed: int) -> bool:
        """Whether an exception in the suite is due to what the student's code returned, and not to the suite."""
        reference = self._examiner.reference(self._exercise)
        if reference is None:
            return True
        try:
            call_test(test.item, test.arguments, LocalStudent(reference), seed)
        except BaseException:  # noqa: BLE001
            return False
        return True

    def _names(self, test: SuiteTest, error: BaseException, session: Session, seed: int) -> list[str]:
        """Which known wrong answers give what the student's code gave."""
        failure = self._failures[test.name] = failure_of(error, test.path)
        item, arguments = test.item, test.arguments
        if failure is None:
            return []

        def again(other_seed: int) -> Any:
            session.begin_test(self._limits, generators_seed(other_seed))
            try:
                call_test(item, arguments, Student(session), other_seed)
            except (StudentStopped, BannedUse):
                return None
            except Exception as further:  # noqa: BLE001 - whatever the student's code raises
                return failure_of(further, test.path)
            finally:
                session.printed()
            return None

        likely = {name for place in self._hidden for name in self._named.get(place, ())}
        return self._examiner.bank(self._exercise).matching(item, arguments, failure, seed, session.used, likely, again)

    def _write_names(self, result: ExerciseResult) -> None:
        """Where several wrong answers fit a test, the one that explains most of the failed tests."""
        hidden = self._hidden
        proven = {name for place in hidden for name in self._named.get(place, ())}
        counts = Counter(name for names in self._named.values() for name in names)
        for place, found in self._named.items():
            # The fixed inputs of an example can agree by chance; drawn ones do not.
            names = found if place in hidden or not hidden else [name for name in found if name in proven]
            if not names:
                continue
            name = max(names, key=lambda name: counts[name])
            entry = self._examiner.bank(self._exercise).entry(name)
            test = result.tests[place]
            _tell(test, entry)
        if not hidden:
            mistakes, explained = fitting(self._examiner.fingerprints(self._exercise), self._failures)
            for test in result.tests:
                if test.name in explained and len(mistakes) == 1:
                    _tell(test, mistakes[0])
                elif test.name in explained:
                    either = "\nOr: ".join(mistake.says for mistake in mistakes)
                    test.message = f"Two mistakes are known that give these numbers. Either: {either}\n{test.message}"


def _tell(test: TestResult, mistake: Misconception | Fingerprint) -> None:
    test.misconception = mistake.id
    test.message = f"{mistake.says} Look again at “{mistake.see}”.\n{test.message}"


class _SuiteFault(Exception):
    """A suite did what no suite should: the grader's fault, never the student's zero."""
