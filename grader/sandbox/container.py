"""The wall inside a container that forbids namespaces, as Gradescope's does: a user of its own for each far side.

It needs root. Student code runs as a user that owns nothing, with Landlock where the kernel has it, without privileges and
without most system calls. What it does not promise is in docs/threat-model.md.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from grader.sandbox import wall

_USERS = range(61184, 65520)
"""Those that systemd sets aside for services without an account."""


class ContainerWall:
    """A user that nobody else is, and a folder with what this user may read and where it may write."""

    def __init__(self) -> None:
        self._taken, self.uid = _unused_user()
        self._root = Path(os.path.realpath(tempfile.mkdtemp(prefix="farside-")))
        self._forks = self._root / "forks"
        self._forks.mkdir()
        self._packages = self._root / "packages"
        self._packages.mkdir()
        for name, path in wall.package_paths().items():
            (self._packages / name).symlink_to(path.resolve())
        shutil.copytree(wall.FAR_FOLDER, self._root / "kit" / "far", ignore=shutil.ignore_patterns("__pycache__"))
        for folder in (self._root, self._forks, self._packages, *(self._root / "kit").rglob(""), self._root / "kit"):
            folder.chmod(0o755)
        for file in (self._root / "kit" / "far").iterdir():
            file.chmod(0o644)

    @property
    def folder(self) -> str:
        """Where a fork keeps the student's files."""
        return str(self._forks / "tmp" / "work")

    def command(self, setting: dict[str, Any]) -> list[str]:
        """The command that starts what is on the far side."""
        start = str(self._root / "kit" / "far" / "start.py")
        user = {"uid": self.uid, "forks": str(self._forks), "readable": self._readable()}
        setting = setting | {"user": user, "paths": [str(self._packages)]}
        return [str(Path(sys.executable).resolve()), "-I", "-S", "-B", start, wall.encoded(setting)]

    def environment(self) -> dict[str, str]:
        """All that the environment holds."""
        temporary = str(self._forks / "tmp")
        return wall.environment() | {"HOME": temporary, "TMPDIR": temporary, "LD_LIBRARY_PATH": ""}

    def _readable(self) -> list[str]:
        stdlib = Path(sysconfig.get_path("stdlib"))
        installed = ("site-packages", "dist-packages", "__pycache__")
        interpreter = [path for path in stdlib.iterdir() if path.name not in installed]
        libraries = (Path(sys.base_prefix) / "lib").glob("*.so*")
        found = [*interpreter, *libraries, *wall.package_paths().values(), *map(Path, wall.library_folders())]
        own = [self._packages, self._root / "kit"]
        return sorted({str(path.resolve()) for path in [*found, *own, Path("/etc/ld.so.cache")]})

    def close(self) -> None:
        """End whatever still runs as this user, and remove its files."""
        with contextlib.suppress(OSError, subprocess.SubprocessError):  # who may not become this user has never been it
            subprocess.run(  # the shell itself is spared
                ["/bin/sh", "-c", "kill -9 -1"], user=self.uid, group=self.uid, extra_groups=(), cwd="/", check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        shutil.rmtree(self._root, ignore_errors=True)
        self._taken.close()


def _unused_user() -> tuple[socket.socket, int]:
    """A user without an account and without processes, and what keeps other graders from taking it too."""
    busy = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            busy.add(path.stat().st_uid)
        except OSError:  # it has ended
            continue
    import pwd  # there is none on Windows, where this wall is only asked whether it can be had

    known = {user.pw_uid for user in pwd.getpwall()}
    for uid in _USERS:
        if uid in busy or uid in known:
            continue
        taken = socket.socket(socket.AF_UNIX)
        try:
            taken.bind(f"\0farside-user-{uid}")
        except OSError:
            taken.close()
            continue
        return taken, uid
    raise wall.NoWall("Every user from 61184 to 65519 is taken here.")


def why_not(private: tuple[Path, ...]) -> str | None:
    """None where this wall can be put up and hides these paths; else a sentence that says what is missing."""
    if not sys.platform.startswith("linux"):
        return f"The wall of a container needs Linux; this is {sys.platform}."
    if os.geteuid() != 0:
        return "The wall of a container needs root, to run student code as another user."
    try:
        own = ContainerWall()
    except (OSError, wall.NoWall) as error:
        return f"The wall of a container cannot be prepared: {error}."
    try:
        found = wall.tried(own, private)
    finally:
        own.close()
    if "failed" in found:
        return f"The wall of a container cannot be put up here: {found['failed']}."
    if found["read"]:
        return (
            f"Student code could read {found['read'][0]}, since this kernel has no Landlock. "
            f"Close it to other users: chmod -R go-rwx {found['read'][0]}"
        )
    return None
