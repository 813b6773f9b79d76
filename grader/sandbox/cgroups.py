"""Control groups: the kernel's own bounds on the memory and the processes of one far side as a whole.

They are a second line behind who watches, where this user may make groups: version 1 where its folders can be written to
(as root), version 2 where memory and pids are delegated. They cost a fork nothing: a group holds a far side, not a fork.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sandbox.farside import Limits

_SERVERS_MB = 1024
"""What the servers of one far side hold besides what a fork may."""
_SERVERS_PROCESSES = 64
_JOIN = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 1; shift; done; shift; exec "$@"'
_REMOVE_SECONDS = 2.0

_numbers = itertools.count()


class ControlGroup:
    """The group of one far side; where none can be made, `folders` is empty and nothing is bounded."""

    def __init__(self, roots: dict[str, Path] | None = None) -> None:
        self.folders: list[Path] = []
        self._files: dict[str, Path] = {}
        self._written: dict[str, int] = {}
        self._killed = 0
        name = f"farside-{os.getpid()}-{next(_numbers)}"
        for controller, root in (_roots() if roots is None else roots).items():
            _remove_stale(root)
            folder = root / name
            with contextlib.suppress(OSError):
                folder.mkdir(exist_ok=True)
                file = next((path for path in map(folder.joinpath, _LIMIT_FILES[controller]) if path.exists()), None)
                if file is None:  # no group, but a folder like others
                    _removed(folder)
                    continue
                self._files[controller] = file
                if folder not in self.folders:
                    self.folders.append(folder)

    def joined(self, command: list[str]) -> list[str]:
        """The command, begun inside the group."""
        return ["/bin/sh", "-c", _JOIN, "sh", *map(str, self.folders), "--", *command] if self.folders else command

    def bound(self, limits: Limits) -> None:
        """Bound everything on the far side by what a fork with these limits may need."""
        megabytes = _SERVERS_MB + limits.memory_mb + limits.tmp_mb
        most = {"memory": megabytes * 2**20, "pids": 300 + 4 * limits.processes + _SERVERS_PROCESSES}
        for controller, file in self._files.items():
            if self._written.get(controller) != most[controller]:
                self._written[controller] = most[controller]
                with contextlib.suppress(OSError):
                    file.write_text(str(most[controller]))

    def has_killed(self) -> bool:
        """Whether the kernel has ended one of its processes for want of memory, since this was last asked."""
        before, self._killed = self._killed, 0
        for folder in self.folders:
            for name in _EVENT_FILES:
                with contextlib.suppress(OSError, ValueError):  # no such file; no such line before Linux 4.13
                    words = (folder / name).read_text().split()
                    self._killed += int(words[words.index("oom_kill") + 1])
        return self._killed > before

    def close(self) -> None:
        """Remove it, once all that was in it has ended."""
        deadline = time.monotonic() + _REMOVE_SECONDS
        for folder in self.folders:
            while not _removed(folder) and time.monotonic() < deadline:
                time.sleep(0.01)


_LIMIT_FILES = {"memory": ("memory.max", "memory.limit_in_bytes"), "pids": ("pids.max",)}

_EVENT_FILES = ("memory.events", "memory.oom_control")


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _remove_stale(root: Path) -> None:
    """Groups of graders that were killed: what they held has ended with them."""
    for folder in root.glob("farside-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            _removed(folder)


def _roots() -> dict[str, Path]:
    """For `memory` and `pids` the folder in which this user may make groups; those that there are."""
    try:
        own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    except OSError:
        return {}
    found = {}
    for _, controllers, path in own:
        for fields in mounts:
            kind, _, options = fields[fields.index("-") + 1 :][:3]
            here = Path(fields[4], os.path.relpath(path, fields[3]))
            if kind == "cgroup":
                for controller in set(controllers.split(",")) & set(options.split(",")) & set(_LIMIT_FILES):
                    found[controller] = here
            elif kind == "cgroup2" and not controllers:
                for place in (here, here.parent):
                    with contextlib.suppress(OSError):
                        delegated = set((place / "cgroup.subtree_control").read_text().split())
                        for controller in delegated & set(_LIMIT_FILES):
                            found.setdefault(controller, place)
    return {controller: place for controller, place in found.items() if os.access(place, os.W_OK)}
