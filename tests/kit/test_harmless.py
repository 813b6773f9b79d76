"""What a student can make appear is harmless wherever it appears: terminal, page, table, notebook, export."""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile

import defusedxml.ElementTree
import msgspec
import pytest

from grader.harmless import plain_text, shortened, visible
from tests.kit.conftest import ROOT

NASTY = (
    '=HYPERLINK("//evil") +1 -1 @SUM \x1b[31mred\x1b]0;title\x07 \x00 \x08 \x7f \x9b31m <script>alert(1)</script>'
    "<img src=x onerror=alert(1)> [b]bold[/b] [link](javascript:alert(1)) ![i](http://evil/i.png) ``` ]]>&lt;"
    " \u202egnp.exe \u2066x\u2069 \u200b \ufeff \u2028 \u2029 {{ 7*7 }} ${jndi:x} \r\n=cmd|' /C calc'!A0\tend"
)
"""Escape sequences, markup of every kind, formulas, marks of direction, line ends of every kind."""
FORBIDDEN = {
    character for character in map(chr, range(0x110000)) if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
} - set("\n\t")  # fmt: skip

CODE = '''
    import sys

    NASTY = {nasty!r}
    NAME = NASTY.replace(chr(0), "")  # a class cannot have that in its name

    print(NASTY)
    print("x" * 200_000)


    class {{}}:
        """{{}}"""


    def double(x):
        """<script>alert(2)</script>"""
        print(NASTY)
        sys.stdout.buffer.write(b"\\xed\\xa0\\x80 \\xff")
        {body}
'''
STUDENTS = {
    "=1+1": "raise type(NAME, (ValueError,), {})(NASTY + '\\udcff')",
    "@SUM(A1)": "return type(NAME, (), {'__qualname__': NAME})()",
    "-2+3": "return {NASTY: x}",
    "<script>alert(3)<script>": "return NASTY",
    "[red]bold": "f = lambda: 1 / 0\n        f.__code__ = f.__code__.replace(co_name=NASTY, co_qualname=NASTY)\n        f()",
    "\x1b[31mred": "raise KeyError(NASTY)",
    "\u202egnp": "raise RuntimeError('y' * 5_000_000)",
    "two\nlines": "return {'z' * 5_000_000: x}",
    "a,b;c\"d'e": "sys.stdout.write(NASTY); sys.exit(NASTY)",
    "`code` ![i](u)": "raise SyntaxError(NASTY)",
    "ümlaut +x": "return [NASTY] * 3",
}
"""Ids of students, and what each one's function does."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class of the nastiest submissions, graded; what was said on the way."""
    from tests.kit.conftest import SmallCourse

    course = SmallCourse(tmp_path_factory.mktemp("nasty") / "course")
    for student, body in STUDENTS.items():
        text = CODE.replace("{nasty!r}", repr(NASTY)).replace("{body}", body).replace("{{}}", "Nasty")
        course.hand_in(student, text)
    course.hand_in("no python", f"def double(x):\n  {NASTY.replace(chr(0), '')}\n")
    course.hand_in("loads not", f"raise ValueError({NASTY!r})\n")
    course.write("class/odd file/" + NASTY.replace("/", "").replace("\0", "")[:80] + ".py", b"\xff")
    with zipfile.ZipFile(course.root / "class" / "odd member.zip", "w") as archive:
        archive.writestr("../\x1b[31m\u202e.py", "")
    with zipfile.ZipFile(course.root / "class" / "twice.zip", "w") as archive:
        for folder in ("\x1b[31m\u202ea", "<script>\u202eb"):
            archive.writestr(f"{folder}/double.py", "")
    (course.root / os.fsencode("class").decode() / "bytes \udcff").mkdir()
    course.write("class/bytes \udcff/double.py", "def double(x): return 2 * x\n")
    return course, [run(course, "grade", "class", "--output", "out")]


def run(course, *arguments, code=0):
    finished = subprocess.run(
        [sys.executable, "-m", "grader", *arguments], cwd=course.root, capture_output=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"},
    )  # fmt: skip
    said = finished.stdout.decode() + finished.stderr.decode()
    assert finished.returncode == code, said
    assert "Traceback" not in said
    return said


def is_harmless(text):
    """No control or direction mark is in it, and no line that nobody can read."""
    found = {character for character in text if character in FORBIDDEN}
    return (
        not found,
        f"holds {sorted(map(ascii, found))}: {text[max(0, text.find(min(found, default=' ')) - 80) :][:200]!a}",
    )


def assert_harmless(text):
    good, why = is_harmless(text)
    assert good, why


def test_terminal(graded):
    """What `grade`, `check`, `report`, `similar` and the exports print."""
    course, said = graded
    said = list(said)
    said.append(run(course, "report", "out"))
    said.append(run(course, "similar", "out"))
    for student in ("=1+1", "loads not"):
        said.append(run(course, "check", "--file", f"class/{student}", code=1))
    said.append(run(course, "check", "--json", "--file", "class/@SUM(A1)", code=1))
    for text in said:
        assert_harmless(text)
    assert all(len(line) <= 400 for text in said for line in text.splitlines() if not line.lstrip().startswith('"'))


def files_of(folder, ending):
    found = sorted(folder.rglob(f"*{ending}"))
    assert found, f"no {ending} in {folder}"
    return found


