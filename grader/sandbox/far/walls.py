"""What a fork is behind: a namespace of its own inside bubblewrap, or a user of its own inside a container.

Both are used in the same way by the server: `begin`, then `before_fork`, in the fork `enter`, while it lives `processes` and `overfull`,
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
    from pathlib import Path

    from .proc import Proc

FILES_LIMIT = 1000
_ALL_BUT_OWN = -1


class Wall(Protocol):
    """How forks are kept apart from everything else. `folder`: where a fork keeps the student's files."""

    folder: str

    def begin(self) -> None:
        """In a server, once, before its first fork."""

    def before_fork(self, limits: dict[str, int]) -> None:
        """In the server: make ready for the next fork."""

    def before_server(self) -> None:
        """In the server: the next child is another server."""

    def hide(self, paths: Sequence[Path]) -> None:
        """In a server, before `begin`: nobody opens these files and folders any more."""

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
    """Inside bubblewrap: processes of its own, which the kernel ends with the fork, and no right to change the mounts."""

    folder = confine.WORK

    def __init__(self, proc: Proc) -> None:
        self._proc = proc
        self._pid_namespaces = confine.PidNamespaces(proc)
        self._depth = self._depth_of("self")
        self._others = 0
        self._data = 0
        self._counts_own_processes = confine.kernel() >= (5, 14)

    def begin(self) -> None:
        """Each server has folders of its own for its forks."""
        self._folders = confine.Folders()
        self._data = self._proc.bytes_of("self", "VmData:")

    def before_fork(self, limits: dict[str, int]) -> None:
        """Empty folders; the next child is process 1 of a namespace."""
        self._others = len(self._proc.processes())
        self._folders.renew(limits["tmp"])
        self._pid_namespaces.renew()

    def before_server(self) -> None:
        """The next child lives in the server's own namespace."""
        self._pid_namespaces.stay()

    def hide(self, paths: Sequence[Path]) -> None:
        """Something empty is mounted over each."""
        confine.hide(paths)

    def enter(self, limits: dict[str, int]) -> str:
        """Limits, no privileges, nothing open that leads out."""
        confine.own_limits(
            self._data + limits["memory"] * 2**20, limits["tmp"],
            limits["processes"] + 8 if self._counts_own_processes else None, limits["cpu"],
        )  # fmt: skip
        confine.first_to_go(self._proc)
        try:
            # four times as many, since the numbers of those that end are free a moment later
            confine.few_processes(self._proc, 4 * limits["processes"])
            bound = "pid_max of the namespace"
        except OSError:  # then it is up to who watches
            bound = "watching"
        self._proc.close()
        self._pid_namespaces.forget()
        confine.bind_fork()
        return bound

    def processes(self, fork: int, most: int) -> list[int]:
        """Those that live in the fork's process namespace."""
        living = self._proc.processes()
        count = len(living) - self._others
        if count == 1:
            return [fork]
        return living if count > most else [pid for pid in living if self._depth_of(pid) > self._depth]

    def _depth_of(self, pid: int | str) -> int:
        """How many process namespaces deep it lives; 0 when it has ended."""
        with contextlib.suppress(OSError):
            return len(self._proc.status(pid, "NSpid:")[0].split())
        return 0

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

    def __init__(self, proc: Proc, uid: int, forks: str, readable: Sequence[str]) -> None:
        self._proc = proc
        if uid == 0:
            raise ValueError("student code must not run as root")
        with contextlib.suppress(PermissionError):  # it leads a session already
            os.setsid()  # no terminal to type into
        self._uid = uid
        self._forks = forks
        self._temporary = os.path.join(forks, "tmp")
        self._server = self._data = 0
        self.folder = os.path.join(self._temporary, "work")
        self._rules = landlock.Ruleset(readable, [forks, "/dev/shm"]) if landlock.version() else None

    def begin(self) -> None:
        """Whatever loses its parent becomes a child of this server."""
        confine.adopt_orphans()
        self._server = os.getpid()
        self._data = self._proc.bytes_of("self", "VmData:")

    def before_fork(self, limits: dict[str, int]) -> None:
        """An empty folder."""
        for folder in (self._temporary, self.folder):
            os.mkdir(folder, 0o700)
            os.chown(folder, self._uid, self._uid)

    def before_server(self) -> None:
        """Nothing to do."""

    def hide(self, paths: Sequence[Path]) -> None:
        """It cannot: they stay readable here, as files that nobody imports."""

    def enter(self, limits: dict[str, int]) -> str:
        """Limits, Landlock, the user, no privileges."""
        confine.own_limits(self._data + limits["memory"] * 2**20, limits["tmp"], limits["processes"] + 8, limits["cpu"])
        confine.first_to_go(self._proc)
        self._proc.close()
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
        waiting = [fork, *(pid for pid in self._proc.children(os.getpid()) if self._owner(pid) == self._uid)]
        while waiting and len(found) <= most:
            pid = waiting.pop()
            if pid not in found:
                found.append(pid)
                waiting += self._proc.children(pid)
        return found

    def _owner(self, pid: int) -> int:
        with contextlib.suppress(OSError):
            return int(self._proc.status(pid, "Uid:")[0].split()[1])
        return -1

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
        while left := set(self._proc.children(os.getpid())) - spared:
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
