"""The commands as a user starts them: their output, their exit status, their answer to bad input."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.kit.conftest import ROOT, SAMPLE_CLASS


def test_help_does_not_wait_for_torch(run_grader):
    """`grader --help` imports neither torch nor pytest."""
    finished = run_grader("--help")
    assert finished.returncode == 0
    assert "check" in finished.stdout
    code = "import sys, grader.cli; sys.exit(bool({'torch', 'pytest', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_check_explains_the_first_mistake(run_grader):
    """A line per test, the first failure in words, what to type next; 80 columns; status 1."""
    finished = run_grader("check", "gates", "--file", SAMPLE_CLASS / "s07-swapped-gates" / "gates.py")
    assert finished.returncode == 1
    lines = finished.stdout.splitlines()
    assert lines[0].startswith("gates: The gates of an LSTM")
    assert lines[0].endswith("6.5 of 8 points")
    assert "Your update_cell has the two gates swapped" in finished.stdout
    assert "expected" in finished.stdout
    assert lines[-2:] == ["Next: mend gates.py, then type the same again.", "Stuck? grader hint gates"]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in finished.stdout


def test_check_of_a_right_answer(run_grader):
    """Everything passed: status 0."""
    finished = run_grader("check", "--file", SAMPLE_CLASS / "s21-single-file.py")
    assert finished.returncode == 0, finished.stdout
    assert "8 of 8 points" in finished.stdout


def test_check_as_json(run_grader):
    """The object of the contract, with no student."""
    finished = run_grader("check", "cell", "--json")
    assert finished.returncode == 1
    result = json.loads(finished.stdout)
    assert list(result) == ["student", "lesson", "score", "max_score", "exercises"]
    assert (result["student"], result["lesson"], result["max_score"]) == (None, "lesson09_lstm", 10.0)
    assert list(result["exercises"][0]) == [
        "exercise",
        "status",
        "score",
        "max_score",
        "message",
        "seconds",
        "tests",
    ]
    assert list(result["exercises"][0]["tests"][0]) == [
        "name", "title", "visibility", "status", "points", "max_points", "message", "misconception", "seconds",
    ]  # fmt: skip


def test_what_a_student_prints_cannot_spoil_the_terminal(run_grader, tmp_path):
    """Control characters are shown as escapes."""
    work = tmp_path / "gates.py"
    work.write_text(
        "def forget_gate(*args):\n    print('\\x1b[2J\\u202eevil')\n    raise ValueError('\\x1b]0;x\\x07')\n"
    )
    finished = run_grader("check", "gates", "--file", work)
    assert finished.returncode == 1
    assert "\x1b" not in finished.stdout
    assert "\u202e" not in finished.stdout
    assert "\\x1b[2J\\x202eevil" in finished.stdout


def test_check_without_the_wall(run_grader):
    """In a plain process the same work gets the same verdict."""
    finished = run_grader("check", "gates", "--no-sandbox", "--file", SAMPLE_CLASS / "s01-plain" / "gates.py")
    assert finished.returncode == 0, finished.stdout + finished.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["grade", "no-such-folder", "-o", "OUT"], "There is no folder no-such-folder."),
        (["grade", "README.md", "-o", "OUT"], "README.md is a file."),
        (
            ["grade", "tests/sample_class", "-o", "OUT", "-e", "lstm"],
            "There is no exercise 'lstm' in lesson09_lstm.",
        ),
        (["grade", "tests/sample_class", "-o", "/proc/nowhere"], "/proc/nowhere cannot be written"),
        (["grade", "tests/sample_class", "-o", "README.md"], "README.md cannot be written"),
        (["grade", "tests/sample_class"], "Missing option '--output'"),
        (["grade", "tests/sample_class/s01-plain", "-o", "OUT"], "looks like one student's work"),
        (["grade", "tests/sample_class", "-o", "OUT", "--jobs", "0"], "0 is not in the range"),
        (["check", "gate"], "There is no exercise 'gate'"),
        (["check", "gates", "--file", "no.py"], "There is no file no.py."),
        (["check", "--lesson", "lesson10"], "There is no lesson 'lesson10'."),
        (["course", "verify", "lstm"], "There is no exercise 'lstm'"),
        (["wach"], "No such command 'wach'"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(run_grader, tmp_path, arguments, said):
    """One or two plain sentences and status 2; never a traceback."""
    finished = run_grader(*(str(tmp_path / "out") if a == "OUT" else a for a in arguments))
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert len(finished.stderr.splitlines()) <= 5


def test_without_bubblewrap(run_grader):
    """`grade` refuses and says how to mend it, `check` works with a notice, `doctor` ends with 1."""
    nowhere = {"PATH": "/nowhere"}
    finished = run_grader("grade", "tests/sample_class", "--output", "/tmp/never", **nowhere)
    assert finished.returncode == 2
    assert "bubblewrap (bwrap) is not installed" in finished.stderr
    assert "--no-sandbox" in finished.stderr
    assert ("--wall container" in finished.stderr) == (os.geteuid() == 0)
    finished = run_grader("check", "gates", "--file", SAMPLE_CLASS / "s01-plain" / "gates.py", **nowhere)
    assert finished.returncode == 0
    assert "without the wall" in finished.stderr
    finished = run_grader("doctor", **nowhere)
    assert finished.returncode == 1
    assert "apt-get install bubblewrap" in " ".join(finished.stdout.split())


def test_doctor_tries_the_wall(run_grader):
    """Each promise is tried from inside."""
    finished = run_grader("doctor")
    assert finished.returncode == 0, finished.stdout
    assert finished.stdout.count("ok   ") >= 13
    assert "FAILS" not in finished.stdout
    assert max(map(len, finished.stdout.splitlines())) <= 80


def test_no_course(run_grader, tmp_path):
    """A named course that is none is refused in a sentence."""
    finished = run_grader("check", GRADER_COURSE=str(tmp_path))
    assert finished.returncode == 2
    assert "There is no course here" in finished.stderr


def test_a_broken_lesson_file_is_told(run_grader, small_course):
    """A misspelled key in lesson.toml is named."""
    small_course.write("course/lesson01/lesson.toml", small_course.LESSON.replace("points", "point"))
    finished = run_grader("check", cwd=small_course.root)
    assert finished.returncode == 2
    assert "lesson.toml cannot be read" in finished.stderr


def test_another_lesson_needs_no_change_to_the_program(run_grader, small_course):
    """build, verify, check and grade work on a course that the program has never seen."""
    root = small_course.root
    assert run_grader("course", "build", "--check", cwd=root).returncode == 1
    assert "written: exercises/lesson01/double.py" in run_grader("course", "build", cwd=root).stdout
    assert run_grader("course", "build", "--check", cwd=root).returncode == 0
    assert "raise NotImplementedError()" in (root / "exercises/lesson01/double.py").read_text()
    small_course.write(
        "tests/hidden/lesson01/misconceptions_double.py",
        "from grader.suite.writing import misconception\n"
        'misconception("triple", "You triple.", see="Doubling", edits=("2 * x", "3 * x"))\n',
    )
    verified = run_grader("course", "verify", "--jobs", "1", cwd=root)
    assert verified.returncode == 0, verified.stdout
    assert "triple  #  -2" in verified.stdout
    small_course.hand_in("ada", "def double(x): return x + x\n")
    small_course.hand_in("bob", "def double(x): return 3 * x\n")
    graded = run_grader("grade", "class", "--output", "out", "--jobs", "1", cwd=root)
    assert graded.returncode == 0, graded.stderr
    assert (root / "out" / "grades.csv").read_text().splitlines()[1:] == [
        "ada,double,graded,2,2,100.0", "bob,double,graded,0,2,0.0",
    ]  # fmt: skip


def test_verify_finds_what_is_wrong(run_grader, small_course):
    """A stub that passes, a mistake that is not caught, a missing docstring, a stale stub: each is a problem."""
    root = small_course.root
    small_course.write(
        "tests/hidden/lesson01/test_double.py",
        small_course.HIDDEN.replace('"""Twice as much"""', "").replace(
            "assert_same(student", "0 and assert_same(student"
        ),
    )
    small_course.write(
        "tests/hidden/lesson01/misconceptions_double.py",
        "from grader.suite.writing import misconception\n"
        'misconception("triple", "You triple.", see="Doubling", edits=("2 * x", "3 * x"))\n',
    )
    small_course.write("exercises/lesson01/double.py", "def double(x): pass\n")
    finished = run_grader("course", "verify", "--jobs", "1", cwd=root)
    assert finished.returncode == 1
    for said in ("out of date", "no docstring", "the stub passes test_double", "triple loses no points"):
        assert said in finished.stdout
    small_course.write("tests/hidden/lesson01/misconceptions_double.py", "import grader\nx = 1 / 0\n")


def test_verify_tells_a_test_that_asks_too_late(run_grader, small_course):
    """A reference that is asked about what the student's code has left answers a question that the student chose."""
    late = (
        small_course.HIDDEN.replace("right = reference.double(x)", "with changes_shown(x): answer = student.double(x)")
        .replace("assert_same(student.double(x), right)", "assert_same(answer, reference.double(x))")
        .replace("import assert_same", "import assert_same, changes_shown")
    )
    said = {}
    for name, suite in (("late", late), ("first", small_course.HIDDEN)):
        small_course.write("tests/hidden/lesson01/test_double.py", suite)
        run_grader("course", "build", cwd=small_course.root)
        said[name] = run_grader("course", "verify", "--jobs", "1", cwd=small_course.root).stdout
    assert "test_double asks for the right answer after the student's code could change the question" in said["late"]
    assert "ask first" not in said["first"]


