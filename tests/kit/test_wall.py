"""The wall: nothing of this machine to read, nowhere to write, nobody to talk to, nothing left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from grader.sandbox.farside import Limits
from grader.sandbox.opening import Protection, open_far_side
from grader.sandbox.proxy import Session, Source, Student, StudentStopped

LOOK = """
    import os, socket, sys

    def listing(path):
        return sorted(os.listdir(path))

    def environment():
        return sorted(os.environ)

    def exists(path):
        return os.path.exists(path)

    def attempt(what):
        try:
            exec(what)
        except BaseException as error:
            return type(error).__name__
        return "done"

    def everything_readable():
        texts = [" ".join(sys.path), " ".join(sys.argv), repr(sorted(os.environ.items()))]
        for name in ("/proc/self/mountinfo", "/proc/mounts", "/proc/self/cmdline", "/proc/1/environ"):
            try:
                texts.append(open(name).read())
            except OSError:
                pass
        for module in list(sys.modules.values()):
            texts.append(str(getattr(module, "__file__", "")))
        return "\\n".join(texts)
"""


@pytest.fixture
def look(open_session):
    return open_session(LOOK)[0]


def test_there_is_nothing_to_read(look):
    """No home, no course, no kit but the far side itself, no /proc, no other student."""
    assert set(look.listing("/")) <= {
        "dev",
        "kit",
        "lib",
        "lib64",
        "packages",
        "proc",
        "python",
        "tmp",
        "usr",
    }
    assert look.listing("/kit") == ["far"]
    assert look.listing("/proc") == []
    assert look.listing("/tmp") == ["work"]
    assert look.listing("/dev") == ["null", "random", "shm", "urandom", "zero"]
    assert not {"grader", "pytest", "nbgrader", "_pytest"} & set(look.listing("/packages"))
    assert look.exists(str(Path.home())) is False
    assert look.exists(__file__) is False


def test_the_environment_is_empty(look):
    """Only what an interpreter needs."""
    assert not set(look.environment()) & {"USER", "LOGNAME", "GRADER_SECRET", "PYTHONPATH", "VIRTUAL_ENV"}


def test_no_path_of_this_machine_is_known_inside(look):
    """Neither the interpreter's, nor the packages', nor the course's folder can be told from inside."""
    text = look.everything_readable()
    for path in (sys.prefix, sys.base_prefix, str(Path(__file__).parents[2]), str(Path.home())):
        if path not in ("/", "/usr"):
            assert f"{path}/" not in text


@pytest.mark.parametrize(
    "what",
    [
        "open('/kit/far/x', 'w')",
        "open('/packages/torch/__init__.py', 'a')",
        "open('/new', 'w')",
        "os.mkdir('/dev/shm/../x')",
        "os.execv('/python/bin/python3', ['python'])",
        "__import__('subprocess').run(['/python/bin/python3', '-c', ''], check=True)",
        "socket.create_connection(('127.0.0.1', 1), 1)",
        "os.kill(2, 9)",
        "os.setuid(0) or os.setgroups([0])",
        "os.mount",
        "__import__('ctypes').CDLL(None).unshare(0x10000000) and 1 / 0",
        "__import__('ctypes').CDLL(None).ptrace(0, 0, 0, 0) and 1 / 0",
        "__import__('ctypes').CDLL(None).mount(b'x', b'/tmp', b'tmpfs', 0, 0) and 1 / 0",
        "__import__('ctypes').CDLL(None).shmget(1, 4096, 0o1600) == -1 and 1 / 0",
        "__import__('ctypes').CDLL(None).semget(1, 1, 0o1600) == -1 and 1 / 0",
        "__import__('ctypes').CDLL(None).msgget(1, 0o1600) == -1 and 1 / 0",
        "__import__('ctypes').CDLL(None).umount2(b'/tmp', 2) and 1 / 0",
        "open('/tmp/big', 'wb').write(bytes(80 * 2**20))",
        "[open('/dev/null') for _ in range(1000)]",
    ],
)
def test_what_is_refused(look, what):
    """Writing outside /tmp, other programs, the network, signals, privileges, namespaces, floods."""
    assert look.attempt(what) != "done"


def test_threads_and_temporary_files_work(look):
    """The wall leaves ordinary work alone."""
    assert look.attempt("import threading; t = threading.Thread(target=print); t.start(); t.join()") == "done"
    assert look.attempt("import tempfile; tempfile.NamedTemporaryFile().write(b'x')") == "done"
    assert look.attempt("import torch; torch.set_num_threads(2); torch.ones(500, 500) @ torch.ones(500, 500)") == "done"


def test_a_fork_leaves_no_file_to_the_next(far):
    """/tmp is fresh for every fork."""
    text = b"import os\nopen('/tmp/left', 'w').close()\nfound = os.listdir('/tmp')\ndef get(): return sorted(found)"
    for _ in range(2):
        session = Session(far, Source(files={"work.py": text}, module="work"), Limits())
        session.load()
        assert Student(session).get() == ["left", "work"]
        session.close()


