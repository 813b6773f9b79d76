"""nbgrader, end to end: from `grader nbgrader quickstart` to the feedback that a student fetches, with nbgrader's commands."""

import copy
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.submissions.notebooks import notebook_cells
from tests.kit.conftest import ROOT, SmallCourse, missing
from tests.kit.processes import run_module

LESSON = """
    title = "Lesson 1"
    [[exercises]]
    name = "double"
    title = "Twice as much"
    section = "Doubling"
    points = 2
    defines = ["double", "half"]
    limits = { seconds = 2.0, memory_mb = 256 }
"""
SOLUTION = '''
    """Doubling."""


    def double(x):
        """Twice x."""
        ### BEGIN SOLUTION
        return 2 * x
        ### END SOLUTION


    def half(x):
        """Half of x."""
        ### BEGIN SOLUTION
        return x / 2
        ### END SOLUTION
'''
HIDDEN = '''
    from grader.suite.writing import assert_same, points

    @points(1.5)
    def test_double(student, reference, draw):
        """Twice as much"""
        x_that_nobody_sees = draw.normal(3)
        assert_same(student.double(x_that_nobody_sees), reference.double(x_that_nobody_sees))

    @points(0.5)
    def test_half(student, reference, draw):
        """Half as much"""
        x_that_nobody_sees = draw.normal(3)
        assert_same(student.half(x_that_nobody_sees), reference.half(x_that_nobody_sees))
'''
PUBLIC = '''
    from grader.suite.writing import assert_same

    def test_double(student):
        """Twice one is two"""
        assert_same(student.double(1), 2)
'''
TEXT = "# Lesson 1\n\n## Doubling\n\nTwice.\n\n```{code-cell} ipython3\nraise SystemExit('a lesson that need not run')\n```\n"
RIGHT = textwrap.dedent(SOLUTION).strip()

ATTACK = (
    RIGHT.replace("2 * x", "3 * x")
    + """
import sqlite3
for place in ("../../../gradebook.db", "/proc/1/cwd/gradebook.db"):
    try:
        with sqlite3.connect(f"file:{place}?mode=rw", uri=True) as database:
            database.execute("update grade set manual_score = 99")
    except sqlite3.Error:
        pass
def __getattr__(name):
    return lambda *args: 99
"""
)


def nbgrader(course, *arguments, **environment):
    """Runs nbgrader's command in a course folder; returns what it said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic by its name
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)} | environment
    finished = run_module("nbgrader", *arguments, cwd=course, environment=environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def released(course, lesson="lesson01"):
    return json.loads((course / "release" / lesson / "lesson.ipynb").read_text())


def of_nbgrader(cell):
    return cell["metadata"].get("nbgrader", {})


def answered(notebook, text):
    """The notebook after a student has written this into the exercise's cell."""
    notebook = copy.deepcopy(notebook)
    answer_of(notebook)["source"] = text
    return notebook


def answer_of(notebook):
    return next(cell for cell in notebook["cells"] if of_nbgrader(cell).get("grade_id") == "double")


def code(text, **metadata):
    return {"cell_type": "code", "source": text, "metadata": metadata, "outputs": [], "execution_count": None}


def hand_in(course, student, notebook, when="2026-01-10 12:00:00 UTC", lesson="lesson01"):
    folder = course / "submitted" / student / lesson
    folder.mkdir(parents=True, exist_ok=True)
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / "lesson.ipynb").write_bytes(data)
    (folder / "timestamp.txt").write_text(when)


