"""Reading one student's work: a folder, a `.zip` or `.tar.gz`, a single `.py`, or a notebook.

Nothing is unpacked to disk and nothing is run; what comes out is bytes by name. What is wrong with a submission is said
in a sentence and costs that submission alone.
"""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from grader.submissions.cells import Cell, exercise_source
from grader.submissions.notebooks import notebooks_in, read_notebook
from grader.submissions.tars import UNREADABLE, open_tar
from grader.submissions.unsafe import FILE_LIMIT, MEMBER_LIMIT, TOTAL_LIMIT, UnsafeSubmission
from grader.submissions.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.catalog import Exercise, Lesson

ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
ENDINGS = (*ARCHIVES, ".py", ".ipynb")
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_IGNORED_FOLDERS = {"__MACOSX", "__pycache__"}


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What one student handed in: Python files by path, or the reason why nothing can be read.

    `loose` is a single file that stands for whichever exercises it defines; `cells` are those of a notebook, and `files`
    then what it can import.
    """

    files: dict[str, bytes] = {}
    problem: str = ""
    loose: bytes | None = None
    cells: list[Cell] | None = None

    def work(self, exercise: Exercise) -> Work:
        """What there is for this exercise."""
        if self.problem:
            return Work(exercise=exercise.name, status="unreadable", problem=self.problem)
        found = self._module_of(exercise)
        if isinstance(found, str):
            return Work(exercise=exercise.name, status="unreadable", problem=found)
        if not found:
            return Work(exercise=exercise.name, status="missing", problem=self._why_missing(exercise))
        problem = why_not_text(found[f"{exercise.name}.py"], f"{exercise.name}.py")
        if problem:
            return Work(exercise=exercise.name, status="unreadable", problem=problem)
        return Work(exercise=exercise.name, files=found)

    def as_only(self, exercise: Exercise) -> Work:
        """The one file that was handed in, whatever it is called, taken as this exercise."""
        if self.problem or self.cells is not None or (self.loose is None and len(self.files) != 1):
            return self.work(exercise)
        (data,) = (self.loose,) if self.loose is not None else self.files.values()
        name = f"{exercise.name}.py"
        problem = why_not_text(data, name)
        if problem:
            return Work(exercise=exercise.name, status="unreadable", problem=problem)
        return Work(exercise=exercise.name, files={name: data})

    def _why_missing(self, exercise: Exercise) -> str:
        if self.cells is None:
            return f"No {exercise.name}.py was handed in."
        return f"No cell of the notebook is the one of {exercise.name} or defines {' or '.join(exercise.defines)}."

    def _module_of(self, exercise: Exercise) -> dict[str, bytes] | str:
        """The exercise's file and the Python files beside it; a sentence where several could be meant."""
        name = f"{exercise.name}.py"
        if self.cells is not None:
            source = exercise_source(self.cells, exercise)
            return _with_imports(name, self.files | {name: source}) if source else {}
        if self.loose is not None:
            wanted = "|".join(exercise.defines).encode()
            defined = re.search(rb"^(?:def|class|async def) +(?:%s)\b" % wanted, self.loose, re.MULTILINE)
            return {name: self.loose} if defined else {}
        places = sorted(
            (path for path in map(PurePosixPath, self.files) if path.name == name),
            key=lambda path: len(path.parts),
        )
        if not places:
            return {}
        if len(places) > 1 and len(places[0].parts) == len(places[1].parts):
            return f"There are two files {name}: {places[0]} and {places[1]}. Hand in one."
        folder = places[0].parent
        beside = {
            PurePosixPath(path).name: data for path, data in self.files.items() if PurePosixPath(path).parent == folder
        }
        return _with_imports(name, beside)


def _with_imports(name: str, beside: dict[str, bytes]) -> dict[str, bytes]:
    """The file and those beside it that it names in an import, and so on: another exercise's file is no part of it."""
    chosen, waiting = {}, [name]
    while waiting:
        current = waiting.pop()
        chosen[current] = beside[current]
        imports = b"\n".join(re.findall(rb"^.*\bimport.*$", beside[current], re.MULTILINE))
        for other in beside:
            stem = other.removesuffix(".py")
            if other not in chosen and stem.isidentifier() and re.search(rb"\b%s\b" % stem.encode(), imports):
                waiting.append(other)
    return chosen


def why_not_text(data: bytes, name: str) -> str:
    """Why these bytes are no Python text in UTF-8; empty where they are. The far side compiles them later."""
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = data.count(b"\n", 0, error.start) + 1
        return f"{name}, line {place}: this is not UTF-8 text. Save the file as UTF-8 and hand it in again."
    for line_number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines()[:2], start=1):
        declared = _CODING.match(line)
        if declared and declared[1].lower().replace(b"_", b"-") not in (
            b"utf-8",
            b"utf8",
            b"utf-8-sig",
            b"ascii",
        ):
            return f"{name}, line {line_number}: the file declares another encoding than UTF-8. Remove that line."
    if b"\0" in data:
        return f"{name} holds null bytes, so it is no Python text."
    return ""


