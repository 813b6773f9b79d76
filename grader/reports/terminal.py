"""Results as text for a terminal of 80 columns; understandable without color."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click
import msgspec

from grader.harmless import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import ExerciseResult, SubmissionResult, TestResult
    from grader.workspace.progress import Progress

WIDTH = 80
OUTPUT_LINES = 12
NOT_WRITTEN = "Not written yet"
_WORDS = {
    "passed": ("ok", "green"),
    "failed": ("WRONG", "red"),
    "error": ("ERROR", "red"),
    "timeout": ("TIME", "red"),
    "out_of_memory": ("MEMORY", "red"),
    "crashed": ("CRASH", "red"),
    "not_run": ("-", "yellow"),
}
EXERCISE_WORDS = {
    "missing": "not handed in",
    "unreadable": "cannot be read",
    "forbidden": "uses what is forbidden",
    "failed_to_load": "cannot be imported",
    "error": "the grader failed",
}


def wrapped(text: str, indent: str) -> list[str]:
    """The text's lines, each indented and folded at the terminal's width; what is indented keeps its indent."""
    lines: list[str] = []
    for line in visible(text).splitlines():
        inner = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line.strip(), WIDTH, initial_indent=indent + inner, subsequent_indent=indent + inner,
            break_on_hyphens=False,
        ) or [""]  # fmt: skip
    return lines


def check_text(result: SubmissionResult, lesson: Lesson, *, file: str = "") -> Iterable[str]:
    """What `grader check` prints: a line per test, the first failure of each exercise explained, what to do next.

    `file` is the name of what was checked, where that is not the workspace's own.
    """
    following = ""
    for exercise in result.exercises:
        declared = lesson.exercise(exercise.exercise)
        yield from _exercise_text(exercise, declared)
        if not following and not passed(exercise) and exercise.status != "missing":
            following = exercise.exercise
    if not following:
        missing = next((e.exercise for e in result.exercises if e.status == "missing"), "")
        following = missing if not all(passed(e) for e in result.exercises) else ""
    if len(result.exercises) > 1 and result.max_score:
        yield f"All together: {result.score:g} of {result.max_score:g} points."
    if following:
        found = next(exercise for exercise in result.exercises if exercise.exercise == following)
        after = f"then: grader check {following}" if not file else "then type the same again."
        yield f"Next: {_to_do(found)} {visible(file) or f'{following}.py'}, {after}"
        if found.status == "graded" and lesson.exercise(following).hints:
            yield f"Stuck? grader hint {following}"


def _to_do(exercise: ExerciseResult) -> str:
    """What to do to a file: what is not there is written, what is wrong is mended."""
    first = next((test for test in exercise.tests if test.status != "passed"), None)
    unwritten = first is not None and first.message.startswith(NOT_WRITTEN)
    return "write" if unwritten or exercise.status == "missing" else "mend"


def passed(exercise: ExerciseResult) -> bool:
    """Whether everything that was asked is right."""
    return exercise.status == "graded" and all(test.status == "passed" for test in exercise.tests)


def summary_line(exercise: ExerciseResult) -> str:
    """One line: the exercise, and how much of it is right."""
    if exercise.status != "graded":
        return f"  {exercise.exercise:<12} {EXERCISE_WORDS[exercise.status]}"
    right = sum(test.status == "passed" for test in exercise.tests)
    done = "all right" if passed(exercise) else f"{right} of {len(exercise.tests)} tests pass"
    return f"  {exercise.exercise:<12} {done}"


def status_text(course: Course, lesson: Lesson, progress: Progress) -> Iterable[str]:
    """What `grader status` prints: a line per exercise, and what is next."""
    from grader.workspace.progress import digest_of, key_of

    yield click.style(lesson.title, bold=True)
    following = None
    complete = 0
    for number, exercise in enumerate(lesson.exercises, start=1):
        checked = progress.checked.get(key_of(lesson, exercise))
        there = digest_of(course.stub(lesson, exercise))
        if not there:
            state, color = "no file", "yellow"
        elif checked is None:
            state, color = "not checked yet", "yellow"
        elif checked.digest != there:
            state, color = "changed since check", "yellow"
        elif checked.complete:
            state, color = "done", "green"
        elif checked.status != "graded":
            state, color = EXERCISE_WORDS.get(checked.status, checked.status), "red"
        else:
            state, color = f"{checked.passed} of {checked.total} tests pass", "red" if checked.passed else "yellow"
        if state == "done":
            complete += 1
        elif following is None:
            following = exercise
        shown = textwrap.shorten(exercise.title, 29, placeholder="…")
        points = f"{exercise.points:g} points"
        yield f"  {number:>2} {exercise.name:<12} {shown:<30}{points:>9}  {click.style(state, fg=color)}"
    yield ""
    yield f"{complete} of {len(lesson.exercises)} are done."
    if following is not None:
        yield f"Next: {course.stub(lesson, following).relative_to(course.root)}, then: grader check {following.name}"


def _exercise_text(exercise: ExerciseResult, declared: Exercise) -> Iterable[str]:
    score = f"{exercise.score:g} of {exercise.max_score:g} points" if exercise.max_score else ""
    if not exercise.max_score:
        right = sum(test.status == "passed" for test in exercise.tests)
        score = f"{right} of {len(exercise.tests)} examples"
    heading = f"{exercise.exercise}: {declared.title}"
    yield click.style(f"{heading:<{WIDTH - len(score) - 1}} {score}", bold=True)
    if exercise.status != "graded":
        yield click.style(
            f"  {EXERCISE_WORDS[exercise.status]}", fg="yellow" if exercise.status == "missing" else "red"
        )
        yield from wrapped(exercise.message, "    ")
        yield from _printed(exercise.output)
        yield ""
        return
    failed = [test for test in exercise.tests if test.status != "passed"]
    for test in exercise.tests:
        word, color = _WORDS[test.status]
        if test.message.startswith(NOT_WRITTEN):
            word, color = "todo", "yellow"
        points = f"{test.points:g}/{test.max_points:g}" if test.max_points else ""
        title, *rest = textwrap.wrap(test.title, 60) or [test.name]
        yield f"  {click.style(f'{word:<6}', fg=color)} {title:<61}{points:>9}".rstrip()
        yield from (f"{'':9}{line}" for line in rest)
        if test.status == "passed" and test.message:
            yield from wrapped(test.message, " " * 9)
    if failed:
        yield ""
        yield from _explained(failed[0])
        if len(failed) > 1:
            yield f"  {len(failed) - 1} more to mend; they are explained one at a time."
    yield ""


def _explained(test: TestResult) -> Iterable[str]:
    first, *rest = textwrap.wrap(f"First: {test.title}", WIDTH - 2)
    yield f"  {click.style(first, bold=True)}"
    yield from (f"  {click.style(line, bold=True)}" for line in rest)
    yield from wrapped(test.message, "    ")
    yield from _printed(test.output)


def _printed(output: str | msgspec.UnsetType) -> Iterable[str]:
    if isinstance(output, msgspec.UnsetType) or not output.strip():
        return
    lines = [folded for line in visible(output).rstrip("\n").expandtabs().splitlines() for folded in _folded(line)]
    yield "    Your code printed:"
    for line in lines[:OUTPUT_LINES]:
        yield f"  | {line}".rstrip()
    if len(lines) > OUTPUT_LINES:
        yield f"  | … ({len(lines) - OUTPUT_LINES} lines more)"


def _folded(line: str) -> list[str]:
    """A printed line at its full length: what does not fit goes on below; a row of a tensor mostly fits."""
    return textwrap.wrap(line, WIDTH - 4, replace_whitespace=False, drop_whitespace=False) or [""]
