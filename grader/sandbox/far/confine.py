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
    from .proc import Proc

WORK = "/tmp/work"
CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_NOATIME = 1, 2, 4, 8, 1024
_MNT_DETACH = 2
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = (
    22,
    24,
    28,
    38,
    47,
)
_SECCOMP_MODE_FILTER = 2
_LAST_CAPABILITY = 63

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


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

    def close(self) -> None:
        """A fork has no use for it."""
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


def common_limits() -> None:
    """Kernel limits that are the same for the server and for every fork."""
    for which, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
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


def lock_privileges() -> None:
    """No program that is started from here on has a capability, and none could give one."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _libc.prctl(_PR_SET_SECUREBITS, 0b101111, 0, 0, 0)  # root is nobody special, and this is locked
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel has


def drop_capabilities() -> None:
    """None is left, for good."""
    header = struct.pack("=II", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc.capset(header, struct.pack("=6I", *[0] * 6)), "capset")


# Syscalls that student code has no use for: new programs and namespaces, mounts, other processes' memory, kernel
# interfaces with a history of holes, memory and queues that would outlive a fork. Numbers for (x86_64, aarch64).
_REFUSED = {
    "execve": (59, 221), "execveat": (322, 281),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "syslog": (103, 116), "acct": (163, 89), "quotactl": (179, 60),
    "memfd_create": (319, 279), "vmsplice": (278, 75),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
}  # fmt: skip
_MACHINES = {"x86_64": (0, 0xC000003E, 56, 435), "aarch64": (1, 0xC00000B7, 220, 435)}
_NEW_NAMESPACE_FLAGS = 0x7E020080  # every CLONE_NEW…
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38


def _instruction(code: int, true: int, false: int, k: int) -> bytes:
    return struct.pack("=HBBI", code, true, false, k)


class SyscallFilter:
    """A seccomp filter: no exec, no namespaces, no mounts, no ptrace.

    Raises:
        OSError: the machine is neither x86_64 nor aarch64.
    """

    def __init__(self) -> None:
        code = _filter()
        self._code = ctypes.create_string_buffer(code, len(code))
        self._program = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(self._code))

    def put_on(self) -> None:
        """From now on it holds for this process and all its children.

        Raises:
            OSError: the kernel takes no filter.
        """
        _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, self._program, 0, 0), "seccomp")


def _filter() -> bytes:
    if platform.machine() not in _MACHINES:
        raise OSError(f"no list of system calls for {platform.machine()}")
    column, architecture, clone, clone3 = _MACHINES[platform.machine()]
    load, equal, at_least, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    program = [
        _instruction(load, 0, 0, 4),
        _instruction(equal, 1, 0, architecture),
        _instruction(answer, 0, 0, _KILL),
        _instruction(load, 0, 0, 0),
        _instruction(at_least, 0, 1, 0x40000000),  # the x32 way in
        _instruction(answer, 0, 0, _ERRNO | _EPERM),
        _instruction(equal, 0, 1, clone3),  # its flags lie in memory; the C library falls back to clone
        _instruction(answer, 0, 0, _ERRNO | _ENOSYS),
    ]
    for numbers in _REFUSED.values():
        program += [_instruction(equal, 0, 1, numbers[column]), _instruction(answer, 0, 0, _ERRNO | _EPERM)]
    program += [
        _instruction(equal, 0, 3, clone),
        _instruction(load, 0, 0, 16),
        _instruction(any_bit, 0, 1, _NEW_NAMESPACE_FLAGS),
        _instruction(answer, 0, 0, _ERRNO | _EPERM),
        _instruction(answer, 0, 0, _ALLOW),
    ]
    return b"".join(program)
