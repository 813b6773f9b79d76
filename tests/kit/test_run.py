"""A run over a class, and the next one: late work, several hand-ins, mended suites, what is kept and what is replaced."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import zipfile

import pytest

from grader.sandbox.opening import Protection
from tests.kit.conftest import ROOT

RIGHT = "def double(x): return x + x\n"
WRONG = "def double(x): return x + 1\n"
KILLS = int(os.environ.get("GRADER_KILLS", "1"))


@pytest.fixture
def grade(run_grader, small_course):
    """Grades the small course's class into `out`, with one worker; returns the finished process."""

    def run(*options, code=0):
        finished = run_grader("grade", "class", "--output", "out", "--jobs", "1", *options, cwd=small_course.root)
        assert finished.returncode == code, finished.stdout + finished.stderr
        return finished

    return run


def run_of(course):
    return json.loads((course.root / "out" / "run.json").read_text())


def hand_in_of(course, student):
    return next(each for each in run_of(course)["hand_ins"] if each["student"] == student)


def rows(course):
    return (course.root / "out" / "grades.csv").read_text().splitlines()[1:]


def zipped(path, text, date=(1980, 1, 1, 0, 0, 0), **manifest):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("double.py", date), text)
        if manifest:
            archive.writestr("manifest.json", json.dumps(manifest))


def test_the_last_hand_in_counts(grade, small_course):
    """Of nbgrader's inbound, of archives with a time of their own, of a folder full of archives."""
    inbound = small_course.root / "class"
    for moment, text in (("2026-01-09 10:00:00 UTC", WRONG), ("2026-01-10 08:30:00.500000 UTC+x1", RIGHT)):
        small_course.write(f"class/ada+lesson01+{moment}/double.py", text)
    small_course.write("class/ada+lesson02+2026-02-01 10:00:00 UTC/double.py", WRONG)
    zipped(inbound / "bob" / "second.zip", RIGHT, submitted="2026-01-10T00:00:00Z")
    zipped(inbound / "bob" / "first.zip", WRONG, submitted="2026-01-09T23:00:00-00:00")
    zipped(inbound / "eve.zip", RIGHT, (2026, 1, 3, 0, 0, 0))
    small_course.write("class/eve/double.py", WRONG)
    small_course.write("class/eve/timestamp.txt", "2026-01-02 00:00:00 UTC")
    zipped(inbound / "zoe" / "a.zip", RIGHT)
    zipped(inbound / "zoe" / "b.zip", WRONG)
    grade()
    assert rows(small_course)[:3] == [f"{name},double,graded,2,2,100.0" for name in ("ada", "bob", "eve")]
    assert rows(small_course)[3] == "zoe,double,unreadable,0,2,0.0"  # nothing says which is the last
    assert [hand_in_of(small_course, name)["attempts"] for name in ("ada", "bob", "eve", "zoe")] == [2, 2, 2, 2]
    assert hand_in_of(small_course, "ada")["submitted"] == "2026-01-10T08:30:00.500000Z"
    assert hand_in_of(small_course, "zoe")["submitted"] is None


def test_late_work_is_shown_apart(grade, small_course):
    """Each day begun costs its share; the score itself stays what it is; who left no time is not late."""
    for student, moment in (
        ("ada", "2026-01-10T12:00:00Z"),
        ("bob", "2026-01-12T12:00:01Z"),
        ("eve", "2026-02-12T00:00:00Z"),
    ):
        zipped(small_course.root / "class" / f"{student}.zip", RIGHT, submitted=moment)
    small_course.hand_in("zoe", RIGHT)
    finished = grade("--due", "2026-01-10 13:00 Europe/Berlin", "--late-penalty", "15")
    assert all(row.endswith("graded,2,2,100.0") for row in rows(small_course))
    told = {name: hand_in_of(small_course, name) for name in ("ada", "bob", "eve", "zoe")}
    assert [told[name]["days_late"] for name in told] == [0, 3, 33, 0]
    assert [told[name]["penalty"] for name in told] == [0, 0.9, 2, 0]
    assert "Late (due 2026-01-10 12:00 UTC):" in finished.stdout
    assert "2 - 0.9 = 1.1" in finished.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--late-penalty", "10"], "--late-penalty needs --due"),
        (["--due", "tomorrow"], "--due 'tomorrow' is no time."),
        (["--due", "2026-01-10 Nowhere/Land"], "is no time."),
    ],
)
def test_wrong_options_are_told(grade, small_course, options, said):
    """In a sentence, before anything is graded."""
    small_course.hand_in("ada", RIGHT)
    finished = grade(*options, code=2)
    assert said in finished.stderr
    assert not (small_course.root / "out").exists()