def the_class(notebook):
    """Ten notebooks, honest and otherwise, and the points that each is worth: (double, half)."""
    warns = "import sys, warnings\nwarnings.warn('careful')\nprint('oops', file=sys.stderr)\n" + RIGHT
    helper = answered(notebook, RIGHT.replace("2 * x", "twice(x)").replace("def half", "def _unused"))
    helper["cells"].insert(0, code("%matplotlib inline\n!ls\ndef twice(x):\n    return 2 * x\ntwice(1)"))
    helper["cells"].append(code("%%time\ndef half(x):\n    return x / 2"))
    helper["cells"].append(code("import sys, warnings\nwarnings.warn('careful')\nprint('oops', file=sys.stderr)"))
    double_cell = answered(notebook, RIGHT.replace("2 * x", "0 * x"))
    double_cell["cells"].append(copy.deepcopy(answer_of(answered(notebook, RIGHT))))
    renamed = answered(notebook, RIGHT)
    for cell in renamed["cells"]:
        cell["metadata"] = {"nbgrader": {"grade_id": "other", "points": 99}} if of_nbgrader(cell) else {}
    reordered = answered(notebook, RIGHT)
    reordered["cells"].reverse()
    deleted = copy.deepcopy(notebook)
    deleted["cells"].remove(answer_of(deleted))
    return {
        "right": (answered(notebook, RIGHT), (1.5, 0.5)),
        "wrong": (answered(notebook, RIGHT.replace("2 * x", "3 * x")), (0, 0.5)),
        "warns": (answered(notebook, warns), (1.5, 0.5)),
        "helper": (helper, (1.5, 0.5)),
        "twice": (double_cell, (1.5, 0.5)),
        "untouched": (notebook, (0, 0)),
        "renamed": (renamed, (1.5, 0.5)),
        "reordered": (reordered, (1.5, 0.5)),
        "deleted": (deleted, (0, 0)),
        "nojson": (b"{", (0, 0)),
    }


KINDS = ("right", "wrong", "warns", "helper", "twice", "untouched", "renamed", "reordered", "deleted", "nojson")
CLASS = (*(f"{kind}0" for kind in KINDS), "right1", "wrong1", "right2")
HONEST = ("wrong0", "helper0")


def scores(course, *students):
    """What was found, cell by cell: {student: (double, half)}."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", course.name) as gradebook:
        found = {}
        for student in students:
            notebook = gradebook.find_submission("lesson01", student).notebooks[0]
            grades = {grade.cell.name: grade.auto_score for grade in notebook.grades}
            found[student] = (grades["double-test_double"], grades["double-test_half"])
        return found


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    course = SmallCourse(tmp_path_factory.mktemp("nbgrader") / "source")
    for path, text in (
        ("course/lesson01/lesson.toml", LESSON), ("solutions/lesson01/double.py", SOLUTION),
        ("tests/hidden/lesson01/test_double.py", HIDDEN), ("tests/public/lesson01/test_double.py", PUBLIC),
        ("course/lesson01/lesson.md", TEXT), ("course/lesson01/data/numbers.csv", "1\n"),
    ):  # fmt: skip
        course.write(path, text)
    return course


@pytest.fixture(scope="module")
def course(source, tmp_path_factory):
    """nbgrader's course folder as quickstart makes it, with 14 students' work."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    made = grader(source, "nbgrader", "quickstart", folder, cwd=source.root)
    assert made.stdout.endswith(f"Next: cd {folder} && nbgrader generate_assignment lesson01\n"), made.stderr
    nbgrader(folder, "generate_assignment", "lesson01")
    works = the_class(released(folder))
    for student in CLASS:
        hand_in(folder, student, works[student[:-1]][0], f"2026-01-1{student[-1]} 12:00:00 UTC")
    hand_in(folder, "mallory", answered(released(folder), ATTACK))
    return folder


def grader(source, *arguments, cwd, succeeds=True):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "GRADER_COURSE": str(source.root)}
    finished = run_module("grader", *arguments, cwd=cwd, environment=environment)
    assert (finished.returncode == 0) == succeeds, finished.stdout + finished.stderr
    return finished


@pytest.fixture(scope="module")
def graded(source, course):
    """The same, graded and in the gradebook."""
    grader(source, "grade", ".", "--output", "graded", "--jobs", "1", cwd=course)
    said = grader(source, "export", "nbgrader", "graded", cwd=course)
    assert "The gradebook holds 14 grades." in said.stdout
    nbgrader(course, "generate_feedback", "lesson01")
    return course


