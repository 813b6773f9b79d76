"""How fast a class is graded, side by side with what else there is, on the same submissions in one run.

- grader: `grader grade` as a user starts it, with 1 and with 2 jobs; also the memory of the command over the run.
- nbgrader: `nbgrader autograde` on notebooks with the same code and the same tests in a cell.
- cold pytest: a fresh `python -m pytest` for each submission.
- floor: the same suites on the same code in one warm process, no wall (CPU, from `overhead.py`).

Wall time, start-up included; of the grader also without it, between the first result and the last. Every submission is
the reference solution with a comment of its own, so that none is graded for another.

    python benchmarks/throughput.py [--exercise gates …] [--submissions 1000] [--notebooks 3] [--cold 5] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import nbformat
import psutil
from overhead import ROOT, cold, rounds

from grader.catalog import Course

SAMPLE_SECONDS = 0.25
COURSE = Course(ROOT)
LESSON = COURSE.lessons[0]

TEST_CELL = """
import inspect
import types
import warnings

from grader.suite.draw import Draw
from grader.suite.local import LocalStudent
from grader.suite.misconceptions import load_source

student_module = types.ModuleType("student")
vars(student_module).update({{name: value for name, value in globals().items() if not name.startswith("_")}})
with open({reference!r}) as file:
    given = {{
        "student": LocalStudent(student_module), "reference": load_source(file.read(), "reference", "reference.py"),
        "draw": Draw(1),
    }}
for path in {suites!r}:
    with open(path) as file:
        suite = load_source(file.read(), "suite", path)
    for name, test in vars(suite).items():
        if name.startswith("test_"):
            test(**{{key: given[key] for key in inspect.signature(test).parameters}})
"""


def make_class(folder: Path, exercises: list[str], count: int) -> None:
    """Hand-ins that are right and differ in a comment."""
    sources = {name: COURSE.solution(LESSON, LESSON.exercise(name)).read_text() for name in exercises}
    for number in range(count):
        place = folder / f"s{number:05}"
        place.mkdir(parents=True)
        for name, source in sources.items():
            (place / f"{name}.py").write_text(f"{source}\n# {number}\n")


def run_grader(
    submissions: Path, output: Path, exercises: list[str], jobs: int
) -> tuple[float, float, list[tuple[int, float]]]:
    """Seconds, those between the first result and the last, and the command's memory in MB by how much was graded."""
    command = [sys.executable, "-m", "grader", "grade", str(submissions), "--output", str(output), "--jobs", str(jobs)]
    for name in exercises:
        command += ["--exercise", name]
    began = time.perf_counter()
    said = output.with_suffix(".txt")
    with said.open("w") as stderr:
        run = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=stderr)
    watched, memory = psutil.Process(run.pid), []
    while run.poll() is None:
        time.sleep(SAMPLE_SECONDS)
        done = [int(line.split()[1]) for line in said.read_text().splitlines() if line.startswith("graded ")]
        with suppress(psutil.Error):  # it has just ended
            resident = watched.memory_info().rss / 2**20
            if resident:
                memory.append((max(done, default=0), resident))
    seconds = time.perf_counter() - began
    assert run.wait() == 0, said.read_text()
    written = sorted(path.stat().st_mtime for path in (output / "records").glob("*.json"))
    return seconds, written[-1] - written[0], memory


