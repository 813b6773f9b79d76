"""What an exercise's declaration means for a run: the bans that hold, the limits, what the far side is given, the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.sandbox.farside import Limits
from grader.sandbox.proxy import Source
from grader.suite.misconceptions import load_source

if TYPE_CHECKING:
    from types import ModuleType

    from grader.catalog import Course, Exercise, Lesson


def bans_for(exercise: Exercise, part: str) -> tuple[str, ...]:
    """The bans that hold for a test about this part of the exercise."""
    return tuple(forbids.ban for forbids in exercise.forbids if not forbids.within or part in forbids.within)


def source_for(lesson: Lesson, exercise: Exercise, files: dict[str, bytes], part: str) -> Source:
    """What the far side is given for a test about this part."""
    bans = [lesson.bans[name] for name in bans_for(exercise, part)]
    return Source(
        files=files,
        module=exercise.name,
        banned_names=tuple(name for ban in bans for name in ban.names),
        banned_operators=tuple(name for ban in bans for name in ban.operators),
        banned_modules=tuple(name for ban in bans for name in ban.modules),
        banned_functions=tuple(name for ban in bans for name in ban.functions),
        definitions=(part,) if part else exercise.defines,
    )


def limits_of(exercise: Exercise) -> Limits:
    """What one test of the exercise may use."""
    return Limits(seconds=exercise.limits.seconds, memory_mb=exercise.limits.memory_mb)


def load_reference(course: Course, lesson: Lesson, exercise: Exercise) -> ModuleType | None:
    """The reference solution as a module of this process; None where there is none."""
    path = course.solution(lesson, exercise)
    if not path.exists():
        return None
    return load_source(path.read_text(encoding="utf-8"), f"reference_{exercise.name}", str(path))