def test_the_released_notebook_is_the_workspaces_with_test_cells(tmp_path, run_grader):
    """For Lesson 9: without its test cells it is what `grader start` gives; they sum up to the points; no test is in it."""
    folder = tmp_path / "course"
    finished = run_grader("nbgrader", "quickstart", folder)
    assert finished.returncode == 0, finished.stderr
    nbgrader(folder, "generate_assignment", "lesson09_lstm")
    notebook = released(folder, "lesson09_lstm")
    tests = [cell for cell in notebook["cells"] if of_nbgrader(cell).get("grade")]
    workspace = json.loads((ROOT / "course" / "lesson09_lstm" / "lesson.ipynb").read_text())
    rest = [cell for cell in notebook["cells"] if cell not in tests]
    assert [dict(cell, source="".join(cell["source"])) for cell in rest] == [
        dict(cell, source="".join(cell["source"])) for cell in workspace["cells"]
    ]
    assert sum(of_nbgrader(cell)["points"] for cell in tests) == 100
    assert all(of_nbgrader(cell)["schema_version"] == 3 for cell in tests)
    text = (folder / "release" / "lesson09_lstm" / "lesson.ipynb").read_text()
    assert "BEGIN SOLUTION" not in text
    assert not [name for name in ("assert_same", "draw.normal", "reference.") if name in text]
    assert (folder / "release" / "lesson09_lstm" / "data" / "sunspots.csv").exists()
    assert not list((folder / "release").rglob("*.py"))


def test_nbgrader_validates_the_released_notebook(course):
    """What is released passes no test, and says how to find out why, without a hidden suite."""
    alone = SmallCourse(course.parent / "student")
    for path, text in (("course/lesson01/lesson.toml", LESSON), ("tests/public/lesson01/test_double.py", PUBLIC)):
        alone.write(path, text)
    shutil.rmtree(alone.root / "tests" / "hidden")
    said = nbgrader(course, "validate", "release/lesson01/lesson.ipynb", GRADER_COURSE=str(alone.root))
    assert "VALIDATION FAILED ON 2 CELL(S)" in said
    assert 'double is not right yet. Next: run check("double")' in said


def test_both_ways_agree_and_only_one_can_be_fooled(source, graded, tmp_path):
    """Honest work gets the same points, cell by cell, from nbgrader's autograde; an attack gets them from that alone."""
    plain = tmp_path / graded.name
    shutil.copytree(
        graded, plain, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback", "graded", "*.db")
    )
    nbgrader(plain, "generate_assignment", "lesson01", "--force")
    for student in (*HONEST, "mallory"):
        shutil.copytree(graded / "submitted" / student, plain / "submitted" / student)
    nbgrader(plain, "autograde", "lesson01")
    assert scores(plain, *HONEST) == scores(graded, *HONEST)
    with Gradebook(f"sqlite:///{plain}/gradebook.db", plain.name) as gradebook:
        assert gradebook.find_submission("lesson01", "mallory").score == 2 * 99


def test_the_class_is_graded_whatever_it_hands_in(graded):
    """Renamed, deleted, doubled and reordered cells, magics, a file that is no JSON: each gets what it is worth."""
    works = the_class(released(graded))
    expected = {student: works[student[:-1]][1] for student in CLASS}
    assert set(works) == set(KINDS)
    assert scores(graded, *expected) == expected
    assert scores(graded, "mallory") == {"mallory": (0, 0.5)}
    with Gradebook(f"sqlite:///{graded}/gradebook.db", graded.name) as gradebook:
        assert sum(each.score for each in gradebook.assignment_submissions("lesson01")) == 8 * 2 + 2 * 0.5 + 0.5
        assert not any(each.needs_manual_grade for each in gradebook.assignment_submissions("lesson01"))
    nbgrader(graded, "export")
    rows = (graded / "grades.csv").read_text().splitlines()
    assert len(rows) == 15
    assert "lesson01,,2026-01-10 12:00:00,wrong0,,,,0.5,0.0,0.5,2.0" in rows


def test_feedback_shows_why_and_nothing_hidden(graded):
    """Every student has a page with the score, the comment and the test's message, and no line of a hidden test."""
    pages = {path.parts[-3]: path.read_text() for path in (graded / "feedback").glob("*/lesson01/lesson.html")}
    assert len(pages) == 14
    assert "lesson (Score: 0.5 / 2.0)" in pages["wrong1"]
    assert "Twice as much: 0 of 1.5 points" in pages["wrong1"]
    assert "numbers in the result are wrong" in pages["wrong1"]
    assert "no valid notebook file" in pages["nojson0"]
    for page in pages.values():
        assert "x_that_nobody_sees" not in page
        assert "draw.normal" not in page