def read_submission(path: Path, lesson: Lesson, *, notebook_first: bool = False) -> Submission:
    """One student's work at this path. Never raises for what a student may have done to it.

    `notebook_first`: a folder's notebook is the work, as in nbgrader, and Python files beside it are what it imports.
    """
    names = {f"{exercise.name}.py" for exercise in lesson.exercises}
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            raise UnsafeSubmission(f"{path.name} is a symbolic link. Hand in the files themselves.")
        if stat.S_ISDIR(mode):
            files = dict(_bounded(_from_folder(path)))
            notebooks = notebooks_in(path) if notebook_first or not files else []
            if notebooks:
                beside = {name: data for name, data in files.items() if "/" not in name}
                return Submission(cells=_cells_of(notebooks, lesson), files=beside)
            return Submission(files=files)
        if not stat.S_ISREG(mode):
            raise UnsafeSubmission(f"{path.name} is no regular file.")
        if path.name.endswith(".zip"):
            return Submission(files=dict(_bounded(_from_zip(path))))
        if path.name.endswith(ARCHIVES):
            return Submission(files=dict(_bounded(_from_tar(path))))
        if path.suffix == ".ipynb":
            return Submission(cells=_cells_of([path], lesson))
        data = _read_file(path)
        return Submission(files={path.name: data}) if path.name in names else Submission(loose=data)
    except UnsafeSubmission as reason:
        return Submission(problem=str(reason))
    except OSError as error:
        return Submission(problem=f"{path.name} cannot be read: {error.strerror or 'input error'}.")


def _cells_of(notebooks: list[Path], lesson: Lesson) -> list[Cell]:
    """The code cells. A cell is known by its grade_id, else by the kit's own mark, which a grade_id was not."""
    names = {exercise.name for exercise in lesson.exercises}
    return [
        Cell(cell.text, exercise=next((name for name in (cell.grade_id, cell.marked) if name in names), ""),
             of_lesson=cell.of_lesson)
        for path in notebooks
        for cell in read_notebook(path)
        if cell.kind == "code"
    ]  # fmt: skip


def _bounded(files: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    total = 0
    for name, data in files:
        total += len(data)
        if total > TOTAL_LIMIT:
            raise UnsafeSubmission(f"The submission holds more than {TOTAL_LIMIT // 2**20} MB of Python files.")
        yield name, data


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(FILE_LIMIT + 1)
    if len(data) > FILE_LIMIT:
        raise UnsafeSubmission(f"{path.name} is larger than {FILE_LIMIT // 2**20} MB.")
    return data


def _wanted(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return (
        name.endswith(".py")
        and not any(part in _IGNORED_FOLDERS or part.startswith(".") for part in parts)
        and len(parts) <= 6
    )


def _from_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    waiting, count = [folder], 0
    while waiting:
        for path in sorted(waiting.pop().iterdir()):
            count += 1
            if count > MEMBER_LIMIT:
                raise UnsafeSubmission(f"The folder holds more than {MEMBER_LIMIT} files.")
            mode = path.lstat().st_mode
            name = path.relative_to(folder).as_posix()
            if stat.S_ISDIR(mode) and path.name not in _IGNORED_FOLDERS and not path.name.startswith("."):
                waiting.append(path)
            elif _wanted(name):
                if not stat.S_ISREG(mode):
                    raise UnsafeSubmission(f"{name} is no regular file. Hand in the file itself, not a link to it.")
                yield name, _read_file(path)


def _check_member(name: str) -> None:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"^[A-Za-z]:", name):
        raise UnsafeSubmission(f"The archive holds a path that leads out of it ({name[:80]!r}).")


def _from_zip(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MEMBER_LIMIT:
                raise UnsafeSubmission(f"The archive holds more than {MEMBER_LIMIT} files.")
            seen: set[str] = set()
            for member in members:
                _check_member(member.filename)
                if member.is_dir():
                    continue
                kind = member.external_attr >> 16
                if kind and stat.S_IFMT(kind) not in (0, stat.S_IFREG):
                    raise UnsafeSubmission(f"{member.filename[:80]!r} in the archive is no regular file.")
                if not _wanted(member.filename):
                    continue
                if member.filename in seen:
                    raise UnsafeSubmission(f"The archive holds {member.filename[:80]!r} twice.")
                seen.add(member.filename)
                if member.flag_bits & 1:
                    raise UnsafeSubmission("The archive is encrypted. Hand it in without a password.")
                with archive.open(member) as file:
                    data = file.read(FILE_LIMIT + 1)
                if len(data) > FILE_LIMIT:
                    raise UnsafeSubmission(f"{member.filename[:80]!r} is larger than {FILE_LIMIT // 2**20} MB.")
                yield member.filename, data
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnsafeSubmission(f"{path.name} is no readable zip archive ({error}).") from None


def _from_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with open_tar(path) as archive:
            seen: set[str] = set()
            for count, member in enumerate(archive):
                if count >= MEMBER_LIMIT:
                    raise UnsafeSubmission(f"The archive holds more than {MEMBER_LIMIT} files.")
                _check_member(member.name)
                if member.isdir():
                    continue
                if not member.isreg():
                    raise UnsafeSubmission(f"{member.name[:80]!r} in the archive is no regular file.")
                if not _wanted(member.name):
                    continue
                if member.name in seen:
                    raise UnsafeSubmission(f"The archive holds {member.name[:80]!r} twice.")
                seen.add(member.name)
                file = archive.extractfile(member)
                data = file.read(FILE_LIMIT + 1) if file is not None else b""
                if len(data) > FILE_LIMIT:
                    raise UnsafeSubmission(f"{member.name[:80]!r} is larger than {FILE_LIMIT // 2**20} MB.")
                yield member.name.removeprefix("./"), data
    except UNREADABLE as error:
        raise UnsafeSubmission(f"{path.name} is no readable tar archive ({error}).") from None
