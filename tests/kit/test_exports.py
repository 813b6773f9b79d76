"""What leaves for other programs: each format is read back by a parser that is not the kit's."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import venv
import xml.etree.ElementTree as ET
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import defusedxml.ElementTree
import junitparser
import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from grader.catalog import Course
from grader.cli.exporting import export
from grader.errors import GraderError
from grader.exports.container import handed_in
from grader.exports.sheets import Sheet
from grader.output import RESULTS, RUN, GradedExercise, HandIn, Run, as_json, grades_csv, result_path
from grader.results import ExerciseResult, TestResult, submission_result

HOSTILE = "=HYPERLINK(\"//evil\")\x1b[31m\x00\u202e<script>alert('x')</script>]]>&amp;\ufffe\ttab\r\nnext"
TITLE = "The forget gate is a sigmoid"


def a_test(**changes):
    settings = {"name": "test_gate", "title": TITLE, "visibility": "hidden", "status": "passed", "max_points": 6.0}
    return TestResult(**settings | changes)


def exercises(points=8.0, *, status="passed", message="", output=msgspec.UNSET, gates="graded"):
    """Two exercises of 10 and 2 points: the first with these points, the second not handed in."""
    first = ExerciseResult(
        exercise="gates", status=gates, score=points if gates == "graded" else 0.0, max_score=10.0, seconds=0.5,
        message="" if gates == "graded" else message,
        tests=[
            a_test(name="test_example", visibility="public", max_points=0.0, title="An example"),
            a_test(points=points, status=status, message=message, output=output, max_points=10.0)
            if gates == "graded" else a_test(status="not_run", max_points=10.0),
        ],
    )  # fmt: skip
    missing = ExerciseResult(
        exercise="cell", status="missing", max_score=2.0, message="No cell.py was handed in.",
        tests=[a_test(status="not_run", max_points=2.0)],
    )  # fmt: skip
    return [first, missing]


@pytest.fixture
def graded(tmp_path):
    """Writes an output folder of `grade`: results by student; (days late, penalty) of those who were late."""

    def write(results, late=None):
        folder = tmp_path / "graded"
        (folder / RESULTS).mkdir(parents=True)
        hand_ins = [
            HandIn(student=student, submitted=datetime(2026, 3, 1, 12, tzinfo=UTC), days_late=days, penalty=penalty)
            for student in results
            for days, penalty in [(late or {}).get(student, (0, 0.0))]
        ]
        run = Run(
            lesson="lesson01", title="Lesson 1", submissions="class", hand_ins=hand_ins, grader="0", python="3",
            torch="2",
            exercises=[
                GradedExercise(name="gates", title="The gates", points=10.0),
                GradedExercise(name="cell", title="The cell", points=2.0),
            ],
        )  # fmt: skip
        (folder / RUN).write_bytes(as_json(run))
        for student, found in results.items():
            result_path(folder, student).write_bytes(as_json(submission_result(student, "lesson01", found)))
        return folder

    return write


def run(*arguments, status=0):
    result = CliRunner().invoke(export, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit | GraderError):
        raise result.exception
    if isinstance(result.exception, GraderError):
        assert result.exception.exit_code == status, result.exception
        return str(result.exception)
    assert result.exit_code == status, result.output
    assert max(map(len, result.output.splitlines()), default=0) <= 80 or "/" in result.output
    return " ".join(result.output.split())


def table(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, strict=True))


# --- csv


def test_the_class_as_a_table(graded):
    """A row per student; the penalty apart, and taken off the final score."""
    folder = graded({"ann": exercises(8.5), "bob": exercises(10.0)}, late={"bob": (2, 1.25)})
    run("csv", folder)
    assert table(folder / "class.csv") == [
        ["student", "submitted", "gates", "cell", "score", "max_score", "days_late", "penalty", "final"],
        ["ann", "2026-03-01T12:00:00+00:00", "8.5", "0", "8.5", "12", "0", "0", "8.5"],
        ["bob", "2026-03-01T12:00:00+00:00", "10", "0", "10", "12", "2", "1.25", "8.75"],
    ]


@pytest.mark.parametrize("student", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", '="a","b"', "\u202e=1"])
def test_no_id_is_a_formula(graded, student):
    """A spreadsheet takes no id for a formula, in either table."""
    run("csv", folder := graded({student: exercises()}))
    (_, row) = table(folder / "class.csv")
    (_, first, _) = csv.reader(io.StringIO(grades_csv([submission_result(student, "l", exercises())])), strict=True)
    for cell in (row[0], first[0]):
        assert cell[0] in "'\\"
        assert cell.replace("\t", "").isprintable()


def test_the_graders_own_error_is_nobodys_zero(graded):
    """Such a student is left out and told of, and the command ends with 3."""
    broken = [msgspec.structs.replace(exercises()[0], status="error", score=0.0), exercises()[1]]
    folder = graded({"ann": exercises(), "bob": broken})
    assert "Left out, since the grader failed at their work: bob." in run("csv", folder, status=3)
    assert [row[0] for row in table(folder / "class.csv")] == ["student", "ann"]


# --- sheets


@given(
    st.lists(st.lists(st.text("aä,;\"'\n\t =", max_size=6), min_size=2, max_size=4), min_size=1, max_size=5),
    st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.booleans(), st.text('ab,;"\n', max_size=5),
)  # fmt: skip
def test_a_sheet_keeps_what_it_does_not_change(rows, delimiter, end, quoting, bom, value):
    """Read as the csv module reads it, written byte by byte as it came, but for the cell that was set."""
    header = [f"c{at}" for at in range(5)]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([header, *rows])
    text = bom * "\ufeff" + file.getvalue()
    sheet = Sheet(text, "x.csv")
    assert sheet.text() == text
    read = [[sheet.cell(row, column) for column in range(len(cells))] for row, cells in enumerate(rows, start=1)]
    assert read == rows
    sheet.set(1, 1, value)
    rows[0][1] = value
    again = csv.reader(io.StringIO(sheet.text().removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    assert list(again) == [header, *rows]
    assert sheet.text().startswith("\ufeff") == bom


# --- canvas

GRADEBOOK = (
    '\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Notes,Homework 9 (4711),"Homework, 10 (draft) (4712)",'
    "Final Score\r\n"
    ",,,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,,12,10,(read only)\r\n"
    '"Doe, Jane",101,S-1,jdoe,"A, B and C","says ""hi""",3,,40.00\r\n'
    '"Müller, Jörg",102,S-2,müller,A,,,,\r\n'
    '"Smith, Ann",103,S-3,asmith,A,,EX,,\r\n'
    '"Smith, Ann",104,S-4,asmith2,A,,N/A,,\r\n'
    '"O\'Hara, Sam",105,S-5,"s""am",A,,"",,\r\n'
    '"=""=cmd()""",106,S-6,evil,A,,,,\r\n'
    '"Student, Test",999,,b1946ac9,A,,,,\r\n'
)