def test_what_a_student_wrote_runs_in_nobodys_browser(source, course, tmp_path):
    """Outputs are dropped; HTML in texts, code and messages is shown as text."""
    folder = tmp_path / "course"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback", "graded"))
    evil = "<script>alert('%s')</script>"
    notebook = answered(released(folder), RIGHT.replace("2 * x", f'raise ValueError("{evil % "message"} ``` {evil}")'))
    html = {"output_type": "display_data", "data": {"text/html": evil % "output"}, "metadata": {}}
    answer_of(notebook)["outputs"] = [html]
    notebook["cells"].insert(0, {"cell_type": "markdown", "source": evil % "text", "metadata": {}})
    hand_in(folder, "eve", notebook)
    grader(source, "grade", ".", "--output", "graded", "--jobs", "1", cwd=folder)
    grader(source, "export", "nbgrader", "graded", cwd=folder)
    nbgrader(folder, "generate_feedback", "lesson01")
    page = (folder / "feedback" / "eve" / "lesson01" / "lesson.html").read_text()
    assert "alert" in page
    assert "<script>alert" not in page


def test_what_people_entered_stays(source, graded, tmp_path):
    """Manual scores, extra credit and comments survive; late work costs what nbgrader's own rule says."""
    folder = tmp_path / graded.name
    shutil.copytree(graded, folder)
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{folder}/gradebook.db", folder.name) as gradebook:
        gradebook.update_or_create_assignment("lesson01", duedate="2026-01-11 00:00:00 UTC")
        grade = gradebook.find_grade("double-test_double", "lesson", "lesson01", "wrong0")
        grade.manual_score, grade.extra_credit = 1.0, 0.25
        gradebook.find_comment("double", "lesson", "lesson01", "wrong0").manual_comment = "We talked about it."
        gradebook.db.commit()
    grader(source, "export", "nbgrader", "graded", cwd=folder)
    with Gradebook(f"sqlite:///{folder}/gradebook.db", folder.name) as gradebook:
        assert gradebook.find_submission("lesson01", "wrong0").score == 1.75
        comment = gradebook.find_comment("double", "lesson", "lesson01", "wrong0")
        assert comment.comment == "We talked about it."
        assert "Twice as much (double): 0.5 of 2 points" in comment.auto_comment
        late = gradebook.find_submission("lesson01", "right1")
        assert (late.score, late.late_submission_penalty) == (2.0, 2.0)
        assert f"{late.timestamp}" == "2026-01-11 12:00:00"


def test_tests_changed_after_release_are_taken_over(source, graded, tmp_path):
    """New, removed and revalued tests are shown first, then fit every submission; a score by hand keeps its cell."""
    folder, changed = tmp_path / graded.name, SmallCourse(tmp_path / "source")
    shutil.copytree(graded, folder)
    shutil.copytree(source.root, changed.root, dirs_exist_ok=True)
    hidden = HIDDEN.replace("points(1.5)", "points(1.25)").replace("test_half", "test_the_half").replace("0.5", "0.75")
    changed.write("tests/hidden/lesson01/test_double.py", hidden)
    shutil.rmtree(folder / "submitted" / "right2")  # who is not graded again keeps a gradebook that fits
    grader(changed, "grade", ".", "--output", "graded", "--jobs", "1", "--yes", cwd=folder)
    shown = grader(changed, "export", "nbgrader", "graded", "--dry-run", cwd=folder).stdout
    assert "double-test_double: 1.5 → 1.25 points" in shown
    assert "double-test_the_half: new, 0.75 points" in shown
    assert "double-test_half: removed, 0.5 points" in shown
    assert "Nothing was written." in shown
    grader(changed, "export", "nbgrader", "graded", cwd=folder)
    with Gradebook(f"sqlite:///{folder}/gradebook.db", folder.name) as gradebook:
        assert gradebook.find_assignment("lesson01").max_score == 2.0
        assert gradebook.find_submission("lesson01", "right0").score == 2.0
        assert gradebook.find_grade("double-test_the_half", "lesson", "lesson01", "right2").auto_score is None
    nbgrader(folder, "generate_feedback", "lesson01", "--force")
    grader(changed, "nbgrader", "assignment", cwd=folder)
    nbgrader(folder, "generate_assignment", "lesson01", "--force")
    ids = [of_nbgrader(cell)["grade_id"] for cell in released(folder)["cells"] if of_nbgrader(cell)]
    assert ids == ["double", "double-test_double", "double-test_the_half"]


