"""What an instructor reads in a terminal of 80 columns about a run."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from grader.harmless import visible
from grader.reports.terminal import EXERCISE_WORDS, WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.output import Change, Graded
    from grader.results import ExerciseResult, SubmissionResult

SHOWN = 40


def class_table(results: Sequence[SubmissionResult]) -> list[str]:
    """A row per student: points per exercise and the sum; then, per student, what else there is to say."""
    if not results:
        return []
    names = [exercise.exercise for exercise in results[0].exercises]
    students = [visible(result.student or "") for result in results]
    id_width = min(24, max(len("student"), *map(len, students)))
    room = (WIDTH - id_width - 9) // len(names) - 2
    columns = [min(max(len(name), 6), max(room, 4)) for name in names]
    gap = "  " if room >= 4 else " "

    def row(first: str, cells: Iterable[str], last: str) -> str:
        middle = gap.join(f"{cell[:width]:>{width}}" for cell, width in zip(cells, columns, strict=True))
        return f"{first[:id_width]:<{id_width}}  {middle}  {last:>6}"

    lines = [row("student", names, "sum")]
    for student, result in zip(students, results, strict=True):
        lines.append(row(student, map(_cell, result.exercises), f"{result.score:.4g}"))
    noted = [(student, notes) for student, result in zip(students, results, strict=True) if (notes := _notes(result))]
    if noted:
        lines += ["", "What was found:"]
        for student, notes in noted:
            first, *rest = textwrap.wrap(notes, WIDTH - id_width - 4) or [""]
            lines.append(f"  {student[:id_width]:<{id_width}}  {first}")
            lines += [f"  {'':<{id_width}}  {line}" for line in rest]
    return lines


def _cell(exercise: ExerciseResult) -> str:
    short = {
        "missing": "-",
        "unreadable": "unread",
        "forbidden": "forbid",
        "failed_to_load": "noload",
        "error": "ERROR",
    }
    return short.get(exercise.status, f"{exercise.score:.4g}")


def _notes(result: SubmissionResult) -> str:
    """How exercises and tests ended that did not end as usual, then the mistakes that were named."""
    told = ("unreadable", "forbidden", "failed_to_load")
    notes = [
        f"{exercise.exercise} {EXERCISE_WORDS[exercise.status]}"
        for exercise in result.exercises
        if exercise.status in told
    ]
    tests = [test for exercise in result.exercises for test in exercise.tests]
    for status in ("timeout", "out_of_memory", "crashed"):
        if any(test.status == status for test in tests):
            notes.append(status.replace("_", " "))
    return ", ".join(notes + list(dict.fromkeys(test.misconception for test in tests if test.misconception)))


def changes_text(changes: Sequence[Change]) -> Iterator[str]:
    """Who gains and who loses how many points, and through which test."""
    if not changes:
        return
    by_student = [(student, list(each)) for student, each in groupby(changes, key=lambda change: change.student)]
    differences = [sum(change.after - change.before for change in each) for _, each in by_student]
    gaining, losing = sum(each > 0 for each in differences), sum(each < 0 for each in differences)
    yield f"Grades change though the work did not: {gaining} gain, {losing} lose, of {len(by_student)} students."
    for (student, each), difference in list(zip(by_student, differences, strict=True))[:SHOWN]:
        yield f"  {visible(student)}: {difference:+g}"
        for change in each:
            what = f"{change.exercise}, {change.title}: {change.before:g} → {change.after:g}"
            yield from textwrap.wrap(what, WIDTH, initial_indent="    ", subsequent_indent="      ")
    if len(by_student) > SHOWN:
        yield f"  … and {len(by_student) - SHOWN} more; the report lists them all."


def late_table(graded: Graded) -> Iterator[str]:
    """Who handed in late, apart from the scores."""
    late = [(result, graded.hand_in(result.student)) for result in graded.results]
    late = [(result, hand_in) for result, hand_in in late if hand_in.days_late]
    if not late:
        return
    yield ""
    yield f"Late (due {graded.run.due:%Y-%m-%d %H:%M} UTC):"
    for result, hand_in in late:
        days = f"{hand_in.days_late} day{'s' if hand_in.days_late > 1 else ''}"
        final = graded.final_score(result)
        yield f"  {visible(hand_in.student):<24} {days:>8}  {result.score:g} - {hand_in.penalty:g} = {final:g}"
