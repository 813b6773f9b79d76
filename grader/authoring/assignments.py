"""nbgrader's side of a lesson: the source notebook of an assignment, and a course folder to start from.

The source notebook is the lesson's notebook with the solutions in the answer cells and, below each exercise, a cell for
every test that gives points. A test cell is a call of the kit; the hidden tests stay in the course.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

from grader.authoring.notebooks import exercises_notebook, lesson_notebook, notebook_text
from grader.catalog import NOTEBOOK_FILE
from grader.errors import GraderError
from grader.nbgrader.cells import call_of, counted, grade_id_of, grading_metadata
from grader.workspace.making import is_content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.catalog import Course, Lesson
    from grader.results import TestResult
    from grader.suite.examiner import Examiner

CONFIG = "nbgrader_config.py"
_MADE = "made_by_grader"
_NOT_FOR_A_NOTEBOOK = {".py", ".md", ".toml", ".ipynb"}
_CONFIG_TEXT = '''"""nbgrader's settings for this course. `grader nbgrader quickstart` wrote them; they are yours to change."""

import os

c = get_config()  # noqa: F821 - nbgrader provides it
c.CourseDirectory.course_id = {name!r}

# Where the hidden suites are that test cells call under `nbgrader autograde`.
os.environ.setdefault("GRADER_COURSE", {course!r})

# The lesson's own cells are no part of an answer: they need not run. Some exercises train a model.
c.ExecutePreprocessor.skip_cells_with_tag = "lesson"
c.ExecutePreprocessor.timeout = 600
c.ExecutePreprocessor.startup_timeout = 600

# A notebook of `grader start` has no test cells yet; a student may have deleted one.
c.OverwriteCells.add_missing_cells = True

# Late work: nbgrader knows "none" and "zero"; a rule of your own is a class, see its documentation.
c.LateSubmissionPlugin.penalty_method = "none"
'''


def suite_tests(course: Course, lesson: Lesson) -> dict[str, list[TestResult]]:
    """The tests of each exercise, as its suites declare them.

    Raises:
        GraderError: an exercise has no hidden suite here, or one whose points do not add up.
    """
    from grader.submissions.work import Work
    from grader.suite.examiner import Examiner

    without = [each.name for each in lesson.exercises if not course.suite(lesson, each, "hidden").exists()]
    if without:
        raise GraderError(f"This installation has no hidden suite for {', '.join(without)}, so it knows no points.")
    found: dict[str, list[TestResult]] = {}

    def work(examiner: Examiner) -> None:
        for exercise in lesson.exercises:
            result = examiner.examine(Work(exercise=exercise.name, status="missing"))
            if result.status == "error":
                raise GraderError(f"{result.message}.")
            names = [test.name for test in counted(result.tests)]
            if len(set(names)) < len(names):
                raise GraderError(f"Two tests of {exercise.name} that give points have the same name. Rename one.")
            found[exercise.name] = result.tests

    Examiner(course, lesson, lesson.exercises, None, secret="").run(work)
    return found


def source_notebook(course: Course, lesson: Lesson, tests: dict[str, list[TestResult]]) -> dict[str, Any]:
    """The notebook for `source/`, which `nbgrader generate_assignment` makes the students' of.

    Raises:
        GraderError: an exercise has no solution.
    """
    notebook = lesson_notebook(course, lesson) or exercises_notebook(course, lesson)
    cells: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        cells.append(cell)
        cells += waiting  # behind the cell that checks the exercise
        name = cell["metadata"].get("grader", {}).get("exercise")
        waiting = [_test_cell(lesson, name, test) for test in counted(tests[name])] if name else []
        if name:
            path = course.solution(lesson, lesson.exercise(name))
            if not path.exists():
                raise GraderError(f"{name} of {lesson.name} has no solution: write {path}.")
            cell["source"] = path.read_text(encoding="utf-8").strip().splitlines(keepends=True)
            del cell["metadata"]["nbgrader"]["checksum"]  # nbgrader's, of what students get
    notebook["cells"] = cells
    notebook["metadata"][_MADE] = _digest(notebook)
    return notebook


def _test_cell(lesson: Lesson, exercise: str, test: TestResult) -> dict[str, Any]:
    source, grade_id = call_of(lesson.name, exercise, test.name), grade_id_of(exercise, test.name)
    return {
        "cell_type": "code", "execution_count": None, "outputs": [], "source": source.splitlines(keepends=True),
        "id": hashlib.blake2b(grade_id.encode(), digest_size=16).hexdigest(),
        "metadata": grading_metadata(grade_id, source, test.max_points),
    }  # fmt: skip


def write_assignment(course: Course, lesson: Lesson, folder: Path, *, force: bool = False) -> Path:
    """Write `source/<lesson>/` of nbgrader's course folder, with the data that the lesson reads; returns the notebook.

    Raises:
        GraderError: somebody changed the notebook that is there, or it cannot be written.
    """
    notebook = source_notebook(course, lesson, suite_tests(course, lesson))
    target = folder / "source" / lesson.name / NOTEBOOK_FILE
    if target.exists() and not force and _changed(target):
        raise GraderError(
            f"{target} was changed since it was made. Keep a copy of what you wrote there, then use --force."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(notebook_text(notebook), encoding="utf-8")
        for path in _data(course, lesson):
            copy = target.parent / path.relative_to(course.text_folder(lesson))
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    except OSError as error:
        raise GraderError(f"{error.filename or target} cannot be written: {error.strerror}.") from None
    return target


def _data(course: Course, lesson: Lesson) -> Iterator[Path]:
    """What the lesson's cells read; no Python, which in a hand-in would be a student's."""
    for path in sorted(course.text_folder(lesson).rglob("*")):
        if is_content(path) and path.suffix not in _NOT_FOR_A_NOTEBOOK and path != course.fingerprints(lesson):
            yield path


def _changed(path: Path) -> bool:
    """Whether the cells are other than those that were written here. What Jupyter adds by saving is no change."""
    try:
        notebook = json.loads(path.read_bytes())
        return bool(notebook["metadata"].get(_MADE) != _digest(notebook))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return True


def _digest(notebook: dict[str, Any]) -> str:
    cells = [
        [cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("nbgrader")] for cell in notebook["cells"]
    ]
    return hashlib.blake2b(json.dumps(cells, sort_keys=True).encode(), digest_size=16).hexdigest()


def quickstart(course: Course, folder: Path) -> list[Path]:
    """An nbgrader course folder: its settings, and the assignment of every lesson; returns the source notebooks.

    Raises:
        GraderError: there is one already, or it cannot be written.
    """
    for name in (CONFIG, "source"):
        if (folder / name).exists():
            raise GraderError(f"{folder / name} is there already. In a course folder: grader nbgrader assignment")
    lessons = [lesson for lesson in course.lessons if lesson.exercises]
    if not lessons:
        raise GraderError("This course has no exercise yet. Next: grader course new LESSON EXERCISE")
    notebooks = [write_assignment(course, lesson, folder) for lesson in lessons]
    text = _CONFIG_TEXT.format(name=folder.resolve().name, course=str(course.root.resolve()))
    try:
        (folder / CONFIG).write_text(text, encoding="utf-8")
    except OSError as error:
        raise GraderError(f"{folder / CONFIG} cannot be written: {error.strerror}.") from None
    return notebooks