def test_a_bank_that_does_not_fit_is_told(run_grader, small_course):
    """An edit whose text is not in the reference names its entry."""
    small_course.write(
        "tests/hidden/lesson01/misconceptions_double.py",
        "from grader.suite.writing import misconception\n"
        'misconception("triple", "You triple.", see="Doubling", edits=("4 * x", "3 * x"))\n',
    )
    run_grader("course", "build", cwd=small_course.root)
    finished = run_grader("course", "verify", "--jobs", "1", cwd=small_course.root)
    assert finished.returncode == 2
    assert "triple: '4 * x' is found 0 times" in finished.stderr


def test_the_graders_own_failure_is_no_zero(run_grader, small_course):
    """A broken suite: status `error`, exit status 3, and mended it is graded at the next run."""
    root = small_course.root
    small_course.hand_in("ada", "def double(x): return x + x\n")
    small_course.write("tests/hidden/lesson01/test_double.py", small_course.HIDDEN.replace("points(2)", "points(1)"))
    broken = run_grader("grade", "class", "--output", "out", cwd=root)
    assert broken.returncode == 3
    assert "lesson.toml says 2" in broken.stderr
    assert "ada,double,error,0" in (root / "out" / "grades.csv").read_text()
    small_course.write("tests/hidden/lesson01/test_double.py", small_course.HIDDEN)
    assert run_grader("grade", "class", "--output", "out", cwd=root).returncode == 0
    assert "ada,double,graded,2,2,100.0" in (root / "out" / "grades.csv").read_text()


