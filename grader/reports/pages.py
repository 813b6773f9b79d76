"""The pages of one run: the class, the exercises, the misconceptions, what regrading changed, and one page per student.

Each page is one file that needs nothing else. A student's page is handed out alone: it knows nobody else, leads nowhere,
and says of hidden tests only what was written for the student.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
from typing import TYPE_CHECKING
from urllib.parse import quote

import jinja2
import msgspec
from markupsafe import Markup

from grader.errors import GraderError
from grader.output import Change, HandIn, Regrade, Run, file_stem, read_result, read_run
from grader.reports.html import TEST_WORDS
from grader.reports.statistics import ClassStatistics
from grader.reports.terminal import EXERCISE_WORDS, NOT_WRITTEN, passed, visible
from grader.results import tidy

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from grader.results import ExerciseResult, SubmissionResult, TestResult

REPORT = "report"
STUDENTS = "students"
MARK = b'<meta name="generator" content="grader report">'
"""What tells the report's own pages from other files in its folder."""

_SHORT = {
    "missing": "–",
    "unreadable": "unreadable",
    "forbidden": "forbidden",
    "failed_to_load": "not loaded",
    "error": "grader failed",
}
_WORDS = {"graded": "graded"} | EXERCISE_WORDS


def write_report(folder: Path, progress: Callable[[int, int], None]) -> Path:
    """Write the pages of the run in `folder`; returns the first of them.

    Pages of an earlier report that have no place any more are removed; nobody else's file is touched.

    Args:
        folder: what `grader grade --output` wrote.
        progress: is called with (students done, all).

    Raises:
        GraderError: this is no output folder, or the pages cannot be written.
    """
    run = read_run(folder)
    try:
        pages = _Pages(folder / REPORT)
        _Report(run, pages).write(folder, progress)
        pages.remove_others()
    except OSError as error:
        raise GraderError(f"The report cannot be written: {error}.") from None
    return folder / REPORT / "index.html"


