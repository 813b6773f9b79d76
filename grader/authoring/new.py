"""A new lesson or exercise, as files that build, verify and can be graded at once: an author replaces their contents."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from string import Template

from grader.catalog import LESSON_FILE, Course, Exercise
from grader.errors import GraderError

TEMPLATES = Path(__file__).with_name("templates")


def new_lesson(root: Path, name: str, title: str = "") -> list[Path]:
    """Start a lesson that has no exercise yet; returns what was written.

    Raises:
        GraderError: the name cannot be used, or there is such a lesson already.
    """
    check_name(name)
    path = root / "course" / name / LESSON_FILE
    return _write({path: _filled("lesson.toml", title=title or _title_of(name))})


def new_exercise(root: Path, lesson_name: str, name: str, title: str = "") -> list[Path]:
    """Add an exercise to a lesson: its declaration and an example of each file that it needs.

    Raises:
        GraderError: the name cannot be used, or one of the files is there already. Then nothing is written.
    """
    check_name(name)
    course = Course(root)
    lesson = course.lesson(lesson_name)
    title = title or _title_of(name)
    exercise = Exercise(name=name, title=title, section=title, points=0.0, defines=(name,))
    if any(other.name == name for other in lesson.exercises):
        raise GraderError(f"{lesson_name} has an exercise {name} already.")
    names = {"exercise": name, "exercise_title": title, "section": title}
    written = _write(
        {
            course.solution(lesson, exercise): _filled("solution.py", **names),
            course.suite(lesson, exercise, "public"): _filled("test_public.py", **names),
            course.suite(lesson, exercise, "hidden"): _filled("test_hidden.py", **names),
            course.misconceptions(lesson, exercise): _filled("misconceptions.py", **names),
        }
    )
    declaration = course.text_folder(lesson) / LESSON_FILE
    text = declaration.read_text(encoding="utf-8").rstrip("\n")
    declaration.write_text(f"{text}\n{_filled('exercise.toml', **names)}", encoding="utf-8")
    return [declaration, *written]


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a lesson's folder or an exercise's module.

    Raises:
        GraderError: it cannot.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise GraderError(
            f"{name!r} cannot be the name of a Python module: take small letters, digits and underscores, a letter first."
        )


def _title_of(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _filled(template: str, **names: str) -> str:
    safe = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in names.items()}
    return Template((TEMPLATES / f"{template}.tmpl").read_text(encoding="utf-8")).substitute(safe)


def _write(files: dict[Path, str]) -> list[Path]:
    there = [path for path in files if path.exists()]
    if there:
        raise GraderError(f"{there[0]} is there already; nothing was written.")
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise GraderError(f"{path} cannot be written: {error.strerror}.") from None
    return list(files)