def descendants(ancestor):
    """The living processes below this one, by id: those of other people on the machine do not count."""
    found = subprocess.run(["ps", "-eo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in found.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}

    def below(pid):
        while pid in parents and pid != ancestor:
            pid = parents[pid]
        return pid == ancestor

    return {pid for pid in parents if pid != ancestor and below(pid)}


def living(pids):
    return {pid for pid in pids if os.path.exists(f"/proc/{pid}") and Path(f"/proc/{pid}/cmdline").read_bytes()}


LEAVINGS = {
    "files": "open('/tmp/left', 'w').close(); open('/dev/shm/left', 'w').close()",
    "a file beside its own": "open('left.txt', 'w').close()",
    "a folder beside its own": "os.makedirs('left/deep')",
    "what was made and deleted": "open('/tmp/left', 'w').close(); os.unlink('/tmp/left')",
    "a time": "os.utime('/tmp', (1, 1)); os.utime('/dev/shm', (1, 1))",
    "rights": "os.chmod('/tmp', 0o777); os.chmod('/dev/shm', 0o777)",
    "no rights": "os.chmod('.', 0)",
    "no folder": "os.rename('/tmp/work', '/tmp/other')",
    "a link in place of the folder": "os.rename('/tmp/work', '/tmp/other'); os.symlink('/dev', '/tmp/work')",
    "a mark": "os.setxattr('/tmp', 'user.left', b'1')",
    "a mark on its own file": "os.setxattr('work.py', 'user.left', b'1')",
}
STATE = """
    import os

    def leave():
        try:
            exec({leaving!r})
        except OSError:
            pass

    def found():
        state = [os.getcwd(), os.listdir(), os.listxattr("work.py")]
        for folder in ("/tmp", "/dev/shm", "."):
            seen = os.stat(folder)
            state += [os.listdir(folder), oct(seen.st_mode), seen.st_uid, seen.st_nlink, seen.st_mtime > 10]
            state += [os.listxattr(folder)]
        space = [os.statvfs(folder) for folder in ("/tmp", "/dev/shm")]
        return state + [(each.f_ffree, each.f_bfree) for each in space]
"""


@pytest.mark.parametrize("leaving", LEAVINGS)
def test_the_next_fork_finds_what_the_first_one_found(open_session, leaving):
    """Files, rights, times, marks and space: nothing tells one student that another was there."""
    text = STATE.format(leaving=LEAVINGS[leaving])
    first, session = open_session(text)
    found = first.found()
    first.leave()
    session.close()
    assert open_session(text)[0].found() == found


def test_nothing_outlives_the_far_side():
    """Daemons that a student leaves behind end with the fork; the server ends with its owner."""
    before = descendants(os.getpid())
    text = b"import os, time\ndef leave():\n    if os.fork() == 0:\n        os.setsid()\n        time.sleep(600)\n    return 1"
    with open_far_side(Protection.BUBBLEWRAP) as far:
        session = Session(far, Source(files={"work.py": text}, module="work"), Limits())
        session.load()
        assert Student(session).leave() == 1
        started = descendants(os.getpid()) - before
        assert len(living(started)) >= 4  # bubblewrap, the server, the fork and its daemon
        session.close()
    assert not living(started)


def test_the_server_ends_when_its_owner_is_killed():
    """SIGKILL of the near side takes the far side with it."""
    code = (
        "import sys, time\nfrom grader.sandbox.farside import Limits\nfrom grader.sandbox.opening import *\n"
        "far = open_far_side(Protection.BUBBLEWRAP); far.open(Limits()); print('up', flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert owner.stdout.readline() == b"up\n"
    started = descendants(owner.pid)
    assert len(living(started)) >= 3
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 10
    while living(started) and time.monotonic() < deadline:
        os.sched_yield()
    assert not living(started)


def test_signals_to_the_group_stay_inside(far):
    """A signal to a submission's own process group does not reach the server, which goes on for the next one."""
    text = b"import os\ndef strike(): os.kill(0, 9)\ndef get(): return 1"
    for _ in range(2):
        session = Session(far, Source(files={"work.py": text}, module="work"), Limits())
        session.load()
        Student(session).strike()  # the first process of a namespace does not die of its own signals
        assert Student(session).get() == 1
        session.close()


def test_an_answer_that_trickles_has_an_end(open_session):
    """Bytes that come one by one are no answer: time runs on while they do."""
    student, _ = open_session(
        """
        import os, stat, time

        def trickle():
            channel = next(fd for fd in range(3, 256) if is_socket(fd))
            os.write(channel, b"\\x00\\x7f\\xff\\xff")
            while True:
                os.write(channel, b"x")
                time.sleep(0.005)

        def is_socket(fd):
            try:
                return stat.S_ISSOCK(os.fstat(fd).st_mode)
            except OSError:
                return False
        """,
        limits=Limits(seconds=0.2, patience=2.0),
    )
    with pytest.raises(StudentStopped, match=r"did not come back|more than"):
        student.trickle()
