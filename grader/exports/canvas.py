"""Canvas: grades filled into the gradebook file that the instructor exported from there.

Columns, rows and matching as Canvas's own importer takes them: the student's columns end with `Section`; assignments have
their id in the title; a row of points possible and one of posting policies may stand above the students.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.exports.matching import listed, match, notes
from grader.exports.sheets import Filled, Sheet
from grader.harmless import number

if TYPE_CHECKING:
    from grader.output import Graded

_ASSIGNMENT = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)")
_NO_STUDENT = re.compile(r"\s*(Muted|Manual Posting.*)?\s*", re.IGNORECASE)
_DOWNLOADED = re.compile(r"[^_]+_(?:LATE_)?(\d+)_\d+_")
"""How Canvas names a downloaded submission: the name, perhaps LATE, the student's Canvas id, the file's id."""
_KEPT = ("EX", "N/A")
"""Excused, or not assigned to this student."""


def fill_gradebook(sheet: Sheet, column: str, graded: Graded) -> Filled:
    """Write each student's final score into the column of that title or id.

    Raises:
        GraderError: this is no exported gradebook, or the column is not there or not to be told from others.
    """
    header = sheet.header
    split = header[:2] == ["LastName", "FirstName"]
    if "Section" not in header or "ID" not in header or not (split or header[0] == "Student"):
        raise GraderError(
            f"{sheet.name} is no gradebook from Canvas: it has no columns Student, ID and Section. "
            "Export one there, under Grades, and fill in that."
        )
    target = _column(sheet, column, header.index("Section") + 1)
    points = next((row for row in sheet.rows if "Points Possible" in sheet.cell(row, 0)), None)
    if points is not None and "read only" in sheet.cell(points, target):
        raise GraderError(f"The column {header[target]} of {sheet.name} is read-only. Name an assignment's column.")
    rows = [
        row
        for row in sheet.rows
        if row != points and not all(_NO_STUDENT.fullmatch(sheet.cell(row, at)) for at in range(len(header)))
    ]
    names = {row: {sheet.cell(row, 0)} for row in rows}
    if split:
        names = {row: {f"{sheet.cell(row, 1)} {sheet.cell(row, 0)}".strip()} for row in rows}
    ids = [header.index(title) for title in ("ID", "SIS User ID", "SIS Login ID") if title in header]
    levels = [{row: {sheet.cell(row, at).strip()} for row in rows} for at in ids]
    finals = {result.student or "": graded.final_score(result) for result in graded.results}
    aliases = {student: found[1] for student in finals if (found := _DOWNLOADED.match(student))}
    matched = match(list(finals), [*levels, names], aliases)
    kept = []
    for student, row in matched.rows.items():
        if sheet.cell(row, target).strip() in _KEPT:
            kept.append(f"{student} ({sheet.cell(row, target).strip()})")
        else:
            sheet.set(row, target, number(finals[student]))
    said = notes(matched, [_name(sheet, row, split) for row in rows if row not in matched.rows.values()], sheet.name)
    if kept:
        said.append(f"Left as Canvas has it, excused or not assigned: {listed(kept)}.")
    return Filled(sheet, len(matched.rows) - len(kept), said + _points_note(sheet, points, target, graded))


def _column(sheet: Sheet, wanted: str, first: int) -> int:
    """The assignment of this title or id."""
    assignments = {
        at: found for at, title in enumerate(sheet.header) if at >= first and (found := _ASSIGNMENT.fullmatch(title))
    }
    fitting = [at for at, found in assignments.items() if wanted.strip() in (found[0], found["title"], found["id"])]
    if len(fitting) == 1:
        return fitting[0]
    offered = [found[0] for at, found in assignments.items() if not fitting or at in fitting]
    if not assignments:
        raise GraderError(f"{sheet.name} has no assignment yet. Make one in Canvas and export the gradebook again.")
    if not fitting:
        raise GraderError(f"{sheet.name} has no assignment {wanted!r}. It has: {listed(offered)}.")
    raise GraderError(f"{sheet.name} has several assignments {wanted!r}: {listed(offered)}. Name one by its id.")


def _name(sheet: Sheet, row: int, split: bool) -> str:
    return f"{sheet.cell(row, 0)}, {sheet.cell(row, 1)}" if split else sheet.cell(row, 0)


def _points_note(sheet: Sheet, row: int | None, column: int, graded: Graded) -> list[str]:
    here = sum(exercise.points for exercise in graded.run.exercises)
    there = sheet.cell(row, column).strip() if row is not None else ""
    try:
        same = not there or float(there.replace(",", ".")) == here
    except ValueError:
        same = False
    return [] if same else [f"The assignment has {there} points in Canvas, and {number(here)} here."]
