"""A student's day: start, status, check, hint, watch, submit, as commands in a folder of their own."""

import json
import os
import queue
import signal
import statistics
import subprocess
import sys
import threading
import time
import zipfile

import pytest

from tests.kit.conftest import ROOT, SAMPLE_CLASS, SOLUTIONS

EXERCISES = "exercises/lesson09_lstm"


@pytest.fixture
def workspace(tmp_path, run_grader):
    folder = tmp_path / "w"
    finished = run_grader("start", folder, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    return folder


def put(workspace, name, text):
    (workspace / EXERCISES / f"{name}.py").write_text(text)


def test_a_workspace_holds_what_a_student_gets(workspace, run_grader):
    """Stubs, examples and the lesson's data; nothing of a solution or a hidden suite. A second start loses nothing."""
    files = {path.relative_to(workspace).as_posix() for path in workspace.rglob("*") if path.is_file()}
    assert f"{EXERCISES}/gates.py" in files
    assert "tests/public/lesson09_lstm/test_gates.py" in files
    assert not [name for name in files if "hidden" in name or "solution" in name or "misconception" in name]
    put(workspace, "gates", "mine = 1\n")
    (workspace / EXERCISES / "cell.py").unlink()
    finished = run_grader("start", workspace)
    assert finished.returncode == 0
    assert "1 files" in finished.stdout or "1 file " in finished.stdout
    assert (workspace / EXERCISES / "gates.py").read_text() == "mine = 1\n"
    assert (workspace / EXERCISES / "cell.py").exists()


def test_a_day(workspace, run_grader):
    """From the stub to the archive; status and hints know what was checked."""

    def run(*arguments, code=0):
        finished = run_grader(*arguments, cwd=workspace)
        assert finished.returncode == code, finished.stdout + finished.stderr
        assert all(len(line) <= 80 for line in finished.stdout.splitlines() if str(workspace) not in line)
        return finished.stdout

    assert "gates        The gates of an LSTM" in run("status")
    assert "0 of 10 are done." in run("status")
    finished = run_grader("submit", cwd=workspace)
    assert finished.returncode == 2
    assert "nothing to hand in yet" in finished.stderr

    assert run("hint", "gates").startswith("Hint 1 of 3, gates:")
    put(workspace, "gates", (SAMPLE_CLASS / "s26-one-mistake-each" / "gates.py").read_text())
    assert "WRONG" in run("check", "gates", code=1)
    said = run("hint", "gates")
    assert said.startswith("Your last check stopped at:")
    assert "Hint 2 of 3" in said
    assert "Hint 3 of 3" in run("hint", "gates")
    assert "Hint 3 of 3" in run("hint", "gates")
    assert run("hint", "gates", "--again").count("Hint ") == 3
    assert "tests pass" in next(line for line in run("status").splitlines() if " gates " in line)

    put(workspace, "gates", (SOLUTIONS / "gates.py").read_text())
    assert "changed since check" in run("status")
    run("check", "gates")
    said = run("status")
    assert next(line for line in said.splitlines() if " gates " in line).endswith("done")
    assert f"Next: {EXERCISES}/cell.py, then: grader check cell" in said

    assert "lesson09_lstm.zip holds gates.py." in run("submit")
    first = (workspace / "lesson09_lstm.zip").read_bytes()
    with zipfile.ZipFile(workspace / "lesson09_lstm.zip") as archive:
        assert archive.namelist() == ["gates.py", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
        assert set(manifest) == {"lesson", "submitted", "files", "grader", "python", "torch"}
    grades = workspace / "class"
    grades.mkdir()
    (grades / "me.zip").write_bytes(first)
    finished = run_grader("grade", grades, "--output", workspace / "out", "--exercise", "gates", cwd=ROOT)
    assert finished.returncode == 0, finished.stderr
    assert "me,gates,graded,8,8,100.0" in (workspace / "out" / "grades.csv").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def (:\n", "gates.py cannot be graded: gates.py, line 1"),
        ("raise ValueError('no')\n", "gates.py cannot be graded: Importing gates.py failed."),
        ("from torch import lstm_cell\n\ndef forget_gate(*a):\n    return lstm_cell(*a)\n", "is not allowed"),
    ],
)
def test_what_cannot_be_graded_is_not_packed(workspace, run_grader, text, said):
    """Refused with the reason, and nothing is written."""
    put(workspace, "gates", text)
    finished = run_grader("submit", cwd=workspace)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert not (workspace / "lesson09_lstm.zip").exists()


def test_a_damaged_progress_file_is_no_obstacle(workspace, run_grader):
    """It is a convenience: damaged it is begun anew."""
    (workspace / ".grader").mkdir(exist_ok=True)
    (workspace / ".grader" / "progress.json").write_text("{")
    assert run_grader("status", cwd=workspace).returncode == 0
    assert "Hint 1 of 3" in run_grader("hint", "cell", cwd=workspace).stdout


class Watching:
    """`grader watch` as a process whose lines can be waited for."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "watch", "gates"], cwd=folder, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)

    def until(self, text):
        said = []
        while not said or text not in said[-1]:
            said.append(self.lines.get(timeout=120))
        return "".join(said)


def test_watch_answers_every_save(workspace):
    """A mistake, a syntax error, an endless loop, a deleted file, an editor that renames: it goes on."""
    wrong = (SAMPLE_CLASS / "s26-one-mistake-each" / "gates.py").read_text()
    right = (SOLUTIONS / "gates.py").read_text()
    put(workspace, "gates", right)
    watching = Watching(workspace)
    try:
        assert "all right" in watching.until("Stop with Ctrl-C")
        put(workspace, "gates", wrong)
        assert "WRONG" in watching.until("Next:")
        put(workspace, "gates", "def (:\n")
        assert "line 1: invalid syntax" in watching.until("Next:")
        put(workspace, "gates", right.replace("    ### BEGIN SOLUTION\n", "    while True: pass\n", 1))
        assert "TIME" in watching.until("Next:")
        (workspace / EXERCISES / "gates.py").unlink()
        assert "No gates.py" in watching.until("Next:")
        (workspace / EXERCISES / "gates.py~").write_text(wrong)
        (workspace / EXERCISES / "gates.py~").rename(workspace / EXERCISES / "gates.py")
        assert "WRONG" in watching.until("Next:")
        took = []
        for turn in range(9):
            time.sleep(0.2)
            began = time.perf_counter()
            put(workspace, "gates", f"{wrong}\n# {turn}\n")
            watching.until("Next:")
            took.append(time.perf_counter() - began)
        assert statistics.median(took) < 2.0, "measured: 0.06 s; more than this is another way of working"
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(timeout=30) == 0
    finally:
        watching.process.kill()
    assert watching.until("Stopped.")
    watching.reader.join()
    watching.process.stdout.close()
