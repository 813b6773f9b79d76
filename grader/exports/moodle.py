"""Moodle: grades and comments filled into the offline grading worksheet that the instructor downloaded.

The worksheet's header is in the language of whoever downloaded it, and other columns depend on the site: so a student's
row is found by what the cells hold, the grade and the feedback by the titles in `GRADE` and `FEEDBACK`.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.exports.feedback import exercise_lines, points_line
from grader.exports.matching import Matched, listed, match, notes
from grader.exports.sheets import Filled, Sheet
from grader.harmless import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.output import Graded
    from grader.results import SubmissionResult

GRADE = ("Grade", "Bewertung", "Note", "Calificación")
FEEDBACK = (
    "Feedback comments", "Feedback als Kommentar", "Feedback par commentaires", "Comentarios de retroalimentación",
)  # fmt: skip
_PARTICIPANT = re.compile(r"\D+(\d+)")
_DOWNLOADED = re.compile(r"_(\d+)_assignsubmission_")
"""How Moodle names a downloaded submission: the name, the participant's number, what it is."""


def fill_worksheet(
    sheet: Sheet, graded: Graded, *, id_column: str | None = None, grade_column: str | None = None,
    feedback_column: str | None = None, with_feedback: bool = True,
) -> Filled:  # fmt: skip
    """Write each student's final score and, `with_feedback`, what there is to say.

    Raises:
        GraderError: a column is not there, or cannot be told from others.
    """
    grade = _column(sheet, grade_column, GRADE, "--grade-column", "the grade")
    feedback = -1
    if with_feedback:
        feedback = _column(
            sheet, feedback_column, FEEDBACK, "--feedback-column", "the comments (or --no-feedback where it has none)"
        )
    finals = {result.student or "": result for result in graded.results}
    matched = _match(sheet, list(finals), id_column)
    kept = []
    for student, row in matched.rows.items():
        sheet.set(row, grade, number(graded.final_score(finals[student])))
        if not with_feedback:
            continue
        if (old := sheet.cell(row, feedback).strip()) and not old.startswith(_OPENING):
            kept.append(student)
        else:
            sheet.set(row, feedback, comment(graded, finals[student]))
    rest = [row for row in sheet.rows if row not in matched.rows.values() and sheet.cell(row, 0)]
    said = notes(matched, [f"{sheet.cell(row, 0)} {sheet.cell(row, 1)}" for row in rest], sheet.name)
    if kept:
        said.append(f"Somebody has written comments already, which are kept: {listed(kept)}.")
    return Filled(sheet, len(matched.rows), said + _maximum_notes(sheet, grade, matched, graded))


_OPENING = "<p>Points: "


def comment(graded: Graded, result: SubmissionResult) -> str:
    """The feedback as HTML in which nothing of a student's is markup."""
    lines = [points_line(graded, result)]
    lines += [line for exercise in result.exercises for line in exercise_lines(graded, exercise)]
    return f"<p>{'<br>'.join(html.escape(line.strip()).replace(chr(10), '<br>') for line in lines)}</p>"


def _column(sheet: Sheet, named: str | None, known: Sequence[str], option: str, what: str) -> int:
    wanted = (named.strip(),) if named is not None else known
    fitting = [at for at, title in enumerate(sheet.header) if title in wanted]
    if len(fitting) == 1:
        return fitting[0]
    columns = f"Its columns are: {listed(sheet.header)}."
    if fitting:
        raise GraderError(f"{sheet.name} has several columns {listed(wanted)}. {columns}")
    if named is not None:
        raise GraderError(f"{sheet.name} has no column {named!r}. {columns}")
    raise GraderError(f"Say with {option} which column of {sheet.name} is for {what}. {columns}")


def _match(sheet: Sheet, students: list[str], named: str | None) -> Matched:
    """Whose row is whose by the named column, else by the one column that holds the students' ids."""
    aliases = {student: found[1] for student in students if (found := _DOWNLOADED.search(student))}
    columns = [_column(sheet, named, (), "", "")] if named is not None else range(len(sheet.header))
    tried = {
        at: match(students, [{row: _known_as(sheet.cell(row, at)) for row in sheet.rows}], aliases) for at in columns
    }
    fitting = {at: matched for at, matched in tried.items() if matched.rows or matched.doubtful}
    if not fitting:
        where = f"The column {named!r}" if named is not None else "No column"
        raise GraderError(
            f"{where} of {sheet.name} holds any of the students' ids (such as {listed(students[:2])}). "
            "Download the worksheet of the right assignment, or name the column with --id-column."
        )
    best = max(fitting, key=lambda at: len(fitting[at].rows))
    rows = fitting[best].rows
    against = [
        at for at, other in fitting.items() if any(rows.get(student) != row for student, row in other.rows.items())
    ]
    if against:
        titles = listed(sheet.header[at] for at in (best, *against))
        raise GraderError(f"Several columns of {sheet.name} hold students' ids: {titles}. Say which with --id-column.")
    return fitting[best]


def _known_as(cell: str) -> set[str]:
    """What a cell says, and the number at the end of `Participant 12345`."""
    cell = cell.strip()
    participant = _PARTICIPANT.fullmatch(cell)
    return {cell, participant[1]} if participant else {cell}


def _maximum_notes(sheet: Sheet, grade: int, matched: Matched, graded: Graded) -> list[str]:
    """Beside the grade stands the maximum grade; Moodle passes over what is above it, or below zero, without a word."""
    here = sum(exercise.points for exercise in graded.run.exercises)
    told = {sheet.cell(row, grade + 1).strip() for row in matched.rows.values()} - {""}
    there = []
    for text in told:
        try:
            there.append(float(text.replace(",", ".")))
        except ValueError:
            return [f"Beside the grade stands {text!r}, no number: where a scale is used, Moodle ignores these points."]
    if all(maximum == here for maximum in there):
        return []
    return [f"The maximum grade is {listed(map(number, there))} in Moodle, and {number(here)} here."]