class _Pages:
    """The report's folder. Only files that bear the report's mark are ever overwritten or removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / STUDENTS).mkdir(parents=True, exist_ok=True)
        self._written: set[Path] = set()

    def write(self, name: str, text: str) -> None:
        path, data = self._folder / name, text.encode()
        self._written.add(path)
        if path.exists():
            there = path.read_bytes()
            if there == data:
                return
            if not _is_ours(there):
                raise GraderError(f"{path} was not written by grader report. Move it away, and type the same again.")
        path.write_bytes(data)

    def remove_others(self) -> None:
        for folder in (self._folder, self._folder / STUDENTS):
            for path in set(folder.glob("*.html")) - self._written:
                if path.is_file() and _is_ours(path.read_bytes()):
                    path.unlink()


def _is_ours(data: bytes) -> bool:
    return MARK in data[:400]


class Cell(msgspec.Struct, frozen=True):
    """One exercise in a student's row: what is read there, and a shade for its share of the points."""

    text: str
    shade: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One student in the table of the class."""

    student: str
    href: str
    cells: list[Cell]
    score: float
    final: float
    hand_in: HandIn


class ThroughTest(msgspec.Struct, kw_only=True):
    """What a regrade changed through one test: how many students gained and lost, and the sum of the differences."""

    exercise: str
    title: str
    gained: int = 0
    lost: int = 0
    points: float = 0.0


class _Report:
    def __init__(self, run: Run, pages: _Pages) -> None:
        self._run = run
        self._pages = pages
        self._templates = _environment()

    def write(self, folder: Path, progress: Callable[[int, int], None]) -> None:
        """Result after result, so that the largest class fits into memory; then the pages about all of them."""
        numbers = ClassStatistics(self._run)
        rows: list[Row] = []
        faults: list[str] = []
        titles = {exercise.name: exercise.title for exercise in self._run.exercises}
        for done, hand_in in enumerate(self._run.hand_ins, start=1):
            result = read_result(folder, hand_in.student)
            final = tidy(result.score - hand_in.penalty)
            numbers.add(result, final)
            rows.append(_row(result, hand_in, final))
            faults += [
                f"{hand_in.student}/{exercise.exercise}: {exercise.message}"
                for exercise in result.exercises
                if exercise.status == "error"
            ]
            self._page(
                "student.html", _student_file(hand_in.student), student=hand_in.student, result=result,
                hand_in=hand_in, final=final, titles=titles,
            )  # fmt: skip
            progress(done, len(self._run.hand_ins))
        self._index(numbers, rows, faults)
        self._class_page("exercises.html", exercises=numbers.exercises())
        self._class_page("misconceptions.html", mistakes=numbers.misconceptions)
        if self._run.regrades:
            present = {row.student for row in rows}
            newest_first = sorted(self._run.regrades, key=lambda each: each.time, reverse=True)
            self._class_page("regrades.html", regrades=list(map(_regrade, newest_first)), present=present)

    def _index(self, numbers: ClassStatistics, rows: list[Row], faults: list[str]) -> None:
        self._class_page(
            "index.html", run=self._run, rows=rows, faults=faults, counts=numbers.histogram(),
            max_score=numbers.max_score, quartiles=numbers.quartiles(),
            mean=statistics.fmean(numbers.finals) if rows else 0.0,
            late=any(row.hand_in.days_late or row.hand_in.penalty for row in rows),
            attempts=any(row.hand_in.attempts != 1 for row in rows),
        )  # fmt: skip

    def _class_page(self, name: str, **values: object) -> None:
        script = _own(self._templates, "table.js")
        digest = hashlib.sha256(script.encode()).digest()
        values |= {"script": script, "script_hash": f"sha256-{base64.b64encode(digest).decode()}", "here": name}
        if "regrades" not in values:
            values["regrades"] = self._run.regrades
        self._page(name, name, **values)

    def _page(self, template: str, name: str, **values: object) -> None:
        page = self._templates.get_template(template)
        self._pages.write(name, page.render(lesson=self._run.title, words=_WORDS, **values))


def _row(result: SubmissionResult, hand_in: HandIn, final: float) -> Row:
    return Row(
        student=hand_in.student, href=_href(hand_in.student), cells=list(map(_cell, result.exercises)),
        score=result.score, final=final, hand_in=hand_in,
    )  # fmt: skip


def _cell(exercise: ExerciseResult) -> Cell:
    if exercise.status != "graded":
        return Cell(_SHORT[exercise.status], "" if exercise.status == "missing" else "q0")
    fifth = min(4, int(5 * exercise.score / exercise.max_score)) if exercise.max_score else 2
    return Cell(f"{exercise.score:g}", "" if fifth == 2 else f"q{fifth}")


def _regrade(regrade: Regrade) -> dict[str, object]:
    """A regrade as its page shows it: by student, and by test with the most points changed first."""
    by_student: dict[str, float] = {}
    tests: dict[tuple[str, str, str], ThroughTest] = {}
    for change in regrade.changes:
        difference = change.after - change.before
        by_student[change.student] = tidy(by_student.get(change.student, 0.0) + difference)
        key = change.exercise, change.test, change.title
        through = tests.setdefault(key, ThroughTest(exercise=change.exercise, title=change.title))
        through.gained += difference > 0
        through.lost += difference < 0
        through.points = tidy(through.points + difference)
    return {
        "time": regrade.time,
        "changes": sorted(regrade.changes, key=_order_of_change),
        "tests": sorted(tests.values(), key=lambda each: (-abs(each.points), each.exercise, each.title)),
        "gained": sum(points > 0 for points in by_student.values()),
        "lost": sum(points < 0 for points in by_student.values()),
    }


def _order_of_change(change: Change) -> tuple[str, str, str]:
    return change.student, change.exercise, change.title


def _student_file(student: str) -> str:
    return f"{STUDENTS}/{file_stem(student)}.html"


def _href(student: str) -> str:
    return quote(_student_file(student))


def _environment() -> jinja2.Environment:
    """Templates that escape everything, after making control and direction marks visible: no template can forget it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("grader.reports"), autoescape=True, finalize=_shown, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.globals["style"] = _own(environment, "style.css")
    environment.globals["script"] = None
    environment.filters |= {
        "points": lambda value: f"{round(value, 2):g}",
        "signed": lambda value: f"{value:+.2f}".replace("-", "−"),
        "signed_points": lambda value: f"{tidy(value):+g}".replace("-", "−"),
        "percent": lambda value: "–" if value is None else f"{100 * value:.0f} %",
        "moment": _moment,
        "page": _href,
        "found": _found,
        "kind": lambda test: _word(test)[1],
        "word": lambda test: _word(test)[0],
    }
    return environment


def _own(environment: jinja2.Environment, name: str) -> Markup:
    """A file beside the templates, as it is."""
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])  # noqa: S704 - our own file


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M %Z").strip()


def _word(test: TestResult) -> tuple[str, str]:
    return ("to do", "open") if test.message.startswith(NOT_WRITTEN) else TEST_WORDS[test.status]


def _found(exercise: ExerciseResult) -> str:
    if exercise.status != "graded":
        return _WORDS[exercise.status]
    if passed(exercise):
        return "all right"
    return f"{sum(test.status == 'passed' for test in exercise.tests)} of {len(exercise.tests)} tests pass"
