"""What a test leaves running: descendants of this process, which becomes the parent of those that lose theirs."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress

import psutil

_PR_SET_CHILD_SUBREAPER = 36


def adopt(orphans: bool) -> None:
    """Whether what loses its parent becomes a child of this process, so that nothing that is left running goes unseen."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0)


def living(others: set[int]) -> set[int]:
    """The numbers of the living descendants; of children that have ended leave is taken.

    Left out are others, those of other tests, such as a browser, and what they start meanwhile.
    """
    found = set()
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if others & {process.pid, *(parent.pid for parent in process.parents())}:
                continue
            if process.status() != psutil.STATUS_ZOMBIE:
                found.add(process.pid)
            elif process.ppid() == os.getpid():
                os.waitpid(process.pid, os.WNOHANG)
    return found
