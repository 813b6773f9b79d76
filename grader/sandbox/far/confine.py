"""What keeps a fork in: its process namespace, the folders that it can write to, limits, no privileges.

Linux only, through the C library: Python 3.11 has no `os.unshare`. The numbers are those of the kernel's headers.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .proc import Proc

WORK = "/tmp/work"
CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_NOATIME, _MS_BIND = 1, 2, 4, 8, 1024, 4096
_MNT_DETACH = 2
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 1, 22, 24, 28
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 36, 38, 47
_SECCOMP_MODE_FILTER = 2
_LAST_CAPABILITY = 63
_OWN_CAPABILITIES = struct.pack("=II", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
_RESERVED_NUMBERS = 300
"""Process numbers that the kernel gives once and, after the first round, never again."""

_libc = ctypes.CDLL(None, use_errno=True)
_with_the_lock = ctypes.PyDLL(None, use_errno=True)
"""Keeps Python's lock during a call: a child must not wait for one that nobody gives back."""


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def fork() -> int:
    """`os.fork` without what Python's modules do in a child: 0 in the child, else its process id.

    They make the locks of threads anew, of which this process has none, and seed `random` from the system, which would
    make import-time chance differ from one grading to the next. That costs a child more than the fork.

    Raises:
        OSError: the kernel makes no child.
    """
    pid = _with_the_lock.fork()
    if pid < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"fork: {os.strerror(number)}")
    return int(pid)


class PidNamespaces:
    """A new process namespace for each fork. The parent stays in its own."""

    def __init__(self, proc: Proc) -> None:
        self._own = proc.open("self/ns/pid")

    def stay(self) -> None:
        """The next child lives in the parent's own namespace."""
        _check(_libc.setns(self._own, CLONE_NEWPID), "setns")

    def renew(self) -> None:
        """The next child is process 1 of a namespace of its own; the kernel ends all in it with it."""
        self.stay()
        _check(_libc.unshare(CLONE_NEWPID), "unshare")

    def forget(self) -> None:
        """In the fork: nothing of the parent's is kept."""
        os.close(self._own)


class Folders:
    """All that a fork can write to, /tmp and /dev/shm, of bounded size; and an empty /proc.

    The server and its forks share one mount namespace, which no fork has the right to change: to make and end one for
    each fork would keep both waiting for the kernel, longer than a fork takes. What a fork leaves behind is gone before
    the next one: its own files are deleted, and if that does not make the folders what they were, new ones are mounted.
    """

    def __init__(self) -> None:
        _check(_libc.unshare(CLONE_NEWNS), "unshare")
        _mount("/proc", "size=4k,nr_inodes=2,mode=0555", _MS_RDONLY | _MS_NOEXEC)
        self._tmp_megabytes = 0
        self._before: dict[str, tuple[object, ...]] = {}
        self._inodes: dict[str, int] = {}

    def renew(self, tmp_megabytes: int) -> None:
        """Empty folders, and in them `WORK`."""
        if tmp_megabytes != self._tmp_megabytes or not self._emptied():
            for folder in tuple(self._inodes):
                _check(_libc.umount2(folder.encode(), _MNT_DETACH), f"unmount {folder}")
                del self._inodes[folder]
            for folder, options, extra in (
                ("/tmp", f"size={tmp_megabytes}m,nr_inodes=4096,mode=0700", 0),
                ("/dev/shm", "size=16m,nr_inodes=256,mode=0700", _MS_NOEXEC),
            ):
                _mount(folder, options, extra)
                self._inodes[folder] = _inodes_used(folder)
            self._tmp_megabytes = tmp_megabytes
        os.mkdir(WORK, 0o700)
        self._before = {folder: _marks(folder) for folder in self._inodes}

    def _emptied(self) -> bool:
        """Delete the last fork's own files; False if something else was done to the folders."""
        try:
            if any(_marks(folder) != before for folder, before in self._before.items()):
                return False
            for name in os.listdir(WORK):
                os.unlink(f"{WORK}/{name}")
            os.rmdir(WORK)
        except OSError:
            return False
        return all(_inodes_used(folder) == used for folder, used in self._inodes.items())


def _mount(folder: str, options: str, extra: int) -> None:
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOATIME | extra
    _check(_libc.mount(b"tmpfs", folder.encode(), b"tmpfs", flags, options.encode()), f"mount {folder}")


