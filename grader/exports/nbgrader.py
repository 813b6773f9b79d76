"""nbgrader's gradebook: scores cell by cell, comments, timestamps, late penalties, and the notebooks in `autograded/`.

Written through nbgrader's own API, by its own settings. What a person entered, scores, extra credit or comments, stays.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from grader.errors import GraderError
from grader.exports.autograded import CellDict, Released, autograded, comment, graded_id, with_tests_of
from grader.nbgrader.cells import counted, grade_id_of
from grader.output import as_json, update
from grader.submissions.notebooks import notebooks_in, read_notebook
from grader.submissions.times import TIMESTAMP, time_of
from grader.submissions.unsafe import UnsafeSubmission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.exports.finished import Finished
    from grader.results import ExerciseResult, SubmissionResult

_DRIVERS = {"psycopg": '"psycopg[binary]"', "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}
"""What to install for a module that SQLAlchemy looks for."""
_SMALL = 2**12
_KEY_FILE = "submission_secret.txt"
"""What nbgrader names the published feedback by, if it came through its exchange."""


class CellChange(msgspec.Struct, kw_only=True, frozen=True):
    """A cell of the gradebook that does not fit the run: its points there and here, None where it is missing.

    `kept`: it is no longer in the suites, but a person scored it.
    """

    grade_id: str
    before: float | None
    after: float | None
    kept: bool = False


class Written(msgspec.Struct):
    """How many students were written, and whose hand-in is another by now."""

    students: int = 0
    handed_in_since: list[str] = []


class Course:
    """nbgrader's course folder with its settings, and one assignment of it."""

    def __init__(self, folder: Path, lesson: str, db_url: str | None = None) -> None:
        """Read the settings and the released notebook.

        Raises:
            GraderError: there is no released notebook.
        """
        from nbgrader.apps import NbGrader

        self.lesson = lesson
        self._folder = folder.resolve()
        self.settings = NbGrader(log_level="ERROR")
        self.settings.initialize([], root=str(self._folder))
        self._directories = self.settings.coursedir
        self.db_url: str = db_url or self._directories.db_url
        self.released = self._read_released()

    def place(self, step: str, student: str = ".") -> Path:
        """The assignment's folder in `released`, `submitted` or `autograded`, wherever the settings have it."""
        name = getattr(self._directories, f"{step}_directory")
        return Path(self._directories.format_path(name, student, self.lesson))

    def _read_released(self) -> Released:
        folder = self.place("release")
        for path in sorted(folder.glob("*.ipynb")):
            try:
                notebook = json.loads(path.read_bytes())
                cells: list[CellDict] = notebook["cells"]
                if any(cell["metadata"].get("grader", {}).get("exercise") for cell in cells):
                    return Released(name=path.stem, cells=cells, metadata=notebook["metadata"])
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                raise GraderError(f"{path} cannot be read. Next: nbgrader generate_assignment {self.lesson}") from None
        raise GraderError(
            f"{folder} holds no released notebook. Next, in nbgrader's course folder: "
            f"nbgrader generate_assignment {self.lesson}"
        )

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """The gradebook, opened.

        Raises:
            GraderError: it cannot be reached, read or written.
        """
        from nbgrader import api
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import SAWarning, SQLAlchemyError

        shown = self.db_url
        scripts = str(Path(sys.executable).parent)
        if scripts not in os.environ["PATH"].split(os.pathsep):
            os.environ["PATH"] += os.pathsep + scripts  # nbgrader starts alembic by its name
        try:
            url = make_url(self.db_url)
            shown = url.render_as_string(hide_password=True)
            with warnings.catch_warnings(), api.Gradebook(self.db_url, self._directories.course_id) as opened:
                warnings.simplefilter("ignore", SAWarning)  # nbgrader's own, of what it does itself
                yield Gradebook(self, opened)
        except ModuleNotFoundError as error:
            driver = _DRIVERS.get(error.name or "", error.name)
            raise GraderError(f"{shown} needs a driver. Next: pip install {driver}") from None
        except (SQLAlchemyError, api.InvalidEntry) as error:
            reason = " ".join(str(getattr(error, "orig", None) or error).split())
            raise GraderError(f"The gradebook {shown} cannot be used: {reason}.") from None