def test_a_second_run_into_the_same_folder_refuses(run_grader, small_course):
    """While one run holds the output folder, another ends with a sentence."""
    import fcntl

    small_course.hand_in("ada", "def double(x): return x + x\n")
    (small_course.root / "out").mkdir()
    with (small_course.root / "out" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        finished = run_grader("grade", "class", "--output", "out", cwd=small_course.root)
    assert finished.returncode == 2
    assert "Another run is writing" in finished.stderr


def test_a_killed_run_resumes(run_grader, small_course):
    """SIGKILL in the middle loses nothing that was graded and leaves no process; the next run does only the rest."""
    root = small_course.root
    for number in range(40):
        small_course.hand_in(
            f"s{number:02}",
            f"import time\nNUMBER = {number}\ndef double(x):\n    time.sleep(0.1)\n    return x + x\n",
        )
    command = [sys.executable, "-m", "grader", "grade", "class", "--output", "out", "--jobs", "2"]
    run = subprocess.Popen(
        command, cwd=root, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    records = root / "out" / "records"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and (not records.exists() or len(list(records.glob("[!.]*.json"))) < 5):
        time.sleep(0.02)
    run.send_signal(signal.SIGKILL)
    run.wait()
    kept = {path.name: path.stat().st_mtime_ns for path in records.glob("[!.]*.json")}
    assert 5 <= len(kept) < 40
    finished = run_grader("grade", "class", "--output", "out", "--jobs", "1", cwd=root)
    assert finished.returncode == 0, finished.stderr
    assert f"graded 0 of {40 - len(kept)}" in finished.stderr
    now = {path.name: path.stat().st_mtime_ns for path in records.glob("[!.]*.json")}
    assert len(now) == 40
    assert kept.items() <= now.items()
    assert not [path for path in (root / "out").rglob(".*") if path.name != ".lock"]
    rows = (root / "out" / "grades.csv").read_text().splitlines()
    assert len(rows) == 41
    assert all(row.endswith("graded,2,2,100.0") for row in rows[1:])


@pytest.mark.parametrize("victim", ["worker", "far side"])
def test_what_dies_has_its_work_done_again(run_grader, small_course, victim):
    """SIGKILL of a worker, or of its far side, in the middle: the grades are what they would have been."""
    root = small_course.root
    for number in range(20):
        small_course.hand_in(
            f"s{number:02}", f"import time\nNUMBER = {number}\ndef double(x):\n    time.sleep(0.1)\n    return x + x\n"
        )
    run = subprocess.Popen(
        [sys.executable, "-m", "grader", "grade", "class", "--output", "out", "--jobs", "2"],
        cwd=root, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    records = root / "out" / "records"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and (not records.exists() or len(list(records.glob("[!.]*.json"))) < 3):
        time.sleep(0.02)

    def children_of(*pids):
        return subprocess.run(
            ["pgrep", "-P", ",".join(pids)], capture_output=True, text=True, check=True
        ).stdout.split()  # fmt: skip

    workers = children_of(str(run.pid))
    chosen = workers if victim == "worker" else children_of(*workers)  # one of the workers may still be starting
    os.kill(int(chosen[0]), signal.SIGKILL)
    _, said = run.communicate(timeout=240)
    assert run.returncode == 0, said
    rows = (root / "out" / "grades.csv").read_text().splitlines()
    assert len(rows) == 21
    assert all(row.endswith("graded,2,2,100.0") for row in rows[1:])
    assert not [path for path in (root / "out").rglob(".*") if path.name != ".lock"]


def test_a_suite_under_plain_pytest():
    """An author debugs a hidden suite with pytest itself; a student runs the public one."""

    def run_pytest(suite, *options):
        command = [sys.executable, "-m", "pytest", f"tests/{suite}/test_gates.py", "-q", *map(str, options)]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    hidden = ["hidden/lesson09_lstm", "-k", "update", "--submission"]
    wrong = run_pytest(*hidden, SAMPLE_CLASS / "s07-swapped-gates")
    assert wrong.returncode == 1
    assert "numbers in the result are wrong" in wrong.stdout
    right = run_pytest(*hidden, SAMPLE_CLASS / "s20-archive.zip")
    assert right.returncode == 0, right.stdout
    public = run_pytest("public/lesson09_lstm")
    assert public.returncode == 1
    assert "NotImplementedError" in public.stdout


def test_what_the_code_printed_is_shown_at_full_length(tmp_path, run_grader):
    """A long line goes on below, within 80 columns; what is not written yet is to write, not to mend."""
    text = (SAMPLE_CLASS / "s09-untouched" / "gates.py").read_text()
    numbers = " ".join(map(str, range(60)))
    printing = text.replace("# YOUR CODE HERE", f"print({numbers!r})", 1)
    (tmp_path / "gates.py").write_text(printing)
    finished = run_grader("check", "gates", "--file", tmp_path / "gates.py")
    lines = finished.stdout.splitlines()
    printed = [line.removeprefix("  | ") for line in lines if line.startswith("  | ")]
    assert " ".join(" ".join(printed).split()).startswith(numbers)
    assert max(map(len, lines)) <= 80
    assert lines[-2] == "Next: write gates.py, then type the same again."
