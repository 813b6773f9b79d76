"""The student's commands around the work itself: a workspace, how far it is, a hint, and handing in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.catalog import Course, find_course, installed_course
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.results import ExerciseResult
    from grader.suite.examiner import Examiner


def say(text: str, indent: str = "") -> None:
    """Print it, folded at the terminal's width."""
    from grader.reports.terminal import wrapped

    for line in wrapped(text, indent):
        click.echo(line)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=".", metavar="[DIR]")
def start(folder: Path) -> None:
    """Make a workspace: stubs to complete, examples, and the lesson."""
    from grader.workspace.making import make_workspace

    course = installed_course()
    made = make_workspace(course, folder)
    if not made.written:
        click.echo(f"{folder} is a workspace already, and nothing in it is missing.")
    else:
        click.echo(f"{len(made.written)} files are in {folder}. You write in:")
        for lesson in course.lessons:
            click.echo(f"  {Course(folder).stub_folder(lesson)}")
        if made.kept:
            click.echo(f"{len(made.kept)} files were there already and are as you left them.")
    first = course.lessons[0].exercises[0].name
    there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"Next: {there}grader check {first}")


@click.command()
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
def status(lesson_name: str | None) -> None:
    """Your exercises: what passes, what is open, what is next."""
    from grader.reports.terminal import status_text
    from grader.workspace.progress import read_progress

    course = find_course()
    for line in status_text(course, course.lesson(lesson_name), read_progress(course)):
        click.echo(line)


@click.command()
@click.argument("exercise")
@click.option("--again", is_flag=True, help="Show the hints that you have read.")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
def hint(exercise: str, again: bool, lesson_name: str | None) -> None:
    """The next hint for an exercise: a nudge, where to look, almost the code."""
    from grader.workspace.progress import key_of, read_progress, write_progress

    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.exercise(exercise)
    if not chosen.hints:
        raise GraderError(f"{exercise} has no hints. Read again: “{chosen.section}”.")
    progress = read_progress(course)
    key = key_of(lesson, chosen)
    last = progress.checked.get(key)
    if last is not None and not last.complete and last.stopped_at:
        say(f"Your last check stopped at: {last.stopped_at}")
        say(last.message.partition("\n")[0], "  ")
        click.echo()
    read = min(progress.hints.get(key, 0), len(chosen.hints))
    if not again:
        read = min(read + 1, len(chosen.hints))
        progress.hints[key] = read
        write_progress(course, progress)
    shown = range(1, read + 1) if again else (read,)
    for number in shown:
        click.echo(f"Hint {number} of {len(chosen.hints)}, {exercise}:")
        say(chosen.hints[number - 1], "  ")
    if again and not read:
        click.echo(f"You have read no hint of {exercise} yet. Next: grader hint {exercise}")
    elif read == len(chosen.hints):
        say(f"That is the last hint. Read again: “{chosen.section}”.")


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="The archive to write (default: LESSON.zip here).")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--no-sandbox", is_flag=True, help="Run the code in a plain process, even where the wall works.")
def submit(output: Path | None, lesson_name: str | None, no_sandbox: bool) -> None:
    """Pack what you hand in, after checking that it can be graded."""
    from grader.reports.terminal import summary_line
    from grader.submissions.reading import read_submission
    from grader.workspace.checking import with_examiner
    from grader.workspace.handing_in import pack, unchanged

    course, pristine = find_course(), installed_course()
    lesson = course.lesson(lesson_name)
    folder = course.stub_folder(lesson)
    submission = read_submission(folder, lesson)
    works = {each.name: submission.work(each) for each in lesson.exercises}
    begun = [
        each
        for each in lesson.exercises
        if works[each.name].status != "missing" and not unchanged(course, pristine, lesson, each)
    ]
    if not begun:
        raise GraderError(f"There is nothing to hand in yet: every file in {folder} is as it came.")
    results: list[ExerciseResult] = []

    def run(examiner: Examiner) -> None:
        for each in begun:
            results.append(examiner.examine(works[each.name]))
            click.echo(summary_line(results[-1]))

    with_examiner(course, lesson, begun, run, no_sandbox=no_sandbox)
    refused = [result for result in results if result.status != "graded"]
    if refused:
        first = refused[0]
        raise GraderError(f"{first.exercise}.py cannot be graded: {first.message} Mend it, or take the file away.")
    files = {name: data for each in begun for name, data in works[each.name].files.items()}
    target = output or Path(f"{lesson.name}.zip")
    pack(lesson, files, target)
    left = [each.name for each in lesson.exercises if each not in begun]
    say(f"{target} holds {', '.join(sorted(files))}. Hand in this one file.")
    if left:
        say(f"Not in it, since you have not begun: {', '.join(left)}.")
