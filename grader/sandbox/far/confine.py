"""What a fork does to itself before it runs student code: its own namespaces and mounts, limits, no privileges.

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
    from collections.abc import Iterable
    from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_BIND = 1, 2, 4, 8, 4096
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

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    def stay(self) -> None:
        """The next child lives in the parent's own namespace."""
        _check(_libc.setns(self._own, CLONE_NEWPID), "setns")

    def renew(self) -> None:
        """The next child is process 1 of a namespace of its own; the kernel ends all in it with it."""
        self.stay()
        _check(_libc.unshare(CLONE_NEWPID), "unshare")


def own_mounts(tmp_megabytes: int) -> None:
    """A private /tmp and /dev/shm of bounded size, and an empty /proc: nothing of the machine to read there."""
    _check(_libc.unshare(CLONE_NEWNS | CLONE_NEWIPC), "unshare")
    flags = _MS_NOSUID | _MS_NODEV
    for target, options, extra in (
        (b"/tmp", f"size={tmp_megabytes}m,nr_inodes=4096,mode=0700", 0),
        (b"/dev/shm", "size=16m,nr_inodes=256,mode=0700", _MS_NOEXEC),
        (b"/proc", "size=4k,nr_inodes=2,mode=0555", _MS_RDONLY | _MS_NOEXEC),
    ):
        _check(
            _libc.mount(b"tmpfs", target, b"tmpfs", flags | extra, options.encode()),
            f"mount {target.decode()}",
        )


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


def own_limits(memory_bytes: int, file_megabytes: int, processes: int | None, cpu_seconds: int) -> None:
    """Kernel limits. `memory_bytes` is what may be allocated beyond what the parent already holds.

    The limit is on data (RLIMIT_DATA), not on the address space: a limit below what the parent has mapped would make
    every later allocation fail. `processes` is None where the kernel would count processes of other people.
    """
    with open("/proc/self/status") as status:
        held = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))
    limits = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 256),
        (resource.RLIMIT_FSIZE, file_megabytes * 2**20),
        (resource.RLIMIT_DATA, held + memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ]
    if processes is not None:
        limits.append((resource.RLIMIT_NPROC, processes))
    for which, value in limits:
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a full file is an OSError, not a death


def no_privileges() -> None:
    """No capability, now or after an exec, and no program that could give one."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    _libc.prctl(_PR_SET_SECUREBITS, 0b101111, 0, 0, 0)  # root is nobody special, and this is locked
    _libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)  # PR_CAP_AMBIENT_CLEAR_ALL
    for capability in range(_LAST_CAPABILITY + 1):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break  # beyond the last one that this kernel has
    header = struct.pack("=II", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _check(_libc.capset(header, struct.pack("=6I", *[0] * 6)), "capset")


# Syscalls that student code has no use for: new programs and namespaces, mounts, other processes' memory, kernel
# interfaces with a history of holes. Numbers for (x86_64, aarch64).
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
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),  # memory that belongs to no process
    "vfork": (58, 0xFFFF),  # aarch64 has none
}  # fmt: skip
_MACHINES = {"x86_64": (0, 0xC000003E, 56, 435), "aarch64": (1, 0xC00000B7, 220, 435)}
_NEW_NAMESPACE_FLAGS = 0x7E020080  # every CLONE_NEW…
_CLONE_VFORK = 0x4000  # the parent waits in a state that looks like work
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_EPERM, _ENOSYS = 1, 38


def _instruction(code: int, true: int, false: int, k: int) -> bytes:
    return struct.pack("=HBBI", code, true, false, k)


def refuse_syscalls() -> None:
    """A seccomp filter, for this process and all its children: no exec, no namespaces, no mounts, no ptrace.

    Raises:
        OSError: the kernel takes no filter, or the machine is neither x86_64 nor aarch64.
    """
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
        _instruction(any_bit, 0, 1, _NEW_NAMESPACE_FLAGS | _CLONE_VFORK),
        _instruction(answer, 0, 0, _ERRNO | _EPERM),
        _instruction(answer, 0, 0, _ALLOW),
    ]
    code = b"".join(program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter_program = struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_program, 0, 0), "seccomp")