def _marks(folder: str) -> tuple[object, ...]:
    """What cannot all stay the same when somebody makes, deletes or marks something in the folder."""
    found = os.stat(folder)
    return found.st_ctime_ns, found.st_mtime_ns, found.st_mode, found.st_nlink, found.st_size, *os.listxattr(folder)


def _inodes_used(folder: str) -> int:
    found = os.statvfs(folder)
    return found.f_files - found.f_ffree


def hide(paths: Iterable[Path]) -> None:
    """Put nothing in the place of these files and folders, for this process and all its children."""
    _check(_libc.unshare(CLONE_NEWNS), "unshare")
    for path in paths:
        target = os.fsencode(path)
        if path.is_dir():
            result = _libc.mount(b"tmpfs", target, b"tmpfs", _MS_RDONLY, b"size=4k,nr_inodes=1")
        else:
            result = _libc.mount(b"/dev/null", target, None, _MS_BIND, None)
        _check(result, f"hide {path}")


def _common_limits() -> None:
    """Kernel limits that are the same for the server and for every fork."""
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_NICE, 0),
        (resource.RLIMIT_RTPRIO, 0),
    ):
        _limit(which, value)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full file is an OSError, not a death


def own_limits(data_bytes: int, file_megabytes: int, processes: int | None, cpu_seconds: int) -> None:
    """Kernel limits of one fork. `data_bytes` includes what the server holds already.

    The limit is on data (RLIMIT_DATA), not on the address space: a limit below what the parent has mapped would make
    every later allocation fail. `processes` is None where the kernel would count processes of other people.
    """
    _limit(resource.RLIMIT_FSIZE, file_megabytes * 2**20)
    _limit(resource.RLIMIT_DATA, data_bytes)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    if processes is not None:
        _limit(resource.RLIMIT_NPROC, processes)


