"""What an instructor reads in a terminal of 80 columns about a run."""

from __future__ import annotations

import textwrap
from itertools import groupby
from typing import TYPE_CHECKING

from grader.harmless import visible
from grader.reports.terminal import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.output import Change, Graded

SHOWN = 40


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
