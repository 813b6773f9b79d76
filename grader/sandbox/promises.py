"""What a wall promises, each promise tried for real by code that wants the opposite (docs/threat-model.md says more)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
import psutil

from grader.sandbox import wall
from grader.sandbox.container import ContainerWall
from grader.sandbox.farside import FarSideFailed, Limits
from grader.sandbox.forkserver import ForkServer
from grader.sandbox.opening import Protection
from grader.sandbox.proxy import Session, Source, Student, StudentError, StudentStopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.sandbox.wall import Wall

_LIMITS = Limits(seconds=2, memory_mb=256, processes=32, tmp_mb=16)

_ATTACKS = b"""
import ctypes, os, socket, time

def refused(action):
    try:
        action()
    except BaseException:
        return True
    return False

def opened(family):
    socket.socket(family, socket.SOCK_DGRAM).close()

def no_network():
    return all(refused(lambda: opened(family)) for family in (socket.AF_INET, socket.AF_INET6, 16, 17, 40))

def no_files(paths):
    return all(refused(lambda: os.close(os.open(path, os.O_RDONLY))) for path in paths)

def no_writing(paths):
    return all(refused(lambda: open(os.path.join(path, "farside-doctor"), "w")) for path in paths)

def no_programs(paths):
    return all(refused(lambda: os.execv(path, [path])) for path in paths)

def no_privileges():
    libc = ctypes.CDLL(None)
    sets = ctypes.create_string_buffer(24)
    got = libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), sets)
    return got == 0 and not any(sets.raw) and libc.prctl(39, 0, 0, 0, 0) == 1 and libc.unshare(0x10000000) == -1

def no_processes(pids):
    return all(refused(lambda: os.kill(pid, 0)) for pid in pids) and refused(lambda: os.listdir("/proc")[0])

def names():
    return sorted(os.environ)

def run():
    while True: pass

def hog():
    held = []
    while True: held.append(bytearray(2**24))

def bomb():
    while True:
        if os.fork() == 0: time.sleep(60)

def fill():
    for number in range(100):
        with open(str(number), "wb") as file: file.write(bytes(2**22))

def leave():
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    return True
"""


class Finding(msgspec.Struct, frozen=True):
    """One promise: whether it holds here, and by which means."""

    promise: str
    holds: bool
    means: str


def findings(protection: Protection) -> Iterator[Finding]:
    """Every promise of this wall, tried here; the wall itself can be built."""
    trial: Wall = wall.Bubblewrap() if protection is Protection.BUBBLEWRAP else ContainerWall()
    try:
        found = wall.tried(trial)
    finally:
        trial.close()
    spaces = protection is Protection.BUBBLEWRAP
    landlock = f"Landlock {found['landlock']}, a user of its own" if found.get("landlock") else "a user of its own"
    before = _descendants()
    with ForkServer(wall.Bubblewrap() if spaces else ContainerWall()) as far:
        session = Session(far, Source(files={"attacks.py": _ATTACKS}, module="attacks"), _LIMITS)
        try:
            session.load()
            tried = _Tried(session)
            group = "control group, " if far.bounded_by_group else ""
            yield Finding("torch answers from behind it", True, "a fork server")
            yield tried.answer(
                "no network", "a namespace without one, system calls" if spaces else "system calls", "no_network"
            )
            private = [sys.prefix, str(wall.FAR_FOLDER.parents[1] / "suite"), "/etc/passwd", "/tmp", "/"]
            yield tried.answer(
                "no files of this machine", "none are mounted" if spaces else landlock, "no_files",
                [path for path in private if not spaces or path not in ("/", "/tmp")],
            )  # fmt: skip
            yield tried.answer(
                "nowhere to write but its folder", "read-only mounts" if spaces else landlock, "no_writing",
                ["/", "/usr", "/var/tmp", "/kit", "/packages", sys.prefix],
            )  # fmt: skip
            yield tried.answer("no other program", "system calls", "no_programs", ["/bin/sh", sys.executable])
            yield tried.answer("no privileges, none to be had", "no capabilities, system calls", "no_privileges")
            pids = [psutil.Process().pid, psutil.Process().ppid()]
            yield tried.answer("no other process", "namespace" if spaces else landlock, "no_processes", pids)
            names = set(Student(session).names())
            yield Finding("an empty environment", not names - set(trial.environment()) - {"LC_CTYPE", "PWD"}, "")
            yield tried.stopped("CPU time is bounded", "both clocks", "run", "timeout")
            yield tried.stopped("memory is bounded", f"{group}watching, limit on data", "hog", "out_of_memory")
            yield tried.stopped(
                "processes are bounded", f"{found.get('processes', 'watching')}, {group}watching", "bomb", "crashed"
            )
            yield tried.stopped(
                "files are bounded", "size of the file system" if spaces else "watching", "fill", "crashed"
            )
            tried.answer("", "", "leave")
        except (FarSideFailed, StudentError, StudentStopped) as error:
            yield Finding(f"the far side does not answer: {error}", False, "")
            return
        finally:
            session.close()
    left = _descendants() - before
    yield Finding("nothing is left behind", not left, "its namespace ends" if spaces else "its user's processes end")


class _Tried:
    """Attacks, each at the beginning of a test of its own."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._count = 0

    def _attack(self, name: str) -> Callable[..., object]:
        self._count += 1
        self._session.begin_test(_LIMITS, self._count)
        return getattr(Student(self._session), name)  # type: ignore[no-any-return]

    def answer(self, promise: str, means: str, name: str, *arguments: object) -> Finding:
        """An attack that says itself that it was refused."""
        return Finding(promise, self._attack(name)(*arguments) is True, means)

    def stopped(self, promise: str, means: str, name: str, reason: str) -> Finding:
        """An attack that does not come back, or is told that there is no more."""
        try:
            self._attack(name)()
        except StudentStopped as ended:
            return Finding(promise, ended.reason == reason, means)
        except StudentError:
            return Finding(promise, reason == "crashed", means)
        return Finding(promise, False, means)


def _descendants() -> set[int]:
    return {process.pid for process in psutil.Process().children(recursive=True)}
