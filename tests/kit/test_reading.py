"""Intake: what students hand in is read strictly, and what is wrong with it costs that submission alone."""

import io
import json
import os
import tarfile
import zipfile

import pytest

from grader.catalog import Course
from grader.errors import GraderError
from grader.submissions.finding import find_class
from grader.submissions.reading import FILE_LIMIT, read_submission
from tests.kit.conftest import ROOT

LESSON = Course(ROOT).lesson("lesson09_lstm")
GATES, CELL = LESSON.exercise("gates"), LESSON.exercise("cell")
SOURCE = b"def forget_gate(): pass\n"


def zipped(path, *members, **attributes):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes.get("mode", 0o100644) << 16
            archive.writestr(info, data)
    return path


def tarred(path, *members):
    with tarfile.open(path, "w:gz") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_the_ways_to_hand_in(tmp_path):
    """A folder, a folder in a folder, a zip, a tar, a single file and a notebook all give the same bytes."""
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "inner" / "gates.py").write_bytes(SOURCE)
    (tmp_path / "gates.py").write_bytes(SOURCE)
    (tmp_path / "anything.py").write_bytes(SOURCE)
    cells = [
        {"cell_type": "markdown", "source": "# text"},
        {"cell_type": "code", "source": ["def forget_gate(): pass"]},
    ]
    (tmp_path / "work.ipynb").write_text(json.dumps({"cells": cells}))
    paths = [
        tmp_path / "folder", tmp_path / "gates.py", tmp_path / "anything.py", tmp_path / "work.ipynb",
        zipped(tmp_path / "a.zip", ("x/gates.py", SOURCE)),
        tarred(tmp_path / "a.tar.gz", (tarfile.TarInfo("./gates.py"), SOURCE)),
    ]  # fmt: skip
    for path in paths:
        submission = read_submission(path, LESSON)
        assert submission.work(GATES).files == {"gates.py": SOURCE}, path
        assert submission.work(CELL).status == "missing"


def test_a_module_takes_along_what_it_imports(tmp_path):
    """Files beside an exercise belong to it when it imports them, and only then."""
    (tmp_path / "gates.py").write_bytes(b"import math\n")
    (tmp_path / "cell.py").write_bytes(b"from helpers import x\nimport gates\n")
    (tmp_path / "helpers.py").write_bytes(b"x = 1\n")
    submission = read_submission(tmp_path, LESSON)
    assert sorted(submission.work(GATES).files) == ["gates.py"]
    assert sorted(submission.work(CELL).files) == ["cell.py", "gates.py", "helpers.py"]


@pytest.mark.parametrize("name", ["../gates.py", "/gates.py", "a/../../gates.py", "C:\\gates.py", "..\\gates.py"])
def test_a_path_that_leads_out_is_refused(tmp_path, name):
    """Zip-slip and its relatives: the whole archive is unreadable, and says so."""
    for path in (
        zipped(tmp_path / "a.zip", (name, SOURCE)),
        tarred(tmp_path / "a.tar.gz", (tarfile.TarInfo(name), SOURCE)),
    ):
        work = read_submission(path, LESSON).work(GATES)
        assert work.status == "unreadable"
        assert "leads out" in work.problem


def test_links_and_devices_are_refused(tmp_path):
    """Links and devices, in archives and on disk, are never followed."""
    link, device = tarfile.TarInfo("gates.py"), tarfile.TarInfo("gates.py")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    device.type = tarfile.CHRTYPE
    secret = tmp_path / "secret.py"
    secret.write_bytes(SOURCE)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "gates.py").symlink_to(secret)
    pipes = tmp_path / "pipes"
    pipes.mkdir()
    os.mkfifo(pipes / "gates.py")
    (tmp_path / "linked").symlink_to(tmp_path / "folder")
    for path in (
        tarred(tmp_path / "l.tar.gz", (link, b"")),
        tarred(tmp_path / "d.tar.gz", (device, b"")),
        zipped(tmp_path / "l.zip", ("gates.py", b"/etc/passwd"), mode=0o120777),
        folder, pipes, tmp_path / "linked",
    ):  # fmt: skip
        assert read_submission(path, LESSON).work(GATES).status == "unreadable", path


