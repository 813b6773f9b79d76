"""Attacks on whoever reads what was handed in: archives, folders and source files, made at test time.

A function makes one; the first line of its docstring is the aim, the second the most that an honest grader gives for it.
All are built on a wrong answer, so that a point is a point too many. `SECRET_ANSWER` is a right one that lies beside the
class: what leads there must not be followed.
"""

from __future__ import annotations

import io
import os
import tarfile
import unicodedata
import warnings
import zipfile
from pathlib import Path

WRONG = b"def forget_gate(*args):\n    return 0\n"
SECRET_ANSWER = "right_answer_of_nobody.py"
MB = 2**20


def _zip(path: Path, *members: tuple[str, bytes], mode: int = 0o100644) -> Path:
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice, which is the point
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return path


def _tar(path: Path, *members: tuple[tarfile.TarInfo | str, bytes], form: int = tarfile.PAX_FORMAT) -> Path:
    path = path.with_name(f"{path.name}.tar.gz")
    with tarfile.open(path, "w:gz", format=form, compresslevel=1) as archive:
        for member, data in members:
            info = tarfile.TarInfo(member) if isinstance(member, str) else member
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def _special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo("gates.py")
    info.type, info.linkname, info.devmajor, info.devminor = kind, target, 1, 5
    return info


def _folder(path: Path) -> Path:
    path.mkdir()
    (path / "gates.py").write_bytes(WRONG)
    return path


def zip_slip(path: Path) -> None:
    """Aim: write outside of the folder that it is unpacked into.
    At most: 0 points of gates.
    """
    _zip(path, ("../../farside-attack.py", WRONG), ("../" * 20 + "tmp/farside-attack.py", WRONG), ("gates.py", WRONG))


def tar_slip(path: Path) -> None:
    """Aim: the same with a tar archive, up and absolute.
    At most: 0 points of gates.
    """
    _tar(path, ("../../farside-attack.py", WRONG), ("/tmp/farside-attack.py", WRONG), ("gates.py", WRONG))


def absolute_paths(path: Path) -> None:
    """Aim: absolute paths, also those of Windows.
    At most: 0 points of gates.
    """
    _zip(path, ("/tmp/farside-attack.py", WRONG), ("C:\\farside-attack.py", WRONG), ("gates.py", WRONG))


def zip_with_a_link(path: Path) -> None:
    """Aim: a symbolic link to another one's work.
    At most: 0 points of gates.
    """
    _zip(path, ("gates.py", f"../{SECRET_ANSWER}".encode()), mode=0o120777)


def tar_with_a_link(path: Path) -> None:
    """Aim: the same in a tar archive.
    At most: 0 points of gates.
    """
    _tar(path, (_special(tarfile.SYMTYPE, f"{path.parents[1]}/{SECRET_ANSWER}"), b""))


def tar_with_a_hard_link(path: Path) -> None:
    """Aim: a hard link to another one's work.
    At most: 0 points of gates.
    """
    _tar(path, (_special(tarfile.LNKTYPE, f"{path.parents[1]}/{SECRET_ANSWER}"), b""))


def tar_with_a_device(path: Path) -> None:
    """Aim: a device that gives zeros for ever.
    At most: 0 points of gates.
    """
    _tar(path, (_special(tarfile.CHRTYPE), b""))


def tar_with_a_pipe(path: Path) -> None:
    """Aim: a named pipe that nobody ever writes into.
    At most: 0 points of gates.
    """
    _tar(path, (_special(tarfile.FIFOTYPE), b""))


def folder_with_a_link(path: Path) -> None:
    """Aim: a folder with a symbolic link to another one's work.
    At most: 0 points of gates.
    """
    path.mkdir()
    (path / "gates.py").symlink_to(path.parents[1] / SECRET_ANSWER)


def folder_that_is_a_link(path: Path) -> None:
    """Aim: a link to a whole folder of somebody else.
    At most: 0 points of gates.
    """
    path.symlink_to(path.parents[1])


def folder_with_a_pipe(path: Path) -> None:
    """Aim: a pipe on which reading never ends.
    At most: 0 points of gates.
    """
    path.mkdir()
    os.mkfifo(path / "gates.py")