@pytest.fixture
def gradebook(tmp_path):
    path = tmp_path / "gradebook.csv"
    path.write_bytes(GRADEBOOK.encode())
    return path


def test_canvas_gradebook(graded, gradebook):
    """By Canvas ID, SIS User ID, SIS Login ID, then name; nothing else in the file changes."""
    results = {
        "101": exercises(8.5), "S-2": exercises(7.0), 's"am': exercises(10.0), "Smith, Ann": exercises(1.0),
        "nobody": exercises(2.0), "doejane_LATE_106_77_work": exercises(4.0),
    }  # fmt: skip
    folder = graded(results, late={"101": (1, 0.5)})
    said = run("canvas", folder, "--into", gradebook, "--column", "Homework 9")
    assert gradebook.read_bytes() == GRADEBOOK.encode()
    written = (gradebook.parent / "gradebook-graded.csv").read_bytes().decode()
    expected = GRADEBOOK
    for before, after in [
        ('"says ""hi""",3,', '"says ""hi""",8,'), ("müller,A,,,", "müller,A,,7,"), ('"s""am",A,,"",', '"s""am",A,,"10",'),
        ("evil,A,,,", "evil,A,,4,"),
    ]:  # fmt: skip
        assert expected.count(before) == 1
        expected = expected.replace(before, after)
    assert written == expected
    assert "holds 4 grades." in said
    assert "nothing is filled in for: Smith, Ann." in said
    assert "Graded, but not in gradebook.csv: nobody." in said
    assert "without a grade here: Smith, Ann; Smith, Ann; Student, Test." in said
    assert "points in Canvas" not in said


