"""What a fork is behind: namespaces of its own inside bubblewrap, or a user of its own inside a container.

Both are used in the same way by the server: `before_fork`, in the fork `enter`, while it lives `processes` and `overfull`,
and when it has ended `sweep`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import signal
from typing import TYPE_CHECKING, Protocol

from . import confine, landlock

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES_LIMIT = 1000
_ALL_BUT_OWN = -1


class Wall(Protocol):
    """How forks are kept apart from everything else. `folder`: where a fork keeps the student's files."""

    folder: str

    def before_fork(self) -> None:
        """In the server: make ready for the next fork."""

    def before_server(self) -> None:
        """In the server: the next child is another server."""

    def enter(self, limits: dict[str, int]) -> str:
        """In the fork: put the wall around this process. Returns by what its processes are bounded.

        Raises:
            OSError: it cannot be put up.
        """

    def processes(self, fork: int, most: int) -> list[int]:
        """The living processes of the fork; where there are more than `most`, perhaps others as well."""

    def kill(self, fork: int) -> None:
        """In the server: end everything of the fork at once."""

    def overfull(self, most_bytes: int) -> bool:
        """Whether the fork's files take more room than this."""

    def sweep(self, spared: set[int]) -> None:
        """In the server: end what the fork has left behind; the spared children of the server are other servers."""

    def close(self) -> None:
        """In the server: it ends."""