def folder_with_a_loop(path: Path) -> None:
    """Aim: links that lead back up, for those who walk for ever.
    At most: 0 points of gates.
    """
    _folder(path)
    (path / "again").symlink_to(path)


def folder_in_the_files_place(path: Path) -> None:
    """Aim: a folder that is called gates.py.
    At most: 0 points of gates.
    """
    (path / "gates.py").mkdir(parents=True)


def zip_bomb(path: Path) -> None:
    """Aim: a small archive that unpacks to more than there is room for.
    At most: 0 points of gates.
    """
    _zip(path, ("gates.py", b"#" * (200 * MB)))


def zip_bomb_of_many(path: Path) -> None:
    """Aim: files that are small alone and large together.
    At most: 0 points of gates.
    """
    _zip(path, ("gates.py", WRONG), *((f"part{number}.py", b"#" * MB) for number in range(100)))


def zip_that_lies_about_sizes(path: Path) -> None:
    """Aim: an archive that says of a large file that it is small.
    At most: 0 points of gates.
    """
    whole = _zip(path, ("gates.py", b"#" * (50 * MB)))
    data = bytearray(whole.read_bytes())
    for magic, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(magic) + place
        data[start : start + 4] = (10).to_bytes(4, "little")
    whole.write_bytes(data)


def gzip_bomb(path: Path) -> None:
    """Aim: a gzip stream of 400 MB of nothing.
    At most: 0 points of gates.
    """
    _tar(path, ("zeros", bytes(400 * MB)), ("gates.py", WRONG))


def tar_with_a_huge_header(path: Path) -> None:
    """Aim: a header of 64 MB for a file of a few bytes.
    At most: 0 points of gates.
    """
    info = tarfile.TarInfo("gates.py")
    info.pax_headers = {"comment": "x" * (64 * MB)}
    _tar(path, (info, WRONG))


def tar_with_a_negative_size(path: Path) -> None:
    """Aim: a size below zero, so that the reader goes back and reads the same for ever.
    At most: 0 points of gates.
    """
    data = bytearray(tarfile.TarInfo("gates.py").tobuf(tarfile.GNU_FORMAT))
    data[124:136] = b"\xff" * 11 + b"\x00"
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    path.with_name(f"{path.name}.tar").write_bytes(bytes(data) * 4 + bytes(1024))


def nested(path: Path) -> None:
    """Aim: archives in archives in archives.
    At most: 0 points of gates.
    """
    data = WRONG
    for name in ("gates.py", "a.zip", "b.zip", "c.zip"):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr(name, data)
        data = stream.getvalue()
    path.with_name(f"{path.name}.zip").write_bytes(data)


def truncated(path: Path) -> None:
    """Aim: an archive that breaks off.
    At most: 0 points of gates.
    """
    whole = _tar(path, ("gates.py", WRONG * 1000))
    whole.write_bytes(whole.read_bytes()[:-60])


