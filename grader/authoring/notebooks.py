"""The lesson as a notebook: its text, and where a section ends the exercises that it prepares.

The text is one MyST Markdown file, `course/<lesson>/lesson.md`; the exercises' cells are made from the stubs. Which cell
is whose stands in its metadata: `{"grader": {"lesson": true}}` is the lesson's own, `{"grader": {"exercise": "gates"}}`
the student's, with nbgrader's metadata for an answer; a cell without such a mark was added by the student.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from grader.authoring.stubs import stub_of
from grader.errors import GraderError
from grader.nbgrader.cells import LESSON_TAG, answer_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from grader.catalog import Course, Exercise, Lesson

TEXT_FILE = "lesson.md"
_QUIET = ["--IPKernelApp.log_level=40"]
_PAGE_STYLE = "<style>main{max-width:60rem;margin:0 auto}img{max-width:100%;height:auto}</style>"
_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


def lesson_notebook(course: Course, lesson: Lesson, *, exercises: bool = True) -> dict[str, Any] | None:
    """The notebook of a lesson, without outputs; None where the lesson has no text.

    Raises:
        GraderError: jupytext is missing, or an exercise's section is no heading of the text.
    """
    text = course.text_folder(lesson) / TEXT_FILE
    if not text.exists():
        return None
    try:
        import jupytext  # type: ignore[import-untyped]
    except ImportError:
        raise GraderError("jupytext is missing, which makes the notebooks. Next: pip install jupytext") from None
    source = jupytext.reads(text.read_text(encoding="utf-8"), fmt="md:myst")
    cells = list(_split_at_headings(source.cells))
    if exercises:
        cells = list(_with_exercises(cells, course, lesson))
    return _notebook(cells)


def exercises_notebook(course: Course, lesson: Lesson) -> dict[str, Any]:
    """A notebook of the exercises alone, for a lesson without a text."""
    cells: list[_Cell] = [("markdown", f"# {lesson.title}", {})]
    for exercise in lesson.exercises:
        cells += _exercise_cells(exercise, course, lesson)
    return _notebook(cells)


def _notebook(cells: Iterable[_Cell]) -> dict[str, Any]:
    return {
        "cells": [_cell(place, *cell) for place, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notebook_text(notebook: dict[str, Any]) -> str:
    """The notebook as a file: the same bytes for the same contents."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


_Cell = tuple[str, str, dict[str, Any]]


def _split_at_headings(cells: Iterable[Any]) -> Iterator[_Cell]:
    """Kind, source and metadata of each cell; a heading of a section begins a cell of its own."""
    for cell in cells:
        metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        if cell.cell_type == "code":
            yield "code", cell.source, _of_lesson(*metadata.get("tags", ()))
            continue
        for part in _HEADING.split(cell.source):
            if part.strip():
                yield "markdown", part.strip(), metadata


def _with_exercises(cells: list[_Cell], course: Course, lesson: Lesson) -> Iterator[_Cell]:
    headings = {_heading(cell) for cell in cells}
    for exercise in lesson.exercises:
        if exercise.section not in headings:
            raise GraderError(f"{exercise.name} belongs to “{exercise.section}”, which is no heading of {TEXT_FILE}.")
    section = ""
    for cell in cells:
        heading = _heading(cell)
        if heading:
            yield from _exercises_of(section, course, lesson)
            section = heading
        yield cell
    yield from _exercises_of(section, course, lesson)


def _heading(cell: _Cell) -> str:
    kind, source, _ = cell
    first = source.partition("\n")[0]
    return first.removeprefix("## ").strip() if kind == "markdown" and first.startswith("## ") else ""


def _exercises_of(section: str, course: Course, lesson: Lesson) -> Iterator[_Cell]:
    for exercise in lesson.exercises:
        if exercise.section == section:
            yield from _exercise_cells(exercise, course, lesson)


