"""Landlock: which files a process may open, decided by itself and for good. Linux 5.13 and newer, where it is on.

What newer versions add is used where it is there: no TCP (4), no devices' controls (5), no signals and no abstract
sockets out of the own circle (6). Numbers and structures are those of the kernel's <linux/landlock.h>.
"""

from __future__ import annotations

import ctypes
import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHARACTER_DEVICE, _MAKE_BLOCK_DEVICE, _IOCTL_DEVICE = 1 << 6, 1 << 11, 1 << 15
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

_libc = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(number, *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result


def version() -> int:
    """The version of Landlock's interface; 0 where there is none."""
    try:
        return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    except OSError:
        return 0


class Ruleset:
    """Files and folders that may be read, and folders that may be written to; all others are closed."""

    def __init__(self, readable: Iterable[str], writable: Iterable[str]) -> None:
        known = version()
        self._handled = _FILE_RIGHTS[min(known, max(_FILE_RIGHTS))]
        parts = [self._handled]
        if known >= 4:
            parts.append(_ALL_TCP)
        if known >= 6:
            parts.append(_ALL_SCOPES)
        attributes = struct.pack(f"={len(parts)}Q", *parts)
        self._descriptor = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
        for path in readable:
            self._allow(path, _READ_FILE | _READ_DIR)
        for path in writable:
            self._allow(path, self._handled & ~(_EXECUTE | _MAKE_CHARACTER_DEVICE | _MAKE_BLOCK_DEVICE | _IOCTL_DEVICE))
        for path in _DEVICES:
            self._allow(path, _READ_FILE | _WRITE_FILE)

    def _allow(self, path: str, rights: int) -> None:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            if not os.path.isdir(path):
                rights &= _READ_FILE | _WRITE_FILE
            rule = struct.pack("=Qi", rights & self._handled, place)
            _call(_ADD_RULE, self._descriptor, _PATH_BENEATH, rule, 0)
        finally:
            os.close(place)

    def restrict_self(self) -> None:
        """Hold this process and all its children to it, for good."""
        _call(_RESTRICT_SELF, self._descriptor, 0)
        os.close(self._descriptor)