def test_canvas_keeps_what_is_excused(graded, gradebook):
    """EX and N/A stay; where the points differ, that is said."""
    folder = graded({"asmith": exercises(), "104": exercises(), "101": exercises()})
    said = run("canvas", folder, "--into", gradebook, "--column", "4711", "-o", gradebook.parent / "new.csv")
    assert "Left as Canvas has it, excused or not assigned: asmith (EX); 104 (N/A)." in said
    assert "holds 1 grade." in said
    said = run("canvas", folder, "--into", gradebook, "--column", "Homework, 10 (draft)")
    assert "The assignment has 10 points in Canvas, and 12 here." in said


def test_canvas_row_of_two_students(graded, gradebook):
    """Two students who would share a row get none."""
    folder = graded({"101": exercises(1.0), "jdoe": exercises(9.0), "102": exercises(5.0)})
    said = run("canvas", folder, "--into", gradebook, "--column", "4711")
    assert "nothing is filled in for: 101; jdoe." in said
    assert table(gradebook.parent / "gradebook-graded.csv")[3][6] == "3"


def test_canvas_with_first_and_last_names(graded, tmp_path):
    """The form with two columns for the name, as semicolons have it."""
    path = tmp_path / "semi.csv"
    path.write_text("LastName;FirstName;ID;SIS Login ID;Section;HW, a (7)\nDoe;Jane;101;jd;A;\n", encoding="utf-8")
    run("canvas", graded({"Jane Doe": exercises(2.5)}), "--into", path, "--column", "7")
    assert (tmp_path / "semi-graded.csv").read_text(encoding="utf-8").endswith("\nDoe;Jane;101;jd;A;2.5\n")


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        (GRADEBOOK, "Homework 8", "has no assignment 'Homework 8'. It has: Homework 9 (4711); Homework, 10"),
        (GRADEBOOK, "Final Score", "has no assignment 'Final Score'"),
        (GRADEBOOK, "Notes", "has no assignment 'Notes'"),
        (GRADEBOOK.replace("Homework 9 (4711)", '"Homework, 10 (draft) (4711)"'), "Homework, 10 (draft)", "several assign"),
        (GRADEBOOK.replace("Homework 9", '"Homework 9'), "4711", "gradebook.csv, line 1: the quotes are not in order"),
        (GRADEBOOK.replace("Manual Posting,,\r\n    Points Possible,,,,,,12", "\r\nPoints Possible,,,,,,(read only)"),
         "4711", "is read-only"),
        (GRADEBOOK.replace("101", "201"), "4711", "No grade fits into"),
        (GRADEBOOK.replace("Section", "Sektion"), "4711", "is no gradebook from Canvas"),
        ("", "4711", "gradebook.csv is empty."),
        (GRADEBOOK.encode("utf-16"), "4711", "is no UTF-8 text"),
        (GRADEBOOK.replace("\n\"Doe", "\n\"Doe, Jane\",101\r\n\"Doe"), "4711", "nothing is filled in for: 101"),
    ],
)  # fmt: skip
def test_canvas_refuses(graded, gradebook, text, column, said):
    """One sentence says what is wrong and what there is; nothing is written."""
    gradebook.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said in run("canvas", graded({"101": exercises()}), "--into", gradebook, "--column", column, status=2)
    assert not (gradebook.parent / "gradebook-graded.csv").exists()


def test_the_downloaded_file_is_never_written(graded, gradebook):
    """Not even where it is named as the output, under whatever name."""
    folder = graded({"101": exercises()})
    (gradebook.parent / "link.csv").symlink_to(gradebook)
    for output in (gradebook, gradebook.parent / "link.csv"):
        said = run("canvas", folder, "--into", gradebook, "--column", "4711", "-o", output, status=2)
        assert "stays as it is" in said
    assert gradebook.read_bytes() == GRADEBOOK.encode()


