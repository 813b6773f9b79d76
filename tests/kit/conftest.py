"""What the kit's own tests share: one far side for all, and small courses made on the spot."""

from __future__ import annotations

import os
import shutil
import textwrap
from pathlib import Path
from typing import NoReturn

import pytest

from grader.sandbox import wall
from grader.sandbox.farside import Limits
from grader.sandbox.opening import Protection, open_far_side, why_not
from tests.kit.processes import run_module

ROOT = Path(__file__).parents[2]
SAMPLE_CLASS = ROOT / "tests" / "sample_class"
SOLUTIONS = ROOT / "solutions" / "lesson09_lstm"


TAKE_LONG = ("test_nbgrader.py", "test_commands.py", "test_sample_class.py", "test_cluster.py", "test_plain.py")


def pytest_collection_modifyitems(items):
    """The files that take longest come first, so that no core ends alone with one of them."""
    places = {name: place for place, name in enumerate(TAKE_LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.fixture(scope="session", autouse=True)
def _own_secret(tmp_path_factory):
    """The tests' own secret, so that they are the same everywhere and leave the user's alone."""
    os.environ["GRADER_SECRET"] = "the secret of the tests"


@pytest.fixture(scope="session")
def far():
    """A far side behind the wall. Without bubblewrap these tests fail; they are never skipped."""
    reason = wall.why_no_wall()
    if reason is not None:
        pytest.fail(reason)
    with open_far_side(Protection.BUBBLEWRAP, warm=True) as started:
        yield started


@pytest.fixture
def open_session(far):
    """Loads a module's text on the far side; returns the student's module as a suite sees it, and the session."""
    from grader.sandbox.proxy import Session, Source, Student

    sessions = []

    def open_it(text, *, limits=None, **source):
        files = {"work.py": textwrap.dedent(text).encode()}
        session = Session(far, Source(files=files, module="work", **source), limits or Limits(seconds=5.0))
        sessions.append(session)
        offences = session.load()
        assert not offences, offences
        return Student(session), session

    yield open_it
    for session in sessions:
        session.close()


@pytest.fixture(scope="session")
def browser():
    """Chromium, for looking at pages. Without it these tests fail; they are never skipped."""
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        pytest.fail("Chromium is missing. On Debian or Ubuntu: sudo apt-get install chromium")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=program) as started:
        yield started


@pytest.fixture
def run_grader():
    """Runs the command as a user would; returns the finished process."""

    def run(*arguments, cwd=ROOT, **environment):
        environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | environment
        return run_module("grader", *arguments, cwd=cwd, environment=environment)

    return run


def missing(what: str) -> NoReturn:
    """End a test for which this machine lacks something; where CI runs, that is a failure."""
    (pytest.fail if os.environ.get("GRADER_CI") else pytest.skip)(what)


@pytest.fixture(scope="session")
def as_root():
    """The wall of a container can be put up."""
    reason = why_not(Protection.CONTAINER, (ROOT / "solutions",))
    if reason is not None:
        missing(reason)


class SmallCourse:
    """A course of one exercise, `double`, in a folder of its own: the kit must work with it as with any other."""

    LESSON = """
        title = "Lesson 1"
        [[exercises]]
        name = "double"
        title = "Twice as much"
        section = "Doubling"
        points = 2
        defines = ["double"]
        limits = { seconds = 1.0, memory_mb = 256 }
        hints = ["a", "b", "c"]
    """
    SOLUTION = '''
        """Doubling."""


        def double(x):
            """Twice x."""
            ### BEGIN SOLUTION
            return 2 * x
            ### END SOLUTION
    '''
    HIDDEN = '''
        from grader.suite.writing import assert_same, points

        @points(2)
        def test_double(student, reference, draw):
            """Twice as much"""
            x = draw.normal(3)
            right = reference.double(x)
            assert_same(student.double(x), right)
    '''
    PUBLIC = '''
        from grader.suite.writing import assert_same

        def test_example(student):
            """Twice one is two"""
            assert_same(student.double(1), 2)
    '''

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("course/lesson01/lesson.toml", self.LESSON)
        self.write("solutions/lesson01/double.py", self.SOLUTION)
        self.write("tests/hidden/lesson01/test_double.py", self.HIDDEN)
        self.write("tests/public/lesson01/test_double.py", self.PUBLIC)

    def write(self, path: str, text: str | bytes) -> Path:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        data = text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
        place.write_bytes(data)
        return place

    def hand_in(self, student: str, text: str | bytes) -> Path:
        return self.write(f"class/{student}/double.py", text)


@pytest.fixture
def small_course(tmp_path):
    return SmallCourse(tmp_path / "course")


@pytest.fixture
def examine(far):
    """Examines works of a course in this process; returns their results."""
    from grader.catalog import Course
    from grader.submissions.work import Work
    from grader.suite.examiner import Examiner

    def run(root, *texts, exercise="double", reveal=False):
        course = Course(root)
        lesson = course.lesson()
        results = []

        def work(examiner):
            for text in texts:
                files = {f"{exercise}.py": textwrap.dedent(text).encode()}
                results.append(examiner.examine(Work(exercise=exercise, files=files)))

        Examiner(course, lesson, [lesson.exercise(exercise)], far, secret="tests", reveal=reveal).run(work)
        return results

    return run
