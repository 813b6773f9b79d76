"""The notebook in `autograded/` that formgrader and `nbgrader generate_feedback` show: what was graded, and what was found.

It is written, never run. The student's cells are there as text, without their outputs and with nothing that a browser would
run; test cells and all metadata come from the released notebook, whatever became of them in the student's.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

import msgspec

from grader.exports.feedback import PAGE_WIDTH, exercise_lines, lines_of_test
from grader.harmless import number
from grader.nbgrader.cells import call_of, counted, exercise_of, grade_id_of, grading_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.output import Graded
    from grader.results import ExerciseResult, SubmissionResult
    from grader.submissions.notebooks import NotebookCell

CellDict = dict[str, Any]
NOT_HANDED_IN = "# This cell is not in what was handed in."


class Released(msgspec.Struct, kw_only=True):
    """The released notebook: its name, and its cells with those tests that the run has graded."""

    name: str
    cells: list[CellDict]
    metadata: dict[str, Any]


def graded_id(cell: CellDict) -> str:
    """The grade_id of a cell that nbgrader knows; else empty."""
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def is_test(cell: CellDict, exercises: Iterable[str]) -> bool:
    """Whether this is the cell of one of these exercises' tests."""
    of_nbgrader = cell["metadata"].get("nbgrader", {})
    test = of_nbgrader.get("grade") is True and of_nbgrader.get("solution") is False
    return test and "-" in graded_id(cell) and exercise_of(graded_id(cell)) in exercises


def with_tests_of(released: Released, lesson: str, result: SubmissionResult) -> Released:
    """The same notebook with the tests that this result counts, in place of those that it was released with."""
    tests = {each.exercise: _test_cells(lesson, each) for each in result.exercises}
    cells: list[CellDict] = []
    for cell in released.cells:
        if is_test(cell, tests):
            continue
        cells.append(cell)
        cells += tests.get(graded_id(cell), [])
    return msgspec.structs.replace(released, cells=cells)


def _test_cells(lesson: str, exercise: ExerciseResult) -> list[CellDict]:
    cells = []
    for test in counted(exercise.tests):
        source, grade_id = call_of(lesson, exercise.exercise, test.name), grade_id_of(exercise.exercise, test.name)
        cells.append(_code(source, grading_metadata(grade_id, source, test.max_points)))
    return cells


def autograded(
    released: Released, handed_in: Sequence[NotebookCell] | None, graded: Graded, result: SubmissionResult
) -> CellDict:
    """The whole notebook. `handed_in` is None where nothing could be read."""
    outputs = dict(_outputs(result))
    cells = _placed(released, list(_shown(released, handed_in or ())))
    for cell in cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = outputs.get(graded_id(cell), [])
            cell["execution_count"] = None
    return {
        "cells": [cell | {"id": f"cell-{place:04}"} for place, cell in enumerate(cells)],
        "metadata": released.metadata, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def comment(graded: Graded, exercise: ExerciseResult) -> str:
    """What stands below a student's answer: Markdown that shows the text as it is, whatever a message holds."""
    lines = (textwrap.wrap(line, PAGE_WIDTH, subsequent_indent=" " * 6) for line in exercise_lines(graded, exercise))
    return fenced("\n".join(line for folded in lines for line in folded))


def fenced(text: str) -> str:
    """Markdown of this very text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _shown(released: Released, handed_in: Iterable[NotebookCell]) -> Iterator[CellDict]:
    """The student's cells. Of cells with the same grade_id the last one counts, as in nbgrader."""
    known = {graded_id(cell): cell for cell in released.cells if graded_id(cell)}
    own_texts = {_text(cell) for cell in released.cells if cell["cell_type"] == "markdown"}
    tests = {_text(cell) for cell in known.values() if cell["metadata"]["nbgrader"]["locked"]}
    cells = list(handed_in)
    last = {cell.grade_id: place for place, cell in enumerate(cells)}
    for place, cell in enumerate(cells):
        released_as = known.get(cell.grade_id) if last[cell.grade_id] == place else None
        if cell.text in tests or (cell.grade_id in known and known[cell.grade_id]["metadata"]["nbgrader"]["locked"]):
            continue  # the released one stands for it
        metadata = released_as["metadata"] if released_as else {}
        if (released_as["cell_type"] if released_as else cell.kind) == "code":
            yield _code(cell.text, metadata)
        else:
            text = cell.text if cell.text in own_texts else cell.text.replace("<", "&lt;")
            yield {"cell_type": "markdown", "metadata": metadata, "source": text}


def _placed(released: Released, shown: list[CellDict]) -> list[CellDict]:
    """What was handed in, with the cells that nbgrader knows and that are missing in it, each behind the one before."""
    if not shown:
        return [cell | {"source": NOT_HANDED_IN} if _is_answer(cell) else dict(cell) for cell in released.cells]
    place = -1
    for cell in released.cells:
        grade_id = graded_id(cell)
        if not grade_id:
            continue
        at = next((number for number, other in enumerate(shown) if graded_id(other) == grade_id), None)
        if at is None:
            at = place + 1
            shown.insert(at, cell | {"source": NOT_HANDED_IN} if _is_answer(cell) else dict(cell))
        place = at
    return shown


def _is_answer(cell: CellDict) -> bool:
    return cell["metadata"].get("nbgrader", {}).get("solution") is True


def _outputs(result: SubmissionResult) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for exercise in result.exercises:
        for test in counted(exercise.tests):
            text = "\n".join(lines_of_test(exercise, test)) + "\n"
            yield grade_id_of(exercise.exercise, test.name), [
                {"output_type": "stream", "name": "stdout", "text": text},
                {"output_type": "execute_result", "execution_count": None, "metadata": {},
                 "data": {"text/plain": number(test.points)}},
            ]  # fmt: skip


def _code(source: str, metadata: dict[str, Any]) -> CellDict:
    return {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}


def _text(cell: CellDict) -> str:
    return "".join(cell["source"])
