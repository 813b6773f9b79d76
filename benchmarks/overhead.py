"""What the wall costs: CPU time per submission of one exercise, three ways, measured in one run on the same code.

- wall: as `grader grade` does it: collected once, each submission in a fork behind the wall.
- floor: the same collected suites on the same code in one warm process, with no wall and no misconceptions.
- cold pytest: a fresh `python -m pytest` per submission, which imports the student's module beside the tests.

CPU time is user and system time of this process and all its children, the far side's own account included. Start-up is
taken out by the difference between a long and a short run.

    python benchmarks/overhead.py [--exercise gates] [--submissions 200] [--cold 5]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]

CONFTEST = """
    import importlib.util

    import pytest

    from grader.suite.draw import Draw


    def load(name, path):
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


    class Plain:
        def __init__(self, module):
            self.module = module

        def __getattr__(self, name):
            return getattr(self.module, name)

        def grader_note(self, text):
            pass


    @pytest.fixture
    def student():
        return Plain(load("student", {student!r}))


    @pytest.fixture
    def reference():
        return load("reference", {reference!r})


    @pytest.fixture
    def draw():
        return Draw(1)
"""


def cpu_seconds() -> float:
    """User and system time of this process and of all its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def walled(exercise_name: str, count: int) -> tuple[float, float]:
    """CPU and wall seconds to examine the reference solution `count` times behind the wall, start-up included."""
    from grader.catalog import Course
    from grader.sandbox.farside import FarSide
    from grader.submissions.work import Work
    from grader.suite.examiner import Examiner

    course = Course(ROOT)
    lesson = course.lessons[0]
    exercise = lesson.exercise(exercise_name)
    source = course.solution(lesson, exercise).read_bytes()
    cpu, began = cpu_seconds(), time.perf_counter()
    with FarSide(walled=True, warm=True) as far:

        def work(examiner: Examiner) -> None:
            for number in range(count):
                files = {f"{exercise.name}.py": source + f"\n# {number}\n".encode()}
                result = examiner.examine(Work(exercise=exercise.name, files=files))
                assert result.score == result.max_score, result

        Examiner(course, lesson, [exercise], far, secret="benchmark").run(work)
        far_side = far.spent()
    return cpu_seconds() - cpu + far_side, time.perf_counter() - began


def floor(exercise_name: str, count: int) -> tuple[float, float]:
    """The same items on the same code, loaded anew each time, in this process."""
    from grader.catalog import Course
    from grader.suite import examiner as examining
    from grader.suite.draw import derive_seed
    from grader.suite.local import LocalStudent, SeededGenerators
    from grader.suite.misconceptions import load_source
    from grader.suite.plugin import SITTING, Sitting

    course = Course(ROOT)
    lesson = course.lessons[0]
    exercise = lesson.exercise(exercise_name)
    source = course.solution(lesson, exercise).read_text()
    cpu, began = cpu_seconds(), time.perf_counter()

    def work(examiner: examining.Examiner) -> None:
        items = [item for _, item, _ in examiner._suites[exercise.name].items]
        reference = examiner.reference(exercise)
        for number in range(count):
            student = LocalStudent(load_source(f"{source}\n# {number}\n", "student", "student.py"))
            for item, following in zip(items, [*items[1:], None], strict=True):
                seed = derive_seed(str(number), item.name)
                examiner.config.stash[SITTING] = Sitting(student, reference, seed)
                with SeededGenerators(seed):
                    error = examining._call(item, "setup") or examining._call(item, "call")
                assert error is None, error
                examining._call(item, "teardown", following)
                item._request = False
                item.funcargs = None

    examining.Examiner(course, lesson, [exercise], None, secret="benchmark").run(work)
    return cpu_seconds() - cpu, time.perf_counter() - began


def cold(exercise_name: str, count: int) -> tuple[float, float]:
    """A fresh pytest process for each."""
    from grader.catalog import Course

    course = Course(ROOT)
    lesson = course.lessons[0]
    exercise = lesson.exercise(exercise_name)
    solution = str(course.solution(lesson, exercise))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "conftest.py").write_text(textwrap.dedent(CONFTEST).format(student=solution, reference=solution))
        for visibility in ("public", "hidden"):
            suite = course.suite(lesson, exercise, visibility).read_text()
            (place / f"test_{visibility}_{exercise.name}.py").write_text(suite)
        (place / "pytest.ini").write_text("[pytest]\nmarkers =\n    points(n)\n    part(name)\n")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:grader", "-p", "no:cacheprovider", folder]
        cpu, began = cpu_seconds(), time.perf_counter()
        for _ in range(count):
            finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
            assert finished.returncode == 0, finished.stdout
        return cpu_seconds() - cpu, time.perf_counter() - began


def per_submission(
    measure: Callable[[str, int], tuple[float, float]], exercise: str, count: int, short: int
) -> tuple[float, float]:
    """CPU and wall milliseconds per submission, without start-up."""
    few, many = measure(exercise, short), measure(exercise, short + count)
    return tuple(1000 * (b - a) / count for a, b in zip(few, many, strict=True))


def main() -> None:
    """Measure the three and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exercise", default="gates")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--cold", type=int, default=5)
    options = parser.parse_args()
    rows = {
        "wall": per_submission(walled, options.exercise, options.submissions, 20),
        "floor": per_submission(floor, options.exercise, options.submissions, 20),
        "cold pytest": per_submission(cold, options.exercise, options.cold, 0),
    }
    least = rows["floor"][0]
    print(f"{options.exercise}, {options.submissions} submissions; ms per submission")
    print(f"{'':<12} {'CPU':>8} {'wall':>8} {'CPU beyond the floor':>22} {'CPU / floor':>12}")
    for name, (cpu, wall) in rows.items():
        print(f"{name:<12} {cpu:>8.1f} {wall:>8.1f} {cpu - least:>22.1f} {cpu / least:>12.1f}")


if __name__ == "__main__":
    main()
