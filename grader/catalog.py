"""What a course consists of: its lessons and exercises, as `lesson.toml` declares them, and where their files are.

The kit knows no lesson by name: a new lesson is new files in the five places that `Course` names.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

import msgspec

from grader.errors import GraderError

LESSON_FILE = "lesson.toml"
NOTEBOOK_FILE = "lesson.ipynb"
BUNDLE = "bundle"
"""The folder of this package in which `course release` puts the course."""

_HERE = Path(__file__).resolve().parent
_INSTALLED = [_HERE.parent, _HERE / BUNDLE]


class Ban(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something ready-made that an exercise asks the student to write.

    `names` are patterns of dotted Python names, for reading the source; `operators` of dispatcher operators, `modules` of
    modules and `functions` of their functions, for taking them away.
    """

    names: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


class Forbids(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A ban that holds for an exercise, or only for some of its definitions (`within`)."""

    ban: str
    within: tuple[str, ...] = ()


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one test may use: seconds of CPU time, megabytes of memory beyond torch itself."""

    seconds: float = 5.0
    memory_mb: int = 1024


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One exercise. `defines` are the names that the student's module must have; `section` is the lesson's heading."""

    name: str
    title: str
    section: str
    points: float
    defines: tuple[str, ...]
    hints: tuple[str, ...] = ()
    forbids: tuple[Forbids, ...] = ()
    limits: Limits = Limits()


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One lesson: its title, the bans that its exercises name, and the exercises in order."""

    title: str
    exercises: tuple[Exercise, ...] = ()
    bans: dict[str, Ban] = {}
    name: str = ""

    def exercise(self, name: str) -> Exercise:
        """The exercise of that name.

        Raises:
            GraderError: there is none; the message lists those that there are.
        """
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        known = ", ".join(exercise.name for exercise in self.exercises)
        raise GraderError(f"There is no exercise {name!r} in {self.name}. It has: {known}.")

    def choose(self, names: tuple[str, ...]) -> tuple[Exercise, ...]:
        """The named exercises in the lesson's order; all of them where none is named."""
        chosen = {self.exercise(name).name for name in names}
        return tuple(exercise for exercise in self.exercises if not chosen or exercise.name in chosen)


class Course:
    """A folder with lessons, and where each kind of file lies in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons, by name of their folder."""
        return tuple(_read_lesson(path) for path in sorted((self.root / "course").glob(f"*/{LESSON_FILE}")))

    def lesson(self, name: str | None = None) -> Lesson:
        """The lesson of that name; without a name the only one.

        Raises:
            GraderError: there is no such lesson, or several to choose from.
        """
        if name is None and len(self.lessons) == 1:
            return self.lessons[0]
        for lesson in self.lessons:
            if lesson.name == name:
                return lesson
        known = ", ".join(lesson.name for lesson in self.lessons)
        if name is None:
            raise GraderError(f"This course has several lessons: say which with --lesson. It has: {known}.")
        raise GraderError(f"There is no lesson {name!r}. The course has: {known}.")

    def text_folder(self, lesson: Lesson) -> Path:
        """What a student reads: text, data, figures."""
        return self.root / "course" / lesson.name

    def plot_script(self, lesson: Lesson, exercise: Exercise) -> Path:
        """The script that draws this exercise's picture; not every exercise has one."""
        return self.text_folder(lesson) / "plots" / f"{exercise.name}.py"

    def stub_folder(self, lesson: Lesson) -> Path:
        """Where the stubs are, and where a student writes."""
        return self.root / "exercises" / lesson.name

    def stub(self, lesson: Lesson, exercise: Exercise) -> Path:
        """The generated stub."""
        return self.stub_folder(lesson) / f"{exercise.name}.py"

    def solution(self, lesson: Lesson, exercise: Exercise) -> Path:
        """The reference solution."""
        return self.root / "solutions" / lesson.name / f"{exercise.name}.py"

    def trains(self, lesson: Lesson, exercise: Exercise) -> bool:
        """Whether PyTorch's optimizers are worth importing ahead: where the solution names them, or is not there."""
        path = self.solution(lesson, exercise)
        return not path.exists() or b"torch.optim" in path.read_bytes()

    def suite(self, lesson: Lesson, exercise: Exercise, visibility: str) -> Path:
        """The `public` or `hidden` suite."""
        return self.root / "tests" / visibility / lesson.name / f"test_{exercise.name}.py"

    def misconceptions(self, lesson: Lesson, exercise: Exercise) -> Path:
        """The bank of typical wrong answers, beside the hidden suite."""
        return self.root / "tests" / "hidden" / lesson.name / f"misconceptions_{exercise.name}.py"

    def private_folders(self) -> tuple[Path, ...]:
        """What student code must not be able to read."""
        return tuple(path for path in (self.root / "tests" / "hidden", self.root / "solutions") if path.exists())

    def fingerprints(self, lesson: Lesson) -> Path:
        """How known mistakes fail the examples, in a package for a class (`grader.suite.fingerprints`)."""
        return self.text_folder(lesson) / "mistakes.json"


def find_course(start: Path | None = None) -> Course:
    """The course around `start` (default: the working folder), or the one that this program was installed from.

    Raises:
        GraderError: there is none.
    """
    candidates = _places(start)
    if not os.environ.get("GRADER_COURSE"):
        candidates += _INSTALLED
    for candidate in candidates:
        if _holds_a_course(candidate):
            return Course(candidate)
    raise GraderError(
        "There is no course here: no folder above this one has course/<lesson>/lesson.toml. "
        "Change into your course, or name it with GRADER_COURSE=/path/to/course."
    )


def installed_course() -> Course:
    """The course that this program came with: a checkout's own, or the one that `course release` packed.

    Raises:
        GraderError: it came alone.
    """
    for candidate in _INSTALLED:
        if _holds_a_course(candidate):
            return Course(candidate)
    raise GraderError("This installation came without a course. Install the package that your course hands out.")


def course_root() -> Path:
    """Where a new lesson goes: into the course around the working folder, or else into that folder itself."""
    places = _places(None)
    return next(filter(_holds_a_course, places), places[0])


def _places(start: Path | None) -> list[Path]:
    named = os.environ.get("GRADER_COURSE")
    if named:
        return [Path(named)]
    here = (start or Path.cwd()).resolve()
    return [here, *here.parents]


def _holds_a_course(folder: Path) -> bool:
    return any((folder / "course").glob(f"*/{LESSON_FILE}"))


def _read_lesson(path: Path) -> Lesson:
    try:
        lesson = msgspec.toml.decode(path.read_bytes(), type=Lesson)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise GraderError(f"{path} cannot be read: {error}.") from None
    for exercise in lesson.exercises:
        for forbids in exercise.forbids:
            if forbids.ban not in lesson.bans:
                raise GraderError(
                    f"{path}: {exercise.name} forbids {forbids.ban!r}, but there is no [bans.{forbids.ban}]."
                )
    return msgspec.structs.replace(lesson, name=path.parent.name)
