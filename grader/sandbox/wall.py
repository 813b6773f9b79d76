"""How the far side is started: bubblewrap with nothing mounted but an interpreter, torch and what torch needs.

Nothing of the course, of the kit's near side, of a home folder or of another student exists inside. The packages that
student code may import are those that a lesson names, with what they require; everything else is not there.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGES = ("torch", "numpy", "msgspec")
FAR_FOLDER = Path(__file__).parent / "far"
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib64")


class NoWall(Exception):
    """The wall cannot be built here; the text says why and how to mend it."""


def bubblewrap() -> str:
    """The path of `bwrap`.

    Raises:
        NoWall: it is not installed, or this is no Linux.
    """
    if not sys.platform.startswith("linux"):
        raise NoWall(f"The wall needs Linux with bubblewrap; this is {sys.platform}.")
    found = shutil.which("bwrap")
    if found is None:
        raise NoWall(
            "bubblewrap (bwrap) is not installed. On Debian or Ubuntu: sudo apt-get install bubblewrap. "
            "On Fedora: sudo dnf install bubblewrap."
        )
    return found


@cache
def package_paths() -> dict[str, Path]:
    """Top-level files and folders of the packages and of all that they require, by name."""
    paths: dict[str, Path] = {}
    waiting, seen = list(PACKAGES), set(PACKAGES)
    while waiting:
        try:
            distribution = metadata.distribution(waiting.pop())
        except metadata.PackageNotFoundError:
            continue
        for name in _top_level(distribution):
            path = Path(str(distribution.locate_file(name)))
            if path.exists():
                paths[name] = path
        for requirement in distribution.requires or ():
            if "extra ==" in requirement:
                continue
            name = re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0].lower()
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return paths


def _top_level(distribution: metadata.Distribution) -> set[str]:
    """What the distribution puts into site-packages, its metadata and scripts left out."""
    record = distribution.read_text("RECORD") or ""
    names = {line.split("/", 1)[0] if "/" in line else line.split(",", 1)[0] for line in record.splitlines()}
    return {
        name
        for name in names
        if name not in ("", "..", "__pycache__") and not name.endswith((".dist-info", ".pth", ".virtualenv"))
    }


def _bind(source: str | Path, target: str | None = None) -> list[str]:
    return ["--ro-bind", str(source), target or str(source)]


def _interpreter() -> tuple[list[str], str]:
    """The mounts that make this very interpreter work under /python, and its path there."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    executable = Path(sys.executable).resolve()
    stdlib = Path(sysconfig.get_path("stdlib"))
    mounts = _bind(executable, f"/python/bin/{version}") + _bind(stdlib, f"/python/lib/{version}")
    for folder in ("site-packages", "dist-packages"):
        if (stdlib / folder).is_dir():
            mounts += ["--tmpfs", f"/python/lib/{version}/{folder}"]
    if Path(sys.base_prefix) not in (Path("/usr"), Path("/")):
        for library in sorted((Path(sys.base_prefix) / "lib").glob("*.so*")):
            mounts += _bind(library.resolve(), f"/python/lib/{library.name}")
    return mounts, f"/python/bin/{version}"


def library_folders() -> list[str]:
    """The folders of shared libraries, without what distributions put beside them."""
    triplet = sysconfig.get_config_var("MULTIARCH") or ""
    wanted = [f"/usr/lib/{triplet}", f"/lib/{triplet}", "/lib64", "/usr/lib64"] if triplet else _SYSTEM_LIBRARIES
    return [name for name in wanted if Path(name).exists()]


def _system_libraries() -> list[str]:
    """The mounts of the C library and its friends."""
    mounts: list[str] = []
    wanted = library_folders()
    for name in wanted:
        path = Path(name)
        if path.is_symlink():
            target = path.readlink()
            if str(target).startswith(("usr/", "/usr/")):
                mounts += ["--symlink", str(target), name]
                if path.resolve() != path and str(path.resolve()) not in wanted:
                    mounts += _bind(path.resolve())
            continue
        mounts += _bind(path)
    return mounts


