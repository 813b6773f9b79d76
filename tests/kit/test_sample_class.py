"""The sample class, graded by the command: what each submission must get, test by test."""

import csv
import json
import os
import sys
from pathlib import Path

import pytest

from grader.catalog import Course
from tests.kit.conftest import ROOT, SAMPLE_CLASS
from tests.kit.processes import run_module

COURSE = Course(ROOT)
LESSON = COURSE.lesson("lesson09_lstm")
EXERCISES = tuple(exercise.name for exercise in LESSON.exercises)

FULL = {exercise.name: exercise.points for exercise in LESSON.exercises}
BOTH = ("_with_care", "")
GRADED_TWICE = ("gates", "cell", "sequence", "stacking", "gradients", "text")
"""Those that train no model for long. `s28-got-halfway` has one that does graded twice."""


def both_of(*names):
    """The hidden tests of these functions of `gates`."""
    return {f"test_{name}{care}" for name in names for care in BOTH}


ALL_GATES = both_of("forget_gate", "input_gate", "output_gate", "candidate", "update_cell", "expose_hidden")
CELL_STEP = {"test_step", "test_step_with_care"}
CELL_BUILT_ON_A_PARAMETER = {
    "test_parameters", "test_initial_values", "test_forget_bias", "test_forward", "test_without_state",
    "test_interchange_with_pytorch", "test_gradients_of_parameters",
}  # fmt: skip

# Per student and exercise: the status, and for `graded` the hidden tests that fail, with status and misconception.
RIGHT = ("graded", {})


def failed(tests, status="failed", misconception=None):
    return dict.fromkeys(tests, (status, misconception))


