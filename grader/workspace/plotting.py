"""Pictures of what a student's own code does, drawn by the lesson's scripts in `course/<lesson>/plots/`.

A script's `draw(student, figure)` calls the student's functions through the same proxy as a suite does, behind the wall.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.sandbox.proxy import BannedUse, FailedToLoad, Session, Student, StudentError, StudentStopped, Unreadable
from grader.suite.misconceptions import load_source
from grader.suite.sources import limits_of, source_for

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from grader.catalog import Course, Exercise, Lesson
    from grader.sandbox.farside import FarSide
    from grader.submissions.work import Work


def draw(course: Course, lesson: Lesson, exercise: Exercise, work: Work, far: FarSide, target: Path | BinaryIO) -> None:
    """Draw the picture of this work into a file, as PNG unless its name says SVG.

    Raises:
        GraderError: there is none, the student's code does not get that far, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    script = course.plot_script(lesson, exercise)
    if not script.exists():
        raise GraderError(f"{exercise.name} has no picture.")
    module = load_source(script.read_text(encoding="utf-8"), f"plot_{exercise.name}", str(script))
    figure = Figure(figsize=(7, 4), layout="constrained", dpi=140)
    session = Session(far, source_for(lesson, exercise, work.files, ""), limits_of(exercise))
    try:
        offences = session.load()
        if offences:
            raise GraderError(f"No picture: {offences[0].name} is not allowed in {exercise.name}.")
        session.begin_test(limits_of(exercise), 0)
        module.draw(Student(session), figure)
    except StudentError as error:
        raise GraderError(f"No picture of {exercise.name}: {error.explanation.splitlines()[0]}") from None
    except (StudentStopped, BannedUse, FailedToLoad, Unreadable) as error:
        raise GraderError(f"No picture of {exercise.name}: {error}") from None
    except GraderError:
        raise
    except Exception as error:  # noqa: BLE001 - on whatever the student's code returned
        raise GraderError(
            f"No picture of {exercise.name}: what your code returned cannot be drawn ({error})."
        ) from None
    finally:
        session.close()
    try:
        figure.savefig(target)
    except (OSError, ValueError) as error:
        raise GraderError(f"{target} cannot be written: {error}.") from None