# --- moodle

WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 31","Jane Doe",jane@example.org,"Submitted for grading",,12.00,Yes,"Monday, 2 March 2026, 9:00 AM",-,\n'
    '"Participant 32","Jörg ""Jo"" Müller",joerg@example.org,"No submission",3.00,12.00,Yes,-,-,"<p>Well done</p>"\n'
    '"Participant 33","Jane Doe",jane2@example.org,"No submission",,12.00,Yes,-,-,\n'
)
GERMAN = (
    "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,"
    "Zuletzt geändert (Abgabe),Zuletzt geändert (Bewertung),Feedback als Kommentar\n"
    'Teilnehmer/in31,Jane Doe,jane@example.org,Abgegeben,"7,50","12,00",Ja,-,-,\n'
)


@pytest.fixture
def worksheet(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text(WORKSHEET, encoding="utf-8", newline="")
    return path


def test_moodle_worksheet(graded, worksheet):
    """Grades and comments; what an instructor has written stays; everything else is as it was."""
    results = {
        "Jane Doe_31_assignsubmission_file": exercises(4.5, status="failed", message=HOSTILE),
        "Jörg_32_assignsubmission_file_": exercises(10.0), "x_77_assignsubmission_file": exercises(),
    }  # fmt: skip
    folder = graded(results, late={"Jörg_32_assignsubmission_file_": (3, 1.0)})
    said = run("moodle", folder, "--into", worksheet)
    before, after = table(worksheet), table(worksheet.parent / "sheet-graded.csv")
    assert [row[:4] + row[5:9] for row in before] == [row[:4] + row[5:9] for row in after]
    assert [row[4] for row in after] == ["Grade", "4.5", "9", ""]
    assert (after[2][9], after[3][9]) == ("<p>Well done</p>", "")
    assert "comments already, which are kept: Jörg_32" in said
    assert "Graded, but not in sheet.csv: x_77_assignsubmission_file." in said
    assert "without a grade here: Participant 33 Jane Doe." in said
    comment = after[1][9]
    parsed = defusedxml.ElementTree.fromstring(comment.replace("<br>", "\n"))
    assert (parsed.tag, len(parsed)) == ("p", 0)
    text = "".join(parsed.itertext())
    assert "Points: 4.5 of 12." in text
    assert f"{TITLE}: =HYPERLINK" in text
    assert "<script>" in text
    assert all(character.isprintable() or character in "\n\t" for character in text)


def test_moodle_comments_are_renewed(graded, worksheet):
    """What an earlier export wrote is replaced, so that a regrade arrives."""
    results = {"31": exercises(1.0), "jane2@example.org": exercises(2.0)}
    said = run("moodle", folder := graded(results), "--into", worksheet, "--no-feedback", "--id-column", "Identifier")
    assert "Graded, but not in sheet.csv: jane2@example.org." in said
    assert table(worksheet.parent / "sheet-graded.csv")[1][4:] == ["1", *table(worksheet)[1][5:]]
    run("moodle", folder, "--into", worksheet, "--id-column", "Identifier", "-o", second := worksheet.parent / "2.csv")
    run("moodle", folder, "--into", second, "--id-column", "Identifier", "-o", third := worksheet.parent / "3.csv")
    assert third.read_bytes() == second.read_bytes() != worksheet.read_bytes()


def test_moodle_in_german(graded, worksheet):
    """Localised headers, decimal commas and participants."""
    worksheet.write_text(GERMAN, encoding="utf-8")
    said = run("moodle", graded({"31": exercises(8.25)}), "--into", worksheet)
    assert table(worksheet.parent / "sheet-graded.csv")[1][4:6] == ["8.25", "12,00"]
    assert "maximum" not in said


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (GERMAN.replace("Bewertung,Best", "Arvosana,Best"), [], "Say with --grade-column which column of sheet.csv is"),
        (GERMAN.replace("Feedback als", "Palaute"), [], "Say with --feedback-column"),
        (WORKSHEET, ["--grade-column", "Points"], "has no column 'Points'. Its columns are: Identifier; Full name;"),
        (WORKSHEET, ["--feedback-column", "Remarks"], "has no column 'Remarks'"),
        (WORKSHEET, ["--id-column", "Status"], "The column 'Status' of sheet.csv holds"),
        (WORKSHEET.replace("Full name", "Grade"), [], "has several columns Grade"),
        (WORKSHEET.replace("jane2@example.org", "31"), [], "Several columns of sheet.csv hold students' ids"),
        (WORKSHEET.replace("31", "55"), [], "No column of sheet.csv holds any of the students' ids (such as 31)"),
        (WORKSHEET, ["--no-feedback", "--feedback-column", "Status"], "contradict each other"),
    ],
)  # fmt: skip
def test_moodle_refuses(graded, worksheet, text, options, said):
    """Where a column cannot be found or told from others, a sentence says which to name."""
    worksheet.write_text(text, encoding="utf-8")
    assert said in run("moodle", graded({"31": exercises()}), "--into", worksheet, *options, status=2)
    assert not (worksheet.parent / "sheet-graded.csv").exists()