def test_an_edited_source_notebook_is_not_overwritten(source, course, tmp_path):
    """What an instructor wrote into it stays, unless they say so."""
    shutil.copytree(course / "source", tmp_path / "source")
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    path = tmp_path / "source" / "lesson01" / "lesson.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].append(code("mine = 1"))
    path.write_text(json.dumps(notebook))
    refused = grader(source, "nbgrader", "assignment", cwd=tmp_path, succeeds=False)
    assert "was changed since it was made" in refused.stderr
    grader(source, "nbgrader", "assignment", "--force", cwd=tmp_path)
    assert "mine = 1" not in path.read_text()
    again = grader(source, "nbgrader", "quickstart", tmp_path, cwd=tmp_path, succeeds=False)
    assert "is there already" in again.stderr


def test_the_exchange_from_release_to_feedback(source, course, tmp_path):
    """Two students fetch, solve and submit; what they fetch in the end is feedback on what they handed in."""
    folder, exchange = tmp_path / "course", tmp_path / "exchange"
    shutil.copytree(course, folder, ignore=shutil.ignore_patterns("submitted", "autograded", "feedback", "graded"))
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    config = (folder / "nbgrader_config.py").read_text()
    (folder / "nbgrader_config.py").write_text(config + f"\nc.Exchange.root = {str(exchange)!r}\n")
    nbgrader(folder, "release_assignment", "lesson01")
    for student, text in (("ada", RIGHT), ("bob", RIGHT.replace("2 * x", "3 * x"))):
        home = tmp_path / student
        home.mkdir()
        (home / "nbgrader_config.py").write_text(
            f"c = get_config()\nc.CourseDirectory.course_id = 'course'\nc.Exchange.root = {str(exchange)!r}\n"
            f"c.Exchange.cache = {str(home / 'cache')!r}\nc.CourseDirectory.student_id = {student!r}\n"
        )
        nbgrader(home, "fetch_assignment", "lesson01")
        notebook = home / "lesson01" / "lesson.ipynb"
        notebook.write_text(json.dumps(answered(json.loads(notebook.read_text()), text)))
        nbgrader(home, "submit", "lesson01")
    nbgrader(folder, "collect", "lesson01")
    grader(source, "grade", ".", "--output", "graded", "--jobs", "1", cwd=folder)
    grader(source, "export", "nbgrader", "graded", cwd=folder)
    nbgrader(folder, "generate_feedback", "lesson01")
    nbgrader(folder, "release_feedback", "lesson01")
    for student, score in (("ada", "2.0"), ("bob", "0.5")):
        nbgrader(tmp_path / student, "fetch_feedback", "lesson01")
        (page,) = (tmp_path / student).glob("lesson01/feedback/*/lesson.html")
        assert f"lesson (Score: {score} / 2.0)" in page.read_text()


def test_a_gradebook_that_cannot_be_used_is_told_in_a_sentence(source, graded, tmp_path):
    """No driver, no server, no released notebook: one sentence, and passwords are not in it."""
    for url, said in (
        ("postgresql://ada:secret@127.0.0.1:1/x", "cannot be used"), ("nonsense", "cannot be used"),
        ("mysql://ada:secret@127.0.0.1:1/x", "pip install mysqlclient"),
    ):  # fmt: skip
        refused = grader(source, "export", "nbgrader", "graded", "--db", url, cwd=graded, succeeds=False)
        assert said in refused.stderr
        assert "secret" not in refused.stderr
        assert "Traceback" not in refused.stderr
    refused = grader(source, "export", "nbgrader", graded / "graded", cwd=tmp_path, succeeds=False)
    assert "Next, in nbgrader's course folder: nbgrader generate_assignment lesson01" in refused.stderr


