"""The author's commands: make stubs from solutions, prove that the suites tell right from wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.authoring import building
from grader.catalog import LESSON_FILE, course_root, find_course
from grader.errors import GraderError

if TYPE_CHECKING:
    from grader.authoring.release import Audience
    from grader.catalog import Course, Exercise, Lesson

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
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Exercises proven at a time (default: one per core).")
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
    if len(chosen) == 1:
        problems = _verify(found, *chosen[0], show_matrix=matrix, full=full)
    else:
        from grader.engine.pool import cores

        flags = [*(["--full"] if full else []), *([] if matrix else ["--no-matrix"])]
        problems = _verify_each(found, chosen, flags, jobs or cores())
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


def _verify(found: Course, lesson: Lesson, exercise: Exercise, *, show_matrix: bool, full: bool) -> list[str]:
    """Prove this exercise, printing what is found; returns the problems."""
    from grader.authoring import verify as proving
    from grader.sandbox.opening import best_for_own_code, open_far_side

    problems = proving.course_problems(found, lesson, exercise)
    with open_far_side(best_for_own_code(), warm=True) as far:
        from grader.suite.examiner import Examiner

        def work(examiner: Examiner) -> None:
            proof = proving.prove(examiner, found, lesson, exercise, full=full)
            problems.extend(proof.problems)
            click.echo(proving.summary(proof))
            if show_matrix:
                click.echo("\n".join(f"    {line}" for line in proving.matrix(proof)))

        Examiner(found, lesson, [exercise], far, secret="verify", reveal=True).run(work)  # noqa: S106 - no secret here
    return problems


def _verify_each(found: Course, chosen: list[tuple[Lesson, Exercise]], flags: list[str], jobs: int) -> list[str]:
    """Prove each in a process of its own, `jobs` at a time, the last of the lesson (the longest) first."""

    def alone(one: tuple[Lesson, Exercise]) -> subprocess.CompletedProcess[str]:
        lesson, exercise = one
        command = [sys.executable, "-m", "grader", "course", "verify", exercise.name, "--lesson", lesson.name, *flags]
        environment = os.environ | {"GRADER_COURSE": str(found.root)}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    problems: list[str] = []
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(alone, one) for one in reversed(chosen)]
        for (_, exercise), future in zip(chosen, reversed(running), strict=True):
            finished = future.result()
            lines = [line for line in finished.stdout.splitlines() if line != PROVEN]
            found_here = [line.removeprefix("Problem: ") for line in lines if line.startswith("Problem: ")]
            if finished.returncode != 0 and not found_here:
                found_here = [f"{exercise.name}: {finished.stderr.strip() or 'the proof ended early'}"]
            problems += found_here
            if found_here:
                lines = lines[: next((n for n, line in enumerate(lines) if line.startswith("Problem: ")), len(lines))]
            click.echo("\n".join(lines))
    return problems
