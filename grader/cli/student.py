"""The student's commands for checking: `check` once, `watch` at every save."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.catalog import find_course
from grader.errors import GraderError, IncompleteRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from grader.catalog import Course, Exercise, Lesson
    from grader.results import ExerciseResult
    from grader.submissions.work import Work
    from grader.suite.examiner import Examiner

_STEP_MS = 15
_DEBOUNCE_MS = 50
"""An editor writes a file in several steps: wait for a pause of one step, but not longer than this."""
_LOOK_MS = 1000
"""Changes that nobody tells of (before the watch began, on network drives) are seen by looking."""


@click.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Check this file, folder or archive.")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--plot", is_flag=True, help="Also draw what your code does, into a picture beside it.")
@click.option("--no-sandbox", is_flag=True, help="Run the code in a plain process, even where the wall works.")
@click.pass_context
def check(
    ctx: click.Context, exercises: tuple[str, ...], path: Path | None, lesson_name: str | None, as_json: bool,
    plot: bool, no_sandbox: bool,
) -> None:  # fmt: skip
    """Check your own work: what is right, what is wrong, and why.

    Ends with 0 when everything passed, with 1 when something is wrong.
    """
    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.choose(exercises)
    if path is not None and not path.exists():
        raise GraderError(f"There is no file {path}. Name the file that holds your work.")
    results: list[ExerciseResult] = []

    def run(examiner: Examiner) -> None:
        works = _handed_in(course, lesson, chosen, path, only=len(exercises) == 1)
        results.extend(map(examiner.examine, works))
        if plot:
            place = path or course.stub_folder(lesson)
            _draw(course, lesson, works, examiner, place if place.is_dir() else place.parent)

    from grader.workspace.checking import with_examiner

    with_examiner(course, lesson, chosen, run, no_sandbox=no_sandbox)
    if path is not None and not exercises and any(result.status != "missing" for result in results):
        results = [result for result in results if result.status != "missing"]
    if path is None:
        _remember(course, lesson, results)
    from grader.reports.terminal import check_text, passed
    from grader.results import submission_result

    result = submission_result(None, lesson.name, results)
    if as_json:
        from grader.output import as_json as written

        click.echo(written(result).decode(), nl=False)
    else:
        _say_without_wall(no_sandbox)
        for line in check_text(result, lesson, file=path.name if path else ""):
            click.echo(line)
    broken = [exercise for exercise in results if exercise.status == "error"]
    if broken:
        raise IncompleteRun(f"The grader failed at {broken[0].exercise}: {broken[0].message}")
    if not all(passed(exercise) for exercise in results):
        ctx.exit(1)


def _draw(course: Course, lesson: Lesson, works: list[Work], examiner: Examiner, folder: Path) -> None:
    """A picture for each exercise that has one; where the code does not get that far, a sentence."""
    from grader.workspace.plotting import draw

    drawn = False
    for work in works:
        exercise = lesson.exercise(work.exercise)
        if work.status or not course.plot_script(lesson, exercise).exists():
            continue
        drawn, target = True, folder / f"{exercise.name}.png"
        try:
            draw(course, lesson, exercise, work, examiner.far, target)
            click.echo(f"Drawn: {target}", err=True)
        except GraderError as error:
            click.echo(str(error), err=True)
    if not drawn:
        click.echo("None of these exercises has a picture.", err=True)


@click.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--no-sandbox", is_flag=True, help="Run the code in a plain process, even where the wall works.")
def watch(exercises: tuple[str, ...], lesson_name: str | None, no_sandbox: bool) -> None:
    """Check again whenever you save; stop with Ctrl-C."""
    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.choose(exercises)
    folder = course.stub_folder(lesson)
    if not folder.is_dir():
        raise GraderError(f"There is no folder {folder} to watch. Next: grader start")
    from grader.workspace.checking import with_examiner

    def run(examiner: Examiner) -> None:
        examine = examiner.examine
        from watchfiles import watch as changes

        seen: dict[str, bytes] = {}
        with contextlib.suppress(KeyboardInterrupt), _stopped_by_interrupt() as stop:
            _check_changed(course, lesson, chosen, examine, seen, first=True)
            click.echo(f"Watching {folder}\nSave a file and it is checked. Stop with Ctrl-C.")
            sys.stdout.flush()
            for _ in changes(
                folder, debounce=_DEBOUNCE_MS, step=_STEP_MS, watch_filter=_python_files, rust_timeout=_LOOK_MS,
                yield_on_timeout=True, stop_event=stop,
            ):  # fmt: skip
                _check_changed(course, lesson, chosen, examine, seen, first=False)
                sys.stdout.flush()
                if examiner.far.broken:
                    raise IncompleteRun("The process that runs your code has ended. Next: grader watch")

    _say_without_wall(no_sandbox)
    with_examiner(course, lesson, chosen, run, no_sandbox=no_sandbox, stays=True)
    click.echo("Stopped.")


@contextlib.contextmanager
def _stopped_by_interrupt() -> Iterator[threading.Event]:
    """Ctrl-C sets the event, too: the exception alone is lost where it comes while an object is being deleted."""
    stop = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        stop.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _python_files(change: object, path: str) -> bool:
    """Editors write through files of other names: what counts is that some .py file was touched."""
    return path.endswith(".py")


def _check_changed(
    course: Course, lesson: Lesson, chosen: Sequence[Exercise], examine: Callable[[Work], ExerciseResult],
    seen: dict[str, bytes], *, first: bool,
) -> None:  # fmt: skip
    """Examine the works that differ from the last time, helper modules included, and say what was found."""
    from grader.reports.terminal import check_text, summary_line
    from grader.results import submission_result

    for work in _handed_in(course, lesson, chosen, None, only=False):
        digest = work.digest()
        if seen.get(work.exercise) == digest:
            continue
        known, seen[work.exercise] = work.exercise in seen, digest
        result = examine(work)
        _remember(course, lesson, [result])
        if first:
            click.echo(summary_line(result))
        elif known:
            click.echo(f"\n{time.strftime('%H:%M:%S')} " + "─" * 71)
            for line in check_text(submission_result(None, lesson.name, [result]), lesson):
                click.echo(line)


def _handed_in(
    course: Course, lesson: Lesson, chosen: Sequence[Exercise], path: Path | None, *, only: bool
) -> list[Work]:
    """The student's works; `only` takes a single file as the one exercise that was named."""
    from grader.submissions.reading import read_submission

    place = path if path is not None else course.stub_folder(lesson)
    submission = read_submission(place, lesson)
    return [submission.as_only(each) if path and only else submission.work(each) for each in chosen]


def _remember(course: Course, lesson: Lesson, results: list[ExerciseResult]) -> None:
    from grader.workspace.progress import note_check, read_progress, write_progress

    progress = read_progress(course)
    for result in results:
        note_check(progress, course, lesson, result)
    write_progress(course, progress)


def _say_without_wall(no_sandbox: bool) -> None:
    from grader.workspace.checking import why_without_wall

    reason = why_without_wall(no_sandbox=no_sandbox)
    if reason is not None:
        click.echo(f"Note: your code runs without the wall. {reason}\n", err=True)
