"""What students get: one wheel with the kit, the lesson, the stubs and the suites that the audience may have.

A class gets nothing of the solutions or the hidden suites. Self-study gets the hidden suites and all that they need.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

import grader
from grader import __version__
from grader.catalog import BUNDLE
from grader.errors import GraderError
from grader.workspace.making import is_content, student_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Course, Lesson
    from grader.suite.examiner import Examiner
    from grader.suite.fingerprints import Fingerprints
    from grader.suite.misconceptions import Misconception
    from grader.suite.naming import Failure

Audience = Literal["class", "self-study"]
NOT_FOR_STUDENTS = {"nbgrader"}
"""Dependencies of an instructor's installation that no student's command uses."""

_PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
description = "{description}"
license = "MIT"
requires-python = ">=3.11"
dependencies = [{dependencies}]

[project.scripts]
grader = "grader.cli:main"

[project.entry-points.pytest11]
grader = "grader.suite.plugin"

[tool.hatch.build.targets.wheel]
packages = ["grader"]
"""


def released_files(course: Course, audience: Audience) -> Iterator[Path]:
    """The course's files that go into the wheel, relative to its root."""
    yield from student_files(course)
    if audience == "self-study":
        for lesson in course.lessons:
            for folder in (course.root / "tests" / "hidden" / lesson.name, course.root / "solutions" / lesson.name):
                yield from (path.relative_to(course.root) for path in sorted(folder.rglob("*")) if is_content(path))


def fingerprints_of(course: Course, lesson: Lesson) -> Fingerprints:
    """How each known mistake fails the lesson's examples: all that a class is told of it."""
    from grader.suite.examiner import Examiner
    from grader.suite.fingerprints import taken
    from grader.suite.local import LocalStudent
    from grader.suite.naming import call_test

    result: Fingerprints = {}

    def work(examiner: Examiner) -> None:
        for exercise in lesson.exercises:
            bank, items = examiner.bank(exercise), {item.name: item for item in examiner.examples(exercise)}
            arguments = {name: dict.fromkeys(item._fixtureinfo.argnames) for name, item in items.items()}
            used: dict[str, set[str]] = {}
            for name, item in items.items():
                reference = examiner.reference(exercise)
                assert reference is not None
                student = LocalStudent(reference)
                call_test(item, arguments[name], student, 1)
                used[name] = student.used

            def failure(entry: Misconception, test: str, seed: int) -> Failure | None:
                if not entry.affects & used[test]:  # noqa: B023 - called below, in this turn
                    return None
                return bank.failure(entry, items[test], arguments[test], seed)  # noqa: B023

            result[exercise.name] = taken(bank.entries, items, failure)

    Examiner(course, lesson, lesson.exercises, None, secret="").run(work)
    return result


def release(course: Course, audience: Audience, output: Path) -> Path:
    """Build the wheel; returns where it is.

    Raises:
        GraderError: it cannot be built or written.
    """
    if importlib.util.find_spec("hatchling") is None:
        raise GraderError("hatchling is missing, which builds the package. Next: pip install hatchling")
    package = Path(__file__).resolve().parents[1]
    with tempfile.TemporaryDirectory() as name:
        tree = Path(name)
        shutil.copytree(package, tree / "grader", ignore=shutil.ignore_patterns("__pycache__", BUNDLE))
        for path in released_files(course, audience):
            target = tree / "grader" / BUNDLE / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(course.root / path, target)
        for lesson in course.lessons if audience == "class" else ():
            target = tree / "grader" / BUNDLE / course.fingerprints(lesson).relative_to(course.root)
            target.write_bytes(msgspec.json.encode(fingerprints_of(course, lesson)))
        (tree / "pyproject.toml").write_text(_project(audience), encoding="utf-8")
        finished = subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tree / "dist")],
            cwd=tree, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if finished.returncode != 0:
            said = (finished.stderr or finished.stdout).strip().splitlines()
            raise GraderError(f"The package cannot be built: {said[-1] if said else 'no reason given'}")
        (wheel,) = (tree / "dist").glob("*.whl")
        try:
            output.mkdir(parents=True, exist_ok=True)
            return Path(shutil.copy(wheel, output))
        except OSError as error:
            raise GraderError(f"{output} cannot be written: {error.strerror}.") from None


def _project(audience: Audience) -> str:
    requirements = [
        requirement
        for requirement in _own_requirements()
        if "extra ==" not in requirement and not requirement.startswith(tuple(NOT_FOR_STUDENTS))
    ]
    return _PROJECT.format(
        name="farside",
        version=f"{__version__}+{audience.replace('-', '.')}",
        description="A deep-learning course: exercises, and a grader that says what is wrong and why",
        dependencies=", ".join(f'"{requirement}"' for requirement in requirements),
    )


def _own_requirements() -> list[str]:
    """What this program needs: of a checkout as its pyproject.toml says, whatever was there when it was installed."""
    declared = Path(grader.__file__).parents[1] / "pyproject.toml"
    if declared.exists():
        project = tomllib.loads(declared.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "farside":
            return list(project["dependencies"])
    return metadata.requires("farside") or []