LENIENT = '''
    from grader.suite.writing import assert_same, points

    @points(2)
    def test_double(student, reference, draw):
        """Twice as much"""
        assert_same(student.double(1), 2)
'''


def test_a_mended_suite_shows_who_gains_before_it_replaces(grade, small_course):
    """--dry-run shows only that; then the grades are replaced and the difference is kept."""
    small_course.hand_in("ada", RIGHT)
    small_course.hand_in("bob", WRONG)
    assert "Grades change" not in grade().stdout
    before = rows(small_course)
    small_course.write("tests/hidden/lesson01/test_double.py", LENIENT)
    shown = grade("--dry-run")
    assert "Grades change though the work did not: 1 gain, 0 lose, of 1 students." in shown.stdout
    assert "bob: +2" in shown.stdout
    assert "double, Twice as much: 0 → 2" in shown.stdout
    assert rows(small_course) == before
    assert run_of(small_course)["regrades"] == []
    replaced = grade()
    assert "bob: +2" in replaced.stdout
    assert rows(small_course)[1] == "bob,double,graded,2,2,100.0"
    (regrade,) = run_of(small_course)["regrades"]
    assert [(each["student"], each["test"], each["before"], each["after"]) for each in regrade["changes"]] == [
        ("bob", "test_double", 0, 2)
    ]
    assert "Grades change" not in grade().stdout
    assert len(run_of(small_course)["regrades"]) == 1


def test_new_work_is_no_regrade(grade, small_course):
    """Who hands in again gets another grade, and nobody is asked."""
    small_course.hand_in("ada", WRONG)
    grade()
    small_course.hand_in("ada", RIGHT)
    assert "Grades change" not in grade().stdout
    assert rows(small_course) == ["ada,double,graded,2,2,100.0"]
    assert run_of(small_course)["regrades"] == []


def test_regrade_grades_again(grade, small_course):
    """Only when it is asked for; and the same work gets the same grade."""
    small_course.hand_in("ada", RIGHT)
    grade()
    (record,) = (small_course.root / "out" / "records").glob("*.json")
    kept = record.stat().st_mtime_ns
    assert "Nothing has changed" in grade().stderr
    assert record.stat().st_mtime_ns == kept
    first = json.loads(record.read_text())
    assert "graded 1 of 1" in grade("--regrade").stderr
    assert record.stat().st_mtime_ns != kept
    assert json.loads(record.read_text())["seed"] == first["seed"]


def test_a_recorded_seed_draws_the_same(grade, small_course):
    """What a record says is enough to get the same failure under plain pytest, numbers included."""
    small_course.hand_in("ada", WRONG)
    grade()
    (path,) = (small_course.root / "out" / "records").glob("*.json")
    record = json.loads(path.read_text())
    suite = small_course.root / "tests/hidden/lesson01/test_double.py"
    suite.write_text(
        suite.read_text().replace("x = draw.normal(3)", "x = draw.normal(3)\n    print('drawn', x.tolist())")
    )
    command = [sys.executable, "-m", "pytest", "-q", "-s", str(suite), "--submission", "class/ada", "--grader-seed"]

    def drawn(seed):
        finished = subprocess.run(
            [*command, str(seed)], cwd=small_course.root, capture_output=True, text=True, check=False,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return next(line for line in finished.stdout.splitlines() if "drawn" in line).partition("drawn")[2]

    from grader.suite.draw import Draw, derive_seed

    expected = Draw(derive_seed(str(record["seed"]), "test_double")).normal(3).tolist()
    assert drawn(record["seed"]).strip() == str(expected)
    assert drawn(record["seed"] + 1) != drawn(record["seed"])


def test_work_that_changes_meanwhile_is_not_mixed_up(grade, small_course, monkeypatch):
    """A hand-in that is replaced while the class is graded keeps its record apart, and the run says so."""
    from grader.catalog import Course
    from grader.engine import grading
    from grader.engine.watcher import Watcher
    from grader.errors import IncompleteRun

    small_course.hand_in("ada", RIGHT)
    small_course.hand_in("bob", WRONG)
    course = Course(small_course.root)
    lesson = course.lesson()

    class Replaces(Watcher):
        def progress(self, done, of):
            if done == 0:
                small_course.hand_in("bob", RIGHT)

    arguments = (course, lesson, lesson.exercises, small_course.root / "class", small_course.root / "out")
    with pytest.raises(IncompleteRun, match="1 hand-in"):
        grading.grade_class(*arguments, grading.Options(secret="s"), Replaces())
    outcome = grading.grade_class(*arguments, grading.Options(secret="s"), Watcher())
    assert outcome.written
    assert all(row.endswith("graded,2,2,100.0") for row in rows(small_course))


def test_a_full_disk_loses_nothing(grade, small_course):
    """A record that cannot be written ends the run with a sentence; the next one goes on, and no half file is left."""
    for number in range(4):
        small_course.hand_in(f"s{number}", f"NUMBER = {number}\n{RIGHT}")
    command = [sys.executable, "-m", "grader", "grade", "class", "--output", "out", "--jobs", "1"]
    finished = subprocess.run(
        command, cwd=small_course.root, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700, resource.RLIM_INFINITY)), check=False,
    )  # fmt: skip
    assert finished.returncode == 3, finished.stderr
    assert "What is graded so far is kept." in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (small_course.root / "out" / "grades.csv").exists()
    grade()
    assert rows(small_course) == [f"s{number},double,graded,2,2,100.0" for number in range(4)]


