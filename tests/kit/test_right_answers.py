"""Right answers in unusual styles, each graded through the wall: no suite may cost any of them a point."""

import ast
from collections import defaultdict

import pytest

from grader.catalog import Course
from grader.submissions.work import Work
from grader.suite.examiner import Examiner
from tests.kit.conftest import ROOT

ANSWERS = ROOT / "tests" / "right_answers"
COURSE = Course(ROOT)


def styles():
    """The files of each exercise: tests/right_answers/LESSON/EXERCISE/STYLE.py."""
    found = defaultdict(list)
    for path in sorted(ANSWERS.glob("*/*/*.py")):
        found[path.parent.parent.name, path.parent.name].append(path)
    return dict(found)


@pytest.mark.parametrize(("lesson_name", "name"), list(styles()))
def test_every_style_gets_full_points(far, lesson_name, name):
    lesson = COURSE.lesson(lesson_name)
    results = {}

    def work(examiner):
        for path in styles()[lesson_name, name]:
            results[path.stem] = examiner.examine(Work(exercise=name, files={f"{name}.py": path.read_bytes()}))

    Examiner(COURSE, lesson, [lesson.exercise(name)], far, secret="right answers", reveal=True).run(work)
    lost = {
        f"{style}: {test.name}": test.message
        for style, result in results.items()
        for test in result.tests
        if test.status != "passed"
    }
    assert not lost
    for style, result in results.items():
        assert (style, result.status, result.score) == (style, "graded", result.max_score), result.message


def test_every_style_says_what_is_unusual():
    for path in (path for paths in styles().values() for path in paths):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} has no docstring"
