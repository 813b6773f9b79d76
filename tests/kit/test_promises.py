"""What the walls promise (docs/threat-model.md), each tried by code that wants the opposite."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.sandbox import cgroups, wall
from grader.sandbox.cgroups import ControlGroup
from grader.sandbox.container import ContainerWall
from grader.sandbox.far import confine
from grader.sandbox.farside import Limits
from grader.sandbox.opening import Protection, open_far_side
from grader.sandbox.proxy import Session, Source, Student, StudentError, StudentStopped
from tests.kit.conftest import ROOT

WORK = """
    import ctypes, mmap, os, socket, stat, sys, threading, time

    libc = ctypes.CDLL(None, use_errno=True)

    def call(name, *arguments):
        ctypes.set_errno(0)
        return ctypes.get_errno() if getattr(libc, name)(*arguments) == -1 else 0

    def open_socket(family, kind):
        try:
            socket.socket(family, kind).close()
        except OSError as error:
            return error.errno
        return 0

    def raised(what):
        try:
            exec(what)
        except OSError as error:
            return error.errno
        except Exception as error:
            return type(error).__name__
        return 0

    def flags(*roots):
        found = set()
        for root in roots:
            for folder, _, _ in os.walk(root):
                try:
                    found.add(os.statvfs(folder).f_flag & (os.ST_NOSUID | os.ST_NODEV))
                except OSError:
                    pass
        return sorted(found)

    def devices():
        return [path for path, _, names in os.walk("/") for name in names
                if stat.S_ISBLK((mode := os.lstat(os.path.join(path, name)).st_mode)) or stat.S_ISCHR(mode)]

    def bomb():
        held = 0
        while True:
            try:
                if os.fork() == 0:
                    while True:
                        try:
                            os.fork()
                        except OSError:
                            time.sleep(0.2)
            except OSError:
                time.sleep(0.2)

    def many(count, keep=0):
        stop = threading.Event()
        threads = [threading.Thread(target=stop.wait) for _ in range(count)]
        for thread in threads:
            thread.start()
        time.sleep(keep)
        stop.set()
        for thread in threads:
            thread.join()
        return count

    def shared(megabytes):
        memory = mmap.mmap(-1, megabytes * 2**20)
        for at in range(0, len(memory), 4096):
            memory[at] = 1

    def page_tables():
        c = ctypes.CDLL(None)
        c.mmap.restype = ctypes.c_void_p
        c.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
        size = 2**42
        start = c.mmap(None, size, 1, 0x4022, -1, 0)
        for at in range(0, size, 2**21):
            ctypes.c_char.from_address(start + at).value

    def children(each):
        import torch
        for _ in range(8):
            if os.fork() == 0:
                kept = torch.ones(each * 2**18)
                time.sleep(600)
        time.sleep(600)

    def descriptors():
        kinds = []
        for number in range(256):
            try:
                mode = os.fstat(number).st_mode
            except OSError:
                continue
            kinds.append(next(kind for kind in ("CHR", "FIFO", "SOCK", "REG", "DIR", "") if getattr(stat, f"S_IS{kind}")(mode)))
        return kinds

    def fill(folder):
        for number in range(100):
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(4 * 2**20))
"""


@pytest.fixture(scope="module")
def contained(as_root):
    """A far side behind the wall of a container."""
    with open_far_side(Protection.CONTAINER, warm=True) as started:
        yield started


@pytest.fixture(params=["far", "contained"], ids=["bubblewrap", "container"])
def side(request):
    """Each of the walls in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def begin(side):
    """Loads the code that wants the opposite, at the beginning of a test; returns it, and its session."""
    sessions = []

    def begin_it(limits=None):
        limits = limits or Limits()
        source = Source(files={"work.py": textwrap.dedent(WORK).encode()}, module="work")
        sessions.append(Session(side, source, limits))
        sessions[-1].load()
        sessions[-1].begin_test(limits, 1)
        return Student(sessions[-1]), sessions[-1]

    yield begin_it
    for session in sessions:
        session.close()


@pytest.fixture
def work(begin):
    return begin()[0]


@pytest.fixture
def behind_bubblewrap(open_session):
    return open_session(WORK)[0]


def processes_below(pid):
    """All living descendants of a process of this machine."""
    rows = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children = {}
    for line in rows.splitlines():
        child, parent = map(int, line.split())
        children.setdefault(parent, []).append(child)
    found, waiting = [], [pid]
    while waiting:
        new = children.get(waiting.pop(), [])
        found += new
        waiting += new
    return found


def statuses():
    """/proc/PID/status of every process that runs student code: those that carry two filters."""
    for pid in processes_below(os.getpid()):
        try:
            text = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        fields = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        if fields.get("Seccomp_filters", "0").strip() == "2":
            yield fields


