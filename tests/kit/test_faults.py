"""Faults of the machine while a class is graded. None costs a student points, and the next run ends as if there were none.

Each test is a line of docs/faults.md.
"""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.kit import descendants
from tests.kit.conftest import ROOT, SmallCourse

STUDENTS = 6
GRADE = (sys.executable, "-m", "grader", "grade", "class", "--jobs", "1", "--output")

BULKY = '''
    import os
    import resource

    import psutil
    import torch
    from grader.suite.writing import assert_same, points

    @points(2)
    def test_double(student, reference, draw):
        """Twice as much"""
        x = torch.arange(2.0**22)
        right = reference.double(x)
        if os.environ.get("SCARCE"):
            now = psutil.Process().memory_info().vms
            resource.setrlimit(resource.RLIMIT_AS, (now + 24 * 2**20, -1))
        assert_same(student.double(x), right)
'''
"""A suite that runs out of memory in the grader's own process, at what comes back from the student."""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A class of which every second student is right; each takes a while."""
    made = SmallCourse(tmp_path_factory.mktemp("faults") / "course")
    for number in range(STUDENTS):
        made.hand_in(
            f"s{number}",
            f"import time\nNUMBER = {number}\ndef double(x):\n    time.sleep(0.15)\n    return x + {'x' if number % 2 else 1}\n",
        )
    return made


@pytest.fixture(scope="module", autouse=True)
def _descendants():
    descendants.adopt(True)
    yield
    descendants.adopt(False)


@pytest.fixture(autouse=True)
def _nothing_is_left_running():
    """Of what a test started."""
    before = descendants.living(set())
    yield
    ends = time.monotonic() + 60
    while left := descendants.living(before):
        if time.monotonic() > ends:
            pytest.fail(f"still running: {[psutil.Process(pid).cmdline() for pid in left]}")
        time.sleep(0.05)


def start(course, output, *, wrapper=(), **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | options.pop("environment", {})
    return subprocess.Popen(
        [*wrapper, *GRADE, output], cwd=course.root, env=environment, text=True,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
    )  # fmt: skip


def ended(run, code):
    """What it said, after it ended with this status: never a traceback."""
    out, err = run.communicate(timeout=240)
    assert run.returncode == code, out + err
    assert "Traceback" not in out + err
    return out + err


def grades(course, output):
    return (course.root / output / "grades.csv").read_bytes()


def records(course, output):
    """The records that are whole, by name; none is ever half written."""
    return {path.name: path.read_bytes() for path in (course.root / output / "records").glob("[!.]*.json")}


def until_graded(course, output, run, count=1):
    """Wait until so many works are graded."""
    while len(records(course, output)) < count:
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)


@pytest.fixture(scope="module")
def calm(course):
    """The grades of an undisturbed run."""
    ended(start(course, "calm"), 0)
    return grades(course, "calm")


def assert_resumes(course, output, calm):
    """The next run keeps what is graded and ends with the grades of the undisturbed one."""
    before = records(course, output)
    good = {name: data for name, data in before.items() if b'"status":"error"' not in data}
    ended(start(course, output), 0)
    after = records(course, output)
    assert good.items() <= after.items()
    assert grades(course, output) == calm
    assert not [path for path in (course.root / output).rglob(".*") if path.name != ".lock"]


def at_depth(run, depth):
    """The processes so far below the command: its workers (1), and what makes the wall (2)."""
    found = [psutil.Process(run.pid)]
    for _ in range(depth):
        found = [child for process in found for child in process.children()]
    return found


def until_working(run):
    """Until student code, which gives way to the grader, has used a second of CPU time."""
    usual = os.nice(0)
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        for process in psutil.Process(run.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.nice() > usual and process.cpu_times().user > 1:
                    return
        time.sleep(0.05)
    pytest.fail("no student code has run")


def kill(processes):
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.mark.parametrize(("depth", "who"), [(1, "worker"), (2, "fork server")])
def test_something_is_killed(course, calm, depth, who):
    """A worker or a fork server that is killed is replaced, and the work that it had is graded anew."""
    output = f"killed-{depth}"
    run = start(course, output)
    until_graded(course, output, run)
    kill(at_depth(run, depth))
    ended(run, 0)
    assert grades(course, output) == calm


def test_killed_again_and_again(course, calm):
    """Work at which the grader fails is told as its own fault; the run is incomplete and the next one grades it."""
    run = start(course, "again")
    until_graded(course, "again", run)
    while run.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            kill(at_depth(run, 1))
        time.sleep(0.01)
    said = ended(run, 3)
    assert "The grader" in said
    with contextlib.suppress(FileNotFoundError):
        table = grades(course, "again").decode().splitlines()
        assert all(line in calm.decode().splitlines() or ",error," in line for line in table)
    assert_resumes(course, "again", calm)


def test_the_command_is_killed_while_work_hangs(tmp_path):
    """Its workers do not wait for the work to come to its end: 100 seconds here."""
    course = SmallCourse(tmp_path / "course")
    course.write("course/lesson01/lesson.toml", SmallCourse.LESSON.replace("seconds = 1.0", "seconds = 100.0"))
    course.hand_in("ada", "def double(x):\n    while True:\n        pass\n")
    run = start(course, "out")
    until_working(run)
    hanging = psutil.Process(run.pid).children(recursive=True)
    run.kill()
    run.communicate()
    _, left = psutil.wait_procs(hanging, timeout=20)
    assert not left


def test_bubblewrap_goes_away(course, calm, tmp_path):
    """Without it no fork server is made anew: the run ends and says what to do."""
    (tmp_path / "bwrap").symlink_to(shutil.which("bwrap"))
    others = [folder for folder in os.environ["PATH"].split(":") if not os.path.exists(f"{folder}/bwrap")]
    for name in ("true", "env"):
        (tmp_path / name).symlink_to(shutil.which(name))
    run = start(course, "wall", environment={"PATH": ":".join([str(tmp_path), *others])})
    until_graded(course, "wall", run)
    (tmp_path / "bwrap").unlink()
    kill(at_depth(run, 2))
    assert "grader doctor" in ended(run, 3)
    assert_resumes(course, "wall", calm)


def test_the_disk_is_full(course, calm):
    """A real full disk: the run ends with a sentence, nothing is half written, and with room again it goes on."""
    (course.root / "full").mkdir()
    script = f"""
        head -c 100M /dev/zero > full/filler 2>/dev/null
        truncate -s -2000 full/filler
        {" ".join(GRADE)} full; echo "first $?"
        ls -A full full/records | grep -F .json. && exit 8
        rm full/filler
        {" ".join(GRADE)} full; echo "second $?"
        cat full/grades.csv
    """
    wrapper = ["bwrap", "--dev-bind", "/", "/", "--size", "262144", "--tmpfs", str(course.root / "full"), "--"]
    run = subprocess.run(
        [*wrapper, "sh", "-c", script], cwd=course.root, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert "first 3" in run.stdout, run.stdout + run.stderr
    assert "No space left on device" in run.stderr
    assert "What is graded so far is kept." in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout.endswith(f"second 0\n{calm.decode()}"), run.stdout + run.stderr


def test_the_output_cannot_be_written(course, calm):
    """Said before anything is graded; where it becomes so later, the run ends with a sentence."""
    (course.root / "read-only").mkdir()
    place = str(course.root / "read-only")
    run = start(course, "read-only", wrapper=["bwrap", "--dev-bind", "/", "/", "--ro-bind", place, place, "--"])
    assert "read-only cannot be written: Read-only file system. Choose another --output." in ended(run, 2)
    assert_resumes(course, "read-only", calm)


SITE = {
    "clock": """
        import time
        real, real_ns, calls = time.time, time.time_ns, [0]
        def earlier():
            calls[0] += 1
            return real() - (366 * 86400 if calls[0] > 3 else 0)
        time.time, time.time_ns = earlier, lambda: int(earlier() * 1e9)
    """,
    "disk": """
        import os, time
        def slowly(function):
            def slow(*args, **kwargs):
                time.sleep(0.1)
                return function(*args, **kwargs)
            return slow
        os.fsync, os.replace = slowly(os.fsync), slowly(os.replace)
    """,
    "memory": """
        import resource, sys
        if "grader.engine.worker" in sys.orig_argv:
            resource.setrlimit(resource.RLIMIT_AS, (200 * 2**20, -1))
    """,
}


def with_site(folder, name):
    """An environment in which each Python of the near side begins with this."""
    import textwrap

    (folder / "sitecustomize.py").write_text(textwrap.dedent(SITE[name]))
    return {"PYTHONPATH": f"{folder}:{ROOT}"}


@pytest.mark.parametrize("name", ["clock", "disk"])
def test_the_clock_is_set_back_or_the_disk_is_slow(course, calm, tmp_path, name):
    """Neither changes a grade, nor what the next run finds."""
    run = start(course, name, environment=with_site(tmp_path, name))
    ended(run, 0)
    assert grades(course, name) == calm
    year = 366 * 86400
    for path in (course.root / name).rglob("*.json"):
        os.utime(path, (time.time() + year,) * 2)
    run = start(course, name)
    assert "Nothing has changed since the last run." in ended(run, 0)
    assert grades(course, name) == calm


def test_no_memory_for_the_grader(course, calm, tmp_path):
    """Workers that cannot even begin end the run; nobody has a grade."""
    run = start(course, "memory", environment=with_site(tmp_path, "memory"))
    assert "end before they begin. Try: grader doctor" in ended(run, 3)
    assert not (course.root / "memory" / "grades.csv").exists()
    assert_resumes(course, "memory", calm)


def test_memory_runs_out_at_a_right_answer(tmp_path):
    """Where the grader cannot hold what came back, that is its own fault and not the student's failed test."""
    course = SmallCourse(tmp_path / "course")
    course.write("tests/hidden/lesson01/test_double.py", BULKY)
    course.hand_in("ada", "def double(x): return 2 * x\n")
    said = ended(start(course, "out", environment={"SCARCE": "1"}), 3)
    assert "The grader failed at 1 pieces of work, for example ada/double" in said
    assert "memory" in said
    assert grades(course, "out").splitlines()[1] == b"ada,double,error,0,2,0.0"
    ended(start(course, "out"), 0)
    assert grades(course, "out").splitlines()[1] == b"ada,double,graded,2,2,100.0"