class Gradebook:
    """One assignment in nbgrader's gradebook."""

    def __init__(self, course: Course, opened: Any) -> None:
        self._course = course
        self._opened = opened
        self._lesson, self._name = course.lesson, course.released.name

    def changes(self, finished: Finished) -> list[CellChange]:
        """How the gradebook's cells differ from what the run graded; none where it does not know the notebook yet."""
        notebook = self._notebook()
        if notebook is None or not finished.results:
            return []
        exercises = {exercise.name for exercise in finished.run.exercises}
        there = {
            cell.name: cell
            for cell in notebook.grade_cells
            if "-" in cell.name and cell.name.split("-")[0] in exercises
        }
        here = _points(finished.results[0])
        changes = []
        for grade_id in dict.fromkeys([*here, *there]):
            cell = there.get(grade_id)
            before, after = cell.max_score if cell is not None else None, here.get(grade_id)
            scored = after is None and any(grade.manual_score is not None for grade in there[grade_id].grades)
            if before != after:
                changes.append(CellChange(grade_id=grade_id, before=before, after=after, kept=scored))
        return changes

    def write(self, finished: Finished, changes: list[CellChange]) -> Written:
        """Take over the changed cells, then write every finished student's scores and notebook."""
        from nbgrader.preprocessors import AssignLatePenalties

        written = Written()
        if not finished.results:
            return written
        released = with_tests_of(self._course.released, self._lesson, finished.results[0])
        self._declare(released, changes)
        rule = AssignLatePenalties(parent=self._course.settings)
        rule.init_plugin()
        for result in finished.results:
            student = result.student or ""
            handed_in = self._course.place("submitted", student)
            submitted = finished.hand_in(student).submitted
            if handed_in.is_dir() and time_of(handed_in) != submitted:
                written.handed_in_since.append(student)
                continue
            self._record(finished, result, rule.plugin_inst)
            notebook = autograded(released, _handed_in(handed_in), finished, result)
            files = {f"{self._name}.ipynb": as_json(notebook), _KEY_FILE: _small_file(handed_in / _KEY_FILE)}
            if submitted:
                files[TIMESTAMP] = f"{submitted:%Y-%m-%d %H:%M:%S} UTC".encode()
            self._store(student, files)
            written.students += 1
        return written

    def _notebook(self) -> Any:
        from nbgrader.api import MissingEntry

        try:
            return self._opened.find_notebook(self._name, self._lesson)
        except MissingEntry:
            return None

    def _declare(self, released: Released, changes: list[CellChange]) -> None:
        """Make the gradebook's cells those of the notebook. Submissions that are there get rows for new cells."""
        if self._notebook() is None:
            self._opened.update_or_create_assignment(self._lesson)
            kernel = json.dumps(released.metadata.get("kernelspec", {}))
            self._opened.update_or_create_notebook(self._name, self._lesson, kernelspec=kernel)
        place = (self._name, self._lesson)
        for cell in filter(graded_id, released.cells):
            described, grade_id = cell["metadata"]["nbgrader"], graded_id(cell)
            if described["grade"]:
                self._opened.update_or_create_grade_cell(
                    grade_id, *place, max_score=described["points"], cell_type=cell["cell_type"]
                )
            if described["solution"]:
                self._opened.update_or_create_solution_cell(grade_id, *place)
            if described.get("task"):
                self._opened.update_or_create_task_cell(
                    grade_id, *place, max_score=described["points"], cell_type=cell["cell_type"]
                )
            self._opened.update_or_create_source_cell(
                grade_id, *place, cell_type=cell["cell_type"], locked=described["locked"],
                source="".join(cell["source"]), checksum=described.get("checksum"),
            )  # fmt: skip
        gone = {change.grade_id for change in changes if change.after is None and not change.kept}
        self._remove(gone)
        if changes:
            for submission in self._opened.assignment_submissions(self._lesson):
                self._complete(submission)
                self._forget_cells(submission.student.id, gone)
        self._opened.db.commit()

    def _remove(self, gone: set[str]) -> None:
        notebook = self._notebook()
        for cell in [each for each in notebook.grade_cells if each.name in gone]:
            for grade in list(cell.grades):
                self._opened.db.delete(grade)
            self._opened.db.delete(cell)
        for source in [each for each in notebook.source_cells if each.name in gone]:
            self._opened.db.delete(source)
        self._opened.db.commit()

    def _complete(self, submission: Any) -> Any:
        """The submitted notebook, with a row for every cell: nbgrader makes them only together with the submission."""
        from nbgrader.api import Comment, Grade, SubmittedNotebook

        notebook = self._notebook()
        found = next((each for each in submission.notebooks if each.notebook_id == notebook.id), None)
        if found is None:
            found = SubmittedNotebook(notebook=notebook, assignment=submission)
            self._opened.db.add(found)
        graded = {grade.cell_id for grade in found.grades}
        commented = {each.cell_id for each in found.comments}
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            if cell.id not in graded:
                self._opened.db.add(Grade(cell_id=cell.id, notebook=found))
        for cell in [*notebook.solution_cells, *notebook.task_cells]:
            if cell.id not in commented:
                self._opened.db.add(Comment(cell_id=cell.id, notebook=found))
        self._opened.db.commit()
        return found

    def _record(self, finished: Finished, result: SubmissionResult, rule: Any) -> None:
        student = result.student or ""
        submitted = finished.hand_in(student).submitted
        self._opened.update_or_create_student(student)
        timestamp = {"timestamp": submitted} if submitted else {}
        submission = self._opened.update_or_create_submission(self._lesson, student, **timestamp)
        notebook = self._complete(submission)
        scores = {grade_id: points for each in result.exercises for grade_id, points in _scores(each).items()}
        for grade in notebook.grades:
            if grade.cell.name in scores:
                changed = grade.auto_score != scores[grade.cell.name]
                grade.auto_score = scores[grade.cell.name]
                if grade.manual_score is None:
                    grade.needs_manual_grade = False
                elif changed:  # the person who scored it by hand may want to look again
                    grade.needs_manual_grade = True
        comments = {each.exercise: comment(finished, each) for each in result.exercises}
        for each in notebook.comments:
            if each.cell.name in comments:
                each.auto_comment = comments[each.cell.name]
        self._opened.db.commit()
        notebook.late_submission_penalty = self._penalty(rule, student, notebook.score, submission.total_seconds_late)
        self._opened.db.commit()

    @staticmethod
    def _penalty(rule: Any, student: str, score: float, seconds: float) -> float | None:
        """What nbgrader's own rule takes off, between nothing and the whole score."""
        if seconds <= 0:
            return None
        try:
            penalty = rule.late_submission_penalty(student, score, seconds)
        except Exception as error:
            raise GraderError(f"The course's rule for late work failed at {student}: {error}") from error
        return None if penalty is None else min(max(0.0, penalty), score)

    def _store(self, student: str, files: dict[str, bytes]) -> None:
        folder = self._course.place("autograded", student)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                if data:
                    update(folder / name, data)
        except OSError as error:
            raise GraderError(f"{folder} cannot be written: {error.strerror}.") from None

    def _forget_cells(self, student: str, gone: set[str]) -> None:
        """Take cells that are gone out of a notebook that was graded before: its feedback would look for their grades."""
        path = self._course.place("autograded", student) / f"{self._name}.ipynb"
        if not gone or not path.exists():
            return
        notebook = json.loads(path.read_bytes())
        notebook["cells"] = [cell for cell in notebook["cells"] if graded_id(cell) not in gone]
        update(path, as_json(notebook))


def _handed_in(folder: Path) -> list[Any] | None:
    try:
        return [cell for path in notebooks_in(folder) for cell in read_notebook(path)]
    except (UnsafeSubmission, OSError):
        return None


def _small_file(path: Path) -> bytes:
    """The contents; empty where there is no such file, or one that nobody needs."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return b""
        with path.open("rb") as file:
            return file.read(_SMALL)
    except OSError:
        return b""


def _points(result: SubmissionResult) -> dict[str, float]:
    return {
        grade_id_of(exercise.exercise, test.name): test.max_points
        for exercise in result.exercises
        for test in counted(exercise.tests)
    }


def _scores(exercise: ExerciseResult) -> dict[str, float]:
    return {grade_id_of(exercise.exercise, test.name): test.points for test in counted(exercise.tests)}
