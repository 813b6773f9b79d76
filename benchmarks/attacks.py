"""What attacks come to under three graders: this one, plain pytest, and `nbgrader autograde`.

Only attacks that are safe to run beside other things: none that floods, forks or kills. Plain pytest and nbgrader run each of them
in bubblewrap with a read-only system, without a network, with limits on memory and time, on a copy of the course: as the obvious way
would, the student's module is imported beside the suite; in a notebook each test is a cell of its own. Neither of them bans anything.

    python benchmarks/attacks.py [--notebooks 8] [--only forging-exits_at_import …]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.attacks.corpus import Attack, corpus  # noqa: E402

SECONDS = 60
MEMORY = 6 * 2**30
SAFE = {
    "forging": (
        "exits_at_import", "exits_at_call", "sys_exit_at_import", "exits_in_atexit", "raises_skipped",
        "patched_torch_compare", "patched_tensor_methods", "patched_pytest", "patched_callers", "equal_to_everything",
        "tensor_that_intercepts", "rewrites_the_question_of_a_module", "state_dict_that_lies",
        "module_that_answers_everything",
    ),
    "stealing": (
        "frames", "solution_out_of_a_frame", "solution_out_of_the_heap", "imports", "loaded_modules", "heap",
        "environment", "paths_of_modules",
    ),
    "evading": ("by_getattr", "by_exec", "by_the_jit", "by_pickle", "by_a_class_from_before", "by_a_copied_source"),
    "harming": ("loop_at_import", "ignores_signals", "waits_for_ever", "reads_the_keyboard"),
    "telling": ("by_the_packages", "by_the_caller"),
    "keeping": ("answers_between_tests",),
}  # fmt: skip

CONFTEST = """
import importlib
import importlib.util
import sys
import types

import pytest

from grader.suite.draw import Draw
from grader.suite.local import LocalStudent

sys.path.insert(0, "{submission}")


@pytest.fixture
def student():
    return LocalStudent(importlib.import_module("{exercise}"))