@pytest.mark.parametrize("times", [1, 2])
def test_interrupted(course, calm, times):
    """Ctrl-C, once or impatiently: one sentence, and the same command goes on."""
    output = f"interrupted-{times}"
    run = start(course, output, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    until_graded(course, output, run)
    for _ in range(times):
        run.send_signal(signal.SIGINT)
        time.sleep(0.02)
    assert "Stopped. What is graded so far is kept; the same command goes on from there." in ended(run, 3)
    assert_resumes(course, output, calm)


def test_the_terminal_is_closed(course, calm):
    """The command ends with it, and so do its workers."""
    near, far = pty.openpty()
    run = start(
        course, "closed", stdin=far, stdout=far, stderr=far, start_new_session=True, preexec_fn=lambda: _own(far)
    )
    os.close(far)
    until_graded(course, "closed", run)
    os.close(near)
    run.wait(60)
    assert_resumes(course, "closed", calm)


def _own(terminal):
    import fcntl
    import termios

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize("joined", ["", "2>&1"])
def test_nobody_reads_to_the_end(course, calm, joined):
    """`grader grade … | head -1` says nothing unasked; the grades are those of the undisturbed run, now or next time."""
    output = f"head{len(joined)}"
    run = subprocess.run(
        f"{' '.join(GRADE)} {output} {joined} | head -n 1", cwd=course.root, shell=True, text=True, capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False, timeout=240,
    )  # fmt: skip
    assert "Traceback" not in run.stderr
    assert "Exception ignored" not in run.stderr
    if not joined:
        assert grades(course, output) == calm
    assert_resumes(course, output, calm)


def test_the_machine_goes_down(course, calm):
    """What had not reached the disk is found empty, cut short or full of zeros, and graded again with the same grade."""
    ended(start(course, "down"), 0)
    before = records(course, "down")
    spoilt = [b"", b"\0" * 4096, *(data[: len(data) // 2] for data in before.values())]
    lost = dict(zip(sorted(before), spoilt[: len(before) - 1], strict=False))
    assert 3 <= len(lost) < len(before)
    for name, data in lost.items():
        (course.root / "down" / "records" / name).write_bytes(data)
    for name in ("grades.csv", "run.json"):
        (course.root / "down" / name).unlink()
    said = ended(start(course, "down"), 0)
    assert f"graded {len(lost)} of {len(lost)}" in said
    assert records(course, "down").keys() == before.keys()
    assert grades(course, "down") == calm
