"""The instructor's commands."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.catalog import find_course
from grader.errors import GraderError, IncompleteRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--output", "-o", required=True, type=click.Path(path_type=Path), help="Where results are written.")
@click.option("--exercise", "-e", "exercises", multiple=True, help="Grade only this exercise; may be repeated.")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="How many workers (default: one per core).")
@click.option("--no-sandbox", is_flag=True, help="Grade without the wall. Only for code that you trust.")
def grade(
    submissions: Path, output: Path, exercises: tuple[str, ...], lesson_name: str | None, jobs: int | None,
    no_sandbox: bool,
) -> None:  # fmt: skip
    """Grade a class: a folder with one entry per student.

    A run that was stopped goes on where it was; what has not changed is not
    graded again.
    """
    if sys.platform == "win32":
        raise GraderError("Grading a class needs Linux: on Windows, run this command in WSL.")
    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.choose(exercises)
    from grader.engine.grading import grade_class
    from grader.engine.pool import cores
    from grader.reports.terminal import class_table
    from grader.sandbox import wall
    from grader.secret import course_secret

    without = [exercise.name for exercise in chosen if not course.suite(lesson, exercise, "hidden").exists()]
    if without:
        raise GraderError(f"This installation has no hidden suite for {', '.join(without)}, so it cannot grade.")
    if not no_sandbox:
        reason = wall.why_no_wall()
        if reason is not None:
            raise GraderError(f"{reason} To grade without the wall, code that you trust: --no-sandbox")
    with _progress() as progress:
        try:
            results = grade_class(
                course, lesson, chosen, submissions, output, secret=course_secret(), walled=not no_sandbox,
                jobs=jobs or cores(), progress=progress,
            )  # fmt: skip
        except KeyboardInterrupt:
            raise IncompleteRun(
                "Stopped. What is graded so far is kept; the same command goes on from there."
            ) from None
    for line in class_table(results):
        click.echo(line)
    click.echo(f"\n{output / 'grades.csv'} and {len(results)} results in {output / 'results'}")
    failed = [
        f"{result.student}/{exercise.exercise}: {exercise.message}"
        for result in results
        for exercise in result.exercises
        if exercise.status == "error"
    ]
    if failed:
        raise IncompleteRun(f"The grader failed at {len(failed)} pieces of work, for example {failed[0]}")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal, a plain line now and then elsewhere; both on stderr."""
    if not sys.stderr.isatty():

        def plain(done: int, of: int) -> None:
            if of == 0:
                click.echo("Nothing has changed since the last run.", err=True)
            elif done == of or done % max(1, of // 10) == 0:
                click.echo(f"graded {done} of {of}", err=True)

        yield plain
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("grading", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
