"""The instructor's commands that read what is there: the pages of a run, and submissions that are alike."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.catalog import find_course
from grader.errors import GraderError


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Write the pages of one run.

    DIR is the folder that grader grade --output wrote. The pages go into
    DIR/report: the class, its exercises and misconceptions, and a page per
    student that can be handed out alone.
    """
    from grader.reports.pages import write_report

    with click.progressbar(
        length=1, label="writing pages", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:  # fmt: skip

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        index = write_report(folder, progress)
    click.echo(f"The report begins at {index}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="The folder for the page (default: see above).")
def similar(folder: Path, lesson_name: str | None, output: Path | None) -> None:
    """Find submissions that share more than the stub explains.

    DIR is a class, one entry per student, or the folder that grader grade
    wrote. The page, similar.html, goes into that folder, or for a class into
    the working folder. It is a hint for a person, never a grade.
    """
    from grader.output import RUN, read_run
    from grader.reports.similar import similar_text, write_similar
    from grader.similarity import compare_class
    from grader.submissions.finding import find_class

    course = find_course()
    submissions = folder
    names: tuple[str, ...] = ()
    if (folder / RUN).exists():
        run = read_run(folder)
        submissions, lesson_name = Path(run.submissions), run.lesson
        names = tuple(exercise.name for exercise in run.exercises)
        if not submissions.is_dir():
            raise GraderError(
                f"The submissions of this run lay in {submissions}, which is not there any more. "
                "Name the folder where they are now: grader similar FOLDER"
            )
    lesson = course.lesson(lesson_name)
    found = compare_class(course, lesson, lesson.choose(names), find_class(submissions, lesson))
    page = write_similar(found, lesson.title, output or (Path() if submissions is folder else folder))
    for line in similar_text(found):
        click.echo(line)
    click.echo(f"Side by side: {page}")