@pytest.fixture
def reference():
    spec = importlib.util.spec_from_file_location("reference", "{solution}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def draw():
    return Draw(1)
"""


def boxed(folder: Path, *command: str) -> list[str]:
    """The command in bubblewrap: this folder is all that it may write to."""
    return [
        "bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
        "--ro-bind", str(ROOT), str(ROOT), "--ro-bind", sys.prefix, sys.prefix, "--bind", str(folder), str(folder),
        "--unshare-all", "--die-with-parent", "--new-session", "--chdir", str(folder), "--", *command,
    ]  # fmt: skip


def run(folder: Path, *command: str) -> tuple[str, bool]:
    """What it printed, and whether it had to be stopped."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(folder), "GRADER_SECRET": "secret-of-the-course", "USER": "teacher",
        "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    try:
        done = subprocess.run(
            boxed(folder, *command), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
        )  # fmt: skip
    except subprocess.TimeoutExpired as expired:
        return (expired.output or b"").decode("utf-8", "replace"), True
    return f"{done.stdout.decode('utf-8', 'replace')}\nexit status {done.returncode}", False


def by_pytest(folder: Path, attack: Attack) -> tuple[float, str, bool]:
    """Share of the points, everything printed, whether it hung. A clean exit without a report counts as passed."""
    attack.write(folder / "submission")
    solution = ROOT / "solutions" / "lesson09_lstm" / f"{attack.exercise}.py"
    suite = ROOT / "tests" / "hidden" / "lesson09_lstm" / f"test_{attack.exercise}.py"
    (folder / "conftest.py").write_text(
        CONFTEST.format(submission=folder / "submission", solution=solution, exercise=attack.exercise)
    )
    (folder / suite.name).write_text(suite.read_text())
    said, hung = run(
        folder, sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "no:grader", "--tb=short",
        "-W", "ignore", suite.name,
    )  # fmt: skip
    from grader.catalog import Course

    course = Course(ROOT)
    points = course.lesson().exercise(attack.exercise).points
    if not hung and said.rstrip().endswith("exit status 0"):
        return points, said, hung  # all that many a script looks at
    passed = sum(worth for name, worth in _points(suite).items() if f"PASSED {suite.name}::{name}\n" in f"{said}\n")
    return passed, said, hung


def _points(suite: Path) -> dict[str, float]:
    import ast

    found = {}
    for node in ast.parse(suite.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = [mark for mark in node.decorator_list if isinstance(mark, ast.Call) and mark.args]
            found[node.name] = sum(float(ast.literal_eval(mark.args[0])) for mark in marks)
    return found


SETUP_CELL = """
import inspect, types
from grader.suite.draw import Draw
from grader.suite.local import LocalStudent
from grader.suite.misconceptions import load_source
student_module = types.ModuleType("student")
vars(student_module).update({{name: value for name, value in globals().items() if not name.startswith("_")}})
given = {{"student": LocalStudent(student_module), "reference": load_source(open({solution!r}).read(), "reference", "reference.py"), "draw": Draw(1)}}
suite = load_source(open({suite!r}).read(), "suite", {suite!r})
def run_test(name):
    test = getattr(suite, name)
    test(**{{key: given[key] for key in inspect.signature(test).parameters}})
"""


def by_nbgrader(folder: Path, attack: Attack) -> tuple[float, str, bool]:
    """The score in nbgrader's gradebook, everything printed, whether it hung."""
    import nbformat
    from nbformat import v4

    attack.write(folder / "attack")
    text = (folder / "attack" / f"{attack.exercise}.py").read_text()
    solution = ROOT / "solutions" / "lesson09_lstm" / f"{attack.exercise}.py"
    suite = ROOT / "tests" / "hidden" / "lesson09_lstm" / f"test_{attack.exercise}.py"
    common = {"schema_version": 3, "task": False, "solution": False, "grade": False, "locked": True}
    answer, setup = (
        v4.new_code_cell(text),
        v4.new_code_cell(SETUP_CELL.format(solution=str(solution), suite=str(suite))),
    )
    answer.metadata.nbgrader = {**common, "solution": True, "locked": False, "grade_id": "answer"}
    setup.metadata.nbgrader = {**common, "grade_id": "setup"}
    cells = [answer, setup]
    for name, points in _points(suite).items():
        cells.append(v4.new_code_cell(f"run_test({name!r})"))
        cells[-1].metadata.nbgrader = {**common, "grade": True, "grade_id": name, "points": points}
    notebook = v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for place in (folder / "source" / "ps1", folder / "submitted" / "s" / "ps1"):
        place.mkdir(parents=True)
        nbformat.write(notebook, place / "work.ipynb")
        if (folder / "attack" / "marks.py").exists():
            (place / "marks.py").write_text((folder / "attack" / "marks.py").read_text())
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'c'\nc.ClearSolutions.enforce_metadata = False\n"
        "c.ExecutePreprocessor.timeout = 20\n"
    )
    nbgrader = [sys.executable, "-m", "nbgrader"]
    run(folder, *nbgrader, "generate_assignment", "ps1")
    said, hung = run(folder, *nbgrader, "autograde", "ps1")
    for path in (folder / "autograded").rglob("*.ipynb"):
        said += path.read_text()
    if not (folder / "gradebook.db").exists():
        return 0.0, said, hung
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as gradebook:
        scores = [submission.score for submission in gradebook.assignment_submissions("ps1")]
    return (scores[0] if scores else 0.0), said, hung


def by_this(folder: Path, attacks: list[Attack]) -> dict[str, tuple[float, str, bool]]:
    """The same of `grader grade`, for the whole class at once."""
    for attack in attacks:
        (folder / "class").mkdir(exist_ok=True)
        attack.write(folder / "class" / attack.students[0])
    command = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        str(folder / "class"),
        "--output",
        str(folder / "out"),
        "--jobs",
        "2",
    ]
    for exercise in sorted({attack.exercise for attack in attacks}):
        command += ["--exercise", exercise]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    found = {}
    for attack in attacks:
        text = (folder / "out" / "results" / f"{attack.students[0]}.json").read_text()
        result = json.loads(text)
        hung = sum(exercise["seconds"] for exercise in result["exercises"]) > SECONDS
        found[attack.students[0]] = result["score"], text, hung
    return found


