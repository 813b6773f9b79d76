"""The cells of an nbgrader assignment: their grade_ids and metadata, schema version 3.

An exercise's answer cell is called like the exercise, `gates`; the cell of one of its tests `gates-test_forget_gate`. No
exercise's name has a hyphen, so that both say whose they are.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.results import TestResult

LESSON_TAG = "lesson"
"""The tag of the lesson's own code cells, which are no part of an answer: nbgrader need not run them."""
_LONGEST = 100


def grade_id_of(exercise: str, test: str) -> str:
    """The grade_id of a test's cell; a name that does not fit as it is gets a hash, so that no two are alike."""
    clean = re.sub(r"[^A-Za-z0-9_-]", "_", test)[:_LONGEST]
    if clean != test:
        clean += f"-{hashlib.blake2b(test.encode(), digest_size=4).hexdigest()}"
    return f"{exercise}-{clean}"


def exercise_of(grade_id: str) -> str:
    """The exercise that a cell belongs to."""
    return grade_id.partition("-")[0]


def call_of(lesson: str, exercise: str, test: str) -> str:
    """The whole source of a test's cell: a call. The test itself is nowhere in the notebook."""
    return f'from grader.nbgrader import grade\n\ngrade("{lesson}", "{exercise}", "{test}")'


def counted(tests: Iterable[TestResult]) -> list[TestResult]:
    """The tests that have a cell: those that give points."""
    return [test for test in tests if test.max_points]


def answer_metadata(grade_id: str, source: str) -> dict[str, Any]:
    """The metadata of an answer cell that holds this stub, as `nbgrader generate_assignment` writes it."""
    return {"deletable": False, "nbgrader": _described(source, grade_id, grade=False, locked=False)}


def grading_metadata(grade_id: str, source: str, points: float) -> dict[str, Any]:
    """The metadata of a test's cell."""
    described = _described(source, grade_id, grade=True, locked=True, points=points)
    return {"deletable": False, "editable": False, "nbgrader": described}


def checksum(source: str, nbgrader: dict[str, Any]) -> str:
    """What nbgrader knows a code cell's unchanged text by."""
    import nbformat
    from nbgrader.utils import compute_checksum

    cell = {"cell_type": "code", "source": source, "metadata": {"nbgrader": nbgrader}}
    return str(compute_checksum(nbformat.from_dict(cell)))  # type: ignore[no-untyped-call]


def _described(source: str, grade_id: str, *, grade: bool, locked: bool, points: float | None = None) -> dict[str, Any]:
    described: dict[str, Any] = {
        "cell_type": "code", "grade": grade, "grade_id": grade_id, "locked": locked, "schema_version": 3,
        "solution": not grade, "task": False,
    }  # fmt: skip
    if points is not None:
        described["points"] = points
    return described | {"checksum": checksum(source, described)}
