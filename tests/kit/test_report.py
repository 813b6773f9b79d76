"""The pages of a run: right, readable by all, the same each time, and nothing on a student's page but what is theirs."""

import html
import itertools
import re
import shutil
import statistics
from datetime import UTC, datetime

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.output import Change, GradedExercise, HandIn, Regrade, Run, as_json, result_path
from grader.reports.pages import write_report
from grader.reports.statistics import ClassStatistics
from grader.results import ExerciseResult, TestResult, submission_result
from tests.kit.conftest import ROOT, SAMPLE_CLASS
from tests.kit.test_release import secret_lines

HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[2J"
PRINTED = "</pre><script>document.title = 'mine'</script>" + HOSTILE
LATE = HandIn(
    student="late", submitted=datetime(2026, 1, 10, 22, 5, tzinfo=UTC), attempts=3, days_late=2, penalty=1.5
)  # fmt: skip


def outcome(name, points, of=1.0, status="", message="", **more):
    status = status or ("passed" if points == of else "failed")
    return TestResult(
        name=f"test_{name}", title=f"The {name} is right", visibility="hidden", points=points, max_points=of,
        status=status, message=message, **more,
    )  # fmt: skip


def graded_exercise(name, *tests, status="graded", message=""):
    score = sum(test.points for test in tests)
    return ExerciseResult(
        exercise=name, status=status, score=score, max_score=3.0, message=message, tests=list(tests)
    )  # fmt: skip


def write_run(folder, results, *, hand_ins=(), regrades=()):
    """An output folder as `grader grade` writes it."""
    given = {each.student: each for each in hand_ins}
    names = list(dict.fromkeys(exercise.exercise for result in results for exercise in result.exercises))
    run = Run(
        lesson="lesson01", title="Lesson 1", submissions="/somewhere/else",
        exercises=[GradedExercise(name=name, title=f"About {name}", points=3.0) for name in names],
        hand_ins=[given.get(result.student, HandIn(student=result.student)) for result in results],
        grader="0", python="3", torch="2", due=datetime(2026, 1, 8, 23, 59, tzinfo=UTC), regrades=list(regrades),
    )  # fmt: skip
    (folder / "results").mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_bytes(as_json(run))
    for result in results:
        result_path(folder, result.student).write_bytes(as_json(result))
    return folder


def small_class():
    """Students with everything that can happen to them."""
    wrong = "Your gate uses tanh. Look again at “Gates”.\n3 of 3 numbers are wrong.\n" + HOSTILE
    tests = {
        "best": (outcome("gate", 1.0), outcome("cell", 2.0, 2.0)),
        "late": (
            outcome("gate", 0.0, message=wrong, misconception="uses_tanh", output="a hidden review"),
            outcome("cell", 2.0, 2.0),
        ),
        HOSTILE: (
            TestResult(
                name="test_example", title="An example", visibility="public", status="error", max_points=0.0,
                message=wrong, misconception="uses_tanh", output=PRINTED,
            ),
            outcome("gate", 0.0, status="timeout", message="Your code took more than 5 s."),
            outcome("cell", 0.0, 2.0, status="not_run"),
        ),
    }  # fmt: skip
    results = [
        submission_result(student, "lesson01", [graded_exercise("gates", *made), graded_exercise("cell", status="missing")])
        for student, made in tests.items()
    ]  # fmt: skip
    for student, status, message in (
        ("broken", "unreadable", "gates.py, line 3: invalid syntax"),
        ("unlucky", "error", "test_gate: FileNotFoundError: /srv/course/tests/hidden/data.tsv"),
    ):
        failed = graded_exercise("gates", status=status, message=message)
        results.append(submission_result(student, "lesson01", [failed, graded_exercise("cell", status="missing")]))
    return results


REGRADE = Regrade(
    time=datetime(2026, 2, 1, 8, 0, tzinfo=UTC),
    changes=[
        Change(student="best", exercise="gates", test="test_gate", title="The gate is right", before=0.0, after=1.0),
        Change(student="late", exercise="gates", test="test_gate", title="The gate is right", before=1.0, after=0.0),
        Change(student="gone", exercise="gates", test="", title=f"missing → graded {HOSTILE}", before=0.0, after=3.0),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with everything that can happen in it, and its report."""
    made = write_run(tmp_path_factory.mktemp("graded"), small_class(), hand_ins=[LATE], regrades=[REGRADE])
    write_report(made, lambda done, of: None)
    return made


def page(folder, name):
    return (folder / "report" / name).read_text()


def words(text):
    """What is read on a page."""
    return " ".join(html.unescape(re.sub(r"<(style|script)>.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)).split())


def student_page(folder, student):
    return next(path.read_text() for path in (folder / "report" / "students").iterdir() if path.stem == student)


def test_the_command_says_where_the_report_begins(run_grader, tmp_path):
    """One line; and a sentence where there is no run."""
    write_run(tmp_path / "graded", small_class())
    finished = run_grader("report", tmp_path / "graded")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout == f"The report begins at {tmp_path / 'graded' / 'report' / 'index.html'}\n"
    missing = run_grader("report", tmp_path / "nowhere")
    assert missing.returncode == 2
    assert missing.stderr.count("\n") == 1
    assert "holds no run" in missing.stderr


def test_the_class_at_a_glance(folder):
    """A row per student with points, late work, penalty and attempts; the grader's own faults are pointed out."""
    index = words(page(folder, "index.html"))
    assert "Student Sum Late Penalty Final Attempts gates cell" in index
    assert "best 3 3 1 3 –" in index
    assert "late 2 2 1.5 0.5 3 2 –" in index
    assert "broken 0 0 1 unreadable –" in index
    assert "The grader itself failed at 1 piece of work." in index
    assert 'href="students/%3Cimg%20src%3Dx' in page(folder, "index.html")


def test_columns_that_say_nothing_are_left_out(tmp_path):
    """Nobody late, nobody twice: no columns for it; no regrade: no page and no way to it."""
    write_report(write_run(tmp_path, small_class()), lambda done, of: None)
    index = words(page(tmp_path, "index.html"))
    assert "Student Sum gates cell best" in index
    assert "Regrading" not in index
    assert not (tmp_path / "report" / "regrades.html").exists()


def test_who_made_which_mistake(folder):
    """The sentence that the students read, and who they are."""
    text = words(page(folder, "misconceptions.html"))
    assert "2 × gates: uses tanh Your gate uses tanh. Who made it late" in text
    assert "Look again" not in text


def test_what_regrading_changed(folder):
    """Who gained and who lost how much through which test; who is gone has no page to lead to."""
    text = words(page(folder, "regrades.html"))
    assert "2 students gained points, 1 lost points." in text
    assert "The gate is right gates 1 1 +0" in text
    assert "late gates The gate is right 1 0 −1" in text
    assert "students/gone.html" not in page(folder, "regrades.html")


def test_nothing_of_a_student_becomes_markup(folder):
    """Names, messages and output are shown as text, control and direction marks as escapes."""
    for path in sorted((folder / "report").rglob("*.html")):
        text = path.read_text()
        assert "<img" not in text
        assert text.count("<script>") == ("students" not in path.parts)
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert r"<img src=x onerror=alert(1)>\x202e\x1b[2J" in words(student_page(folder, HOSTILE))


def test_a_students_page_is_about_nobody_else(folder):
    """No other student, no link but within the page, nothing printed in a hidden test, no fault of the grader's."""
    for result in small_class():
        text = student_page(folder, result.student)
        others = {each.student for each in small_class()} - {result.student}
        assert not [other for other in others if re.search(rf"\b{re.escape(html.escape(other))}\b", words(text))]
        assert not re.findall(r'(?:href|src)="(?!#)', text)
        for secret in ("a hidden review", "/srv/course", "test_gate", "uses_tanh", "/somewhere/else", str(folder)):
            assert secret not in text
    text = words(student_page(folder, "late"))
    assert "Points 2 of 6 Penalty −1.5 Final 0.5" in text
    assert "Attempts 3" in text
    assert "Your gate uses tanh. Look again at “Gates”. 3 of 3 numbers are wrong." in text
    assert "The grader itself failed here." in words(student_page(folder, "unlucky"))


def test_nothing_hidden_is_on_a_students_page(run_grader, tmp_path):
    """Graded for real: no line of a hidden suite, a solution or a bank, no expected value, no path, no other student."""
    students = ("s07-swapped-gates", "s17-patched-compare", "s22-careless")
    for student in students:
        shutil.copytree(SAMPLE_CLASS / student, tmp_path / "class" / student)
    graded = run_grader("grade", tmp_path / "class", "-o", tmp_path / "out", "-e", "gates", "-e", "cell")
    assert graded.returncode == 0, graded.stderr
    finished = run_grader("report", tmp_path / "out")
    assert finished.returncode == 0, finished.stderr
    secrets = secret_lines()
    for student in students:
        text = words(student_page(tmp_path / "out", student))
        assert "wrong; the first at" in text
        assert not {line for line in secrets if line in text}
        for hidden in (str(ROOT), str(tmp_path), "/tmp/", "site-packages", ", expected ", *set(students) - {student}):
            assert hidden not in text
    assert "Your update_cell has the two gates swapped: the forget gate belongs to the old cell" in words(
        page(tmp_path / "out", "misconceptions.html")
    )


def test_the_same_run_gives_the_same_bytes(folder, tmp_path):
    """Written anew, and written again in place."""
    there = {path: path.stat().st_mtime_ns for path in (folder / "report").rglob("*.html")}
    write_report(folder, lambda done, of: None)
    assert {path: path.stat().st_mtime_ns for path in (folder / "report").rglob("*.html")} == there
    write_report(write_run(tmp_path, small_class(), hand_ins=[LATE], regrades=[REGRADE]), lambda done, of: None)
    for path in there:
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes()


def test_pages_of_students_who_are_gone_go_too(tmp_path):
    """The report's own pages only: another file stays, and one in a page's place is not overwritten."""
    write_report(write_run(tmp_path, small_class(), regrades=[REGRADE]), lambda done, of: None)
    notes = tmp_path / "report" / "students" / "notes.html"
    notes.write_text("<p>my own</p>")
    write_report(write_run(tmp_path, small_class()[:2]), lambda done, of: None)
    assert sorted(path.name for path in (tmp_path / "report").rglob("*.html")) == [
        "best.html", "exercises.html", "index.html", "late.html", "misconceptions.html", "notes.html",
    ]  # fmt: skip
    (tmp_path / "report" / "index.html").write_text("mine")
    with pytest.raises(Exception, match="was not written by grader"):
        write_report(tmp_path, lambda done, of: None)
    assert (tmp_path / "report" / "index.html").read_text() == "mine"


def test_a_large_class_stays_small(tmp_path):
    """Ten thousand rows of ten exercises must stay below 5 MB: a row has less than 500 bytes."""
    exercise = small_class()[1].exercises[0]
    exercises = [msgspec.structs.replace(exercise, exercise=f"number{number}") for number in range(10)]
    sizes = {}
    for count in (10, 110):
        students = [f"somebody{number:05}@university.example" for number in range(count)]
        run = write_run(
            tmp_path / str(count), [submission_result(student, "lesson01", exercises) for student in students],
            hand_ins=[msgspec.structs.replace(LATE, student=student) for student in students],
        )  # fmt: skip
        write_report(run, lambda done, of: None)
        sizes[count] = (run / "report" / "index.html").stat().st_size
    assert 100 < (sizes[110] - sizes[10]) / 100 < 500


def statistics_of(rows, status="graded"):
    """Of a class whose students got these points in the tests of one exercise, and these in another."""
    results = [
        submission_result(
            f"s{number:02}", "lesson01",
            [
                graded_exercise("gates", outcome("gate", gate), outcome("cell", cell, 2.0), status=status),
                graded_exercise("cell", outcome("other", other, 3.0)),
            ],
        )
        for number, (gate, cell, other) in enumerate(rows)
    ]  # fmt: skip
    run = Run(
        lesson="lesson01", title="Lesson 1", submissions="", grader="0", python="3", torch="2", hand_ins=[],
        exercises=[GradedExercise(name=name, title=name, points=3.0) for name in ("gates", "cell")],
    )  # fmt: skip
    numbers = ClassStatistics(run)
    for result in results:
        numbers.add(result, result.score)
    return numbers


def test_difficulty_and_discrimination():
    """The mean share of the points, and the correlation with the rest of the score: the item itself left out."""
    rows = [(float(n % 3 > 0), float(n % 4 > 1) + float(n > 6), float(n % 5) / 2) for n in range(12)]
    numbers = statistics_of(rows)
    gates, other = numbers.exercises()
    gate_points, cell_points, other_points = map(list, zip(*rows, strict=True))
    assert gates.difficulty == pytest.approx(statistics.fmean(g + c for g, c, _ in rows) / 3)
    assert gates.discrimination.value == pytest.approx(
        statistics.correlation([g + c for g, c, _ in rows], other_points)
    )
    gate, cell = gates.tests
    assert gate.discrimination.value == pytest.approx(statistics.correlation(gate_points, cell_points))
    assert cell.difficulty == pytest.approx(statistics.fmean(cell_points) / 2)
    assert (gate.failed, gate.ran) == (4, 12)
    assert other.discrimination.value == pytest.approx(gates.discrimination.value)
    assert numbers.quartiles() == tuple(statistics.quantiles([sum(row) for row in rows], method="inclusive"))


def test_where_nothing_can_be_said():
    """Too few students, or no differences: the reason stands in place of the number."""
    few = statistics_of([(1.0, 2.0, 3.0)] * 3).exercises()[0]
    assert few.discrimination.value is None
    assert few.discrimination.reason == "fewer than 10 students"
    alike = statistics_of([(float(n % 2), 2.0, 3.0) for n in range(12)]).exercises()
    assert alike[0].discrimination.reason == "the rest is the same for all"
    gate, cell = alike[0].tests
    assert (gate.remark, cell.remark) == ("", "nobody fails it")
    assert cell.discrimination.reason == "the same result for all"
    never = statistics_of([(0.0, float(n % 2), 3.0) for n in range(12)]).exercises()[0]
    assert never.tests[0].remark == "everybody fails it"
    odd = statistics_of([(float(n % 2), 2.0 * (1 - n % 2), 3.0) for n in range(12)]).exercises()[0]
    assert odd.tests[0].remark == "who fails it does better elsewhere"
    unread = statistics_of([(0.0, 0.0, 3.0)] * 12, status="unreadable").exercises()[0]
    assert (unread.handed_in, unread.difficulty, unread.tests[0].ran) == (12, 0.0, 0)


def test_the_histogram_counts_everybody_once():
    """A bin holds its lower bound; the last one full marks too."""
    histogram = statistics_of([(0.0, 0.0, 0.0), (0.6, 0.0, 0.0), (1.0, 2.0, 3.0), (1.0, 2.0, 2.7)]).histogram()
    assert histogram == [1, 1, 0, 0, 0, 0, 0, 0, 0, 2]


PAGES = (
    "index.html",
    "exercises.html",
    "misconceptions.html",
    "regrades.html",
    "students/late.html",
    "students/broken.html",
)


@pytest.mark.parametrize("name", PAGES)
def test_readable_by_all(folder, browser, name):
    """axe finds nothing, in light and dark, wide and narrow; no page is wider than the window."""
    for scheme, width in itertools.product(("light", "dark"), (1280, 390)):
        with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
            opened = context.new_page()
            problems = []
            opened.on("console", lambda message, said=problems: said.append(message.text))
            opened.on("pageerror", lambda error, said=problems: said.append(str(error)))
            opened.goto((folder / "report" / name).as_uri())
            found = Axe().run(opened)
            assert not found.response["violations"], found.generate_report()
            assert len(found.response["passes"]) > 10
            assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert not problems


def test_sorted_and_filtered_with_the_keyboard(folder, browser):
    """A heading's button sorts, and says so to a screen reader; what is typed leaves only the rows that hold it."""
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto((folder / "report" / "index.html").as_uri())
        students = opened.locator("tbody tr:visible > th a")
        before = students.all_inner_texts()
        opened.get_by_role("button", name="Sum").focus()
        opened.keyboard.press("Enter")
        assert students.all_inner_texts()[:2] == ["best", "late"]
        assert opened.get_by_role("columnheader", name="Sum").get_attribute("aria-sort") == "descending"
        opened.keyboard.press("Enter")
        assert students.all_inner_texts()[-1] == "best"
        opened.get_by_role("searchbox").press_sequentially("unreadable")
        assert students.all_inner_texts() == ["broken"]
        assert opened.get_by_role("status").inner_text() == f"1 of {len(before)} shown"


def test_a_large_table_shows_its_first_rows(browser, tmp_path):
    """Five hundred rows at a time, of whatever is sorted or typed; one button shows all."""
    exercise = small_class()[0].exercises[0]
    students = [f"s{number:04}" for number in range(700)]
    write_report(
        write_run(tmp_path, [submission_result(student, "lesson01", [exercise]) for student in students]),
        lambda done, of: None,
    )
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto((tmp_path / "report" / "index.html").as_uri())
        shown = opened.locator("tbody tr:visible > th a")
        assert shown.all_inner_texts() == students[:500]
        opened.get_by_role("button", name="Student").click()
        opened.get_by_role("button", name="Student").click()
        assert shown.all_inner_texts() == students[:199:-1]
        opened.get_by_role("searchbox").fill("s00")
        assert shown.count() == 100
        opened.get_by_role("searchbox").fill("")
        assert opened.get_by_role("status").inner_text() == "500 of 700 shown"
        opened.get_by_role("button", name="Show all").click()
        assert shown.count() == 700


def test_read_without_javascript(folder, browser):
    """Every row is there, and no control that does nothing."""
    with browser.new_context(java_script_enabled=False) as context:
        opened = context.new_page()
        opened.goto((folder / "report" / "index.html").as_uri())
        assert opened.locator("tbody tr:visible > th a").count() == len(small_class())
        assert opened.locator("button, input").count() == 0