def test_moodle_notes(graded, worksheet):
    """Another maximum, or a scale, is told: Moodle would pass over the grade without a word."""
    folder = graded({"31": exercises()})
    worksheet.write_text(WORKSHEET.replace("12.00", "100.00"), encoding="utf-8")
    assert "The maximum grade is 100 in Moodle, and 12 here." in run("moodle", folder, "--into", worksheet)
    worksheet.write_text(WORKSHEET.replace("12.00", "fail/pass"), encoding="utf-8")
    assert "Moodle ignores these points" in run("moodle", folder, "--into", worksheet)


# --- junit


def observed(root, seen):
    """Which attributes and children each kind of element has."""
    attributes, children = seen.setdefault(root.tag, (set(), set()))
    attributes.update(root.attrib)
    children.update(child.tag for child in root)
    for child in root:
        observed(child, seen)
    return seen


@pytest.fixture(scope="module")
def as_pytest_writes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("junit")
    (folder / "test_all.py").write_text(
        "import pytest\n"
        "def test_passes(): print('x')\n"
        "def test_fails(): assert 0\n"
        "@pytest.mark.skip\ndef test_skips(): pass\n"
        "@pytest.fixture\ndef broken(): raise ValueError\n"
        "def test_errs(broken): pass\n"
        "def test_property(record_testsuite_property): record_testsuite_property('points', '1')\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", "-o",
               "junit_logging=system-out", "--junitxml=out.xml", "--rootdir=."]  # fmt: skip
    subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    return observed(ET.parse(folder / "out.xml").getroot(), {})


def test_junit(graded, as_pytest_writes):
    """Elements, attributes and nesting are those that pytest itself writes; junitparser counts what there is."""
    results = {
        "ann": exercises(4.0, status="failed", message=HOSTILE, output=HOSTILE),
        "bob": exercises(0.0, status="timeout", message="Too slow."),
        "cy": exercises(0.0, gates="failed_to_load", message=HOSTILE),
        "=di": exercises(10.0),
    }
    folder = graded(results, late={"bob": (1, 0.5)})
    run("junit", folder)
    counts = {}
    for student in results:
        path = folder / "junit" / f"{student}.xml"
        for tag, (attributes, children) in observed(defusedxml.ElementTree.parse(path).getroot(), {}).items():
            known_attributes, known_children = as_pytest_writes[tag]
            # A failure's `type` is the schema's, though pytest leaves it out; so is a suite's output.
            assert attributes <= known_attributes | {"type"}
            assert children <= known_children | {"system-out"}
        suites = list(junitparser.JUnitXml.fromfile(str(path)))
        assert [suite.name for suite in suites] == ["lesson01.gates", "lesson01.cell"]
        assert all(len(list(suite)) == suite.tests for suite in suites)
        counts[student] = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in suites]
        points = {each.name: each.value for each in suites[0].properties()}
        assert points["hidden.test_gate.max_points"] == "10"
    assert counts["ann"] == [(2, 1, 0, 0), (1, 0, 0, 1)]
    assert counts["bob"] == [(2, 0, 1, 0), (1, 0, 0, 1)]
    assert counts["cy"] == [(2, 0, 1, 0), (1, 0, 0, 1)]
    assert counts["=di"] == [(2, 0, 0, 0), (1, 0, 0, 1)]
    (suite, _) = junitparser.JUnitXml.fromfile(str(folder / "junit" / "bob.xml"))
    late = {each.name: each.value for each in suite.properties() if each.name.startswith("submission.")}
    assert late == {"submission.penalty": "0.5", "submission.days_late": "1", "submission.final": "-0.5"}
    (suite, _) = junitparser.JUnitXml.fromfile(str(folder / "junit" / "ann.xml"))
    (_, case) = suite
    assert case.classname == "tests.hidden.lesson01.test_gates"
    assert "<script>" in case.result[0].text


