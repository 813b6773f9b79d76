"""What nbgrader costs: CPU time per student of `nbgrader autograde`, beside `grader grade` and `grader export nbgrader`.

Every student hands in the released notebook of the lesson with the solutions of the same exercises, each a little other.
CPU time is user and system time of the commands and all their children, start-up included; both grade with one job.

    python benchmarks/nbgrader.py [--exercise gates --exercise cell] [--students 5]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(folder: Path, *command: str) -> tuple[float, float]:
    """CPU and wall seconds of `python -m …` in this folder."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"GRADER_COURSE": str(ROOT), "PATH": path},
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - began


def main() -> None:
    """Measure both ways on the same class and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--exercise", action="append", help="which ones the students have solved (default: gates)")
    parser.add_argument("--students", type=int, default=5)
    options = parser.parse_args()
    from grader.catalog import Course

    course = Course(ROOT)
    lesson = course.lessons[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "course"
        run(Path(name), "grader", "nbgrader", "quickstart", str(folder))
        run(folder, "nbgrader", "generate_assignment", lesson.name)
        notebook = json.loads((folder / "release" / lesson.name / "lesson.ipynb").read_text())
        for student in range(options.students):
            for cell in notebook["cells"]:
                exercise = cell["metadata"].get("grader", {}).get("exercise")
                if exercise in (options.exercise or ["gates"]):
                    solution = course.solution(lesson, lesson.exercise(exercise)).read_text()
                    cell["source"] = f"{solution}\n# {student}\n"
            place = folder / "submitted" / f"s{student:03}" / lesson.name
            place.mkdir(parents=True)
            (place / "lesson.ipynb").write_text(json.dumps(notebook))
        plain = run(folder, "nbgrader", "autograde", lesson.name)
        graded = run(folder, "grader", "grade", ".", "--output", "graded", "--jobs", "1")
        exported = run(folder, "grader", "export", "nbgrader", "graded")
    safe = (graded[0] + exported[0], graded[1] + exported[1])
    print(f"{options.students} students; seconds per student, start-up included")
    print(f"{'':<24} {'CPU':>8} {'wall':>8}")
    for what, (cpu, wall) in (("nbgrader autograde", plain), ("grader grade and export", safe)):
        print(f"{what:<24} {cpu / options.students:>8.2f} {wall / options.students:>8.2f}")
    print(f"ratio of CPU times: {plain[0] / safe[0]:.1f}")


if __name__ == "__main__":
    main()
