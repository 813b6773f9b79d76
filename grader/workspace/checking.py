"""Running the suites that this installation has on a student's own files, once or again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.sandbox.opening import Protection, best_for_own_code, open_far_side, why_not

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from grader.catalog import Course, Exercise, Lesson
    from grader.suite.examiner import Examiner


def why_without_wall(*, no_sandbox: bool) -> str | None:
    """Why student code is run in a plain process although nobody asked for that; None where it is not."""
    return None if no_sandbox else why_not(Protection.BUBBLEWRAP)


def with_examiner(
    course: Course, lesson: Lesson, exercises: Sequence[Exercise], run: Callable[[Examiner], None],
    *, no_sandbox: bool = False, stays: bool = False,
) -> None:  # fmt: skip
    """Call `run` with an examiner that is ready to work. `stays`: for many works, one after the other.

    The far side imports torch while this process does the same.
    """
    protection = Protection.NONE if no_sandbox else best_for_own_code()
    trains = any(course.trains(lesson, exercise) for exercise in exercises)
    with open_far_side(protection, warm=stays, trains=trains) as far:
        from grader.secret import course_secret
        from grader.suite.examiner import Examiner

        Examiner(course, lesson, exercises, far, secret=course_secret(), reveal=True).run(run)
