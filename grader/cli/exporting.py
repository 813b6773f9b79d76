"""`grader export`: grades for other programs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.errors import GraderError, IncompleteRun

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.exports.finished import Finished
    from grader.exports.nbgrader import CellChange
    from grader.exports.sheets import Filled

_folder = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
_output = click.option("--output", "-o", type=click.Path(path_type=Path), help="Where to write (default: in DIR).")
_into = click.option(
    "--into", "sheet_path", type=click.Path(path_type=Path), metavar="FILE", required=True,
    help="The file that you downloaded. It stays as it is.",
)  # fmt: skip
_beside = click.option(
    "--output", "-o", type=click.Path(path_type=Path), help="Where to write (default: FILE-graded.csv beside it)."
)


@click.group()
def export() -> None:
    """Give the grades to another program.

    DIR is the folder that grader grade --output wrote. Grades are exported as
    they are after the penalty for late work.
    """


@export.command("csv")
@_folder
@_output
def csv_(folder: Path, output: Path | None) -> None:
    """One table of the class: a row per student."""
    from grader.exports.csv import class_csv

    finished = _read(folder)
    target = _place(folder, output, "class.csv")
    _write(target, class_csv(finished).encode())
    click.echo(f"{target} holds {_grades(len(finished.results))}.")
    _end(finished)


@export.command()
@_folder
@_output
def junit(folder: Path, output: Path | None) -> None:
    """JUnit XML (xunit2), a file per student."""
    from grader.exports.junit import junit_xml

    finished = _read(folder)
    _write_each(finished, _place(folder, output, "junit"), "xml", lambda at: junit_xml(finished, finished.results[at]))


@export.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="[DIR]", required=False)
@_output
@click.option(
    "--autograder", type=click.Path(path_type=Path), metavar="ZIP", help="Pack an autograder that grades over there."
)
@click.option("--lesson", "lesson_name", help="With --autograder: which lesson, where the course has several.")
@click.option(
    "--accept-no-wall", is_flag=True,
    help="With --autograder: where the container allows no wall at all, grade without. "
    "A submission can then read the hidden tests and give itself any score.",
)  # fmt: skip
def gradescope(
    folder: Path | None, output: Path | None, autograder: Path | None, lesson_name: str | None, accept_no_wall: bool
) -> None:
    """Gradescope: a results.json per student, or an autograder.

    Either DIR, for the results of a run, or --autograder ZIP, for a zip to
    upload under Configure Autograder. The zip holds the solutions: keep it to
    yourself.
    """
    if (folder is None) == (autograder is None):
        raise GraderError("Name either the folder of a run, or with --autograder the zip to write.")
    if autograder is not None:
        if output is not None:
            raise GraderError("--autograder already names the file to write: leave out --output.")
        _pack(autograder, lesson_name, accept_no_wall=accept_no_wall)
        return
    if lesson_name is not None or accept_no_wall:
        raise GraderError("--lesson and --accept-no-wall belong to --autograder.")
    assert folder is not None
    from grader.exports.gradescope import results_of, total_note
    from grader.output import as_json

    finished = _read(folder)
    target = _place(folder, output, "gradescope")
    click.echo(total_note(finished))
    _write_each(finished, target, "json", lambda at: as_json(results_of(finished, finished.results[at])))


@export.command()
@_folder
@_into
@click.option("--column", required=True, help="The assignment: its title, or its number in Canvas.")
@_beside
def canvas(folder: Path, sheet_path: Path, column: str, output: Path | None) -> None:
    """Canvas: fill in the gradebook that you exported there.

    Students are found by Canvas ID, SIS User ID, SIS Login ID, then exact name.
    Import the written file in Canvas under Grades.
    """
    from grader.exports.canvas import fill_gradebook
    from grader.exports.sheets import read_sheet

    finished = _read(folder)
    _write_filled(finished, fill_gradebook(read_sheet(sheet_path), column, finished), sheet_path, output)


@export.command()
@_folder
@_into
@click.option("--id-column", help="The column with the students' ids (default: the one that holds them).")
@click.option("--grade-column", help="The column for the grade, as its header says.")
@click.option("--feedback-column", help="The column for the comments, as its header says.")
@click.option("--no-feedback", is_flag=True, help="Fill in grades only.")
@_beside
def moodle(
    folder: Path, sheet_path: Path, id_column: str | None, grade_column: str | None, feedback_column: str | None,
    no_feedback: bool, output: Path | None,
) -> None:  # fmt: skip
    """Moodle: fill in the offline grading worksheet.

    Download it in the assignment (its settings must allow an offline grading
    worksheet), and upload the written file there.
    """
    from grader.exports.moodle import fill_worksheet
    from grader.exports.sheets import read_sheet

    if no_feedback and feedback_column is not None:
        raise GraderError("--no-feedback and --feedback-column contradict each other.")
    finished = _read(folder)
    filled = fill_worksheet(
        read_sheet(sheet_path), finished, id_column=id_column, grade_column=grade_column,
        feedback_column=feedback_column, with_feedback=not no_feedback,
    )  # fmt: skip
    _write_filled(finished, filled, sheet_path, output)


@export.command()
@_folder
@click.option(
    "--course-dir", type=click.Path(path_type=Path), default=".", show_default=True, help="nbgrader's course folder."
)
@click.option("--db", "db_url", metavar="URL", help="The gradebook (default: as nbgrader's settings say).")
@click.option("--dry-run", is_flag=True, help="Only show which cells have changed; write nothing.")
@click.option("--yes", is_flag=True, help="Take over changed cells without asking.")
def nbgrader(folder: Path, course_dir: Path, db_url: str | None, dry_run: bool, yes: bool) -> None:
    """nbgrader: its gradebook, and the notebooks that formgrader shows.

    Scores, comments and times go into the gradebook; what a person entered
    there stays. Late work costs what nbgrader's settings say.
    """
    from grader.exports.matching import listed
    from grader.exports.nbgrader import Course

    finished = _read(folder)
    course = Course(course_dir, finished.run.lesson, db_url)
    with course.gradebook() as gradebook:
        changes = gradebook.changes(finished)
        _show_cells(changes)
        asked = bool(changes) and not yes and not dry_run and sys.stdin.isatty()
        if dry_run or (asked and not click.confirm("Take over these cells?", default=True)):
            click.echo("Nothing was written.")
            return
        written = gradebook.write(finished, changes)
    click.echo(f"The gradebook holds {_grades(written.students)}.")
    if finished.run.penalty_per_day:
        _note("Late work costs there what nbgrader's settings say; --late-penalty of the run is not in it.")
    if written.handed_in_since:
        _note(f"Left out, since they handed in again: {listed(written.handed_in_since)}. Next: grader grade again.")
    click.echo(f"Next: nbgrader generate_feedback {course.lesson} --force")
    _end(finished)


def _show_cells(changes: list[CellChange]) -> None:
    """How the gradebook's cells change, before they do."""
    from grader.harmless import number

    for change in changes:
        if change.before is None:
            said = f"new, {number(change.after or 0)} points"
        elif change.after is not None:
            said = f"{number(change.before)} → {number(change.after)} points"
        elif change.kept:
            said = "no test any more, but somebody scored it by hand: it stays until you take that score away"
        else:
            said = f"removed, {number(change.before)} points"
        _note(f"{change.grade_id}: {said}")


