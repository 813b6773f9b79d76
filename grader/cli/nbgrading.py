"""`grader nbgrader`: a course for nbgrader, and its assignments."""

from __future__ import annotations

from pathlib import Path

import click

from grader.catalog import find_course
from grader.errors import GraderError


@click.group()
def nbgrader() -> None:
    """Make assignments for nbgrader.

    The safe way to grade them is grader grade, then grader export nbgrader;
    nbgrader autograde works too, for a class that you trust.
    """


@nbgrader.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
def quickstart(folder: Path) -> None:
    """A course folder for nbgrader, with an assignment for each lesson."""
    from grader.authoring.assignments import quickstart as make

    notebooks = make(find_course(), folder)
    for path in notebooks:
        click.echo(f"written: {path}")
    there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    click.echo(f"Next: {there}nbgrader generate_assignment {notebooks[0].parent.name}")


@nbgrader.command()
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option(
    "--course-dir", "folder", type=click.Path(path_type=Path), default=".", show_default=True,
    help="nbgrader's course folder.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite a source notebook that somebody changed.")
def assignment(lesson_name: str | None, folder: Path, force: bool) -> None:
    """The source notebook of an assignment, in source/LESSON/.

    Make it again after you changed the lesson, an exercise or a test.
    """
    from grader.authoring.assignments import CONFIG, write_assignment

    if not (folder / CONFIG).exists():
        raise GraderError(f"{folder} is no course folder of nbgrader: it has no {CONFIG}. Name it with --course-dir.")
    course = find_course()
    lesson = course.lesson(lesson_name)
    click.echo(f"written: {write_assignment(course, lesson, folder, force=force)}")
    click.echo(f"Next: nbgrader generate_assignment {lesson.name} --force")
