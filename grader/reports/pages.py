"""The pages of one run: the class, the exercises, the misconceptions, what regrading changed, and one page per student.

Each page is one file that needs nothing else. A student's page is handed out alone: it knows nobody else, leads nowhere,
and says of hidden tests only what was written for the student.
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.output import Change, HandIn, Regrade, Run, read_result, read_run
from grader.reports.rendering import STUDENTS, Templates, href_of, is_own_page, page_of, write_page
from grader.reports.statistics import ClassStatistics
from grader.results import tidy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.results import ExerciseResult, SubmissionResult

REPORT = "report"
_SHORT = {
    "missing": "–",
    "unreadable": "unreadable",
    "forbidden": "forbidden",
    "failed_to_load": "not loaded",
    "error": "grader failed",
}


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
        _Report(run, folder).write(progress)
    except OSError as error:
        raise GraderError(f"The report cannot be written: {error}.") from None
    return folder / REPORT / "index.html"


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
    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self._graded = folder
        self._folder = folder / REPORT
        self._templates = Templates()
        self._written: set[Path] = set()

    def write(self, progress: Callable[[int, int], None]) -> None:
        """Result after result, so that the largest class fits into memory; then the pages about all of them."""
        (self._folder / STUDENTS).mkdir(parents=True, exist_ok=True)
        numbers = ClassStatistics(self._run)
        rows: list[Row] = []
        faults: list[str] = []
        titles = {exercise.name: exercise.title for exercise in self._run.exercises}
        for done, hand_in in enumerate(self._run.hand_ins, start=1):
            result = read_result(self._graded, hand_in.student)
            final = tidy(result.score - hand_in.penalty)
            numbers.add(result, final)
            rows.append(_row(result, hand_in, final))
            faults += [
                f"{hand_in.student}/{exercise.exercise}: {exercise.message}"
                for exercise in result.exercises
                if exercise.status == "error"
            ]
            page = self._templates.render(
                "student.html", lesson=self._run.title, student=hand_in.student, result=result, hand_in=hand_in,
                final=final, titles=titles,
            )  # fmt: skip
            self._write(page_of(hand_in.student), page)
            progress(done, len(self._run.hand_ins))
        self._about_all(
            "index.html", run=self._run, rows=rows, faults=faults, counts=numbers.histogram(),
            max_score=numbers.max_score, quartiles=numbers.quartiles(),
            mean=statistics.fmean(numbers.finals) if rows else 0.0,
            late=any(row.hand_in.days_late or row.hand_in.penalty for row in rows),
            attempts=any(row.hand_in.attempts != 1 for row in rows),
        )  # fmt: skip
        self._about_all("exercises.html", exercises=numbers.exercises())
        self._about_all("misconceptions.html", mistakes=numbers.misconceptions)
        if self._run.regrades:
            newest_first = sorted(self._run.regrades, key=lambda each: each.time, reverse=True)
            present = {row.student for row in rows}
            self._about_all("regrades.html", regrades=list(map(_regrade, newest_first)), present=present)
        self._remove_others()

    def _about_all(self, name: str, **values: object) -> None:
        """A page for the instructor."""
        values = {"regrades": self._run.regrades} | values
        self._write(name, self._templates.render_with_script(name, lesson=self._run.title, here=name, **values))

    def _write(self, name: str, text: str) -> None:
        write_page(self._folder / name, text)
        self._written.add(self._folder / name)

    def _remove_others(self) -> None:
        for folder in (self._folder, self._folder / STUDENTS):
            for path in set(folder.glob("*.html")) - self._written:
                if path.is_file() and is_own_page(path.read_bytes()):
                    path.unlink()


def _row(result: SubmissionResult, hand_in: HandIn, final: float) -> Row:
    return Row(
        student=hand_in.student, href=href_of(hand_in.student), cells=list(map(_cell, result.exercises)),
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
