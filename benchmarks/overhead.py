"""What the wall costs: CPU time per submission of one exercise, three ways, measured in one run on the same code.

- wall: as `grader grade` does it: collected once, each submission in a fork behind the wall.
- floor: the same collected suites on the same code in one warm process, with no wall and no misconceptions.
- cold pytest: a fresh `python -m pytest` per submission, which imports the student's module beside the tests.

CPU time is user and system time of this process and all its children, the far side's own account included, without
start-up.

    python benchmarks/overhead.py [--exercise gates] [--submissions 200] [--cold 5]
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from statistics import median

Cost = tuple[float, float]
"""CPU and wall time of one submission, in milliseconds."""

ROOT = Path(__file__).parents[1]

FIXTURES = """
    import pytest

    from grader.suite.draw import Draw
    from grader.suite.local import LocalStudent, SeededGenerators
    from grader.suite.misconceptions import load_source


    def load(name, path):
        with open(path) as file:
            return load_source(file.read(), name, path)


    @pytest.fixture
    def student():
        return LocalStudent(load("student", {student!r}))


    @pytest.fixture
    def reference():
        return load("reference", {reference!r})


    @pytest.fixture
    def draw():
        return Draw(1)


    @pytest.fixture(autouse=True)
    def same_chance():
        with SeededGenerators(1):
            yield
"""


def cpu_seconds() -> float:
    """User and system time of this process and of all its children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rounds(exercise_name: str, count: int, number: int) -> dict[str, list[Cost]]:
    """Milliseconds per submission behind the wall and on the floor, in turns of `count` submissions each.

    The two take turns in one process, so that what else the machine does falls on both.
    """
    from grader.catalog import Course
    from grader.sandbox.opening import Protection, open_far_side
    from grader.submissions.work import Work
    from grader.suite import examiner as examining
    from grader.suite.draw import derive_seed
    from grader.suite.local import LocalStudent, SeededGenerators
    from grader.suite.misconceptions import load_source
    from grader.suite.plugin import Sitting

    course = Course(ROOT)
    lesson = course.lessons[0]
    exercise = lesson.exercise(exercise_name)
    source = course.solution(lesson, exercise).read_text()
    costs: dict[str, list[Cost]] = {"wall": [], "floor": []}

    with open_far_side(Protection.BUBBLEWRAP, warm=True, trains=course.trains(lesson, exercise)) as far:

        def behind_the_wall(examiner: examining.Examiner, text: str) -> None:
            work = Work(exercise=exercise.name, files={f"{exercise.name}.py": text.encode()})
            result = examiner.examine(work)
            assert result.score == result.max_score, result

        def on_the_floor(examiner: examining.Examiner, text: str) -> None:
            """The same items on the same code, loaded anew, in this process."""
            tests = examiner._suites[exercise.name].tests
            reference = examiner.reference(exercise)
            student = LocalStudent(load_source(text, "student", "student.py"))
            student.grader_changed_arguments = lambda: (
                False
            )  # the solution changes nothing: the floor puts nothing back
            for test, following in zip(tests, [*tests[1:], None], strict=True):
                seed = derive_seed(text, test.name)
                with SeededGenerators(seed):
                    error = test.begin(Sitting(student, reference, seed))
                assert error is None, error
                test.end(following)

        def work(examiner: examining.Examiner) -> None:
            far.share_core(min(os.sched_getaffinity(0)))  # as a worker of the pool does
            for turn in range(number + 1):
                for name, run in (("wall", behind_the_wall), ("floor", on_the_floor)):
                    cpu, began = cpu_seconds() + far.spent(), time.perf_counter()
                    for place in range(count):
                        run(examiner, f"{source}\n# {turn} {place}\n")
                    used = cpu_seconds() + far.spent() - cpu
                    if turn:  # the first one warms up
                        costs[name].append((1000 * used / count, 1000 * (time.perf_counter() - began) / count))

        examining.Examiner(course, lesson, [exercise], far, secret="benchmark").run(work)
    return costs


def cold(exercise_name: str, count: int) -> list[Cost]:
    """Milliseconds of a fresh pytest process for each submission."""
    from grader.catalog import Course

    course = Course(ROOT)
    lesson = course.lessons[0]
    exercise = lesson.exercise(exercise_name)
    solution = str(course.solution(lesson, exercise))
    suites = [str(course.suite(lesson, exercise, visibility)) for visibility in ("public", "hidden")]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "cold_fixtures.py").write_text(textwrap.dedent(FIXTURES).format(student=solution, reference=solution))
        (place / "pytest.ini").write_text("[pytest]\nmarkers =\n    points(n)\n    part(name)\n")
        options = ["--noconftest", "--import-mode=importlib", "-c", str(place / "pytest.ini")]
        command = [
            sys.executable, "-m", "pytest", "-q", "-p", "no:grader", "-p", "no:cacheprovider", "-p", "cold_fixtures",
            *options, *suites,
        ]  # fmt: skip
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([folder, str(ROOT)])}
        costs = []
        for _ in range(count):
            cpu, began = cpu_seconds(), time.perf_counter()
            finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
            assert finished.returncode == 0, finished.stdout
            costs.append((1000 * (cpu_seconds() - cpu), 1000 * (time.perf_counter() - began)))
        return costs


def main() -> None:
    """Measure the three and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exercise", default="gates")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20, help="the submissions are graded in so many turns")
    parser.add_argument("--cold", type=int, default=5, help="0 leaves cold pytest out")
    options = parser.parse_args()
    rows = rounds(options.exercise, max(1, options.submissions // options.rounds), options.rounds)
    beyond = [wall[0] - floor[0] for wall, floor in zip(rows["wall"], rows["floor"], strict=True)]
    if options.cold:
        rows["cold pytest"] = cold(options.exercise, options.cold)
    least = median(cpu for cpu, _ in rows["floor"])
    print(
        f"{options.exercise}, {options.submissions} submissions in {options.rounds} turns; ms per submission, medians"
    )
    print(f"{'':<12} {'CPU':>8} {'wall':>8} {'CPU / floor':>12}")
    for name, costs in rows.items():
        cpu, wall = median(cpu for cpu, _ in costs), median(wall for _, wall in costs)
        print(f"{name:<12} {cpu:>8.1f} {wall:>8.1f} {cpu / least:>12.1f}")
    print(f"CPU beyond the floor: {median(beyond):.1f} ms (of the turns {min(beyond):.1f} to {max(beyond):.1f})")


if __name__ == "__main__":
    main()
