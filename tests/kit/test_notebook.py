"""The lesson's notebook: it runs from top to bottom, checks from its cells, and is a submission like any other."""

import json
import re
import shutil

import nbformat
import pytest

from grader.authoring.notebooks import lesson_notebook, notebook_text, run_notebook
from grader.catalog import Course
from grader.errors import GraderError
from grader.reports.html import exercise_html
from grader.results import ExerciseResult, TestResult
from grader.submissions.cells import Cell, exercise_source
from tests.kit.conftest import ROOT, SOLUTIONS

COURSE = Course(ROOT)
LESSON = COURSE.lesson("lesson09_lstm")
GATES = LESSON.exercise("gates")


def with_answers(notebook, **answers):
    """The notebook after a student has written these exercises."""
    for cell in notebook["cells"]:
        exercise = cell["metadata"].get("grader", {}).get("exercise")
        if exercise in answers:
            cell["source"] = answers[exercise].splitlines(keepends=True)
    return notebook


def test_the_lesson_runs_and_checks(tmp_path, run_grader):
    """As a student has it: every cell runs, and the cells below the exercises say what is right and what is to do."""
    assert run_grader("start", tmp_path / "w").returncode == 0
    folder = tmp_path / "w" / "course" / "lesson09_lstm"
    notebook = with_answers(
        json.loads((folder / "lesson.ipynb").read_text()), gates=(SOLUTIONS / "gates.py").read_text()
    )
    nbformat.validate(nbformat.reads(notebook_text(notebook), as_version=4))
    node = run_notebook(notebook, folder)
    shown = {
        cell.source.split('"')[1]: cell.outputs[0]["data"]["text/html"]
        for cell in node.cells
        if cell.cell_type == "code" and "grader.notebook" in cell.source
    }
    assert sorted(shown) == sorted(exercise.name for exercise in LESSON.exercises)
    assert "All of it is right." in shown["gates"]
    assert 'src="data:image/png;base64,iVBOR' in shown["gates"]
    assert "to do" in shown["cell"]
    assert "<img" not in shown["sentiment"]
    assert not [
        output
        for cell in node.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.get("name") == "stderr" or output["output_type"] == "error"
    ]


def test_the_committed_notebook_has_no_outputs():
    """It is made from the text and the stubs; what comes out is made where it is run."""
    notebook = json.loads((COURSE.text_folder(LESSON) / "lesson.ipynb").read_text())
    assert all(not cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)


def test_an_error_in_a_notebook_is_a_sentence():
    """No traceback, and no word broken."""
    lines = GraderError("No cell that you have run defines it. " * 5)._render_traceback_()
    assert " ".join(lines) == ("No cell that you have run defines it. " * 5).strip()
    assert max(map(len, lines)) <= 88


def test_a_result_in_a_notebook():
    """What cannot be read says so; what was printed ends with a whole line, and says that there was more."""
    unreadable = ExerciseResult(
        exercise="gates", status="unreadable", max_score=0.0, message="gates.py, line 3: '(' was never closed"
    )
    assert "<strong>Cannot be read</strong>" in exercise_html(unreadable, GATES)
    test = TestResult(name="t", title="T", visibility="public", status="failed", message="Wrong.", max_points=0.0)
    test.output = "0123456789\n" * 1000
    shown = exercise_html(ExerciseResult(exercise="gates", status="graded", max_score=0.0, tests=[test]), GATES)
    assert "0123456789\n…</pre>" in shown
    assert "0 of 1 right" in shown


def test_a_cell_that_was_run_again_keeps_its_line_numbers():
    """Of the runs of one cell the last counts; of a cell that can no longer be read, its own lines alone."""
    first = Cell("import torch\n\ndef forget_gate(x):\n    return 0")
    again = Cell("import torch\n\ndef forget_gate(x):\n    return 1")
    other = Cell("def input_gate(x):\n    return 2")
    slip = Cell("import torch\n\ndef forget_gate(x):\n    return (1")
    assert exercise_source([first, again], GATES).decode() == again.text + "\n"
    assert exercise_source([first, other, again], GATES).decode() == f"{other.text}\n\n{again.text}\n"
    assert exercise_source([first, other, slip], GATES).decode() == slip.text + "\n"


def test_a_notebook_is_a_submission(tmp_path, run_grader):
    """The marked cells are the exercises; a helper in a cell of the student's own is still theirs."""
    text = (SOLUTIONS / "gates.py").read_text().replace("torch.sigmoid(", "squash(")
    notebook = with_answers(lesson_notebook(COURSE, LESSON), gates=text)
    mine = [
        "import torch as t\n",
        "%matplotlib inline\n",
        "def squash(x):\n",
        "    return t.sigmoid(x)\n",
        "print(1 / 0)",
    ]
    notebook["cells"].insert(0, {"cell_type": "code", "metadata": {}, "source": mine, "outputs": []})
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.ipynb").write_text(json.dumps(notebook))
    finished = run_grader(
        "grade", tmp_path / "class", "--output", tmp_path / "out", "--exercise=gates", "--exercise=text"
    )
    assert finished.returncode == 0, finished.stderr
    rows = (tmp_path / "out" / "grades.csv").read_text().splitlines()
    assert rows[1:] == ["anna,gates,graded,8,8,100.0", "anna,text,graded,0,8,0.0"]


