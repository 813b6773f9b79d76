"""The two ways of an nbgrader course: `nbgrader autograde`, beside `grader grade` and `grader export nbgrader`.

Every student hands in the released notebook of the lesson with the solutions of the same exercises, each a little other.
Wall time of the commands, start-up included, one job each: bubblewrap does not tell what CPU time its children used.

    python benchmarks/autograde.py [--exercise gates --exercise cell] [--students 5]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(folder: Path, *command: str) -> float:
    """Seconds of `python -m …` in this folder."""
    began = time.perf_counter()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    finished = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | {"GRADER_COURSE": str(ROOT), "PATH": path},
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return time.perf_counter() - began


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
    safe = graded + exported
    print(f"{options.students} students; wall seconds per student, start-up included")
    for what, seconds in (("nbgrader autograde", plain), ("grader grade and export", safe)):
        print(f"{what:<24} {seconds / options.students:>8.2f}")
    print(f"ratio: {plain / safe:.1f}")


if __name__ == "__main__":
    main()