def run_nbgrader(folder: Path, exercise: str, count: int) -> float:
    """Seconds of `nbgrader autograde` for so many notebooks."""
    from nbformat import v4

    declared = LESSON.exercise(exercise)
    solution = COURSE.solution(LESSON, declared)
    suites = [str(COURSE.suite(LESSON, declared, each)) for each in ("public", "hidden")]
    answer = v4.new_code_cell(solution.read_text().replace("### BEGIN SOLUTION", "").replace("### END SOLUTION", ""))
    tests = v4.new_code_cell(TEST_CELL.format(reference=str(solution), suites=suites))
    common = {"schema_version": 3, "task": False}
    answer.metadata.nbgrader = {**common, "grade": False, "solution": True, "locked": False, "grade_id": "answer"}
    tests.metadata.nbgrader = {
        **common, "grade": True, "solution": False, "locked": True, "grade_id": "tests", "points": declared.points,
    }  # fmt: skip
    notebook = v4.new_notebook(cells=[answer, tests])
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    places = [folder / "source" / "ps1", *(folder / "submitted" / f"s{number}" / "ps1" for number in range(count))]
    for place in places:
        place.mkdir(parents=True)
        nbformat.write(notebook, place / "work.ipynb")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'c'\nc.ClearSolutions.enforce_metadata = False\n"
    )
    nbgrader = [sys.executable, "-m", "nbgrader"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader starts alembic by name
    quiet = {
        "cwd": folder, "check": True, "capture_output": True, "env": os.environ | {"PYTHONPATH": str(ROOT), "PATH": path},
    }  # fmt: skip
    subprocess.run([*nbgrader, "generate_assignment", "ps1"], **quiet)
    began = time.perf_counter()
    subprocess.run([*nbgrader, "autograde", "ps1"], **quiet)
    seconds = time.perf_counter() - began
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        scores = [gradebook.find_submission("ps1", f"s{number}").score for number in range(count)]
    assert scores == [declared.points] * count, scores
    return seconds


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(
        description=textwrap.dedent(__doc__), formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--exercise", action="append", help="may be repeated; 'all' for all ten (default: gates)")
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, action="append", help="may be repeated (default: 1 and 2)")
    parser.add_argument("--notebooks", type=int, default=3, help="0 leaves nbgrader out")
    parser.add_argument("--cold", type=int, default=5, help="0 leaves cold pytest out")
    parser.add_argument("--floor", type=int, default=5, help="turns on the floor; 0 leaves it out")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    every = [each.name for each in LESSON.exercises]
    exercises = every if options.exercise == ["all"] else options.exercise or ["gates"]
    rows: dict[str, float] = {}
    between: dict[int, float] = {}
    told: dict[str, object] = {"exercises": exercises, "submissions": options.submissions}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_class(folder / "class", exercises, options.submissions)
        for jobs in options.jobs or [1, 2]:
            seconds, steady, memory = run_grader(folder / "class", folder / f"graded{jobs}", exercises, jobs)
            rows[f"grader, {jobs} job{'s' if jobs > 1 else ''}"] = seconds / options.submissions
            results = options.submissions * len(exercises)
            between[jobs] = steady / max(1, results - 1) * len(exercises)
            grading = [each for done, each in memory if 500 <= done < options.submissions]
            held = {"most, writing the results": max(m for _, m in memory)}
            if grading:
                held |= {"after 500": grading[0], "before the last": grading[-1]}
            told[f"memory, {jobs}"] = held
        if options.notebooks:
            seconds = sum(run_nbgrader(folder / f"nbgrader-{each}", each, options.notebooks) for each in exercises)
            rows["nbgrader autograde"] = seconds / options.notebooks
        if options.cold:
            rows["cold pytest"] = sum(median(wall for _, wall in cold(each, options.cold)) for each in exercises) / 1000
    fastest = min(seconds for row, seconds in rows.items() if row.startswith("grader"))
    print(f"{', '.join(exercises)}: {options.submissions} submissions; wall time each, start-up included")
    for row, seconds in rows.items():
        print(f"{row:<20} {1000 * seconds:>9.1f} ms {seconds / fastest:>9.1f} ×")
    for jobs, each in between.items():
        print(f"between the first result and the last, {jobs} job(s): {1000 * each:.1f} ms each")
    for jobs in options.jobs or [1, 2]:
        memory_told = told[f"memory, {jobs}"]
        assert isinstance(memory_told, dict)
        print(f"memory of the command, {jobs} job(s): " + ", ".join(f"{k} {v:.0f} MB" for k, v in memory_told.items()))
    if options.floor:
        costs = [rounds(each, 1 if len(exercises) > 1 else 10, options.floor) for each in exercises]
        cpu = {kind: sum(median(used for used, _ in cost[kind]) for cost in costs) for kind in ("wall", "floor")}
        print(f"CPU behind the wall {cpu['wall']:.1f} ms, on the floor {cpu['floor']:.1f} ms: "
              f"{cpu['wall'] / cpu['floor']:.2f} ×, {cpu['wall'] - cpu['floor']:.1f} ms more")  # fmt: skip
        told["cpu"] = cpu
    if options.json:
        options.json.write_text(json.dumps(told | {"seconds": rows, "between": between}, indent=2))


if __name__ == "__main__":
    main()
