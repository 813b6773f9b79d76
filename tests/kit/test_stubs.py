"""Stubs are made from the solutions, and nothing of what a student is to write is left in them."""

import ast

import pytest

from grader.authoring.building import stale_files
from grader.authoring.stubs import stub_of
from grader.catalog import Course
from grader.errors import GraderError
from tests.kit.conftest import ROOT

COURSE = Course(ROOT)
EXERCISES = [(lesson, exercise) for lesson in COURSE.lessons for exercise in lesson.exercises]


def test_nothing_generated_is_stale():
    """Run `grader course build` and commit what it writes."""
    assert stale_files(COURSE) == []


def test_what_stands_between_the_markers_goes():
    """At the same indent, as nbgrader does it; everything else stays."""
    solution = "def f():\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n\nx = 1\n"
    assert stub_of(solution, "f.py") == (
        "def f():\n    '''Doc.'''\n    # YOUR CODE HERE\n    raise NotImplementedError()\n\nx = 1\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("### BEGIN SOLUTION\n", "line 1: ### BEGIN SOLUTION is never closed"),
        ("### END SOLUTION\n", "line 1: ### END SOLUTION without"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION\n", "line 2: a second"),
        ("x = 1\n", "nothing for a student to write"),
    ],
)
def test_markers_must_pair_up(text, said):
    """An author's slip is told with its line."""
    with pytest.raises(GraderError, match=said):
        stub_of(text, "f.py")


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES, ids=lambda value: getattr(value, "name", ""))
def test_a_stub_holds_all_names_and_no_answer(lesson, exercise):
    """It parses, defines what the exercise asks for, and shares no line of code that was between the markers."""
    stub = COURSE.stub(lesson, exercise).read_text()
    defined = {node.name for node in ast.parse(stub).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert set(exercise.defines) <= defined
    inside, answer = False, []
    for line in COURSE.solution(lesson, exercise).read_text().splitlines():
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside and len(line.strip()) > 12:
            answer.append(line.strip())
    assert answer
    assert not [line for line in answer if line in map(str.strip, stub.splitlines())]