def _exercise_cells(exercise: Exercise, course: Course, lesson: Lesson) -> Iterator[_Cell]:
    """What is asked, the student's cell, and the cell that checks it."""
    stub = _stub(course, lesson, exercise)
    yield "markdown", f"### Exercise: {exercise.title}\n\n{_task(exercise)}", {}
    yield "code", stub, {"grader": {"exercise": exercise.name}, **answer_metadata(exercise.name, stub)}
    plot = ", plot=True" if course.plot_script(lesson, exercise).exists() else ""
    yield "code", f'from grader.notebook import check\n\ncheck("{exercise.name}"{plot})', _of_lesson()


def _of_lesson(*tags: str) -> dict[str, Any]:
    return {"grader": {"lesson": True}, "tags": [*tags, LESSON_TAG]}


def _task(exercise: Exercise) -> str:
    names = ", ".join(f"`{name}`" for name in exercise.defines)
    return (
        f"Write {names} in the next cell, run it, then run the cell below it: it says what is right, what is wrong and "
        f"why. In a terminal, `grader hint {exercise.name}` gives a hint."
    )


def _stub(course: Course, lesson: Lesson, exercise: Exercise) -> str:
    path = course.solution(lesson, exercise)
    if not path.exists():
        path = course.stub(lesson, exercise)
        return path.read_text(encoding="utf-8").strip()
    return stub_of(path.read_text(encoding="utf-8"), path.name).strip()


def _cell(place: int, kind: str, source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": f"cell-{place:03}",
        "metadata": metadata,
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell


def run_notebook(notebook: dict[str, Any], folder: Path) -> Any:
    """The notebook (as nbformat has it) with what comes out when it is run from top to bottom in this folder.

    Raises:
        CellExecutionError: a cell raises.
    """
    import nbformat
    from nbclient import NotebookClient

    node = nbformat.reads(notebook_text(notebook), as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(node, timeout=300, startup_timeout=300, resources=resources, extra_arguments=_QUIET)
    return client.execute()


def write_pages(course: Course, folder: Path) -> list[Path]:
    """Run each lesson's text from top to bottom and write it as a web page with what really came out.

    Raises:
        GraderError: a cell raises; the message says which, and what.
    """
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter

    pages = []
    for lesson in course.lessons:
        notebook = lesson_notebook(course, lesson, exercises=False)
        if notebook is None:
            continue
        try:
            node = run_notebook(notebook, course.text_folder(lesson))
        except CellExecutionError as error:
            raise GraderError(f"{lesson.name}/{TEXT_FILE}: a cell raises {error.ename}: {error.evalue}") from None
        for cell in node.cells:
            if cell.cell_type == "markdown":
                cell.source = with_mathml(cell.source)
        exporter = HTMLExporter(  # type: ignore[no-untyped-call]
            exclude_input_prompt=True, exclude_output_prompt=True, mathjax_url="", require_js_url="", mermaid_js_url="",
        )  # fmt: skip
        body, _ = exporter.from_notebook_node(node, {"metadata": {"name": lesson.title}})
        path = folder / f"{lesson.name}.html"
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(body.replace("</head>", f"{_PAGE_STYLE}</head>", 1), encoding="utf-8")
        pages.append(path)
    return pages


_CODE_OR_FORMULA = re.compile(
    r"^(?P<fence>`{3,})[^`]*?^(?P=fence)|`[^`\n]+`|\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$\n]+?)\$",
    re.DOTALL | re.MULTILINE,
)


def with_mathml(text: str) -> str:
    """Markdown with its formulas as MathML, which browsers draw by themselves: the page is readable without a network."""
    from latex2mathml.converter import convert

    def one(found: re.Match[str]) -> str:
        if found["block"]:
            return convert(" ".join(found["block"].split()), display="block")
        return convert(" ".join(found["inline"].split())) if found["inline"] else found[0]

    return _CODE_OR_FORMULA.sub(one, text)
