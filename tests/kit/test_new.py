"""`grader course new`: a second lesson is new files and no change to the kit."""

import json

import pytest

SOLUTION = '''
"""The softmax of a row of scores."""

import torch


def softmax(scores: torch.Tensor) -> torch.Tensor:
    """Scores (B, K) as probabilities (B, K): exp(s) over the sum of its row, right for large scores too."""
    ### BEGIN SOLUTION
    powers = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
    return powers / powers.sum(dim=-1, keepdim=True)
    ### END SOLUTION
'''
PUBLIC = '''
import torch

from grader.suite.writing import assert_same


def test_equal_scores(student):
    """Equal scores share the probability"""
    assert_same(student.softmax(torch.zeros(1, 4)), torch.full((1, 4), 0.25))
'''
HIDDEN = '''
from grader.suite.writing import assert_same, assert_same_gradients, points


@points(2)
def test_values(student, reference, draw):
    """Each row becomes probabilities"""
    scores = draw.normal(3, 5)
    assert_same(student.softmax(scores), reference.softmax(scores))


@points(1)
def test_large_scores(student, reference, draw):
    """Scores of a thousand do not overflow"""
    scores = draw.normal(3, 5, scale=1000.0)
    assert_same(student.softmax(scores), reference.softmax(scores))


@points(1)
def test_gradients(student, reference, draw):
    """The softmax can be differentiated"""
    scores = draw.normal(2, 3).requires_grad_()
    assert_same_gradients(student.softmax(scores), reference.softmax(scores), {"scores": scores}, draw)
'''
BANK = """
from grader.suite.writing import misconception

misconception("over_the_batch", "You sum over the batch: each row is a distribution of its own.", see="Softmax",
              edits=("powers.sum(dim=-1,", "powers.sum(dim=0,"))
misconception("overflows", "exp(1000) is infinite: subtract the largest score first.", see="Softmax",
              edits=(" - scores.max(dim=-1, keepdim=True).values", ""))
misconception("detached", "`.detach()` cuts the gradient off.", see="Softmax",
              edits=("torch.exp(scores ", "torch.exp(scores.detach() "))
"""
WRONG = "import torch\n\ndef softmax(s):\n    e = s.exp()\n    return e / e.sum(-1, keepdim=True)\n"


def test_a_second_lesson(tmp_path, run_grader):
    """Made, filled, built, proven and graded by commands alone."""

    def run(*arguments, code=0):
        finished = run_grader(*arguments, cwd=tmp_path)
        assert finished.returncode == code, finished.stdout + finished.stderr
        return finished.stdout

    assert "course/lesson10/lesson.toml" in run("course", "new", "lesson10", "--title", "Lesson 10 — Attention")
    said = run("course", "new", "lesson10", "softmax", "--title", "Softmax")
    assert said.splitlines()[-1].startswith("Next: grader course build")
    run("course", "build")
    assert "Proven" in run("course", "verify", "--jobs", "1"), "the example is a whole exercise"

    for path, text in {
        "solutions/lesson10/softmax.py": SOLUTION,
        "tests/public/lesson10/test_softmax.py": PUBLIC,
        "tests/hidden/lesson10/test_softmax.py": HIDDEN,
        "tests/hidden/lesson10/misconceptions_softmax.py": BANK,
    }.items():
        (tmp_path / path).write_text(text)
    declaration = tmp_path / "course/lesson10/lesson.toml"
    declaration.write_text(declaration.read_text().replace("points = 2\n", "points = 4\n"))
    assert "out of date" in run("course", "build", "--check", code=1)
    run("course", "build")
    assert "3 misconceptions" in run("course", "verify", "softmax", "--jobs", "1")

    for name, text in {
        "anna": SOLUTION,
        "bo": WRONG,
        "cleo": (tmp_path / "exercises/lesson10/softmax.py").read_text(),
    }.items():
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / "softmax.py").write_text(text)
    run("grade", "class", "--output", "out", "--jobs", "1")
    assert (tmp_path / "out/grades.csv").read_text().splitlines()[1:] == [
        "anna,softmax,graded,4,4,100.0", "bo,softmax,graded,3,4,75.0", "cleo,softmax,graded,0,4,0.0",
    ]  # fmt: skip
    result = json.loads((tmp_path / "out/results/bo.json").read_text())
    named = {test["misconception"] for test in result["exercises"][0]["tests"] if test["status"] == "failed"}
    assert named == {"overflows"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Lesson", "x"), "cannot be the name of a Python module"),
        (("lesson01", "class"), "cannot be the name of a Python module"),
        (("lesson01", "double"), "has an exercise double already"),
        (("lesson01",), "lesson.toml is there already"),
    ],
)
def test_refusals_write_nothing(small_course, run_grader, arguments, said):
    """A name that cannot be used, or that is taken: one sentence, and the course is as it was."""
    before = {path: path.read_bytes() for path in small_course.root.rglob("*") if path.is_file()}
    finished = run_grader("course", "new", *arguments, cwd=small_course.root)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert len(finished.stderr.splitlines()) == 1
    assert before == {path: path.read_bytes() for path in small_course.root.rglob("*") if path.is_file()}


def test_a_bank_that_cannot_run_names_its_line(small_course, run_grader):
    """An author's slip in the misconceptions is answered with its file and line."""
    small_course.write("tests/hidden/lesson01/misconceptions_double.py", "x = 1\nmisconceptoin('a')\n")
    run_grader("course", "build", cwd=small_course.root)
    finished = run_grader("course", "verify", "--jobs", "1", cwd=small_course.root)
    assert finished.returncode == 2
    assert "misconceptions_double.py, line 2: NameError" in finished.stderr
