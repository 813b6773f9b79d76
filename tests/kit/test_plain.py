"""Without a wall: one's own work in a plain process, on systems that have nothing of what Linux alone has."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from grader.sandbox.farside import Limits
from grader.sandbox.opening import Protection, open_far_side
from grader.sandbox.proxy import Session, Source, Student, StudentError, StudentStopped

ROOT = Path(__file__).parents[2]
LINUX_ONLY = """
import os, select, socket, sys
import psutil  # has a part for each system
for name in ("fcntl", "grp", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for module, names in {
    os: ("fork", "forkpty", "killpg", "pread", "sched_getaffinity", "sched_setaffinity", "setsid", "sysconf", "getuid"),
    select: ("poll", "epoll"), socket: ("SOCK_SEQPACKET", "send_fds", "recv_fds"),
}.items():
    for name in names:
        vars(module).pop(name, None)
"""
WORK = b"""
import os, time
print("loaded")
def one():
    print("called")
    return 1
def hang():
    while True: pass
def wait(): time.sleep(100)
def hog():
    held = []
    while True: held.append(bytearray(10_000_000))
def leave(): os._exit(3)
def flood():
    while True: print("y" * 1_000_000)
def ask(): return input()
def broken(): return open("/nowhere" + __file__)
def start():
    import subprocess, sys
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid
"""


@pytest.fixture(scope="module")
def plain():
    with open_far_side(Protection.NONE, warm=True) as far:
        yield far


@pytest.fixture
def begin(plain):
    """Loads the work with these limits; returns its session, at the beginning of a test."""
    sessions = []

    def begin_it(**limits):
        session = Session(plain, Source(files={"work.py": WORK}, module="work"), Limits(**limits))
        sessions.append(session)
        session.load()
        session.begin_test(Limits(**limits), 1)
        return session

    yield begin_it
    for session in sessions:
        session.close()


def test_calls_and_what_is_printed(begin):
    """Results come back, and what was printed belongs to its test."""
    session = begin()
    for printed in ("loaded\ncalled\n", "called\n"):
        assert Student(session).one() == 1
        assert session.printed() == printed
        session.begin_test(Limits(), 1)


@pytest.mark.parametrize(
    ("name", "limits", "reason", "words"),
    [
        ("hang", {"seconds": 0.5}, "timeout", "loop that never ends"),
        ("wait", {"seconds": 0.5}, "timeout", "waited for 2 seconds"),
        ("hog", {"memory_mb": 200}, "out_of_memory", "more than 200 MB of memory"),
        ("leave", {}, "crashed", "ended the Python process (exit status 3)"),
        ("flood", {}, "crashed", "printed more than 64 MB"),
    ],
)
def test_what_does_not_come_back_is_ended(begin, name, limits, reason, words):
    """Time, memory and output are bounded; the next test gets a fresh process."""
    session = begin(**limits)
    with pytest.raises(StudentStopped) as caught:
        getattr(Student(session), name)()
    assert caught.value.reason == reason
    assert words in caught.value.explanation
    session.begin_test(Limits(**limits), 2)
    assert Student(session).one() == 1


def test_nobody_answers_and_paths_are_short(begin):
    """`input` has nobody to ask; error texts name the file as the student knows it."""
    student = Student(begin())
    with pytest.raises(StudentError, match="EOF"):
        student.ask()
    with pytest.raises(StudentError) as caught:
        student.broken()
    assert caught.value.text == "[Errno 2] No such file or directory: '/nowherework.py'"


def test_bans_hold():
    """The kernels are gone in a plain process, too."""
    text = b"import torch\nmake = torch.nn.LSTM\ndef run(): return make(2, 3)(torch.ones(1, 1, 2))[0]"
    source = Source(files={"work.py": text}, module="work", banned_operators=("aten::lstm*",))
    with open_far_side(Protection.NONE) as far:
        session = Session(far, source, Limits())
        session.load()
        with pytest.raises(BaseException, match="lstm"):
            Student(session).run()
        session.close()


def test_nothing_is_left(tmp_path, monkeypatch):
    """No process, no file, whatever the student's code started."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with open_far_side(Protection.NONE) as far:
        session = Session(far, Source(files={"work.py": WORK}, module="work"), Limits())
        session.load()
        pid = Student(session).start()
        assert psutil.pid_exists(pid)
        assert list(tmp_path.iterdir())
        session.close()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert not list(tmp_path.iterdir())


def test_it_ends_with_its_owner():
    """SIGKILL of the near side ends code that would loop for ever."""
    code = (
        "from grader.sandbox.farside import *\nfrom grader.sandbox.opening import *\nfrom grader.sandbox.proxy import *\n"
        "far = open_far_side(Protection.NONE)\n"
        "session = Session(far, Source(files={'work.py': b'def hang():\\n  while True: pass'}, module='work'), Limits())\n"
        "session.load(); print('up', flush=True); Student(session).hang()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    assert owner.stdout.readline() == b"up\n"
    children = psutil.Process(owner.pid).children(recursive=True)
    assert children
    owner.kill()
    owner.wait()
    owner.stdout.close()
    assert not psutil.wait_procs(children, timeout=10)[1]


@pytest.fixture
def elsewhere(tmp_path):
    """The environment of a system that lacks what Linux alone has, with a western Windows terminal."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "sitecustomize.py").write_text(LINUX_ONLY)
    return {
        "PYTHONPATH": f"{tmp_path / 'elsewhere'}{os.pathsep}{ROOT}", "PYTHONIOENCODING": "cp1252:strict",
        "PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error::EncodingWarning:grader", "PATH": "/nowhere",
    }  # fmt: skip


def run_there(*arguments, cwd, environment):
    command = [sys.executable, "-m", "grader", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | {"COLUMNS": "80"} | environment, capture_output=True, encoding="cp1252",
        check=False,
    )  # fmt: skip


def test_a_students_day_without_linux(tmp_path, elsewhere):
    """start, check, hint, status and submit need nothing that macOS and Windows lack; a notice says what is missing."""
    work = tmp_path / "work"
    started = run_there("start", work, cwd=tmp_path, environment=elsewhere)
    assert started.returncode == 0, started.stderr
    stub = work / "exercises" / "lesson09_lstm" / "gates.py"
    solution = ROOT / "solutions" / "lesson09_lstm" / "gates.py"
    stub.write_text(solution.read_text(encoding="utf-8"), encoding="utf-8")
    checked = run_there("check", "gates", cwd=work, environment=elsewhere)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Note: your code runs without the wall." in checked.stderr
    wrong = run_there("check", "cell", cwd=work, environment=elsewhere)
    assert wrong.returncode == 1
    assert "Not written yet" in wrong.stdout
    for command in (["hint", "cell"], ["status"], ["submit"]):
        finished = run_there(*command, cwd=work, environment=elsewhere)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        assert "Traceback" not in finished.stderr
    assert (work / "lesson09_lstm.zip").exists()


def test_watch_without_linux(run_grader, tmp_path, elsewhere):
    """A save is answered there as well."""
    work = tmp_path / "work"
    assert run_grader("start", work).returncode == 0
    stub = work / "exercises" / "lesson09_lstm" / "gates.py"
    watching = subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", "watch", "gates"], cwd=work, env=os.environ | elsewhere,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="cp1252",
    )  # fmt: skip
    try:
        for line in watching.stdout:
            if line.startswith("Save a file"):
                break
        time.sleep(0.5)
        stub.write_bytes((ROOT / "solutions" / "lesson09_lstm" / "gates.py").read_bytes())
        assert any("gates" in line and "examples" in line for line in watching.stdout)
    finally:
        watching.kill()
        watching.wait()
        watching.stdout.close()


def test_the_far_side_needs_nothing_of_linux():
    """What runs inside the plain process imports without it, too."""
    code = (
        f"{LINUX_ONLY}\nimport sys; sys.path.insert(0, {str(ROOT / 'grader' / 'sandbox')!r})\n"
        "import far.plain, far.worker, far.kernels, far.rehearsal as rehearsal\nrehearsal.rehearse(backward=True)"
    )
    finished = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