def _limit(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def few_processes(proc: Proc, most: int) -> None:
    """No more processes and threads alive in this process's own namespace than so many and some 300.

    For process 1 of a namespace. Linux 6.14 and newer; before that the same file is the whole machine's.

    Raises:
        OSError: it cannot be written here.
    """
    if kernel() < (6, 14):
        raise OSError("before Linux 6.14 process numbers are not bounded by namespace")
    proc.write("sys/kernel/pid_max", str(_RESERVED_NUMBERS + most))


def first_to_go(proc: Proc) -> None:
    """Where the machine or a control group runs out of memory, the kernel ends this process, not who watches it."""
    proc.write("self/oom_score_adj", "1000")


def is_powerless() -> bool:
    """Whether this process has no capability at all."""
    sets = ctypes.create_string_buffer(24)
    _check(_libc.capget(_OWN_CAPABILITIES, sets), "capget")
    return not any(sets.raw)


def adopt_orphans() -> None:
    """Become the parent of every process that descends from here and loses its own."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")


def end_with_parent(parent: int) -> None:
    """End when the parent ends, without a word; at once, where it is gone already."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "parent's death")
    if os.getppid() != parent:
        os._exit(1)


def kernel() -> tuple[int, int]:
    """The version of the running kernel."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(character for character in minor if character.isdigit()) or 0)


def bind_server() -> None:
    """Once, in the server: what neither it nor a fork needs from now on. Forks inherit it, which costs them nothing."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _libc.prctl(_PR_SET_SECUREBITS, 0b101111, 0, 0, 0)  # root is nobody special, and this is locked
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel has
    _common_limits()
    _install(_general_filter())


def bind_fork() -> None:
    """In the fork, last: no capability, and no more of the system calls that made its walls."""
    _check(_libc.capset(_OWN_CAPABILITIES, bytes(24)), "capset")
    _install([*_load_number(), *_refusals(_REFUSED_TO_FORKS), _ALLOWED])


# The system calls that are refused, as numbers for (x86_64, aarch64). It is a list of what is refused, not of what is
# allowed: which calls the C library, Python and torch make differs between their versions, and one that is missing from
# a list of allowed ones would be a student's lost points. What is new is refused all the same: see `_KNOWN_RECENT`.
# What needs a capability outside of this user namespace (clocks, ports, modules, swap…) the kernel refuses by itself.
_REFUSED = {
    # other programs
    "execve": (59, 221), "execveat": (322, 281), "vfork": (58, None),
    # other roots and mounts, and files without a path
    "pivot_root": (155, 41), "chroot": (161, 51),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "fanotify_init": (300, 262),
    # other processes' memory
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "move_pages": (279, 239), "migrate_pages": (256, 238),
    # memory that belongs to no process, so that watching does not see it
    "memfd_create": (319, 279), "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # parts of the kernel that have had holes, and are of no use to an exercise
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "personality": (135, 92), "modify_ldt": (154, None),
    "vmsplice": (278, 75), "splice": (275, 76), "tee": (276, 77), "syslog": (103, 116), "quotactl": (179, 60),
    "io_setup": (206, 0), "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
}  # fmt: skip
_REFUSED_TO_FORKS = {"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39)}
"""Those with which the server and the fork itself make the walls."""

_FIRST_RECENT = 424
"""From here on, which is Linux 5.1, calls have one number on all machines."""
_KNOWN_RECENT = {
    "close_range": 436, "openat2": 437, "faccessat2": 439, "epoll_pwait2": 441, "futex_waitv": 449, "fchmodat2": 452,
    "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446,
}  # fmt: skip
"""Of the recent ones these alone exist; for the others, and all to come, the kernel answers like an older one. So goes
clone3, whose flags a filter cannot see: the C library falls back to clone."""

_SOCKETS = {"socket": (41, 198), "socketpair": (53, 199)}
_CLONE = (56, 220)
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NEW_NAMESPACE_FLAGS = 0x7E020080  # every CLONE_NEW…
_CLONE_VFORK = 0x4000  # the parent waits in a state that looks like work
_AF_UNIX = 1
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _ANSWER = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16


def _instruction(code: int, true: int, false: int, k: int) -> bytes:
    return struct.pack("=HBBI", code, true, false, k)


_ALLOWED = _instruction(_ANSWER, 0, 0, _ALLOW)
_NOT_PERMITTED = _instruction(_ANSWER, 0, 0, _ERRNO | _EPERM)
_UNKNOWN = _instruction(_ANSWER, 0, 0, _ERRNO | _ENOSYS)


def _load_number() -> list[bytes]:
    return [_instruction(_LOAD, 0, 0, _NUMBER_AT)]


def _refusals(calls: Mapping[str, tuple[int, int | None]]) -> list[bytes]:
    column, _ = _architecture()
    program = []
    for numbers in calls.values():
        number = numbers[column]
        if number is not None:
            program += [_instruction(_EQUAL, 0, 1, number), _NOT_PERMITTED]
    return program


def _architecture() -> tuple[int, int]:
    """The column of the tables, and the kernel's name for this machine.

    Raises:
        OSError: it is neither x86_64 nor aarch64.
    """
    if platform.machine() not in _ARCHITECTURES:
        raise OSError(f"no list of system calls for {platform.machine()}")
    return _ARCHITECTURES[platform.machine()]


def _general_filter() -> list[bytes]:
    """No exec, no other addresses than of this machine's own sockets, no namespaces, nothing of the list above."""
    column, architecture = _architecture()
    recent = [part for number in _KNOWN_RECENT.values() for part in (_instruction(_EQUAL, 0, 1, number), _ALLOWED)]
    program = [
        _instruction(_LOAD, 0, 0, _ARCHITECTURE_AT),
        _instruction(_EQUAL, 1, 0, architecture),
        _instruction(_ANSWER, 0, 0, _KILL),
        *_load_number(),
        _instruction(_AT_LEAST, 0, len(recent) + 1, _FIRST_RECENT),  # the x32 way in is up there, too
        *recent,
        _UNKNOWN,
        *_refusals(_REFUSED),
    ]
    for numbers in _SOCKETS.values():
        program += [
            _instruction(_EQUAL, 0, 4, numbers[column]),
            _instruction(_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
            _instruction(_EQUAL, 0, 1, _AF_UNIX),
            _ALLOWED,
            _NOT_PERMITTED,
        ]
    return [
        *program,
        _instruction(_EQUAL, 0, 3, _CLONE[column]),
        _instruction(_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        _instruction(_ANY_BIT, 0, 1, _NEW_NAMESPACE_FLAGS | _CLONE_VFORK),
        _NOT_PERMITTED,
        _ALLOWED,
    ]


def _install(program: list[bytes]) -> None:
    """Put the filter on, for this process and all its children.

    Raises:
        OSError: the kernel takes none.
    """
    code = b"".join(program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_program = struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_program, 0, 0), "seccomp")