def texts_of(graded_course):
    """What every page and export holds, by path; all are made anew."""
    course, _ = graded_course
    run(course, "report", "out")
    run(course, "similar", "out")
    for form in ("csv", "junit", "gradescope"):
        run(course, "export", form, "out")
    ids = [json.loads(path.read_text())["student"] for path in files_of(course.root / "out" / "results", ".json")]
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows(
        [["Identifier", "Username", "Grade", "Maximum Grade", "Feedback comments"]]
        + [[f"Participant {at}", student, "", "2", ""] for at, student in enumerate(ids, start=700)]
    )
    course.write("moodle.csv", sheet.getvalue())
    run(course, "export", "moodle", "out", "--into", "moodle.csv", "-o", "out/moodle.csv")
    return {path: path.read_bytes().decode() for path in course.root.joinpath("out").rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def texts(graded):
    """Every file of the run, its reports and its exports."""
    return texts_of(graded)


def test_no_file_holds_what_is_not_seen(texts):
    """Neither raw nor in a form that another program takes as it is; in JSON there stands its escape."""
    assert len({path.suffix for path in texts}) >= 4
    for path, text in texts.items():
        good, why = is_harmless(text)
        assert good, f"{path} {why}"


def test_json_still_says_what_was_there(graded, texts):
    """The escapes are JSON's own: what is read back is what the student's code did."""
    course, _ = graded
    assert set(filter(str.isprintable, STUDENTS)) <= {
        json.loads(path.read_text())["student"] for path in files_of(course.root / "out" / "results", ".json")
    }
    for path in files_of(course.root / "out" / "results", ".json"):
        result = msgspec.json.decode(path.read_bytes())
        assert result["score"] == (2.0 if "bytes" in result["student"] else 0.0), path
        assert {exercise["status"] for exercise in result["exercises"]} <= {
            "graded", "missing", "unreadable", "failed_to_load",
        }, path  # fmt: skip
        for exercise in result["exercises"]:
            for message in (exercise["message"], *(test["message"] for test in exercise["tests"])):
                assert len(message) <= 40_000
                assert all(len(line) <= 2001 for line in message.split("\n"))


class _Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.scripts, self.attributes, self.tags = [], set(), set()
        self._in_script = False

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self._in_script = tag == "script"

    def handle_data(self, data):
        if self._in_script:
            self.scripts.append(data)
            self._in_script = False


def pages(text):
    page = _Page()
    page.feed(text)
    return page


def test_pages_hold_no_markup_of_a_students(texts):
    """No script but the report's own, no event handler, no picture from elsewhere."""
    found = [path for path in texts if path.suffix == ".html"]
    assert len(found) > len(STUDENTS)
    for path in found:
        page = pages(texts[path])
        assert not [script for script in page.scripts if "alert" in script], path
        assert not {name for name in page.attributes if name.startswith("on")}, path
        assert "img" not in page.tags, path


def test_tables_hold_no_formula(texts):
    """In no cell, however the table is read."""
    found = [path for path in texts if path.suffix == ".csv"]
    assert {path.name for path in found} == {"grades.csv", "class.csv", "moodle.csv"}
    for path in found:
        rows = list(csv.reader(io.StringIO(texts[path])))
        if path.name == "moodle.csv":  # the other columns are as they came
            rows = [[row[2], row[4]] for row in rows]
            assert not [row for row in rows if pages(row[1]).tags - {"p", "br"}]
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], path


def test_xml_is_read_by_a_strict_parser(texts):
    """JUnit's files are well-formed, and hold the messages as text."""
    found = [path for path in texts if path.suffix == ".xml"]
    assert len(found) >= len(STUDENTS)
    for path in found:
        root = defusedxml.ElementTree.fromstring(texts[path])
        assert {node.tag for node in root.iter()} <= {
            "testsuites", "testsuite", "testcase", "properties", "property", "failure", "error", "skipped", "system-out",
        }  # fmt: skip


def test_gradescope_is_told_that_all_is_text(texts):
    """Nothing is HTML or Markdown there."""
    found = [path for path in texts if path.parent.name == "gradescope"]
    assert len(found) >= len(STUDENTS)
    for path in found:
        result = json.loads(texts[path])
        assert {result[name] for name in result if name.endswith("_format")} == {"text"}
        for test in result["tests"]:
            assert_harmless(test["output"])
            assert_harmless(test["name"])


def test_notebooks_show_it_as_text(graded, texts):
    """What `check` shows in a notebook, and the comments and outputs for nbgrader."""
    from grader.catalog import Course
    from grader.exports.autograded import comment
    from grader.exports.feedback import lines_of_test
    from grader.output import read_graded
    from grader.reports.html import exercise_html

    course, _ = graded
    lesson = Course(course.root).lesson()
    run_of = read_graded(course.root / "out")
    for result in run_of.results:
        for exercise in result.exercises:
            page = pages(exercise_html(exercise, lesson.exercise("double")))
            assert page.tags <= {"style", "section", "h4", "p", "strong", "ul", "li", "b", "pre"}
            told = comment(run_of, exercise)
            assert_harmless(told)
            fence = re.match("`+", told)[0]
            assert re.findall(rf"(?<!`){fence}(?!`)", told) == [fence, fence]
            for test in exercise.tests:
                assert_harmless("\n".join(lines_of_test(exercise, test)))


def test_one_function_for_each_medium():
    """What each does with the marks themselves."""
    assert visible("a\x1bb\u202ec\u2028d\te\n") == "a\\x1bb\\x202ec\\x2028d\te\n"
    assert [plain_text(text)[:2] for text in ("=1", "+1", "-1", "@1", "\t1", "\r1")] == [
        "'=", "'+", "'-", "'@", "'\t", "'\\",
    ]  # fmt: skip
    assert shortened("short") == "short"
    assert len(shortened("x" * 10**6)) == 2001
    assert shortened("x\n" * 10**6).endswith("\n…")