EXPECTED = {
    "s01-plain": {"gates": RIGHT, "cell": RIGHT},
    "s02-einsum": {"gates": RIGHT, "cell": RIGHT},
    "s03-loops": {"gates": RIGHT, "cell": RIGHT},
    "s04-crlf-bom": {"gates": RIGHT, "cell": RIGHT},
    "s05-prints-and-warns": {"gates": RIGHT},
    "s06-threads": {"gates": RIGHT},
    "s07-swapped-gates": {
        "gates": ("graded", failed(both_of("update_cell"), misconception="update_swaps_gates")),
        "cell": ("graded", failed(CELL_STEP, misconception="gate_order_figo")),
    },
    "s08-tanh-gates": {
        "gates": (
            "graded",
            failed(both_of("forget_gate"), misconception="forget_gate_uses_tanh")
            | failed(both_of("input_gate"), misconception="input_gate_uses_tanh")
            | failed(both_of("output_gate"), misconception="output_gate_uses_tanh"),
        ),
        "cell": (
            "graded",
            failed(CELL_STEP, misconception="hidden_shows_raw_cell")
            | failed({"test_forget_bias"}, misconception="forget_bias_ignored"),
        ),
    },
    "s09-untouched": {
        "gates": ("graded", failed(ALL_GATES, "error")),
        "cell": ("graded", failed(CELL_STEP | CELL_BUILT_ON_A_PARAMETER, "error")),
    },
    "s10-nothing": {},
    "s11-syntax-error": {"gates": ("unreadable", {}), "cell": RIGHT},
    "s12-not-utf8": {"gates": ("unreadable", {})},
    "s13-function-missing": {"gates": ("graded", failed(both_of("expose_hidden")))},
    "s14-endless-loop": {"gates": ("graded", failed(both_of("candidate"), "timeout"))},
    "s15-memory-hog": {"gates": ("graded", failed(both_of("update_cell"), "out_of_memory"))},
    "s16-exits": {"gates": ("graded", failed(both_of("output_gate"), "crashed"))},
    "s17-patched-compare": {"gates": ("graded", failed(ALL_GATES))},
    "s18-equals-everything": {"gates": ("graded", failed(ALL_GATES))},
    "s19-ready-made-cell": {"gates": RIGHT, "cell": ("forbidden", {})},
    "s20-archive": {"gates": RIGHT, "cell": RIGHT},
    "s21-single-file": {"gates": RIGHT},
    "s22-careless": {
        "gates": (
            "graded",
            failed({"test_forget_gate_with_care"}, misconception="forget_gate_detached")
            | failed(both_of("input_gate"))
            | failed({"test_update_cell_with_care"}, misconception="update_in_place")
            | failed(both_of("expose_hidden")),
        ),
        "cell": (
            "graded",
            failed(CELL_BUILT_ON_A_PARAMETER - {"test_forward", "test_without_state", "test_interchange_with_pytorch",
                                                "test_gradients_of_parameters"}, misconception="one_bias_only")
            | failed({"test_forward", "test_without_state", "test_interchange_with_pytorch",
                      "test_gradients_of_parameters"}, "error", "one_bias_only"),
        ),
    },
    "s23-names-it": {"gates": RIGHT, "cell": RIGHT},
    "s24-fails-at-import": {"gates": ("failed_to_load", {})},
    "s25-all-ten": {
        "gates": RIGHT,
        "cell": RIGHT,
        "sequence": RIGHT,
        "model": RIGHT,
        "stacking": RIGHT,
        "gradients": RIGHT,
        "text": RIGHT,
        "sentiment": RIGHT,
        "forecasting": RIGHT,
        "comparison": RIGHT,
    },
    "s26-one-mistake-each": {
        "gates": (
            "graded",
            failed({"test_candidate", "test_candidate_with_care"}, misconception="candidate_uses_sigmoid"),
        ),
        "cell": (
            "graded",
            failed({"test_forward", "test_interchange_with_pytorch", "test_gradients_of_parameters"},
                    misconception="given_state_ignored"),
        ),
        "sequence": (
            "graded",
            failed({"test_last_output", "test_last_output_with_care"}, misconception="last_output_of_the_tensor"),
        ),
        "model": (
            "graded",
            failed({"test_forward", "test_forward_with_care", "test_forward_can_be_differentiated"},
                    misconception="sigmoid_in_model")
            | failed({"test_learns"}),
        ),
        "stacking": ("graded", failed({"test_stacked_dropout"}, misconception="stacked_without_dropout")),
        "gradients": ("graded", failed({"test_forget_bias"}, misconception="bias_has_wrong_sign")),
        "text": (
            "graded",
            failed({"test_tokenize", "test_tokenize_rare_texts"}, misconception="tokenize_without_apostrophes"),
        ),
        "sentiment": (
            "graded",
            failed({"test_logits", "test_review_stands_for_itself", "test_forward_with_care"},
                    misconception="reads_padded_last_step"),
        ),
        "forecasting": (
            "graded",
            failed({"test_standardizer", "test_standardizer_with_care"}, misconception="standardizer_sample_std"),
        ),
        "comparison": ("graded", failed({"test_clipping", "test_direction"}, misconception="clipped_by_value")),
    },
    "s27-only-text": {
        "text": RIGHT,
        "sentiment": (
            "graded",
            failed({"test_losses", "test_mean_loss"})
            | failed({"test_batches", "test_shuffling"}, misconception="last_batch_dropped"),
        ),
    },
    "s28-got-halfway": {
        "sequence": (
            "graded",
            failed({"test_forward", "test_state", "test_output_with_lengths", "test_padding_and_batch",
                    "test_order_of_time", "test_interchange_with_pytorch", "test_gradients", "test_with_care"},
                    misconception="output_time_first"),
        ),
        "model": ("graded", failed({"test_mode_is_restored"}, misconception="leaves_eval_mode")),
        "gradients": (
            "graded",
            failed({"test_lstm_norms", "test_lstm_norms_leave_no_trace", "test_lstm_norms_with_care",
                    "test_lstm_norms_of_saturated_gates"}, "error"),
        ),
        "forecasting": (
            "graded",
            failed({"test_make_windows"}, misconception="windows_lose_the_last")
            | failed({"test_training_numbers", "test_training_batches", "test_training_losses", "test_training_seed",
                    "test_forecast", "test_forecast_mode", "test_beats_naive_forecasts"}),
        ),
    },
}  # fmt: skip


def run_grade(output, *options, submissions=SAMPLE_CLASS):
    arguments = ["grade", submissions, "--output", output, *options]
    return run_module("grader", *arguments, cwd=ROOT, environment=os.environ)


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    output = tmp_path_factory.mktemp("graded")
    finished = run_grade(output)
    assert finished.returncode == 0, finished.stderr
    return output, finished


def results(output):
    return {path.stem: json.loads(path.read_text()) for path in sorted((output / "results").iterdir())}


def test_everybody_is_there(graded):
    """One result per entry, and a row per student and exercise, sorted."""
    output, finished = graded
    assert sorted(results(output)) == sorted(EXPECTED)
    rows = list(csv.DictReader((output / "grades.csv").read_text().splitlines()))
    assert [(row["student"], row["exercise"]) for row in rows] == [
        (s, e) for s in sorted(EXPECTED) for e in sorted(EXERCISES)
    ]
    assert all(line in finished.stdout for line in ("student", "s14-endless-loop", "timeout"))
    assert all(len(line) <= 80 for line in finished.stdout.splitlines() if str(output) not in line)