# --- gradescope


class SpecTest(msgspec.Struct, forbid_unknown_fields=True):
    """A test case, as Gradescope's autograder specification lists its fields."""

    score: float | None = None
    max_score: float | None = None
    status: Literal["passed", "failed"] | None = None
    name: str = ""
    name_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    number: str = ""
    output: str = ""
    output_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    tags: list[str] = []
    visibility: Literal["hidden", "after_due_date", "after_published", "visible"] = "visible"
    extra_data: dict[str, object] = {}


class SpecResults(msgspec.Struct, forbid_unknown_fields=True):
    """results.json, as Gradescope's autograder specification lists its fields."""

    score: float | None = None
    execution_time: float | None = None
    output: str = ""
    output_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    test_output_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    test_name_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    visibility: Literal["hidden", "after_due_date", "after_published", "visible"] = "visible"
    stdout_visibility: Literal["hidden", "after_due_date", "after_published", "visible"] = "hidden"
    extra_data: dict[str, object] = {}
    tests: list[SpecTest] = []
    leaderboard: list[dict[str, object]] = []

    def __post_init__(self):
        assert self.score is not None or all(test.score is not None for test in self.tests)


def read_results(path):
    return msgspec.json.decode(path.read_bytes(), type=SpecResults)


def test_gradescope_results(graded):
    """A file per student; the penalty is a line of its own, and the lines add up to the score."""
    folder = graded(
        {"ann": exercises(4.0, status="failed", message=HOSTILE, output="printed\x1b[2J\n" * 9000), "bob": exercises()},
        late={"ann": (2, 1.5)},
    )
    said = run("gradescope", folder)
    assert "The assignment should have 12 points there." in said
    results = read_results(folder / "gradescope" / "ann.json")
    assert results.score == sum(test.score for test in results.tests) == 2.5
    assert sum(test.max_score for test in results.tests) == 12.0
    assert [test.number for test in results.tests] == ["1.1", "1.2", "2", "3"]
    assert [test.status for test in results.tests] == ["passed", "failed", "failed", "failed"]
    assert results.tests[1].name == f"gates: {TITLE}"
    assert results.tests[2].output == "No cell.py was handed in."
    assert results.tests[3].output == "Late by 2 days: 1.5 points less."
    assert "Points: 2.5 of 12. Without the penalty: 4. Late by 2 days" in results.output
    assert (results.output_format, results.test_output_format, results.test_name_format) == ("text", "text", "text")
    shown = results.tests[1].output
    assert "Your code printed:\nprinted\\x1b[2J\n" in shown
    assert shown.endswith("\n…")
    assert len(shown) < 5000
    assert all(character.isprintable() or character in "\n\t" for character in shown)
    assert read_results(folder / "gradescope" / "bob.json").score == 8.0


def test_files_of_an_earlier_run_are_told(graded):
    """An upload would take them along."""
    folder = graded({"ann": exercises()})
    (folder / "gradescope").mkdir()
    (folder / "gradescope" / "gone.json").write_text("{}")
    assert "also holds 1 file that is not of this run: gone.json." in run("gradescope", folder)


