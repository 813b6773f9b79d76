"""The proof that the suites tell right from wrong.

Every stub fails every test that gives points, every solution passes all, every known wrong answer loses points and is
named as itself, and no test takes what a submission left in its arguments for the question. Everything is run as a
submission would be, behind the wall, by the same examiner.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from grader.authoring.building import stale_files
from grader.authoring.spoiling import believed, spoiling
from grader.engine.messages import Done, Job, Setting
from grader.engine.pool import Pool
from grader.sandbox.opening import best_for_own_code
from grader.submissions.work import Work
from grader.suite.misconceptions import read_bank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import ExerciseResult

HINTS = 3
SMALLEST_MARGIN = 100.0


class Kill(msgspec.Struct, frozen=True):
    """What the suites found of one misconception: per test its status, and what it was named; and what was not tried."""

    id: str
    failed: dict[str, str]
    untried: set[str]
    named: dict[str, str]
    lost: float


class ExerciseProof(msgspec.Struct):
    """What was found of one exercise: the problems in sentences, and the kill matrix.

    `margin` is the smallest distance between a wrong number and the right one, in tolerances, and where it was met.
    """

    exercise: str
    tests: list[str]
    problems: list[str] = []
    kills: list[Kill] = []
    margin: float = math.inf
    margin_at: str = ""
    seconds: float = 0.0


def course_problems(course: Course, exercises: Sequence[tuple[Lesson, Exercise]]) -> list[str]:
    """What is wrong with the exercises' files and declarations, found without running anything."""
    stale = stale_files(course)
    problems = [
        f"{path.relative_to(course.root)} is out of date: run grader course build"
        for lesson, exercise in exercises
        if (path := course.stub(lesson, exercise)) in stale
    ]
    for lesson, exercise in exercises:
        problems += _problems_of(course, lesson, exercise)
    return problems


def _problems_of(course: Course, lesson: Lesson, exercise: Exercise) -> list[str]:
    problems = []
    if len(exercise.hints) != HINTS:
        problems.append(f"{exercise.name} has {len(exercise.hints)} hints, it should have {HINTS}")
    for visibility in ("public", "hidden"):
        path = course.suite(lesson, exercise, visibility)
        if not path.exists():
            problems.append(f"{exercise.name} has no {visibility} suite: write {path.relative_to(course.root)}")
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                if not ast.get_docstring(node):
                    problems.append(f"{path.name}: {node.name} has no docstring, which is its title")
                if visibility == "hidden" and any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
                    problems.append(f"{path.name}: {node.name} uses assert; expect() keeps its text from students")
    return problems


def prove(
    course: Course, lesson: Lesson, exercises: Sequence[Exercise], *, full: bool, jobs: int
) -> Iterator[ExerciseProof]:
    """Hand in every stub, solution and misconception, and see whether each gets what it should.

    Gives each exercise's proof as soon as it is complete; what may take long begins first. Unless `full`, the tests that
    train for long are run on a misconception only while no other test has named it.

    Raises:
        GraderError: a misconception does not fit the solution.
        IncompleteRun: the suites cannot be run.
    """
    setting = Setting(
        root=str(course.root), lesson=lesson.name, exercises=[exercise.name for exercise in exercises], secret="verify",  # noqa: S106 - no secret here
        protection=best_for_own_code(), reveal=True,
    )  # fmt: skip
    longest_first = sorted(exercises, key=lambda each: -each.limits.seconds)
    trials = {exercise.name: _trials(course, lesson, exercise) for exercise in longest_first}
    answers: dict[str, list[Done]] = defaultdict(list)
    works = [
        Job(number, Work(exercise=name, files=trial.files),
            until_named=trial.misconception is not None and not full)
        for number, (name, trial) in enumerate((name, trial) for name, each in trials.items() for trial in each)
    ]  # fmt: skip
    with Pool(setting, jobs) as pool:
        pool.expect(len(works))
        for done in pool.results(works):
            name = works[done.number].work.exercise
            answers[name].append(done)
            if len(answers[name]) == len(trials[name]):
                in_order = sorted(answers.pop(name), key=lambda each: each.number)
                yield _judged(name, list(zip(trials[name], in_order, strict=True)))


class _Trial(msgspec.Struct, frozen=True):
    """What is handed in; a misconception has an id."""

    files: dict[str, bytes]
    misconception: str | None = None