def needs(*programs):
    """Where these programs are; without them the test is skipped, but not in CI."""
    places = [
        shutil.which(name) or next(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), "") for name in programs
    ]
    lacking = [name for name, place in zip(programs, places, strict=True) if not place]
    if lacking:
        missing(f"not installed: {', '.join(lacking)}")
    return places


@pytest.fixture
def postgresql():
    """A PostgreSQL server of the test's own, over a socket in its folder: pytest's own folders are closed to others."""
    initdb, server = needs("initdb", "postgres")
    with tempfile.TemporaryDirectory() as name:
        yield from run_postgresql(initdb, server, Path(name))


def run_postgresql(initdb, server, folder):
    become = []
    if os.getuid() == 0:
        become = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        folder.chmod(0o777)
    data = folder / "data"
    subprocess.run(
        [*become, initdb, "-D", data, "-U", "grader", "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    command = [*become, server, "-D", data, "-c", "listen_addresses=", "-k", folder, "-c", "fsync=off"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert any("ready to accept connections" in line for line in process.stdout)
        yield f"postgresql://grader@/postgres?host={folder}"
        process.terminate()


def test_postgresql_holds_the_same(source, graded, tmp_path, postgresql):
    """Another database than SQLite: written twice, it holds what nbgrader's own export reads from it."""
    folder = tmp_path / graded.name
    shutil.copytree(graded, folder)
    for _ in range(2):
        grader(source, "export", "nbgrader", "graded", "--db", postgresql, cwd=folder)
    nbgrader(folder, "export", "--db", postgresql, "--to", "postgresql.csv")
    nbgrader(folder, "export", "--to", "sqlite.csv")
    assert (folder / "postgresql.csv").read_text() == (folder / "sqlite.csv").read_text()
    nbgrader(folder, "generate_feedback", "lesson01", "--force", "--student", "wrong0", "--db", postgresql)


def test_what_a_student_hands_in_is_only_read(course):
    """The kit's reader and nbgrader's agree on what the cells of the released notebook are."""
    cells = notebook_cells(json.dumps(released(course)).encode())
    assert [cell.grade_id for cell in cells if cell.grade_id] == ["double", "double-test_double", "double-test_half"]
    assert [cell.marked for cell in cells if cell.marked] == ["double"]


@pytest.fixture
def jupyterlab(graded):
    """JupyterLab in the graded course folder; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser", f"--port={port}",
        "--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0", "--IdentityProvider.token=t", f"--ServerApp.root_dir={graded}",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=graded, stderr=subprocess.PIPE, text=True) as process:
        assert any("is running at" in line for line in process.stderr)
        reader = threading.Thread(target=process.stderr.read)  # or the server waits for a full pipe
        reader.start()
        yield f"http://127.0.0.1:{port}/lab?token=t&reset"
        process.terminate()
        reader.join()


def test_the_formgrader_shows_what_was_graded(jupyterlab, browser):
    """Opened in JupyterLab, it lists the class with its scores, and shows one student's cells, points and comment."""
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(120_000)
    page.goto(jupyterlab)
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('nbgrader:open-formgrader')")
    page.evaluate("() => { window.jupyterapp.commands.execute('nbgrader:open-formgrader', {}) }")
    formgrader = page.frame_locator("iframe[src*=formgrader]")
    for link in ("Manual Grading", "lesson01", "lesson"):
        formgrader.get_by_role("link", name=link, exact=True).click()
    formgrader.locator("td.score").first.wait_for()
    rows = formgrader.locator("tbody tr").all()
    by_name = {row.locator("a.name-shown").text_content(): row for row in rows}
    shown = {name: row.locator("td.score").inner_text().strip() for name, row in by_name.items()}
    assert len(shown) == 14
    assert shown["wrong0"] == "0.5 / 2"
    assert shown["right0"] == "2 / 2"
    by_name["wrong0"].locator("a.name-hidden").click()
    formgrader.locator("#double-test_half[placeholder='0.5']").wait_for()
    formgrader.locator("#double-comment[placeholder*='0.5 of 2 points']").wait_for()
    assert formgrader.locator("#double-test_double").get_attribute("placeholder") == "0"
    assert "numbers in the result are wrong" in formgrader.locator("body").inner_text()
    page.close()