def _read(folder: Path) -> Finished:
    from grader.exports.finished import read_finished

    return read_finished(folder)


def _place(folder: Path, output: Path | None, default: str) -> Path:
    """Where to write: not over what `grade` wrote."""
    from grader.output import GRADES, RESULTS, RUN

    target = output or folder / default
    if target.resolve() in {(folder / name).resolve() for name in ("", GRADES, RESULTS, RUN, "records")}:
        raise GraderError(f"{target} belongs to the run itself. Name another place with --output.")
    return target


def _write(target: Path, data: bytes) -> None:
    from grader.output import update

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        update(target, data)
    except OSError as error:
        raise GraderError(f"{target} cannot be written: {error.strerror}.") from None


def _write_each(finished: Finished, target: Path, ending: str, content: Callable[[int], bytes]) -> None:
    """A file per student; files of students who are not in the run are told of, since an upload would take them along."""
    from grader.output import file_stem

    names = {f"{file_stem(result.student or '')}.{ending}": at for at, result in enumerate(finished.results)}
    for name, at in names.items():
        _write(target / name, content(at))
    others = sorted(path.name for path in target.glob(f"*.{ending}") if path.name not in names)
    click.echo(f"{target} holds {_grades(len(names))}, a file for each student.")
    if others:
        these = (
            "1 file that is not of this run:" if len(others) == 1 else f"{len(others)} files not of this run, such as"
        )
        _note(f"{target} also holds {these} {others[0]}.")
    _end(finished)


def _write_filled(finished: Finished, filled: Filled, original: Path, output: Path | None) -> None:
    from grader.exports.sheets import write_sheet

    if not filled.count:
        raise GraderError(" ".join([f"No grade fits into {original}, so nothing is written.", *filled.notes]))
    target = output or original.with_name(f"{original.stem}-graded.csv")
    write_sheet(filled.sheet, target, original)
    click.echo(f"{target} holds {_grades(filled.count)}.")
    for note in filled.notes:
        _note(note)
    _end(finished)


def _pack(target: Path, lesson_name: str | None, *, accept_no_wall: bool) -> None:
    from grader.catalog import find_course
    from grader.exports.autograder import pack
    from grader.secret import course_secret

    course = find_course()
    lesson = course.lesson(lesson_name)
    pack(course, lesson, target, secret=course_secret(), accept_no_wall=accept_no_wall)
    points = sum(exercise.points for exercise in lesson.exercises)
    _note(f"{target} grades {lesson.title}, {points:g} points. It holds the solutions: keep it to yourself.")
    if accept_no_wall:
        _note("Where the container allows no wall, a submission can read the hidden tests and give itself any score.")
    _note("Upload it in Gradescope under Configure Autograder, with Ubuntu 22.04 or newer and at least 1 CPU and 2 GB.")


def _grades(count: int) -> str:
    return f"{count} grade{'' if count == 1 else 's'}"


def _note(text: str) -> None:
    """Print it, folded at the terminal's width."""
    from grader.reports.terminal import wrapped

    for line in wrapped(text, ""):
        click.echo(line)


def _end(finished: Finished) -> None:
    if finished.left_out:
        from grader.exports.matching import listed

        raise IncompleteRun(
            f"Left out, since the grader failed at their work: {listed(finished.left_out)}. Next: grader grade again."
        )
