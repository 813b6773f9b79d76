"""Memory in pages of 2 MB, so that a fork copies and frees hundreds of page table entries in place of fifty thousand."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .proc import Proc

_HUGE = 2 * 2**20
_MADV_COLLAPSE = 25

_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def join(proc: Proc) -> None:
    """Ask the kernel to join what this process holds so far.

    A kernel before 6.1, or one without huge pages, refuses: then everything is as it was.
    """
    regions = [line.split() for line in proc.read("self/maps").splitlines()]
    for span, rights, *rest in regions:
        if "w" not in rights or rest[3:] not in ([], ["[heap]"]):
            continue
        start, end = (int(address, 16) for address in span.split("-"))
        start, end = -(-start // _HUGE) * _HUGE, end // _HUGE * _HUGE
        if end > start:
            _libc.madvise(start, end - start, _MADV_COLLAPSE)
