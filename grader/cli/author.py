"""The author's commands: make stubs from solutions, prove that the suites tell right from wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from grader.authoring import stubs
from grader.catalog import find_course

if TYPE_CHECKING:
    from grader.catalog import Course, Exercise, Lesson


@click.group()
def course() -> None:
    """Build and prove exercises."""


@course.command()
@click.option("--check", is_flag=True, help="Write nothing; end with 1 if something is out of date.")
@click.pass_context
def build(ctx: click.Context, check: bool) -> None:
    """Make the stubs from the solutions."""
    found = find_course()
    stale = stubs.stale_files(found) if check else stubs.build(found)
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
@click.pass_context
def verify(ctx: click.Context, exercises: tuple[str, ...], lesson_name: str | None, matrix: bool, full: bool) -> None:
    """Prove the suites: stubs fail, solutions pass, every known wrong answer is
    caught and named."""  # noqa: D205, D209
    found = find_course()
    lessons = [found.lesson(lesson_name)] if lesson_name or len(found.lessons) == 1 else list(found.lessons)
    chosen = [(lesson, lesson.choose(exercises)) for lesson in lessons]
    problems = [
        problem for lesson, those in chosen for problem in _verify(found, lesson, those, show_matrix=matrix, full=full)
    ]
    for problem in problems:
        click.echo(f"Problem: {problem}")
    if problems:
        click.echo(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}.")
        ctx.exit(1)
    click.echo("Proven: every stub fails, every solution passes, every misconception is caught and named.")


def _verify(
    found: Course, lesson: Lesson, exercises: tuple[Exercise, ...], *, show_matrix: bool, full: bool
) -> list[str]:
    """Prove these exercises, printing what is found of each; returns the problems."""
    from grader.authoring import verify as proving
    from grader.sandbox import wall
    from grader.sandbox.farside import FarSide

    problems = proving.course_problems(found, lesson)
    with FarSide(walled=wall.why_no_wall() is None, warm=True) as far:
        from grader.suite.examiner import Examiner

        def work(examiner: Examiner) -> None:
            for exercise in exercises:
                proof = proving.prove(examiner, found, lesson, exercise, full=full)
                problems.extend(proof.problems)
                click.echo(proving.summary(proof))
                if show_matrix:
                    click.echo("\n".join(f"    {line}" for line in proving.matrix(proof)))

        Examiner(found, lesson, exercises, far, secret="verify", reveal=True).run(work)  # noqa: S106 - no secret here
    return problems