DEFINITION = "def forget_gate(x):\n    return helper(x) + SCALE"


@pytest.mark.parametrize(
    ("cells", "kept", "dropped"),
    [
        (["def helper(x): return x", "SCALE = 2\nprint('no')", DEFINITION], ["def helper", "SCALE = 2"], ["print"]),
        (["import matplotlib.pyplot as plt", "from torch import *", DEFINITION], ["from torch"], ["matplotlib"]),
        (["def forget_gate(:", DEFINITION], ["helper(x) + SCALE"], ["forget_gate(:"]),
        (["%%bash\nrm -rf /", "!ls", DEFINITION], ["helper(x)"], ["rm", "ls\n"]),
        ([DEFINITION, "def forget_gate(x:"], ["forget_gate(x:"], []),
        (["@torch.no_grad()\ndef helper(x):\n    return x", "import torch", DEFINITION], ["@torch.no_grad()"], []),
        (["%%time\ndef helper(x): return x; y = 1", DEFINITION], ["def helper(x): return x"], ["%%time"]),
        (["files = !ls\nhelper?\n  %ls", DEFINITION + "\nhere = %pwd"], ["pass"], ["!ls", "%pwd", "?"]),
        (["helper = (7\n% 4)", DEFINITION], ["% 4"], []),
    ],
)
def test_what_of_a_notebook_is_the_students_code(cells, kept, dropped):
    """Definitions that the exercise uses; nothing that only shows something, and no slip that was mended since."""
    source = exercise_source([Cell(text) for text in cells], GATES).decode()
    assert all(text in source for text in kept)
    assert not [text for text in dropped if text in source]


def test_what_is_spread_over_cells_is_still_the_students():
    """Beside the exercise's own cell, others may define its names, or define them anew: the last definition holds."""
    stub = "def forget_gate(x):\n    raise NotImplementedError()"
    cells = [
        Cell(stub, exercise="gates"), Cell("def forget_gate(x):\n    return scale(x)\nforget_gate(1)"),
        Cell("def scale(x):\n    return x"), Cell("def candidate(x):\n    return x"), Cell("def unused(x): pass"),
    ]  # fmt: skip
    module = {}
    source = exercise_source(cells, GATES).decode()
    exec(source, module)
    assert module["forget_gate"](3) == 3
    assert module["candidate"](4) == 4
    assert "unused" not in source


def test_other_exercises_and_the_lesson_are_left_out():
    """Marks say whose a cell is; without a defining cell there is nothing."""
    cells = [
        Cell("import slow_lesson", of_lesson=True), Cell("def tokenize(t): return []", exercise="text"),
        Cell(DEFINITION, exercise="gates"),
    ]  # fmt: skip
    assert exercise_source(cells, GATES).decode().strip() == DEFINITION
    assert exercise_source(cells[:2], GATES) == b""


def test_a_section_that_is_no_heading_is_told(tmp_path, run_grader):
    """An exercise must belong to a section of the lesson's text."""
    for part in ("course", "solutions"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    text = tmp_path / "course" / "lesson09_lstm" / "lesson.md"
    text.write_text(text.read_text().replace("## Compare to simple RNN", "## Another heading"))
    finished = run_grader("course", "build", cwd=tmp_path)
    assert finished.returncode == 2
    assert "comparison belongs to “Compare to simple RNN”, which is no heading" in finished.stderr


TEXT = (
    "# Lesson 1\n\n## Doubling\n\nTwice 21 is $2 \\cdot 21$, which is not `$2 + 21$`:\n\n"
    "```{code-cell} ipython3\nprint('costs', 21 * 2, '$')\n```\n\n$$\ny = 2x\n$$\n"
)


def test_the_page_shows_what_comes_out(small_course, run_grader):
    """The lesson's text is run and written as a web page; a cell that raises is told in a sentence."""
    text = small_course.write("course/lesson01/lesson.md", TEXT)
    finished = run_grader("course", "build", "--pages", "pages", cwd=small_course.root)
    assert finished.returncode == 0, finished.stderr
    page = (small_course.root / "pages" / "lesson01.html").read_text()
    assert "<pre>costs 42 $\n</pre>" in page
    assert page.count("<math") == 2  # formulas, which a browser draws without a network
    assert "$2 + 21$" in page
    assert not re.search(r"""<(script|link|img)[^>]+(src|href)=["']?(https?:)?//""", page)
    text.write_text(TEXT.replace("21 * 2", "21 / 0"))
    finished = run_grader("course", "build", "--pages", "pages", cwd=small_course.root)
    assert finished.returncode == 2
    assert (
        finished.stderr.strip()
        .splitlines()[-1]
        .startswith("Error: lesson01/lesson.md: a cell raises ZeroDivisionError")
    )
