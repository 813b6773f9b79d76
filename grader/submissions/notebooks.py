"""Reading a student's notebook as text: its cells and what their metadata says of them. Outputs are skipped unread.

Nothing in it is trusted to be what Jupyter writes: metadata of any shape is read, and what does not fit counts as none.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import msgspec

from grader.catalog import NOTEBOOK_FILE
from grader.submissions.unsafe import FILE_LIMIT, MEMBER_LIMIT, TOTAL_LIMIT, UnsafeSubmission

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOK_LIMIT = 256 * 2**20
_METADATA_LIMIT = 2**16


class NotebookCell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell. `marked` is the exercise that the kit's own mark names; `of_lesson`: the lesson's own, or a test."""

    kind: str
    text: str
    grade_id: str = ""
    marked: str = ""
    of_lesson: bool = False


class _Cell(msgspec.Struct):
    cell_type: str
    source: msgspec.Raw = msgspec.Raw(b'""')
    metadata: msgspec.Raw = msgspec.Raw(b"{}")


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def notebooks_in(folder: Path) -> list[Path]:
    """The notebooks of a folder: the lesson's own name if it is there, else all."""
    own = folder / NOTEBOOK_FILE
    return [own] if os.path.lexists(own) else sorted(folder.glob("*.ipynb"))


def read_notebook(path: Path) -> list[NotebookCell]:
    """The notebook's cells.

    Raises:
        UnsafeSubmission: this is no notebook, or more than one can be.
    """
    mode = path.lstat().st_mode
    if not stat.S_ISREG(mode):
        what = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise UnsafeSubmission(f"{path.name} is {what}. Hand in the notebook itself.")
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return notebook_cells(file.read(NOTEBOOK_LIMIT + 1))


def notebook_cells(data: bytes) -> list[NotebookCell]:
    """The cells of a notebook that was read.

    Raises:
        UnsafeSubmission: this is no notebook, or more than one can be.
    """
    if len(data) > NOTEBOOK_LIMIT:
        raise UnsafeSubmission(f"The notebook is larger than {NOTEBOOK_LIMIT // 2**20} MB. Clear its outputs.")
    try:
        found = msgspec.json.decode(data, type=_Notebook).cells
        del data
        if len(found) > MEMBER_LIMIT:
            raise UnsafeSubmission(f"The notebook has more than {MEMBER_LIMIT} cells.")
        if sum(len(memoryview(cell.source)) for cell in found) > TOTAL_LIMIT:
            raise UnsafeSubmission(f"The notebook holds more than {TOTAL_LIMIT // 2**20} MB of text.")
        cells = [_cell(cell) for cell in found]
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise UnsafeSubmission("The notebook is no valid notebook file. Save it again in Jupyter.") from None
    if sum(len(cell.text) for cell in cells if cell.kind == "code") > FILE_LIMIT:
        raise UnsafeSubmission(f"The notebook holds more than {FILE_LIMIT // 2**20} MB of code.")
    return cells


def _cell(found: _Cell) -> NotebookCell:
    source = msgspec.json.decode(found.source, type=str | list[str])
    metadata = _table(msgspec.json.decode(found.metadata)) if len(memoryview(found.metadata)) < _METADATA_LIMIT else {}
    of_nbgrader, mark = _table(metadata.get("nbgrader")), _table(metadata.get("grader"))
    grade_id, marked = of_nbgrader.get("grade_id"), mark.get("exercise")
    solution = of_nbgrader.get("solution") is True
    return NotebookCell(
        kind=found.cell_type,
        text=source if isinstance(source, str) else "".join(source),
        grade_id=grade_id if isinstance(grade_id, str) else "",
        marked=marked if isinstance(marked, str) else "",
        of_lesson=mark.get("lesson") is True or (of_nbgrader.get("grade") is True and not solution),
    )


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