def test_bombs_are_refused(tmp_path):
    """Sizes are counted while reading, whatever an archive says of itself."""
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("gates.py", b"#" * (FILE_LIMIT * 20))
    assert "larger than" in read_submission(tmp_path / "bomb.zip", LESSON).work(GATES).problem
    many = zipped(tmp_path / "many.zip", *((f"m{i}.py", b"#" * (FILE_LIMIT - 1)) for i in range(20)))
    assert "more than 16 MB" in read_submission(many, LESSON).work(GATES).problem


def test_broken_archives_say_so(tmp_path):
    """Truncated, encrypted, empty or doubled archives and notebooks are unreadable."""
    whole = zipped(tmp_path / "a.zip", ("gates.py", SOURCE)).read_bytes()
    encrypted = bytearray(whole)
    encrypted[6] |= 1
    encrypted[whole.rindex(b"PK\x01\x02") + 8] |= 1
    for name, data in {
        "cut.zip": whole[:40], "empty.zip": b"", "cut.tar.gz": b"\x1f\x8b\x08", "no.ipynb": b"{", "enc.zip": encrypted,
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        work = read_submission(tmp_path / name, LESSON).work(GATES)
        assert work.status == "unreadable", name
        assert str(tmp_path) not in work.problem
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = zipped(tmp_path / "twice.zip", ("gates.py", SOURCE), ("gates.py", b"other"))
    assert "twice" in read_submission(twice, LESSON).work(GATES).problem


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("x = 'ü'\n".encode("latin-1"), "line 1: this is not UTF-8"),
        (b"x = 1\ny = '\xff'\n", "line 2: this is not UTF-8"),
        (b"# -*- coding: utf-7 -*-\n", "another encoding"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=rot13 :\n", "another encoding"),
        (b"x = 1\0\n", "null bytes"),
    ],
)
def test_only_utf8_is_text(tmp_path, data, said):
    """Other encodings and coding tricks are refused with the line."""
    (tmp_path / "gates.py").write_bytes(data)
    assert said in read_submission(tmp_path, LESSON).work(GATES).problem


def test_a_byte_order_mark_and_a_utf8_cookie_are_fine(tmp_path):
    """What editors write by themselves is accepted."""
    (tmp_path / "gates.py").write_bytes(b"\xef\xbb\xbf# -*- coding: utf-8 -*-\r\nx = 1\r\n")
    assert read_submission(tmp_path, LESSON).work(GATES).status == ""