def test_the_longest_work_begins_first(small_course, tmp_path, monkeypatch):
    """By what it cost before; the first time, by the exercise's limit."""
    from grader.catalog import Course
    from grader.engine import costs, grading
    from grader.engine.watcher import Watcher

    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache")
    lesson_file = small_course.root / "course/lesson01/lesson.toml"
    second = lesson_file.read_text().partition("[[exercises]]")[2].replace('"double"', '"triple"', 1)
    lesson_file.write_text(
        lesson_file.read_text()
        + "[[exercises]]"
        + second.replace("seconds = 1.0", "seconds = 3.0").replace('"double"', '"triple"')
    )
    for folder in ("solutions/lesson01/{}.py", "tests/hidden/lesson01/test_{}.py", "tests/public/lesson01/test_{}.py"):
        text = (small_course.root / folder.format("double")).read_text()
        small_course.write(folder.format("triple"), text.replace("double", "triple"))
    for student in ("ada", "bob"):
        small_course.hand_in(student, f"# {student}\n{RIGHT}")
        small_course.write(f"class/{student}/triple.py", f"# {student}\n{RIGHT.replace('double', 'triple')}")
    course = Course(small_course.root)
    lesson = course.lesson()
    given = []
    monkeypatch.setattr(
        grading._Run, "_jobs",
        lambda self, keys, jobs=grading._Run._jobs: (given.append(job.work.exercise) or job for job in jobs(self, keys)),
    )  # fmt: skip

    def order():
        given.clear()
        options = grading.Options(secret="s", regrade=True)
        grading.grade_class(
            course, lesson, lesson.exercises, small_course.root / "class", tmp_path / "out", options, Watcher()
        )
        return list(given)

    assert order() == ["triple", "triple", "double", "double"]
    known = costs.known_costs()
    assert len(known) == 2
    assert all(0 < seconds < 1 for seconds in known.values())
    costs.remember({suites: place for place, suites in enumerate(known)})
    last = list(known)[1]
    first = next(
        exercise.name
        for exercise in lesson.exercises
        if grading.origin_of(course, lesson, exercise, "s", protection=Protection.BUBBLEWRAP).suites == last
    )
    assert order()[:2] == [first, first]


def test_killed_anywhere_it_ends_with_the_same_grades(small_course):
    """SIGKILL of the command, of a worker or of a fork server at random moments (GRADER_KILLS of them), then resumed.

    The grades are those of an undisturbed run, and no record that was written is written again.
    """
    for number in range(30):
        small_course.hand_in(
            f"s{number:02}", f"NUMBER = {number}\ndef double(x): return x + {'x' if number % 2 else 1}\n"
        )
    command = [sys.executable, "-m", "grader", "grade", "class", "--jobs", "2", "--output"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    quiet = {"cwd": small_course.root, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.monotonic()
    subprocess.run([*command, "calm"], check=True, **quiet)
    whole = time.monotonic() - began
    chance = random.Random(9)

    def children_of(pid):
        found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
        return [int(each) for each in found.split()]

    for kill in range(KILLS):
        output = small_course.root / f"killed{kill}"
        victim = ("command", "worker", "server")[kill % 3]
        run = subprocess.Popen([*command, output.name], **quiet)
        time.sleep(chance.uniform(0, 1) * whole)
        targets = [run.pid]
        if victim != "command":
            targets = children_of(run.pid)
        if victim == "server":
            targets = [child for worker in targets for child in children_of(worker)]
        if targets:
            target = chance.choice(targets)
            if run.poll() is None:
                os.kill(target, signal.SIGKILL)
        run.wait()
        kept = {path.name: path.stat().st_mtime_ns for path in (output / "records").glob("[!.]*.json")}
        subprocess.run([*command, output.name], check=True, **quiet)
        now = {path.name: path.stat().st_mtime_ns for path in (output / "records").glob("[!.]*.json")}
        assert kept.items() <= now.items(), (kill, victim)
        assert (output / "grades.csv").read_bytes() == (small_course.root / "calm" / "grades.csv").read_bytes()
        assert not [path for path in output.rglob(".*") if path.name != ".lock"]