def test_no_privileges(work):
    """No capability in any set, none to be had, and two filters of system calls: as the kernel tells from outside."""
    assert work.call("getpid") == 0
    found = list(statuses())
    assert found
    for fields in found:
        assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")


def test_no_descriptor_is_inherited(work):
    """Nothing to read, a pipe for what is printed, and the channel: not the server's own."""
    assert work.descriptors() == ["CHR", "FIFO", "FIFO", "SOCK"]
    assert work.raised("os.close(os.open('/dev/tty', os.O_RDWR))") != 0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("unshare", [0x10000000]), ("unshare", [0x00020000]), ("setns", [0, 0]), ("mount", [0, b"/tmp", b"tmpfs", 0, 0]),
        ("umount2", [b"/proc", 2]), ("chroot", [b"/tmp"]), ("ptrace", [0, 0, 0, 0]), ("personality", [0x0400000]),
        ("shmget", [0, 4096, 0o1600]), ("semget", [0, 1, 0o1600]), ("msgget", [0, 0o1600]), ("memfd_create", [b"x", 0]),
        ("mq_open", [b"/x", 0o102, 0o600, 0]), ("splice", [0, 0, 1, 0, 1, 0]), ("vmsplice", [1, 0, 0, 0]),
        ("fanotify_init", [0, 0]), ("process_vm_readv", [1, 0, 0, 0, 0, 0]), ("open_by_handle_at", [0, 0, 0]),
        ("setuid", [1]), ("setgroups", [0, 0]), ("sethostname", [b"x", 1]), ("settimeofday", [bytes(16), 0]),
        ("mknod", [b"/tmp/disk", 0o60600, 0xFE00]), ("klogctl", [3, 0, 0]), ("nice", [-30]), ("sched_setscheduler", [0, 1, b"\1\0\0\0"]),
    ],
)  # fmt: skip
def test_system_calls_that_are_refused(work, name, arguments):
    """Namespaces, mounts, other processes, memory that nobody owns, other users, devices, clocks, priorities."""
    assert work.call(name, *arguments) in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL)


@pytest.mark.parametrize("number", [425, 428, 434, 435, 438, 440, 447, 462, 500, 0x40000000 + 39])
def test_recent_system_calls_do_not_exist(work, number):
    """io_uring, pidfd, clone3, memfd_secret, all that is to come, and the x32 numbers."""
    assert work.call("syscall", number, 0, 0, 0, 0, 0, 0) == errno.ENOSYS


@pytest.mark.parametrize(
    "family",
    [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK, socket.AF_ALG, 31],
)  # fmt: skip
def test_no_sockets_to_elsewhere(work, family):
    """Only sockets between the student's own processes can be made."""
    assert work.open_socket(int(family), int(socket.SOCK_RAW)) == errno.EPERM
    assert work.open_socket(int(family), int(socket.SOCK_DGRAM)) == errno.EPERM
    assert work.open_socket(int(socket.AF_UNIX), int(socket.SOCK_STREAM)) == 0


def test_no_setuid_and_no_devices(behind_bubblewrap):
    """Everything in sight is mounted so that neither means anything; the four devices are harmless ones."""
    assert behind_bubblewrap.flags("/") == [os.ST_NOSUID | os.ST_NODEV]
    assert behind_bubblewrap.devices() == ["/dev"] * 4


def test_files_cannot_be_made_executable_for_others(work):
    """A setuid bit in /tmp starts nothing: no program can be started."""
    assert work.raised("open('x', 'w').close(); os.chmod('x', 0o6755)") == 0
    assert work.raised("os.execv('x', ['x'])") == errno.EPERM


@pytest.mark.parametrize(
    ("name", "arguments", "memory_mb", "reason"),
    [
        ("bomb", [], 200, "crashed"), ("shared", [400], 200, "out_of_memory"),
        ("page_tables", [], 200, "out_of_memory"), ("children", [60], 200, "out_of_memory"),
    ],
)  # fmt: skip
def test_floods_are_stopped(begin, name, arguments, memory_mb, reason):
    """Processes, threads, shared memory, page tables, memory in many children: ended for what it was."""
    limits = Limits(seconds=20, memory_mb=memory_mb)
    work, session = begin(limits)
    with pytest.raises(StudentStopped) as caught:
        getattr(work, name)(*arguments)
    assert caught.value.reason == reason
    session.begin_test(Limits(), 2)
    assert work.call("getpid") == 0


def test_threads_are_bounded(begin):
    """By a limit on its user, which makes `start` fail; where there is none, by who watches."""
    work, _ = begin()
    with pytest.raises((StudentStopped, StudentError), match=r"processes and threads|start new thread"):
        work.many(100, 10)