class Wall(Protocol):
    """What student code is behind. `folder`: where it finds its files."""

    @property
    def folder(self) -> str:
        """Its path on the far side."""

    def command(self, setting: dict[str, Any]) -> list[str]:
        """The command that starts what is on the far side (`far/start.py` says what a setting holds)."""

    def environment(self) -> dict[str, str]:
        """All that its environment holds."""

    def close(self) -> None:
        """When all has ended: nothing is left."""


class Bubblewrap:
    """Namespaces, and a file system in which there is nothing else."""

    folder = "/tmp/work"

    def command(self, setting: dict[str, Any]) -> list[str]:
        """The command that starts what is on the far side.

        Raises:
            NoWall: bubblewrap is missing.
        """
        return _walled_command(setting)

    def environment(self) -> dict[str, str]:
        """All that the environment holds."""
        return environment()

    def close(self) -> None:
        """It leaves nothing."""


def encoded(setting: dict[str, Any]) -> str:
    """A setting as `far/start.py` takes it."""
    return json.dumps(setting)


def _walled_command(setting: dict[str, Any]) -> list[str]:
    command = [
        bubblewrap(),
        "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--uid", "0", "--gid", "0", "--hostname", "far-side", "--die-with-parent", "--new-session",
        "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETPCAP",
    ]  # fmt: skip
    command += _system_libraries()
    mounts, python = _interpreter()
    command += mounts
    for name, path in sorted(package_paths().items()):
        command += _bind(path, f"/packages/{name}")
    command += _bind(FAR_FOLDER, "/kit/far")
    for device in ("null", "zero", "random", "urandom"):
        command += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    command += [
        "--dir",
        "/dev/shm",
        "--proc",
        "/proc",
        "--tmpfs",
        "/tmp",
        "--chdir",
        "/tmp",
        "--remount-ro",
        "/",
    ]
    setting = setting | {"user": None, "paths": ["/packages"]}
    return [*command, "--", python, "-I", "-S", "-B", "/kit/far/start.py", encoded(setting)]


def plain_command(port: int, *, warm: bool, trains: bool) -> list[str]:
    """A plain child process, for checking one's own code where there is no wall."""
    setting = {"mode": "plain", "channel": port, "warm": warm, "trains": trains, "paths": []}
    return [sys.executable, "-I", "-B", "-X", "utf8", str(FAR_FOLDER / "start.py"), encoded(setting)]


def environment() -> dict[str, str]:
    """All that the environment behind the wall holds."""
    return {
        "PATH": "/nowhere",
        "HOME": "/tmp", "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "LD_LIBRARY_PATH": "/python/lib",
    }  # fmt: skip


def tried(wall: Wall, private: Sequence[Path] = ()) -> dict[str, Any]:
    """What a fork without torch found out behind this wall: `processes`, `landlock`, `read`; or `failed` and why."""
    setting = {"mode": "trial", "private": [str(path.resolve()) for path in private]}
    try:
        finished = subprocess.run(
            wall.command(setting), env=wall.environment(), cwd="/", stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
        return dict(json.loads(finished.stdout))
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"failed": str(error)}
    except ValueError:
        return {"failed": (finished.stderr.strip().splitlines() or ["it gave no reason"])[-1]}


@cache
def why_no_wall() -> str | None:
    """None where the wall can be built; else one or two sentences that say what is missing and how to mend it."""
    try:
        found = tried(Bubblewrap())
    except NoWall as reason:
        return str(reason)
    if "failed" not in found:
        return None
    return (
        f"The wall cannot be built here ({found['failed']}). "
        "Allow unprivileged user namespaces (on Ubuntu 24.04: an AppArmor profile for bwrap, or "
        "sysctl kernel.apparmor_restrict_unprivileged_userns=0), or run outside the container that forbids them."
    )