# --- the autograder


class Container:
    """A folder that plays Gradescope's /autograder, with the packed wheel unpacked into a virtual environment."""

    def __init__(self, root: Path, archive: Path) -> None:
        self.root = root
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(root / "source")
            assert {"setup.sh", "run_autograder", "constraints.txt"} < set(packed.namelist())
            assert all(packed.getinfo(name).external_attr >> 16 == 0o100755 for name in ("setup.sh", "run_autograder"))
        shutil.copy(root / "source" / "run_autograder", root)
        (root / "run_autograder").chmod(0o755)
        venv.create(root / "venv", with_pip=False)
        (site,) = (root / "venv" / "lib").glob("*/site-packages")
        (wheel,) = (root / "source").glob("*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(site)
        here = next(path for path in sys.path if path.endswith("site-packages"))
        (site / "dependencies.pth").write_text(f"{here}\n")

    def grade(self, files, *prefix, **environment):
        for name in ("submission", "results"):
            shutil.rmtree(self.root / name, ignore_errors=True)
            (self.root / name).mkdir()
        for name, text in files.items():
            (self.root / "submission" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        finished = subprocess.run(
            [*prefix, self.root / "run_autograder"], cwd=self.root, capture_output=True, text=True, timeout=240, check=False,
            env={"PATH": os.environ["PATH"], "HOME": "/tmp", "AUTOGRADER_ROOT": str(self.root)} | environment,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        return read_results(self.root / "results" / "results.json")

    def without_bubblewrap(self):
        """A PATH that has nothing but bash, as where the container forbids the wall."""
        programs = self.root / "programs"
        programs.mkdir(exist_ok=True)
        if not (programs / "bash").exists():
            (programs / "bash").symlink_to(shutil.which("bash"))
        return str(programs)


@pytest.fixture
def container(small_course, tmp_path, run_grader):
    def packed(*options):
        archive = tmp_path / "autograder.zip"
        finished = run_grader("export", "gradescope", "--autograder", archive, *options, cwd=small_course.root)
        assert finished.returncode == 0, finished.stderr
        assert "It holds the solutions: keep it to yourself." in " ".join(finished.stdout.split())
        return Container(tmp_path / "autograder", archive)

    return packed


RIGHT = "def double(x):\n    return x + x\n"
POWERLESS = (shutil.which("setpriv"), "--bounding-set=-all", "--inh-caps=-all")
"""As in a container that leaves root no power at all: no user can be changed, so no wall can be built."""


def test_autograder(container):
    """The zip's own programs grade a submission behind the wall and tell the student nothing of the expected values."""
    wrong = "def double(x):\n    print('hello')\n    return 3 * x\n"
    results = container().grade({"double.py": wrong, "notes.txt": "x"})
    assert (results.score, [test.max_score for test in results.tests]) == (0.0, [0.0, 2.0])
    assert results.tests[-1].name == "double: Twice as much"
    assert "Your code printed:\nhello" in results.tests[-1].output
    assert "expected" not in json.dumps(msgspec.to_builtins(results))


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (["double.py"], "."), (["any name.py"], "any name.py"), (["any name.py", "notes.txt"], "any name.py"),
        (["work.ipynb", ".DS_Store"], "work.ipynb"), (["work.zip"], "work.zip"), (["double.py", "other.py"], "."),
        (["lesson/double.py", "any.py"], "."), (["notes.txt"], "."), ([], "."),
    ],
)  # fmt: skip
def test_what_was_handed_in(small_course, tmp_path, files, chosen):
    """The folder, unless one file alone stands for everything."""
    folder = tmp_path / "submission"
    folder.mkdir()
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert handed_in(folder, Course(small_course.root).lesson()) == folder / chosen


@pytest.mark.usefixtures("as_root")
def test_autograder_behind_the_second_wall(container):
    """Where bubblewrap cannot be built: honest work gets its points, and neither suite nor secret can be read."""
    gradescope = container()
    spy = f"""
import os
def double(x):
    found = []
    for folder in ({str(gradescope.root)!r}, "/proc"):
        for path, folders, names in os.walk(folder):
            found += [name for name in names if not path.startswith("/proc")]
    for name in ("run_autograder", "source/constraints.txt", "submission/double.py"):
        try:
            found.append(open(os.path.join({str(gradescope.root)!r}, name)).read())
        except PermissionError:
            print("closed")
    print(found)
    return 2 * x
"""
    results = gradescope.grade({"double.py": spy}, PATH=gradescope.without_bubblewrap())
    assert results.score == 2.0, results.output
    results = gradescope.grade({"double.py": spy.replace("2 * x", "0")}, PATH=gradescope.without_bubblewrap())
    assert "closed\nclosed\nclosed\n[]" in results.tests[-1].output
    assert (gradescope.root / "run_autograder").stat().st_mode & 0o077 == 0
    assert (gradescope.root / "source").stat().st_mode & 0o077 == 0


def test_autograder_without_the_wall(container):
    """It does not start, and says so to the student; the instructor's consent is packed or is not there."""
    gradescope = container()
    results = gradescope.grade({"double.py": RIGHT}, *POWERLESS, PATH=gradescope.without_bubblewrap())
    assert (results.score, results.tests) == (0.0, [])
    assert results.output.startswith("The autograder could not start. This is not your grade. Tell your instructor:")
    assert "--accept-no-wall" in results.output


def test_nothing_of_a_submission_outlives_it(container, tmp_path):
    """Without the wall too: a process that hides from its parents is dead before the results are written."""
    gradescope = container("--accept-no-wall")
    mark = tmp_path / "pid"
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        f"        open({str(mark)!r}, 'w').write(str(os.getpid()))\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        f"while not os.path.exists({str(mark)!r}): time.sleep(0.01)\n"
    )
    results = gradescope.grade({"double.py": daemon + RIGHT}, *POWERLESS, PATH=gradescope.without_bubblewrap())
    assert results.score == 2.0
    assert mark.read_text().isdigit()
    assert not Path("/proc", mark.read_text()).exists()


