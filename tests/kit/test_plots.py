"""`grader check --plot`: what a student's own code does, as a picture beside it."""

import io
import shutil

import pytest

from grader.catalog import Course
from grader.submissions.work import Work
from grader.workspace.plotting import draw
from tests.kit.conftest import ROOT, SAMPLE_CLASS

COURSE = Course(ROOT)
LESSON = COURSE.lesson("lesson09_lstm")
SCRIPTS = sorted(path.stem for path in (COURSE.text_folder(LESSON) / "plots").glob("*.py"))


def test_the_exercises_that_can_be_drawn():
    """Those that the lesson has a picture of."""
    assert SCRIPTS == ["comparison", "forecasting", "gates", "gradients", "sentiment"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_right_answers_are_drawn(far, name):
    """Each script draws with another's right functions."""
    work = Work(exercise=name, files={f"{name}.py": (SAMPLE_CLASS / "s25-all-ten" / f"{name}.py").read_bytes()})
    picture = io.BytesIO()
    draw(COURSE, LESSON, LESSON.exercise(name), work, far, picture)
    assert picture.getvalue().startswith(b"\x89PNG")


def test_the_picture_lies_beside_the_work(tmp_path, run_grader):
    """It is drawn after the check, whose exit status says that all is right."""
    shutil.copy(SAMPLE_CLASS / "s25-all-ten" / "gates.py", tmp_path)
    finished = run_grader("check", "gates", "--file", tmp_path, "--plot")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert (tmp_path / "gates.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def forget_gate(*a):\n    raise ValueError('no')\n", "No picture of gates: ValueError: no"),
        ("def forget_gate(*a):\n    return 'nothing'\n", "what your code returned cannot be drawn"),
        ("def forget_gate(*a):\n    while True: pass\n", "No picture of gates: Your code ran for more than"),
        ("raise KeyError('x')\n", "No picture of gates: Importing gates.py failed."),
    ],
)
def test_what_cannot_be_drawn_is_told(tmp_path, run_grader, text, said):
    """In a sentence, after the check, whose exit status it does not change."""
    (tmp_path / "gates.py").write_text(text)
    finished = run_grader("check", "gates", "--file", tmp_path / "gates.py", "--plot")
    assert finished.returncode == 1
    assert said in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "gates.png").exists()


def test_an_exercise_without_a_picture(run_grader):
    """It is said, and nothing is drawn."""
    finished = run_grader("check", "cell", "--file", SAMPLE_CLASS / "s25-all-ten" / "cell.py", "--plot")
    assert finished.returncode == 0
    assert "None of these exercises has a picture." in finished.stderr
