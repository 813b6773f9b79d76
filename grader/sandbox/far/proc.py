"""What the kernel tells of processes, read through a descriptor of /proc that stays good when /proc itself is hidden."""

from __future__ import annotations

import contextlib
import os


class Proc:
    """/proc as it was when this was made."""

    def __init__(self) -> None:
        self.descriptor = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def open(self, path: str) -> int:
        """A descriptor of one of its files."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.descriptor)

    def read(self, path: str) -> str:
        """The whole text of one of its files."""
        with os.fdopen(self.open(path)) as file:
            return file.read()

    def processes(self) -> list[int]:
        """All that can be seen from here."""
        return [int(name) for name in os.listdir(self.descriptor) if name.isdigit()]

    def threads(self, pid: int) -> list[str]:
        """The thread ids of a process."""
        folder = os.open(f"{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.descriptor)
        try:
            return os.listdir(folder)
        finally:
            os.close(folder)

    def stat(self, process: int | str) -> list[str]:
        """The fields of /proc/PID/stat after the name, which may contain anything."""
        return self.read(f"{process}/stat").rpartition(")")[2].split()

    def status(self, process: int | str, *beginnings: str) -> list[str]:
        """The lines of /proc/PID/status that begin so."""
        return [line for line in self.read(f"{process}/status").splitlines() if line.startswith(beginnings)]

    def bytes_of(self, process: int | str, *beginnings: str) -> int:
        """The sum of these amounts of memory in /proc/PID/status."""
        return sum(int(line.split()[1]) * 1024 for line in self.status(process, *beginnings))

    def write(self, path: str, text: str) -> None:
        """Tell the kernel something through one of its files.

        Raises:
            OSError: it does not want to hear it.
        """
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC, dir_fd=self.descriptor)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)

    def children(self, pid: int) -> list[int]:
        """The children of all its threads; none when it has ended."""
        found: list[int] = []
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for thread in self.threads(pid):
                found += map(int, self.read(f"{pid}/task/{thread}/children").split())
        return found

    def close(self) -> None:
        """Nothing more can be asked."""
        os.close(self.descriptor)
