"""The instructor's commands."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.catalog import find_course
from grader.engine.watcher import Watcher
from grader.errors import GraderError, IncompleteRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from grader.catalog import Course
    from grader.output import Change
    from grader.sandbox.opening import Protection

TABLE_ROWS = 60


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), help="Where results are written.")
@click.option("--exercise", "-e", "exercises", multiple=True, help="Grade only this exercise; may be repeated.")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="How many workers (default: one per core).")
@click.option("--scheduler", metavar="ADDR", help="Let a Dask cluster do the work: its scheduler's address.")
@click.option(
    "--due", metavar="TIME", help='When work was due, such as "2026-01-10 23:59 Europe/Berlin" (default: UTC).'
)
@click.option(
    "--late-penalty", type=click.FloatRange(0, 100), default=0.0, metavar="PERCENT",
    help="What each day begun after --due takes off the score; shown apart from it.",
)  # fmt: skip
@click.option("--regrade", is_flag=True, help="Grade again what has not changed, too.")
@click.option("--dry-run", is_flag=True, help="Only show who would gain and who would lose; replace nothing.")
@click.option("--yes", is_flag=True, help="Replace grades without asking.")
@click.option(
    "--wall",
    type=click.Choice(["bubblewrap", "container"]),
    default="bubblewrap",
    show_default=True,
    help="What student code runs behind. `container` accepts less, for containers that forbid bubblewrap.",
)
@click.option("--no-sandbox", is_flag=True, help="Grade without the wall. Only for code that you trust.")
def grade(
    submissions: Path, output: Path, exercises: tuple[str, ...], lesson_name: str | None, jobs: int | None,
    scheduler: str | None, due: str | None, late_penalty: float, regrade: bool, dry_run: bool, yes: bool,
    wall: str, no_sandbox: bool,
) -> None:  # fmt: skip
    """Grade a class: a folder with one entry per student.

    A run that was stopped goes on where it was; what has not changed is not
    graded again. Where a mended suite changes grades, you see who gains and
    who loses before anything is replaced.
    """
    if sys.platform == "win32":
        raise GraderError("Grading a class needs Linux: on Windows, run this command in WSL.")
    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.choose(exercises)
    from grader.engine.grading import Options, grade_class
    from grader.engine.pool import cores
    from grader.sandbox.opening import Protection
    from grader.secret import course_secret

    without = [exercise.name for exercise in chosen if not course.suite(lesson, exercise, "hidden").exists()]
    if without:
        raise GraderError(f"This installation has no hidden suite for {', '.join(without)}, so it cannot grade.")
    protection = Protection.NONE if no_sandbox else Protection(wall)
    if scheduler is None:
        _check_wall(protection, course)
    options = Options(
        secret=course_secret(), protection=protection, jobs=jobs or cores(), scheduler=scheduler, regrade=regrade,
        dry_run=dry_run, due=_due(due, late_penalty), penalty_per_day=late_penalty,
    )  # fmt: skip
    with _watching(dry_run=dry_run, yes=yes) as watcher:
        try:
            outcome = grade_class(course, lesson, chosen, submissions, output, options, watcher)
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asks again gets the same answer
            raise IncompleteRun(
                "Stopped. What is graded so far is kept; the same command goes on from there."
            ) from None
    if not outcome.written:
        if not outcome.changes:
            click.echo("No grade would be replaced by another.")
        click.echo(f"Nothing in {output} was replaced.")
        return
    _show(output, len(outcome.run.hand_ins))
    if outcome.failed:
        raise IncompleteRun(
            f"The grader failed at {len(outcome.failed)} pieces of work, for example {outcome.failed[0]}"
        )


def _check_wall(protection: Protection, course: Course) -> None:
    """Refuse where a promise does not hold, naming the switch that accepts less."""
    from grader.sandbox.opening import Protection, why_not

    private = course.private_folders()
    reason = why_not(protection, private)
    if reason is None:
        return
    less = "To grade without a wall, code that you trust: --no-sandbox"
    if protection is Protection.BUBBLEWRAP and why_not(Protection.CONTAINER, private) is None:
        less = f"To accept a wall that promises less (docs/threat-model.md): --wall container. {less}"
    raise GraderError(f"{reason} {less}")


def _due(text: str | None, penalty: float) -> datetime | None:
    from grader.submissions.times import parse_time

    if text is None:
        if penalty:
            raise GraderError("--late-penalty needs --due: when was the work due?")
        return None
    due = parse_time(text)
    if due is None:
        raise GraderError(f'--due {text!r} is no time. Write it like "2026-01-10 23:59 Europe/Berlin".')
    return due


def _show(output: Path, students: int) -> None:
    """The class, or what there is to say of one that fills no screen."""
    from grader.output import GRADES, RESULTS, read_graded
    from grader.reports.class_text import class_table, late_table

    if students <= TABLE_ROWS:
        graded = read_graded(output)
        for line in [*class_table(graded.results), *late_table(graded)]:
            click.echo(line)
        click.echo()
    click.echo(f"{output / GRADES} and {students} results in {output / RESULTS}\nNext: grader report {output}")


class _Screen(Watcher):
    """Says how far a run is and asks before grades are replaced; on stderr, as lines."""

    def __init__(self, *, dry_run: bool, yes: bool) -> None:
        self._dry_run = dry_run
        self._yes = yes

    def progress(self, done: int, of: int) -> None:
        if of == 0:
            click.echo("Nothing has changed since the last run.", err=True)
        elif done == of or done % max(1, of // 10) == 0:
            click.echo(f"graded {done} of {of}", err=True)

    def say(self, text: str) -> None:
        click.echo(text, err=True)

    def agrees(self, changes: list[Change]) -> bool:
        from grader.reports.class_text import changes_text

        for line in changes_text(changes):
            click.echo(line)
        if self._dry_run or self._yes or not sys.stdin.isatty():
            return not self._dry_run
        return click.confirm("Replace these grades?", default=True)


class _Bar(_Screen):
    """The same with a progress bar, where there is a terminal."""

    def __init__(self, *, dry_run: bool, yes: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        super().__init__(dry_run=dry_run, yes=yes)
        columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self.bar.add_task("grading", total=None)

    def progress(self, done: int, of: int) -> None:
        if of == 0:
            super().progress(done, of)
        self.bar.update(self._task, completed=done, total=of)

    def agrees(self, changes: list[Change]) -> bool:
        self.bar.stop()
        return super().agrees(changes)


@contextmanager
def _watching(*, dry_run: bool, yes: bool) -> Iterator[Watcher]:
    if not sys.stderr.isatty():
        yield _Screen(dry_run=dry_run, yes=yes)
        return
    screen = _Bar(dry_run=dry_run, yes=yes)
    with screen.bar:
        yield screen
