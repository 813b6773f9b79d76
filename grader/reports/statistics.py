"""What a class's results say about its exercises: which tests fail, how hard they are, whom they tell apart.

Results are taken in one after the other and kept as columns of numbers, so that a class of any size fits into memory.
"""

from __future__ import annotations

import statistics
from array import array
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from grader.output import GradedExercise

if TYPE_CHECKING:
    from grader.output import Run
    from grader.results import ExerciseResult, SubmissionResult

LEAST = 10
"""A correlation over fewer students is noise."""

BINS = 10
NONE = float("nan")


class Discrimination(msgspec.Struct, frozen=True):
    """A corrected item-total correlation, -1…1, or the reason why there is none."""

    value: float | None
    reason: str = ""


class TestStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """How one test went with the students whose exercise was graded.

    `difficulty` is the mean share of the points (0…1, None where nobody ran it); `discrimination` compares the test with
    the rest of the exercise.
    """

    __test__ = False  # pytest: this is no test class

    title: str
    visibility: str
    max_points: float
    ran: int
    failed: int
    difficulty: float | None
    discrimination: Discrimination

    @property
    def remark(self) -> str:
        """What an author should look at; empty where there is nothing."""
        if not self.ran:
            return "nobody's code got as far as this test"
        if self.failed == self.ran:
            return "everybody fails it"
        if not self.failed:
            return "nobody fails it"
        value = self.discrimination.value
        return "who fails it does better elsewhere" if value is not None and value < 0 else ""


class ExerciseStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """How one exercise went with those who handed it in.

    `difficulty` is the mean share of the points, None where nobody handed it in; `discrimination` compares the exercise
    with the rest of the student's score; `statuses` counts all students.
    """

    exercise: GradedExercise
    handed_in: int
    statuses: dict[str, int]
    difficulty: float | None
    discrimination: Discrimination
    tests: list[TestStatistics]


class Misconception(msgspec.Struct, kw_only=True):
    """A known mistake, the sentence that its students read, and who they are, in the order of the class."""

    exercise: str
    id: str
    says: str
    students: list[str]


class _Test:
    def __init__(self, title: str, visibility: str, max_points: float, before: int) -> None:
        self.title, self.visibility, self.max_points = title, visibility, max_points
        self.points = array("d", [NONE]) * before
        self.passed = array("d", [NONE]) * before


class _Exercise:
    """The columns of one exercise: an entry per student, NaN where there is nothing to count."""

    def __init__(self) -> None:
        self.scores = array("d")
        self.statuses: Counter[str] = Counter()
        self.tests: dict[tuple[str, str], _Test] = {}

    def add(self, result: ExerciseResult | None) -> None:
        status = result.status if result is not None else "missing"
        self.statuses[status] += 1
        before = len(self.scores)
        counts = result is not None and status not in ("missing", "error")
        self.scores.append(result.score if result is not None and counts else NONE)
        for test in result.tests if result is not None else ():
            column = self.tests.setdefault(
                (test.visibility, test.name), _Test(test.title, test.visibility, test.max_points, before)
            )
            ran = status == "graded" and test.status != "not_run"
            column.points.append(test.points if ran else NONE)
            column.passed.append(float(test.status == "passed") if ran else NONE)
        for column in self.tests.values():
            if len(column.points) == before:
                column.points.append(NONE)
                column.passed.append(NONE)


class ClassStatistics:
    """The numbers of a whole class, taken in by `add`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._exercises = {exercise.name: _Exercise() for exercise in run.exercises}
        self._scores = array("d")
        self._mistakes: dict[tuple[str, str], Misconception] = {}
        self.finals: list[float] = []

    def add(self, result: SubmissionResult, final: float) -> None:
        """Take in one student's result; `final` is their score less the penalty."""
        self.finals.append(final)
        self._scores.append(result.score)
        by_name = {exercise.exercise: exercise for exercise in result.exercises}
        for name, columns in self._exercises.items():
            columns.add(by_name.get(name))
        made: dict[tuple[str, str], str] = {}
        for exercise in result.exercises:
            for test in exercise.tests:
                if test.misconception:
                    made.setdefault((exercise.exercise, test.misconception), test.message)
        for (name, id), message in made.items():
            mistake = self._mistakes.setdefault(
                (name, id), Misconception(exercise=name, id=id, says=_sentence(message), students=[])
            )
            mistake.students.append(result.student or "")

    @property
    def max_score(self) -> float:
        """What full work is worth."""
        return sum(exercise.points for exercise in self._run.exercises)

    @property
    def misconceptions(self) -> list[Misconception]:
        """The most frequent first."""
        order = [exercise.name for exercise in self._run.exercises]
        return sorted(
            self._mistakes.values(), key=lambda each: (-len(each.students), order.index(each.exercise), each.id)
        )

    def histogram(self) -> list[int]:
        """How many students have 0…10 %, 10…20 %, … of the points; a bin holds its lower bound, the last both."""
        counts = [0] * BINS
        for final in self.finals:
            share = final / self.max_score if self.max_score else 0.0
            counts[min(BINS - 1, max(0, int(share * BINS + 1e-9)))] += 1
        return counts

    def quartiles(self) -> tuple[float, float, float] | None:
        """A quarter, half and three quarters of the class lie below; None for fewer than two students."""
        if len(self.finals) < 2:
            return None
        low, middle, high = statistics.quantiles(self.finals, n=4, method="inclusive")
        return low, middle, high

    def exercises(self) -> list[ExerciseStatistics]:
        """One entry per exercise, in the lesson's order."""
        return [self._statistics(exercise) for exercise in self._run.exercises]

    def _statistics(self, exercise: GradedExercise) -> ExerciseStatistics:
        columns = self._exercises[exercise.name]
        scores = np.array(columns.scores)
        counted = scores[~np.isnan(scores)]
        mean = float(counted.mean()) if len(counted) else None
        return ExerciseStatistics(
            exercise=exercise,
            handed_in=len(counted),
            statuses=dict(columns.statuses),
            difficulty=mean / exercise.points if mean is not None and exercise.points else None,
            discrimination=discrimination(scores, np.array(self._scores) - scores),
            tests=[_test_statistics(test, scores) for test in columns.tests.values()],
        )


def _sentence(message: str) -> str:
    """What a message says of the mistake, before it says where to look again and what was wrong in this test."""
    return message.split("\n")[0].split(" Look again at “")[0]


def _test_statistics(test: _Test, scores: np.ndarray) -> TestStatistics:
    points, passed = np.array(test.points), np.array(test.passed)
    ran = ~np.isnan(passed)
    achieved = points / test.max_points if test.max_points else passed
    return TestStatistics(
        title=test.title,
        visibility=test.visibility,
        max_points=test.max_points,
        ran=int(ran.sum()),
        failed=int((passed[ran] < 1).sum()),
        difficulty=float(achieved[ran].mean()) if ran.any() else None,
        discrimination=discrimination(achieved, scores - points),
    )


def discrimination(item: np.ndarray, rest: np.ndarray) -> Discrimination:
    """Pearson's correlation of an item with the rest of the score, over the students (entries) that have both.

    The corrected item-total correlation of classical test theory: the item itself is no part of the total.
    """
    both = ~(np.isnan(item) | np.isnan(rest))
    item, rest = item[both], rest[both]
    if len(item) < LEAST:
        return Discrimination(None, f"fewer than {LEAST} students")
    if np.ptp(item) < 1e-9:
        return Discrimination(None, "the same result for all")
    if np.ptp(rest) < 1e-9:
        return Discrimination(None, "the rest is the same for all")
    return Discrimination(float(np.corrcoef(item, rest)[0, 1]))
