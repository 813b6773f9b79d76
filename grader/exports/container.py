"""Inside Gradescope's container: grade the one submission, end whatever is left of it, then write the results."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import grader
from grader.catalog import installed_course
from grader.engine.watcher import Watcher
from grader.errors import GraderError
from grader.exports.finished import read_finished
from grader.exports.gradescope import Results, not_started, results_of
from grader.output import as_json, write_atomically
from grader.sandbox.opening import Protection, why_not
from grader.secret import course_secret
from grader.submissions.reading import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Course, Lesson

_PR_SET_CHILD_SUBREAPER = 36


def main(root: Path, lesson_name: str, *, accept_no_wall: bool) -> None:
    """Write `root/results/results.json`, whatever happens: without it Gradescope blames the student's work."""
    try:
        adopt_orphans()
        results = _grade(root, lesson_name, accept_no_wall=accept_no_wall)
    except GraderError as error:
        results = not_started(str(error))
    except Exception:  # noqa: BLE001 - the instructor finds it in the run's output, which students do not see
        traceback.print_exc()
        results = not_started("something failed that should not. The run's output says what.")
    end_children()
    (root / "results").mkdir(exist_ok=True)
    write_atomically(root / "results" / "results.json", as_json(results))


def _grade(root: Path, lesson_name: str, *, accept_no_wall: bool) -> Results:
    course = installed_course()
    lesson = course.lesson(lesson_name)
    protection = _protection(root, course, accept_no_wall=accept_no_wall)
    from grader.engine.grading import Options, grade_class

    with tempfile.TemporaryDirectory() as name:
        submissions = Path(name) / "submissions"
        submissions.mkdir()
        work = handed_in(root / "submission", lesson)
        target = submissions / ("submission" + next((end for end in ENDINGS if work.name.endswith(end)), ""))
        if work.is_dir():
            shutil.copytree(work, target, symlinks=True)
        else:
            shutil.copyfile(work, target)
        graded = Path(name) / "graded"
        options = Options(secret=course_secret(), protection=protection)
        grade_class(course, lesson, lesson.exercises, submissions, graded, options, _Printed())
        finished = read_finished(graded)
        if not finished.results:
            raise GraderError("it failed at this work, which is the grader's fault. Hand it in again first.")
        return results_of(finished, finished.results[0])


def _protection(root: Path, course: Course, *, accept_no_wall: bool) -> Protection:
    """The strongest that this container allows."""
    if os.geteuid() == 0:
        _close_to_others(root)
    said: list[str] = []
    for protection in (Protection.BUBBLEWRAP, Protection.CONTAINER):
        reason = why_not(protection, (*course.private_folders(), root / "submission", root / "run_autograder"))
        if reason is None:
            print(f"Graded behind {protection}. {' '.join(said)}".rstrip(), flush=True)
            return protection
        said.append(reason)
    if not accept_no_wall:
        raise GraderError(
            f"{' '.join(said)} Whoever packed this autograder can pack it again with --accept-no-wall, for a class that "
            "they trust."
        )
    print(f"Graded without a wall: {' '.join(said)}", flush=True)
    return Protection.NONE


def _close_to_others(root: Path) -> None:
    """Leave nothing of the autograder to other users but the environment's packages, without the kit and the course."""
    kit = Path(grader.__file__).parent
    own = [kit] if kit.is_relative_to(root) else []
    for path in (*root.iterdir(), *own):
        if path != Path(sys.prefix) and not path.is_symlink():
            path.chmod(path.stat().st_mode & 0o700)


class _Printed(Watcher):
    def progress(self, done: int, of: int) -> None:
        print(f"graded {done} of {of}", flush=True)


def handed_in(folder: Path, lesson: Lesson) -> Path:
    """The submission: the folder; or the one notebook, archive or file of any name that stands for all exercises."""
    there = [path for path in folder.iterdir() if not path.name.startswith(".")]
    works = [path for path in there if path.is_dir() or path.name.endswith(ENDINGS)]
    alone = len(works) == 1 and works[0].is_file() and not works[0].is_symlink()
    return works[0] if alone and works[0].stem not in {each.name for each in lesson.exercises} else folder


def adopt_orphans() -> None:
    """Become the parent of every process that descends from here and loses its own: none can slip away."""
    if ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl: this process cannot become a subreaper")


def end_children() -> None:
    """Kill all that descends from this process and wait for it; returns when there is nothing left."""
    with contextlib.suppress(ChildProcessError):  # there is none left to wait for
        while True:
            for child in _children():
                os.kill(child, signal.SIGKILL)  # until it is waited for, its number is nobody else's
            os.waitpid(-1, 0)


def _children() -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            parent = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                yield int(path.parent.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], accept_no_wall="--accept-no-wall" in sys.argv[3:])