# --- the command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["csv", "no-such-folder"], "no-such-folder holds no run. Name the folder that grader grade --output wrote."),
        (["csv", "DIR", "-o", "DIR/grades.csv"], "grades.csv belongs to the run itself"),
        (["junit", "DIR", "-o", "DIR/results"], "results belongs to the run itself"),
        (["csv", "DIR", "-o", "/proc/x/y.csv"], "cannot be written"),
        (["gradescope"], "Name either the folder of a run, or with --autograder the zip to write."),
        (["gradescope", "DIR", "--autograder", "x.zip"], "Name either the folder of a run"),
        (["gradescope", "DIR", "--accept-no-wall"], "belong to --autograder"),
        (["gradescope", "--autograder", "x.zip", "-o", "y"], "leave out --output"),
        (["canvas", "DIR", "--into", "no-such-file", "--column", "1"], "no-such-file cannot be read"),
    ],
)
def test_used_wrongly(graded, arguments, said):
    """One sentence, status 2."""
    folder = graded({"ann": exercises()})
    assert said in run(*(argument.replace("DIR", str(folder)) for argument in arguments), status=2)


def test_a_real_run(small_course, run_grader):
    """From submissions to a file of each format, as a user types it."""
    small_course.hand_in("ann", RIGHT)
    small_course.hand_in("=bob", "def double(x):\n    return 3 * x\n")
    finished = run_grader("grade", "class", "--output", "out", cwd=small_course.root)
    assert finished.returncode == 0, finished.stderr
    for form in ("csv", "junit", "gradescope"):
        finished = run_grader("export", form, "out", cwd=small_course.root)
        assert finished.returncode == 0, finished.stderr
        assert max(map(len, finished.stdout.splitlines())) <= 80
    out = small_course.root / "out"
    assert [row[-1] for row in table(out / "class.csv")] == ["final", "0", "2"]
    assert read_results(out / "gradescope" / "ann.json").score == 2.0
    assert junitparser.JUnitXml.fromfile(str(out / "junit" / "=bob.xml")).__class__ is junitparser.JUnitXml
