"""What the kernel tells of processes, read through a descriptor of /proc that stays good when /proc itself is hidden."""

from __future__ import annotations

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