def test_a_class_is_found(tmp_path):
    """One entry per student, sorted; hidden files and other files are no students; two entries of one are told."""
    for name in ("b.zip", "a.py", ".hidden", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c").mkdir()
    (tmp_path / "c.zip").write_bytes(b"")
    entries = find_class(tmp_path, LESSON)
    assert [entry.student for entry in entries] == ["a", "b", "c"]
    assert "two submissions of c" in entries[2].problem


def test_nbgraders_tree_is_read(tmp_path):
    """submitted/<student>/<assignment>/ of a course folder."""
    (tmp_path / "submitted" / "ada" / "lesson09_lstm").mkdir(parents=True)
    (tmp_path / "submitted" / "ada" / "lesson09_lstm" / "gates.py").write_bytes(SOURCE)
    (entry,) = find_class(tmp_path, LESSON)
    assert entry.student == "ada"
    assert entry.read(LESSON).work(GATES).files == {"gates.py": SOURCE}


def notebook(*cells):
    """Cells as (text, metadata), as a file."""
    return json.dumps({"cells": [
        {"cell_type": "code", "source": text, "metadata": metadata, "outputs": []} for text, metadata in cells
    ]}).encode()  # fmt: skip


def solution(grade_id):
    return {"nbgrader": {"grade": False, "grade_id": grade_id, "locked": False, "schema_version": 3, "solution": True}}


TEST_CELL = {"nbgrader": {"grade": True, "grade_id": "gates-test", "locked": True, "points": 1, "solution": False}}


@pytest.mark.parametrize(
    "cells",
    [
        [("def forget_gate(): pass", solution("gates"))],
        [("def forget_gate(): pass", solution("gates") | {"grader": {"exercise": "cell"}})],
        [("def forget_gate(): pass", solution("renamed") | {"grader": {"exercise": "gates"}})],
        [("def forget_gate(): pass", {"nbgrader": None, "grader": 7, "tags": [[[]]]})],
        [("def forget_gate(): pass", {"nbgrader": {"grade_id": ["gates"], "solution": "yes"}})],
        [("def forget_gate(): pass", solution("gates")), ("forget_gate = evil", TEST_CELL)],
        [("forget_gate = print", {}), ("def forget_gate(): pass", solution("gates"))],
    ],
)
def test_cells_are_known_by_their_grade_id(tmp_path, cells):
    """Whatever became of its metadata, a cell that defines the exercise is found; a test cell is never the student's."""
    (tmp_path / "gates.ipynb").write_bytes(notebook(*cells))
    work = read_submission(tmp_path, LESSON).work(GATES)
    assert work.files["gates.py"].decode().strip().endswith("def forget_gate(): pass")


def test_the_notebook_of_nbgraders_tree_is_the_work(tmp_path):
    """It counts before Python files, which it can import; a copy beside it does not count; others' work is no work."""
    place = tmp_path / "submitted" / "ada" / "lesson09_lstm"
    (place / "data").mkdir(parents=True)
    (tmp_path / "submitted" / "bob" / "lesson10").mkdir(parents=True)
    (place / "gates.py").write_bytes(b"wrong = 1\n")
    (place / "data" / "cell.py").write_bytes(b"wrong = 1\n")
    (place / "helpers.py").write_bytes(b"x = 1\n")
    (place / "lesson.ipynb").write_bytes(notebook(("import helpers\ndef forget_gate(): pass", solution("gates"))))
    (place / "lesson-Copy1.ipynb").write_bytes(notebook(("def forget_gate(): old", solution("gates"))))
    (entry,) = find_class(tmp_path, LESSON)
    submission = entry.read(LESSON)
    assert submission.work(GATES).files == {
        "gates.py": b"import helpers\ndef forget_gate(): pass\n", "helpers.py": b"x = 1\n",
    }  # fmt: skip
    assert submission.work(CELL).status == "missing"


def test_outputs_are_skipped_and_floods_of_code_refused(tmp_path):
    """200 MB of output cost nobody a grade; a notebook that is more than one can be is told so at once."""
    whole = notebook((SOURCE.decode(), {}))
    loud = tmp_path / "loud.ipynb"
    loud.write_bytes(whole.replace(b"[]", b'[{"text": "' + b"x" * (200 * 2**20) + b'"}]'))
    assert read_submission(loud, LESSON).work(GATES).files
    (tmp_path / "long.ipynb").write_bytes(notebook(("#" * 2**21, {})))
    assert "1 MB of code" in read_submission(tmp_path / "long.ipynb", LESSON).work(GATES).problem
    with (tmp_path / "huge.ipynb").open("wb") as huge:
        huge.truncate(300 * 2**20)
    assert "larger than" in read_submission(tmp_path / "huge.ipynb", LESSON).work(GATES).problem
    link = tmp_path / "link.ipynb"
    link.symlink_to(tmp_path / "loud.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    for path in (link, tmp_path / "pipe.ipynb"):
        assert read_submission(path, LESSON).work(GATES).status == "unreadable"


def test_names_cannot_break_the_output(tmp_path):
    """A student's id shows control characters and bytes that are no UTF-8 as escapes."""
    (tmp_path / "evil\x1b[31m").mkdir()
    os.mkdir(os.fsencode(tmp_path) + b"/bad\xff")
    assert [entry.student for entry in find_class(tmp_path, LESSON)] == ["bad\\xff", "evil\\x1b[31m"]


def test_what_is_no_class(tmp_path):
    """A missing folder, a file, an empty folder and a single submission are told apart."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "gates.py").write_bytes(SOURCE)
    (tmp_path / "empty").mkdir()
    for path, said in (
        (tmp_path / "no", "There is no folder"), (tmp_path / "file", "is a file"), (tmp_path / "empty", "holds no"),
        (tmp_path / "one", "one student's work"),
    ):  # fmt: skip
        with pytest.raises(GraderError, match=said):
            find_class(path, LESSON)