def encrypted(path: Path) -> None:
    """Aim: an archive with a password.
    At most: 0 points of gates.
    """
    whole = _zip(path, ("gates.py", WRONG))
    data = bytearray(whole.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    whole.write_bytes(data)


def twice_the_same_name(path: Path) -> None:
    """Aim: one file for who looks and another for who grades.
    At most: 0 points of gates.
    """
    _zip(path, ("gates.py", WRONG), ("gates.py", b"x = 1\n"))


def names_that_differ_by_case(path: Path) -> None:
    """Aim: names that are one file on some systems.
    At most: 0 points of gates.
    """
    _zip(path, ("gates.py", WRONG), ("GATES.PY", WRONG), ("Gates.py", WRONG), ("sub/gates.py", WRONG))


def names_that_look_alike(path: Path) -> None:
    """Aim: names that are the same after Unicode's normalisation, or look the same.
    At most: 0 points of gates.
    """
    names = (
        "gates.py",
        "ｇates.py",
        "gаtes.py",
        unicodedata.normalize("NFD", "gátes.py"),
        "gates\u200b.py",
        "gates.py\u202e",
    )
    _zip(path, *((name, WRONG) for name in names))


def names_that_are_no_text(path: Path) -> None:
    """Aim: names with bytes that no encoding knows, and with characters that steer a terminal.
    At most: 0 points of gates.
    """
    path.mkdir()
    for name in (
        b"gates.py",
        b"\xff\xfe.py",
        b"a\nb.py",
        b"\x1b[2J.py",
        b"-rf.py",
        b" .py",
        b"$(touch farside-attack).py",
    ):
        (Path(os.fsdecode(os.fsencode(path) + b"/" + name))).write_bytes(WRONG)


def many_entries(path: Path) -> None:
    """Aim: more files than anybody counts.
    At most: 0 points of gates.
    """
    _zip(path, *((f"{number}.txt", b"") for number in range(20_000)), ("gates.py", WRONG))


def deep_folders(path: Path) -> None:
    """Aim: folders in folders, deeper than a path may be long.
    At most: 0 points of gates.
    """
    _zip(path, ("a/" * 5000 + "gates.py", WRONG), ("gates.py", WRONG))


def no_archive(path: Path) -> None:
    """Aim: a file that only says that it is an archive.
    At most: 0 points of gates.
    """
    path.with_name(f"{path.name}.zip").write_bytes(b"\x7fELF" + bytes(1000))


def notebook_of_nonsense(path: Path) -> None:
    """Aim: a notebook nested so deep that reading it falls.
    At most: 0 points of gates.
    """
    path.with_name(f"{path.name}.ipynb").write_text('{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}")


def _source(data: bytes):
    def build(path: Path) -> None:
        path.mkdir()
        (path / "gates.py").write_bytes(data)

    return build


SOURCES = {
    "null_bytes": ("text that ends for C before it ends for Python", WRONG + b"\0" + WRONG),
    "utf_16": ("text in another encoding, with its mark", b"\xff\xfe" + WRONG.decode().encode("utf-16-le")),
    "latin_1": ("bytes that are no UTF-8", "# é\n".encode("latin-1") + WRONG),
    "utf_7": ("an encoding in which comments are code", b"# coding: utf-7\n#+AAo-import os\n" + WRONG),
    "two_cookies": ("an encoding named in the second line", b"#!/usr/bin/python\n# vim: set fileencoding=rot13 :\n" + WRONG),
    "huge": ("a file that no editor opens", b"#" * (30 * MB) + b"\n" + WRONG),
    "one_long_line": ("a line that no report can show", b"x = '" + b"y" * MB + b"'\nraise ValueError(x)\n"),
    "deep_parentheses": ("an expression that is too deep for the parser", b"x = " + b"(" * 100_000 + b")" * 100_000),
    "deep_unary": ("a chain of signs that recursion falls over", b"x = " + b"-" * 500_000 + b"1\n"),
    "deep_attributes": ("a chain of attributes that recursion falls over", b"x = a" + b".a" * 200_000 + b"\n"),
    "long_elif": ("a chain of branches that recursion falls over", b"if 0:\n pass\n" + b"elif 0:\n pass\n" * 50_000),
    "slow_to_compile": (
        "a call with so many names that compiling it takes for ever",
        b"f(" + b",".join(b"a%d=1" % number for number in range(60_000)) + b")\n",
    ),
    "large_constants": ("constants that the compiler works out", b"x = (((((1,) * 250) * 250) * 250) * 250)\ny = 'a' * 4096 ** 3\n"),
    "large_number": ("a number of a million digits", b"x = " + b"9" * 10**6 + b"\n"),
    "carriage_returns": ("lines that are others in an editor than in Python", WRONG.replace(b"\n", b"\r") + b"\x0c\x0b\x1c"),
    "looks_right": ("letters that look right and are others", "def fоrget_gate(*args):\n    return args[1]\n".encode()),
    "turned_text": ("text that shows in another order than it runs", "x = '\u202e' # \u2066 'right'\n".encode() + WRONG),
}  # fmt: skip

ARCHIVES = {
    name: build
    for name, build in list(globals().items())
    if callable(build) and not name.startswith("_") and (build.__doc__ or "").startswith("Aim: ")
}
SOURCE_FILES = {name: (aim, _source(data)) for name, (aim, data) in SOURCES.items()}
