"""Memory laid out for forks: what each of them has to copy is what it costs.

Pages of 2 MB, so that a fork copies and frees hundreds of page table entries in place of fifty thousand; and no free places
between what is held, so that what a fork allocates lies together and not in hundreds of pages that it must copy first.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .proc import Proc

_HUGE = 2 * 2**20
_MADV_COLLAPSE = 25

_TOGETHER = 8192
"""So many bytes in a row are no hole."""
_MOST_BLOCKS = 100_000
_FOR_OBJECTS = range(16, 513, 16)
"""What Python's own allocator hands out; what is larger comes from the C library."""
_FOR_ALL_ELSE = range(4072, 8, -16)
"""The largest first: what is left of a hole is filled by the next sizes."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.malloc.argtypes = ctypes.pythonapi.PyObject_Malloc.argtypes = (ctypes.c_size_t,)
_libc.malloc.restype = ctypes.pythonapi.PyObject_Malloc.restype = ctypes.c_void_p
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


def fill_holes() -> None:
    """Take what is free between the objects that stay, and never give it back: a few megabytes."""
    for size in _FOR_OBJECTS:
        _take_until_together(ctypes.pythonapi.PyObject_Malloc, size)
    for size in _FOR_ALL_ELSE:
        _take_until_together(_libc.malloc, size)


def _take_until_together(take: Callable[[int], int], size: int) -> None:
    """Take blocks of this size until they come one after the other."""
    last, together = take(size), 0
    for _ in range(_MOST_BLOCKS):
        block = take(size)
        together = together + size if 0 < block - last <= 4 * size else 0  # this loop takes some, too
        if together > _TOGETHER:
            return
        last = block