class Namespaces:
    """Inside bubblewrap: processes, mounts and IPC of its own, which the kernel ends with the fork."""

    folder = "/tmp/work"

    def __init__(self) -> None:
        self._pid_namespaces = confine.PidNamespaces()
        self._depth = _depth("self")
        self._others = 0

    def before_fork(self) -> None:
        """The next child is process 1 of a namespace."""
        self._others = len(_all_processes())
        self._pid_namespaces.renew()

    def before_server(self) -> None:
        """The next child lives in the server's own namespace."""
        self._pid_namespaces.stay()

    def enter(self, limits: dict[str, int]) -> str:
        """Limits, mounts, no privileges."""
        counts_own_processes = confine.kernel() >= (5, 14)
        confine.own_limits(
            limits["memory"] * 2**20, limits["tmp"], limits["processes"] + 8 if counts_own_processes else None,
            limits["cpu"],
        )  # fmt: skip
        confine.first_to_go()
        try:
            confine.few_processes(4 * limits["processes"])  # the numbers of those that end are free a moment later
            bound = "pid_max of the namespace"
        except OSError:  # then it is up to who watches
            bound = "watching"
        self._pid_namespaces.forget()
        confine.own_mounts(limits["tmp"])
        os.mkdir(self.folder)
        confine.bind_fork()
        return bound

    def processes(self, fork: int, most: int) -> list[int]:
        """Those that live in the fork's process namespace."""
        living = _all_processes()
        count = len(living) - self._others
        if count == 1:
            return [fork]
        return living if count > most else [pid for pid in living if _depth(pid) > self._depth]

    def kill(self, fork: int) -> None:
        """The fork is process 1: all in its namespace end with it."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(fork, signal.SIGKILL)

    def overfull(self, most_bytes: int) -> bool:
        """Never: its file systems have a size."""
        return False

    def sweep(self, spared: set[int]) -> None:
        """The kernel has done it."""

    def close(self) -> None:
        """Bubblewrap leaves nothing."""


class User:
    """Inside a container that allows no namespaces: a user of its own, and Landlock where the kernel has it.

    The server stays root, with what the container leaves of that. `forks` is a folder that only it can write to;
    `readable` is all that a fork may open besides its own files.
    """

    def __init__(self, uid: int, forks: str, readable: Sequence[str]) -> None:
        if uid == 0:
            raise ValueError("student code must not run as root")
        with contextlib.suppress(PermissionError):  # it leads a session already
            os.setsid()  # no terminal to type into
        self._uid = uid
        self._forks = forks
        self._temporary = os.path.join(forks, "tmp")
        self._server = os.getpid()
        self.folder = os.path.join(self._temporary, "work")
        self._rules = landlock.Ruleset(readable, [forks, "/dev/shm"]) if landlock.version() else None

    def before_fork(self) -> None:
        """An empty folder; and whatever loses its parent becomes a child of this server."""
        confine.adopt_orphans()
        self._server = os.getpid()
        for folder in (self._temporary, self.folder):
            os.mkdir(folder, 0o700)
            os.chown(folder, self._uid, self._uid)

    def before_server(self) -> None:
        """Nothing to do."""

    def enter(self, limits: dict[str, int]) -> str:
        """Limits, Landlock, the user, no privileges."""
        confine.own_limits(limits["memory"] * 2**20, limits["tmp"], limits["processes"] + 8, limits["cpu"])
        confine.first_to_go()
        os.umask(0o077)
        if self._rules is not None:
            self._rules.restrict_self()
        os.setgroups([])
        os.setresgid(self._uid, self._uid, self._uid)
        os.setresuid(self._uid, self._uid, self._uid)
        confine.bind_fork()
        confine.end_with_parent(self._server)
        return "a limit on its user"

    def processes(self, fork: int, most: int) -> list[int]:
        """The fork and what descends from it; whoever lost its parent is the server's child."""
        found: list[int] = []
        waiting = [fork, *(pid for pid in _children(os.getpid()) if _owner(pid) == self._uid)]
        while waiting and len(found) <= most:
            pid = waiting.pop()
            if pid not in found:
                found.append(pid)
                waiting += _children(pid)
        return found

    def overfull(self, most_bytes: int) -> bool:
        """Counted, since there is no file system to bound: the fork's folder, and what it has in /dev/shm."""
        held, count = 0, 0
        waiting = [self._temporary, "/dev/shm"]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        status = entry.stat(follow_symlinks=False)
                        if status.st_uid == self._uid:
                            held += status.st_blocks * 512
                            count += 1
                            if entry.is_dir(follow_symlinks=False):
                                waiting.append(entry.path)
                        if held > most_bytes or count > FILES_LIMIT:
                            return True
            except OSError as error:
                if error.errno == errno.ENAMETOOLONG:  # nobody nests so deep by accident
                    return True
        return False

    def sweep(self, spared: set[int]) -> None:
        """End every process of the user, and remove its files."""
        while left := set(_children(os.getpid())) - spared:
            self.kill(0)
            for pid in left:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)
        if os.path.isdir(self._temporary):
            _empty(self._temporary)
            os.rmdir(self._temporary)
        with contextlib.suppress(OSError):
            for entry in os.scandir("/dev/shm"):
                if entry.stat(follow_symlinks=False).st_uid == self._uid and entry.is_file(follow_symlinks=False):
                    os.unlink(entry.path)

    def kill(self, fork: int) -> None:
        """Every process of the user: one by one, a fork bomb would be faster."""
        pid = os.fork()
        if pid == 0:
            try:
                os.setresgid(self._uid, self._uid, self._uid)
                os.setresuid(self._uid, self._uid, self._uid)
                confine.bind_fork()
                if os.getresuid() == (self._uid,) * 3 and confine.is_powerless():
                    os.kill(_ALL_BUT_OWN, signal.SIGKILL)
            finally:
                os._exit(0)
        os.waitpid(pid, 0)

    def close(self) -> None:
        """Nothing is left of the folder, though its owner may be gone."""
        _empty(os.path.dirname(self._forks))
        with contextlib.suppress(OSError):
            os.rmdir(os.path.dirname(self._forks))


def _empty(folder: str) -> None:
    """Remove all that is in it, however deep: what lies in a folder is moved up before the folder goes."""
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)
                for inner in list(os.scandir(entry.path)):
                    os.rename(inner.path, os.path.join(folder, secrets.token_hex(16)))
                os.rmdir(entry.path)
            else:
                os.unlink(entry.path)


def _all_processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _depth(pid: int | str) -> int:
    """How many process namespaces deep it lives; 0 when it has ended."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:
        return next((len(line.split()) - 1 for line in file if line.startswith("NSpid:")), 0)
    return 0


def _owner(pid: int) -> int:
    with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as file:
        return next((int(line.split()[1]) for line in file if line.startswith("Uid:")), -1)
    return -1


def _children(pid: int) -> list[int]:
    """The children of all its threads; none when it has ended."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    return found