def _trials(course: Course, lesson: Lesson, exercise: Exercise) -> list[_Trial]:
    """The solution, the stub, the two that spoil their arguments, and every misconception."""
    solution = course.solution(lesson, exercise)
    bank = read_bank(course.misconceptions(lesson, exercise), solution)
    right = solution.read_text(encoding="utf-8")
    file = f"{exercise.name}.py"
    return [
        _Trial({file: solution.read_bytes()}),
        _Trial({file: course.stub(lesson, exercise).read_bytes()}),
        *(_Trial(spoiling(right, exercise.name, exercise.defines, leave=leave)) for leave in (False, True)),
        *(_Trial({file: entry.source.encode()}, entry.id) for entry in bank),
    ]


def _judged(name: str, tried: list[tuple[_Trial, Done]]) -> ExerciseProof:
    """What is to be said of an exercise, after all was tried."""
    (_, solution), (_, stub), (_, blank), (_, spoilt), *mistakes = tried
    right, empty = solution.result, stub.result
    proof = ExerciseProof(name, [test.name for test in right.tests if test.visibility == "hidden"])
    problems = proof.problems
    proof.seconds = right.seconds
    problems += [
        f"{name}: the solution does not pass {test.name}: {test.message}"
        for test in right.tests
        if test.status != "passed"
    ]
    if right.status != "graded" or right.score != right.max_score:
        problems.append(
            f"{name}: the solution gets {right.score:g} of {right.max_score:g} ({right.status}) {right.message}"
        )
    problems += [
        f"{name}: the stub passes {test.name}" for test in empty.tests if test.status == "passed" and test.max_points
    ]
    if empty.score:
        problems.append(f"{name}: the stub gets {empty.score:g} points")
    problems += [
        f"{name}: {test} asks for the right answer after the student's code could change the question: ask first"
        for test in believed(_statuses(blank), _statuses(spoilt))
    ]
    for trial, done in mistakes:
        assert trial.misconception is not None
        kill = _kill(trial.misconception, done.result)
        proof.kills.append(kill)
        if kill.lost == 0:
            problems.append(f"{name}: {kill.id} loses no points")
        elif kill.id not in kill.named.values():
            names = sorted(set(kill.named.values())) or ["nothing"]
            problems.append(f"{name}: {kill.id} is named {', '.join(names)}")
        for test, margin in done.margins.items():
            if margin < proof.margin:
                proof.margin, proof.margin_at = margin, f"{kill.id} in {test}"
        if done.result.status == "error":
            problems.append(f"{name}: {kill.id}: {done.result.message}")
    if proof.margin < SMALLEST_MARGIN:
        problems.append(
            f"{name}: {proof.margin_at} is only {proof.margin:.1f} tolerances from right; "
            f"it should be {SMALLEST_MARGIN:g}"
        )
    return proof


def _statuses(done: Done) -> dict[str, str]:
    """How each test ended."""
    return {f"{test.visibility} {test.name}": test.status for test in done.result.tests}


def _kill(id: str, wrong: ExerciseResult) -> Kill:
    hidden = [test for test in wrong.tests if test.visibility == "hidden"]
    return Kill(
        id,
        failed={test.name: test.status for test in hidden if test.status not in ("passed", "not_run")},
        untried={test.name for test in hidden if test.status == "not_run"},
        named={test.name: test.misconception for test in hidden if test.misconception},
        lost=sum(test.max_points for test in hidden if test.status not in ("passed", "not_run")),
    )


def summary(proof: ExerciseProof) -> str:
    """One line about an exercise: how much was tried, what it costs, and how near a wrong answer comes to right."""
    margin = ""
    if proof.kills:
        margin = f"; smallest margin {proof.margin:.3g} tolerances ({proof.margin_at})"
    return (
        f"{proof.exercise}: {len(proof.tests)} hidden tests, {len(proof.kills)} misconceptions, "
        f"{proof.seconds:.2f} s for the solution{margin}"
    )


def _mark(kill: Kill, test: str) -> str:
    if test in kill.untried:
        return " "
    if test not in kill.failed:
        return "."
    return "#" if kill.named.get(test) == kill.id else "x"


def matrix(proof: ExerciseProof) -> list[str]:
    """The kill matrix as lines of text: a row per misconception, a column per test.

    `#` failed and named as itself, `x` failed under another name or none, `.` passed, blank: not tried.
    """
    lines = [f"{place:>3} {test}" for place, test in enumerate(proof.tests, start=1)]
    width = max((len(kill.id) for kill in proof.kills), default=0)
    lines.append(" " * (width + 2) + "".join(str(place % 10) for place in range(1, len(proof.tests) + 1)))
    for kill in proof.kills:
        row = "".join(_mark(kill, test) for test in proof.tests)
        lines.append(f"{kill.id:<{width}}  {row}  -{kill.lost:g}")
    blind = [test for test in proof.tests if proof.kills and all(test not in kill.failed for kill in proof.kills)]
    if blind:
        lines.append(f"No misconception fails: {', '.join(blind)}")
    return lines