def test_a_fork_bomb_cannot_outgrow_its_namespace(open_session):
    """The kernel ends the growth where it can, before any watcher looks: here who watches is held up meanwhile."""
    if confine.kernel() < (6, 14):
        pytest.fail("before Linux 6.14 process numbers are not bounded by namespace")
    limits = Limits(seconds=20)
    work, session = open_session(WORK, limits=limits)
    session.begin_test(limits, 1)
    (fork,) = [fields for fields in statuses() if fields["NSpid"].split()[-1] == "1"]
    server = int(fork["PPid"])
    os.kill(server, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        try:
            bomb = pool.submit(work.bomb)
            counts = [0]
            least = 200 if os.geteuid() == 0 else limits.processes  # others meet the limit on their user first
            while counts[-1] < least or len(set(counts[-5:])) > 1:
                counts.append(1 + len(processes_below(int(fork["Pid"]))))
            assert counts[-1] <= 300 + 4 * limits.processes
        finally:
            os.kill(server, signal.SIGCONT)
        with pytest.raises(StudentStopped):
            bomb.result()


@pytest.fixture
def group():
    """A control group; skipped where this user may make none."""
    made = ControlGroup()
    if not made.folders:
        made.close()
        pytest.skip("this user may not make control groups")
    yield made
    made.close()
    assert not any(folder.exists() for folder in made.folders)


def test_a_control_group_bounds_the_far_side(group, monkeypatch):
    """What is begun inside cannot leave it, and holds no more than it may."""
    monkeypatch.setattr(cgroups, "_SERVERS_MB", 0)
    group.bound(Limits(memory_mb=60, tmp_mb=0))
    for megabytes, status in ((10, 0), (200, -signal.SIGKILL)):
        command = [sys.executable, "-c", f"import os\nif os.fork() == 0: pass\nbytearray({megabytes} * 2**20)"]
        assert subprocess.run(group.joined(command), check=False).returncode == status
        assert group.has_killed() == (status != 0)
        assert not group.has_killed()


def test_the_far_side_is_in_its_group(group):
    """Servers and forks; the group is gone with them."""
    with open_far_side(Protection.BUBBLEWRAP) as far:
        session = Session(far, Source(files={"work.py": b"def f(): return 1"}, module="work"), Limits())
        session.load()
        folders = set(group.folders[0].parent.glob(f"farside-{os.getpid()}-*")) - set(group.folders)
        members = {int(pid) for folder in folders for pid in (folder / "cgroup.procs").read_text().split()}
        assert len(members & set(processes_below(os.getpid()))) >= 3
        session.close()


def test_stale_groups_go(tmp_path):
    """Of folders that behave like the kernel's: only those of graders that live are left alone."""
    for name in ("farside-999999999-0", f"farside-{os.getpid()}-x"):
        (tmp_path / name).mkdir()
    group = ControlGroup({"memory": tmp_path})
    assert group.folders == []  # here no file appears by itself
    assert [path.name for path in tmp_path.iterdir()] == [f"farside-{os.getpid()}-x"]


def test_threads_one_after_the_other_are_not_bounded(work):
    """An honest program may start thousands, as long as few live at a time."""
    for _ in range(20):
        assert work.many(50) == 50


def test_files_are_bounded(behind_bubblewrap):
    """/tmp and /dev/shm are full one day; nothing else can be written."""
    for folder in ("/tmp", "/dev/shm"):
        with pytest.raises(StudentError, match="No space left"):
            behind_bubblewrap.fill(folder)


@pytest.fixture
def inside_container(contained):
    """Student code behind the wall of a container, at the beginning of a test."""
    session = Session(contained, Source(files={"work.py": textwrap.dedent(WORK).encode()}, module="work"), Limits())
    session.load()
    session.begin_test(Limits(), 1)
    yield Student(session)
    session.close()


@pytest.mark.parametrize("folder", [".", "/dev/shm"])
def test_files_are_bounded_in_a_container(inside_container, folder):
    """There it is counted, and what was written is gone with the fork."""
    with pytest.raises(StudentStopped, match="more than 64 MB"):
        inside_container.fill(folder)
    assert not [path for path in Path("/dev/shm").iterdir() if path.name.isdigit()]


def test_files_of_a_container_are_closed(inside_container):
    """The course, the machine's users, other processes, and whatever lies in folders that anybody may read."""
    for path in (__file__, str(ROOT / "solutions"), "/etc/passwd", "/proc/1/environ", "/proc", "/tmp", "/", "/dev"):
        assert inside_container.raised(f"os.close(os.open({path!r}, os.O_RDONLY))") == errno.EACCES
    for path in ("/tmp/no-such-file", "/var/tmp/no-such-file", str(ROOT / "no-such-file")):
        assert inside_container.raised(f"open({path!r}, 'w')") == errno.EACCES
    assert inside_container.raised("import grader") == "ModuleNotFoundError"


@pytest.mark.usefixtures("as_root")
def test_file_modes_close_where_there_is_no_landlock():
    """The trial finds what other users may read, and what they may not."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    closed, opened = folder / "closed", folder / "opened"
    for path, mode in ((closed, 0o700), (opened, 0o755)):
        path.mkdir(mode=mode)
        (path / "suite.py").write_text("secret")
    own = ContainerWall()
    try:
        module = Path(own.folder).parents[2] / "kit" / "far" / "landlock.py"
        module.write_text(module.read_text() + "\n\ndef version():\n    return 0\n")
        found = wall.tried(own, [closed, closed / "suite.py", opened, opened / "suite.py"])
        assert found["read"] == [str(opened), str(opened / "suite.py")]
    finally:
        own.close()
        shutil.rmtree(folder)


@pytest.mark.usefixtures("as_root")
def test_grade_behind_the_second_wall(small_course, run_grader, tmp_path):
    """`--wall container` gives the same grades; the course's folders are tried to be read first."""
    small_course.hand_in("right", "def double(x):\n    return x + x\n")
    small_course.hand_in("wrong", "def double(x):\n    return 3 * x\n")
    tables = []
    for chosen in ("bubblewrap", "container"):
        output = tmp_path / chosen
        finished = run_grader("grade", "class", "-o", output, "--wall", chosen, "-j", 1, cwd=small_course.root)
        assert finished.returncode == 0, finished.stderr
        tables.append((output / "grades.csv").read_text())
    assert tables[0] == tables[1]
    assert "right,double,graded,2" in tables[0]


def test_signals_reach_nobody_else(inside_container):
    """Not the server, not process 1, not this test."""
    for pid in (os.getpid(), os.getppid(), 1):
        assert inside_container.raised(f"os.kill({pid}, 0)") == errno.EPERM


def test_a_fork_in_a_container_leaves_nothing(contained):
    """Daemons, deep folders and files in shared memory end with it; the next one finds an empty folder."""
    text = """
        import os, time
        def leave():
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    os.setsid()
                    if os.fork() == 0:
                        time.sleep(600)
                    os._exit(0)
                os.waitpid(child, 0)
            for _ in range(15):
                os.mkdir("x" * 200)
                os.chdir("x" * 200)
            open("/dev/shm/left", "w").close()
            return os.getuid()
        def found():
            return os.listdir(os.environ["TMPDIR"]), os.path.exists("/dev/shm/left")
    """
    source = Source(files={"work.py": textwrap.dedent(text).encode()}, module="work")
    session = Session(contained, source, Limits())
    session.load()
    uid = Student(session).leave()
    assert uid != 0
    assert len(processes_of(uid)) > 20
    session.close()
    assert processes_of(uid) == []
    session = Session(contained, source, Limits())
    session.load()
    assert Student(session).found() == (["work"], False)
    session.close()


def test_whoever_ends_takes_its_daemons_along(contained):
    """The grader need not wait for what a dead fork has left behind, though it holds the fork's channel."""
    text = b"import os, time\ndef end():\n    if os.fork() == 0: time.sleep(600)\n    os._exit(3)"
    session = Session(contained, Source(files={"work.py": text}, module="work"), Limits(seconds=60))
    session.load()
    with pytest.raises(StudentStopped, match="exit status 3"):
        Student(session).end()
    session.close()


def processes_of(uid):
    """Those that live."""
    rows = subprocess.run(["ps", "-eo", "pid=,uid=,stat="], capture_output=True, text=True, check=True).stdout
    return [
        int(pid) for pid, owner, state in map(str.split, rows.splitlines()) if int(owner) == uid and "Z" not in state
    ]


@pytest.mark.usefixtures("as_root")
def test_the_container_wall_ends_when_its_owner_is_killed():
    """SIGKILL of the near side takes the far side, its user's processes and its folder with it."""
    code = (
        "import time\nfrom grader.sandbox.farside import *\nfrom grader.sandbox.opening import *\n"
        "far = open_far_side(Protection.CONTAINER); far.open(Limits()); print(far._wall.uid, far.folder, flush=True)\n"
        "time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    uid, folder = owner.stdout.readline().split()
    assert Path(folder.decode()).parents[2].exists()
    started = set(processes_below(owner.pid))
    owner.kill()
    owner.wait()
    owner.stdout.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (processes_of(int(uid)) or Path(folder.decode()).parents[2].exists()):
        os.sched_yield()
    assert processes_of(int(uid)) == []
    assert not Path(folder.decode()).parents[2].exists()
    assert started
