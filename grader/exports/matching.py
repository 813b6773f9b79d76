"""Whose row is whose: students of a run against the rows of a sheet. What is not certain is told, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from grader.harmless import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Names = dict[int, set[str]]
"""The names under which each row is known."""


class Matched(msgspec.Struct):
    """The row of each student; students without a row; and those who might have several, or share one."""

    rows: dict[str, int]
    unknown: list[str]
    doubtful: list[str]


def match(students: Sequence[str], levels: Iterable[Names], aliases: Mapping[str, str] | None = None) -> Matched:
    """Find each student's row: by the first of the levels that knows the id, else by the student's alias there."""
    indexes = [_index(names) for names in levels]
    found: dict[str, list[int]] = {}
    for student in students:
        known = [student, aliases[student]] if aliases and student in aliases else [student]
        found[student] = next((index[name] for name in known for index in indexes if name in index), [])
    claims = [rows[0] for rows in found.values() if len(rows) == 1]
    sure = {student: rows[0] for student, rows in found.items() if len(rows) == 1 and claims.count(rows[0]) == 1}
    return Matched(
        sure,
        unknown=[student for student, rows in found.items() if not rows],
        doubtful=[student for student, rows in found.items() if rows and student not in sure],
    )


def _index(names: Names) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for row, texts in names.items():
        for text in texts - {""}:
            index.setdefault(text, []).append(row)
    return index


def notes(matched: Matched, rest: Sequence[str], sheet: str) -> list[str]:
    """What to tell of those who were not matched, either way; `rest` are the rows that got no grade."""
    said = []
    if matched.doubtful:
        said.append(f"More than one row or student fits, so nothing is filled in for: {listed(matched.doubtful)}.")
    if matched.unknown:
        said.append(f"Graded, but not in {sheet}: {listed(matched.unknown)}.")
    if rest:
        said.append(f"In {sheet}, but without a grade here: {listed(rest)}.")
    return said


def listed(names: Iterable[str]) -> str:
    """The names, separated by semicolons, since a name may hold a comma."""
    return "; ".join(visible(name.strip()) for name in names)
