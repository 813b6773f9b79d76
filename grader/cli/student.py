"""The student's commands. `check` runs the suites that this installation has and says what is wrong and why."""

from __future__ import annotations

from pathlib import Path

import click

from grader.catalog import find_course
from grader.errors import GraderError, IncompleteRun


@click.command()
@click.argument("exercises", nargs=-1, metavar="[EXERCISE]...")
@click.option("--file", "path", type=click.Path(path_type=Path), help="Check this file, folder or archive.")
@click.option("--lesson", "lesson_name", help="Which lesson, where the course has several.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option("--no-sandbox", is_flag=True, help="Run the code in a plain process, even where the wall works.")
@click.pass_context
def check(
    ctx: click.Context, exercises: tuple[str, ...], path: Path | None, lesson_name: str | None, as_json: bool,
    no_sandbox: bool,
) -> None:  # fmt: skip
    """Check your own work: what is right, what is wrong, and why.

    Ends with 0 when everything passed, with 1 when something is wrong.
    """
    course = find_course()
    lesson = course.lesson(lesson_name)
    chosen = lesson.choose(exercises)
    if path is not None and not path.exists():
        raise GraderError(f"There is no file {path}. Name the file that holds your work.")
    from grader.sandbox import wall
    from grader.sandbox.farside import FarSide

    reason = None if no_sandbox else wall.why_no_wall()
    with FarSide(walled=reason is None and not no_sandbox) as far:  # imports torch while this process does the same
        from grader.reports.terminal import check_text, passed
        from grader.results import ExerciseResult, submission_result
        from grader.secret import course_secret
        from grader.submissions.reading import read_submission
        from grader.suite.examiner import Examiner

        place = path if path is not None else course.stub(lesson, chosen[0]).parent
        submission = read_submission(place, lesson)
        works = [
            submission.as_only(exercise) if path and len(exercises) == 1 else submission.work(exercise)
            for exercise in chosen
        ]
        if path is not None and not exercises and any(not work.status for work in works):
            chosen = tuple(e for e, work in zip(chosen, works, strict=True) if work.status != "missing")
            works = [work for work in works if work.status != "missing"]
        results: list[ExerciseResult] = []

        def work(examiner: Examiner) -> None:
            results.extend(examiner.examine(work) for work in works)

        Examiner(course, lesson, chosen, far, secret=course_secret(), reveal=True).run(work)
    result = submission_result(None, lesson.name, results)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(result), indent=2).decode())
    else:
        if reason is not None:
            click.echo(f"Note: your code runs without the wall. {reason}\n", err=True)
        for line in check_text(result, lesson):
            click.echo(line)
    broken = [exercise for exercise in results if exercise.status == "error"]
    if broken:
        raise IncompleteRun(f"The grader failed at {broken[0].exercise}: {broken[0].message}")
    if not all(passed(exercise) for exercise in results):
        ctx.exit(1)
