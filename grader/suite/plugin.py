"""The pytest plugin: what a suite's fixtures are, in every way of running it.

It registers itself with pytest. An author debugs a suite with
`pytest tests/hidden/lesson09_lstm --submission PATH -k forget --pdb`; a student runs the public one with `pytest`; the
grader runs the same collected items again and again, one submission after the other (`grader.suite.examiner`).
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import ModuleType

    from grader.catalog import Course, Exercise, Lesson
    from grader.sandbox.farside import FarSide
    from grader.sandbox.proxy import Session
    from grader.suite.draw import Draw

MARKERS = (
    "points(n, named=True): what the test is worth; named=False: too slow to run on every wrong answer (grader)",
    "part(name): the definition of the exercise that the test is about (grader)",
)


class Sitting:
    """What one test needs: whose code it examines, the reference, and the seed of its inputs."""

    def __init__(self, student: Any, reference: Any, seed: int) -> None:
        self.student = student
        self._reference = reference
        self.seed = seed

    @property
    def reference(self) -> Any:
        """The reference solution; a test that asks for it fails where there is none."""
        if self._reference is None:
            pytest.fail("this installation has no solutions, so this suite cannot run here")
        return self._reference

    @property
    def draw(self) -> Draw:
        """Inputs from the seed, from the first on."""
        from grader.suite.draw import Draw

        return Draw(self.seed)


SITTING = pytest.StashKey[Sitting]()
_STANDALONE = pytest.StashKey["Standalone"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of plain pytest on a suite."""
    group = parser.getgroup("grader")
    group.addoption("--submission", metavar="PATH", help="the work to examine: a folder, an archive or a file")
    group.addoption("--grader-seed", type=int, default=0, metavar="N", help="draw other inputs (default: 0)")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks known."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the far side of a plain run."""
    standalone = config.stash.get(_STANDALONE, None)
    if standalone is not None:
        standalone.close()


@contextmanager
def inputs_kept(module: ModuleType, sitting: Sitting) -> Iterator[None]:
    """No test of a suite leaves the suite's own inputs changed."""
    from grader.suite.constants import note_constants, restore_constants

    note_constants(module)
    try:
        yield
    finally:
        if sitting.student.grader_changed_arguments():
            restore_constants(module)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Where pytest itself runs the test: keep the suite's inputs."""
    sitting = (pyfuncitem.funcargs or {}).get("sitting")
    if not isinstance(sitting, Sitting):
        return (yield)
    with inputs_kept(pyfuncitem.module, sitting):
        return (yield)


@pytest.fixture
def sitting(request: pytest.FixtureRequest) -> Iterator[Sitting]:
    """Set by the grader; made here where plain pytest runs the suite."""
    config = request.config
    given = config.stash.get(SITTING, None)
    if given is not None:
        yield given
        return
    if _STANDALONE not in config.stash:
        config.stash[_STANDALONE] = Standalone(config)
    with_output = config.stash[_STANDALONE].sit(request.node)
    yield with_output
    printed = config.stash[_STANDALONE].printed()
    if printed:
        print(printed)


@pytest.fixture
def student(sitting: Sitting) -> Any:
    """The student's module, behind the wall: `student.forget_gate(x, …)` calls their function."""
    return sitting.student


@pytest.fixture
def reference(sitting: Sitting) -> Any:
    """The reference solution, on this side."""
    return sitting.reference


@pytest.fixture
def draw(sitting: Sitting) -> Any:
    """Fresh inputs from the recorded seed (`grader.suite.draw.Draw`)."""
    return sitting.draw


class Standalone:
    """Plain pytest on a suite: the course is found from the suite's path, the work from `--submission`."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._far: FarSide | None = None
        self._sessions: dict[tuple[str, str], Session] = {}
        self._current: Session | None = None

    def sit(self, item: pytest.Item) -> Sitting:
        """What this test needs; opens the far side on first use."""
        from grader.catalog import find_course
        from grader.sandbox.opening import best_for_own_code, open_far_side
        from grader.sandbox.proxy import Session, Student
        from grader.suite.draw import derive_seed, generators_seed
        from grader.suite.sources import bans_for, limits_of, load_reference, source_for

        course = find_course(item.path.parent)
        lesson = course.lesson(item.path.parent.name)
        exercise = lesson.exercise(item.path.stem.removeprefix("test_"))
        if self._far is None:
            self._far = open_far_side(best_for_own_code())
        marker = item.get_closest_marker("part")
        part = str(marker.args[0]) if marker else ""
        key = (exercise.name, ",".join(bans_for(exercise, part)))
        seed = derive_seed(str(self._config.getoption("--grader-seed")), item.name)
        limits = limits_of(exercise)
        if key not in self._sessions:
            files = self._files(course, lesson, exercise)
            session = Session(self._far, source_for(lesson, exercise, files, part), limits)
            offences = session.load()
            if offences:
                pytest.fail(f"{offences[0].file}, line {offences[0].line}: {offences[0].name} is forbidden")
            self._sessions[key] = session
        self._current = session = self._sessions[key]
        session.begin_test(limits, generators_seed(seed))
        return Sitting(Student(session), load_reference(course, lesson, exercise), seed)

    def _files(self, course: Course, lesson: Lesson, exercise: Exercise) -> dict[str, bytes]:
        from grader.submissions.reading import read_submission

        path = self._config.getoption("--submission")
        place = Path(path) if path else course.stub(lesson, exercise).parent
        submission = read_submission(place, lesson)
        handed_in = submission.work(exercise)
        if handed_in.problem:
            pytest.fail(f"{place}: {handed_in.problem}")
        return handed_in.files

    def printed(self) -> str:
        """What the student's code printed during the last test."""
        return self._current.printed() if self._current else ""

    def close(self) -> None:
        """End the far side."""
        if self._far is not None:
            self._far.close()
