"""The author's commands: make stubs from solutions, prove that the suites tell right from wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.authoring import building
from grader.catalog import LESSON_FILE, course_root, find_course
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.authoring.release import Audience

PROVEN = "Proven: every stub fails, every solution passes, every misconception is caught and named."


@click.group()
def course() -> None:
    """Build and prove exercises."""


@course.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 if something is out of date.")
@click.option("--pages", type=click.Path(path_type=Path), help="Also run the lessons and write them here as web pages.")
@click.pass_context
def build(ctx: click.Context, check: bool, pages: Path | None) -> None:
    """Make the stubs from the solutions, and the notebooks from the lessons."""
    found = find_course()
    if pages is not None:
        from grader.authoring.notebooks import write_pages

        for path in write_pages(found, pages):
            click.echo(f"written: {path}")
    stale = building.stale_files(found) if check else building.build(found)
    for path in stale:
        click.echo(f"{'out of date' if check else 'written'}: {path.relative_to(found.root)}")
    if not stale:
        click.echo("Everything is up to date.")
    elif check:
        click.echo("Next: grader course build")
        ctx.exit(1)


@course.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--matrix/--no-matrix", default=True, help="Print which misconception fails which test.")
@click.option("--full", is_flag=True, help="Run slow training tests on mistakes that other tests have named, too.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="How many workers (default: one per core).")
@click.pass_context
def verify(
    ctx: click.Context, exercises: tuple[str, ...], lesson_name: str | None, matrix: bool, full: bool, jobs: int | None
) -> None:
    """Prove the suites: stubs fail, solutions pass, every known wrong answer is
    caught and named."""  # noqa: D205, D209
    found = find_course()
    lessons = [found.lesson(lesson_name)] if lesson_name or len(found.lessons) == 1 else list(found.lessons)
    chosen = [(lesson, exercise) for lesson in lessons for exercise in lesson.choose(exercises)]
    if not chosen:
        raise GraderError(f"{lessons[0].name} has no exercise yet. Next: grader course new {lessons[0].name} EXERCISE")
    from grader.authoring import verify as proving
    from grader.engine.pool import cores

    problems = proving.course_problems(found, chosen)
    for lesson in lessons:
        of_lesson = [exercise for its, exercise in chosen if its is lesson]
        for proof in proving.prove(found, lesson, of_lesson, full=full, jobs=jobs or cores()) if of_lesson else ():
            problems += proof.problems
            click.echo(proving.summary(proof))
            if matrix:
                click.echo("\n".join(f"    {line}" for line in proving.matrix(proof)))
    for problem in problems:
        click.echo(f"Problem: {problem}")
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.")
        ctx.exit(1)
    click.echo(PROVEN)


@course.command()
@click.argument("lesson")
@click.argument("exercise", required=False)
@click.option("--title", default="", help="What students read as its name.")
def new(lesson: str, exercise: str | None, title: str) -> None:
    """Start a new LESSON, or a new EXERCISE in it.

    The files are a small example that builds, verifies and can be graded at
    once: replace its contents, one file after the other.
    """
    from grader.authoring.new import check_name, new_exercise, new_lesson

    for name in filter(None, (lesson, exercise)):
        check_name(name)
    root = course_root()
    written = []
    if exercise is None or not (root / "course" / lesson / LESSON_FILE).exists():
        written += new_lesson(root, lesson, title if exercise is None else "")
    if exercise is not None:
        written += new_exercise(root, lesson, exercise, title)
    for path in dict.fromkeys(written):
        click.echo(f"written: {path.relative_to(root)}")
    if exercise is None:
        click.echo(f"Next: grader course new {lesson} EXERCISE")
    else:
        click.echo(f"Next: grader course build && grader course verify {exercise} --lesson {lesson}")


@course.command()
@click.option(
    "--audience",
    type=click.Choice(["class", "self-study"]),
    required=True,
    help="A class gets nothing of solutions and hidden suites; self-study gets both.",
)
@click.option("--output", type=click.Path(path_type=Path), required=True, help="The folder for the package.")
def release(audience: Audience, output: Path) -> None:
    """Pack what students install: the kit, the lesson, the exercises."""
    from grader.authoring.release import release as build_wheel

    found = find_course()
    stale = building.stale_files(found)
    if stale:
        raise GraderError(f"{stale[0].relative_to(found.root)} is out of date. Next: grader course build")
    wheel = build_wheel(found, audience, output)
    click.echo(f"{wheel} holds the course for {'a class' if audience == 'class' else 'self-study'}.")
    click.echo(f"Students type: pip install {wheel.name} && grader start")