def check(folder: Path) -> None:
    """Right work gets all points and a stub none under both other graders; otherwise their columns would mean nothing."""
    for kind, source in (("right", ROOT / "solutions"), ("stub", ROOT / "exercises")):
        for exercise in ("gates", "cell"):
            text = (source / "lesson09_lstm" / f"{exercise}.py").read_text()

            def write(path: Path, name: str = exercise, text: str = text) -> None:
                path.mkdir()
                (path / f"{name}.py").write_text(text)

            work = Attack("control", kind, "none", 0.0, exercise, write)
            wanted = {"right": {"gates": 8.0, "cell": 10.0}[exercise], "stub": 0.0}[kind]
            for grade in (by_pytest, by_nbgrader):
                place = folder / f"{kind}-{exercise}-{grade.__name__}"
                place.mkdir()
                score, said, hung = grade(place, work)
                if score != wanted or hung:
                    raise SystemExit(
                        f"{grade.__name__} gives {kind} work on {exercise} {score}, not {wanted}:\n{said[-3000:]}"
                    )


def main() -> None:
    """Run all and print a table."""
    parser = argparse.ArgumentParser(
        description=textwrap.dedent(__doc__), formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--notebooks", type=int, default=100, help="how many attacks nbgrader gets; 0 leaves it out")
    parser.add_argument("--only", action="append", help="may be repeated: GROUP-NAME")
    options = parser.parse_args()
    attacks = [each for each in corpus() if each.name in SAFE.get(each.group, ())]
    if options.only:
        attacks = [each for each in attacks if each.students[0] in options.only]
    counts: Counter[tuple[str, str, str]] = Counter()
    with tempfile.TemporaryDirectory(dir=Path.home()) as name:
        check(Path(name))
        this = by_this(Path(name), attacks)
        for place, attack in enumerate(attacks):
            graders = {"grader grade": lambda _, attack: this[attack.students[0]], "plain pytest": by_pytest}
            if place < options.notebooks:
                graders["nbgrader autograde"] = by_nbgrader
            for grader, grade in graders.items():
                folder = Path(name) / f"{place}-{grader.replace(' ', '-')}"
                folder.mkdir()
                score, said, hung = grade(folder, attack)
                counts[grader, attack.group, "attacks"] += 1
                counts[grader, attack.group, "gained"] += score > attack.at_most
                counts[grader, attack.group, "learned"] += "LEARNED" in said
                counts[grader, attack.group, "hung"] += hung
                print(f"{attack.students[0]:<48} {grader:<20} {score:>5.2f} of at most {attack.at_most:g}"
                      f"{' LEARNED' if 'LEARNED' in said else ''}{' HUNG' if hung else ''}", file=sys.stderr, flush=True)  # fmt: skip
    print("| attacks | of | " + " | ".join(f"{each}: gained / learned / hung" for each in ("grader grade", "plain pytest", "nbgrader autograde")) + " |")  # fmt: skip
    print("|---|---|---|---|---|")
    for group in SAFE:
        row = [f"{counts['grader grade', group, 'attacks']}"]
        for grader in ("grader grade", "plain pytest", "nbgrader autograde"):
            row.append(" / ".join(str(counts[grader, group, what]) for what in ("gained", "learned", "hung")))
        print(f"| {group} | {' | '.join(row)} |")


if __name__ == "__main__":
    main()