@pytest.mark.parametrize("student", EXPECTED)
def test_each_gets_what_it_should(graded, student):
    """Status, points, failed tests and named mistakes; the rest passes."""
    result = results(graded[0])[student]
    assert result["student"] == student
    for exercise in result["exercises"]:
        name = exercise["exercise"]
        status, failures = EXPECTED[student].get(name, ("missing", {}))
        assert exercise["status"] == status, exercise["message"]
        assert exercise["max_score"] == FULL[name]
        hidden = [test for test in exercise["tests"] if test["visibility"] == "hidden"]
        if status != "graded":
            assert {test["status"] for test in hidden} == {"not_run"}
            assert exercise["score"] == 0
            continue
        found = {test["name"]: (test["status"], test["misconception"]) for test in hidden if test["status"] != "passed"}
        assert found == failures
        lost = sum(test["max_points"] for test in hidden if test["name"] in failures)
        assert exercise["score"] == pytest.approx(FULL[name] - lost)
    assert result["score"] == pytest.approx(sum(exercise["score"] for exercise in result["exercises"]))


def test_the_offence_is_named_with_its_line(graded):
    """Which call, in which line."""
    cell = results(graded[0])["s19-ready-made-cell"]["exercises"][1]
    assert cell["message"].startswith("cell.py, line 23: lstm_cell is not allowed")
    lines = (SAMPLE_CLASS / "s19-ready-made-cell" / "cell.py").read_text().splitlines()
    assert "self._inner[0](x, state)" in lines[22]


def test_what_students_print_is_shown_as_theirs(graded):
    """Bounded, in a field of its own."""
    gates = results(graded[0])["s05-prints-and-warns"]["exercises"][0]
    assert gates["output"] == "loading my gates\n"
    outputs = [test["output"] for test in gates["tests"] if "output" in test]
    assert any("z = torch.Size" in output for output in outputs)
    assert all(len(output) < 70_000 for output in outputs)


def test_nothing_hidden_is_shown(graded):
    """No path of this machine, no text of a hidden suite, no reference value in anything that a student sees."""
    text = "\n".join(path.read_text() for path in (graded[0] / "results").iterdir())
    for path in (str(ROOT), str(Path.home()) + "/", sys.prefix, "/tmp/work", "site-packages"):
        assert path not in text
    assert ", expected " not in text
    shown = {
        test["title"] for result in results(graded[0]).values() for e in result["exercises"] for test in e["tests"]
    }
    for name in EXERCISES:
        suite = COURSE.suite(LESSON, LESSON.exercise(name), "hidden").read_text()
        for line in suite.splitlines():
            line = line.strip()
            if len(line) > 25 and not any(title[:20] in line for title in shown) and '"' not in line:
                assert line not in text


def test_the_same_class_gets_the_same_grades(graded, tmp_path):
    """Graded anew with another number of workers: the same results but for the seconds, and the same rows."""

    def without_seconds(folder):
        found = {}
        for student, result in results(folder).items():
            for exercise in result["exercises"]:
                exercise["seconds"] = 0
                for test in exercise["tests"]:
                    test["seconds"] = 0
                found[student, exercise["exercise"]] = exercise
        return found

    finished = run_grade(tmp_path, "--jobs", "1", *(f"--exercise={name}" for name in GRADED_TWICE))
    assert finished.returncode == 0, finished.stderr
    before = without_seconds(graded[0])
    again = without_seconds(tmp_path)
    assert len(again) == len(EXPECTED) * len(GRADED_TWICE)
    assert again == {key: before[key] for key in again}
    assert set((tmp_path / "grades.csv").read_text().splitlines()) <= set(
        (graded[0] / "grades.csv").read_text().splitlines()
    )


def test_nothing_is_graded_twice(graded):
    """A second run into the same folder finds that nothing has changed."""
    before = {path: path.stat().st_mtime_ns for path in graded[0].rglob("*.json")}
    finished = run_grade(graded[0])
    assert finished.returncode == 0
    assert "Nothing has changed since the last run." in finished.stderr
    assert {path: path.stat().st_mtime_ns for path in graded[0].rglob("*.json")} == before


def test_the_others_grades_do_not_depend_on_who_is_there(graded, tmp_path):
    """The honest students alone get what they got among the endless loop, the hog and the exits."""
    for student in ("s01-plain", "s07-swapped-gates", "s22-careless", "s28-got-halfway"):
        (tmp_path / "class" / student).mkdir(parents=True)
        for file in (SAMPLE_CLASS / student).iterdir():
            (tmp_path / "class" / student / file.name).write_bytes(file.read_bytes())
    finished = run_grade(tmp_path / "out", submissions=tmp_path / "class")
    assert finished.returncode == 0, finished.stderr
    rows = (graded[0] / "grades.csv").read_text().splitlines()
    for line in (tmp_path / "out" / "grades.csv").read_text().splitlines():
        assert line in rows
