"""A fork without torch: whether the wall can be put up here, and what it is made of. Takes a moment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from . import confine, landlock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .walls import Wall

LIMITS = {"memory": 256, "tmp": 16, "processes": 64, "cpu": 60}


def main(wall: Wall, private: Sequence[str]) -> None:
    """Print what a fork found out, as JSON: `processes`, `landlock`, which of the private paths could be `read`."""
    confine.bind_server()
    wall.begin()
    wall.before_fork(LIMITS)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            found = {"processes": wall.enter(LIMITS), "landlock": landlock.version()}
            found["read"] = [path for path in private if _can_read(path)]
        except BaseException as error:  # noqa: BLE001 - whatever it is, there is no wall then
            found = {"failed": str(error)}
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        text = file.read()
    os.waitpid(pid, 0)
    wall.sweep(set())
    print(text, flush=True)


def _can_read(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except OSError:
        return False
    return True
