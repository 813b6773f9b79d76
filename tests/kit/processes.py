"""Python programs for the tests: each runs in a process of its own, forked from one that has imported what takes long.

What a program does is what it does when it is started anew, but that `import torch` and nbgrader's imports, seconds of CPU
time each, are paid once for all tests. Tests of how a program starts, or which kill one, start Python itself; so do those of
pytest, which wants to rewrite what is imported here already.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["grader.suite.examiner", "grader.engine.grading", "nbgrader.apps", "nbgrader.api"])


def run_module(module, *arguments, cwd, environment, timeout=500):
    """What `python -m module arguments` does with exactly this environment; returns the finished process."""
    with tempfile.TemporaryDirectory() as folder:
        outputs = [Path(folder) / name for name in ("stdout", "stderr")]
        command = [module, *map(str, arguments)]
        process = _forks.Process(target=_become, args=(command, str(cwd), dict(environment), outputs))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, timeout)
        said = [path.read_text("utf-8") for path in outputs]
        return subprocess.CompletedProcess(command, process.exitcode, *said)


def _become(command, cwd, environment, outputs):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(cwd)
    for descriptor, path in enumerate(outputs, start=1):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    sys.argv = command
    sys.path[0] = cwd
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # which a fork of multiprocessing ends without
