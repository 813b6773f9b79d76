"""What students get: the package for a class holds nothing of the solutions and hidden suites, and works by itself."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from grader.catalog import Course
from grader.suite.fingerprints import Fingerprint, Trace, fitting
from grader.suite.naming import Failure
from tests.kit.conftest import ROOT, SAMPLE_CLASS
from tests.kit.processes import run_module

COURSE = Course(ROOT)
LONG_ENOUGH = 20


def lines_of(*paths):
    return {line.strip() for path in paths for line in path.read_text(encoding="utf-8").splitlines()}


def secret_lines():
    """Every line of a solution that its stub lacks, of a hidden suite and of a bank of misconceptions.

    Less those that stand by chance in the program, in a stub or in a public suite, which anybody may read.
    """
    secret, open_to_all = set(), lines_of(*(ROOT / "grader").rglob("*.py"), *(ROOT / "grader").rglob("*.tmpl"))
    for lesson in COURSE.lessons:
        for exercise in lesson.exercises:
            hidden = COURSE.suite(lesson, exercise, "hidden"), COURSE.misconceptions(lesson, exercise)
            secret |= lines_of(COURSE.solution(lesson, exercise), *hidden)
            open_to_all |= lines_of(COURSE.stub(lesson, exercise), COURSE.suite(lesson, exercise, "public"))
    return {line for line in secret - open_to_all if len(line) >= LONG_ENOUGH}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheels")
    made = {}
    for audience in ("class", "self-study"):
        release = ["course", "release", "--audience", audience, "--output", folder]
        finished = run_module("grader", *release, cwd=ROOT, environment=os.environ)
        assert finished.returncode == 0, finished.stderr
        made[audience] = next(folder.glob(f"*{audience.replace('-', '.')}*.whl"))
    return made


def test_a_class_gets_no_line_of_a_solution(wheels):
    """Neither in a file of the package, nor under a name of a hidden file."""
    secrets = secret_lines()
    assert len(secrets) > 2000
    with zipfile.ZipFile(wheels["class"]) as archive:
        names = [name for name in archive.namelist() if name.startswith("grader/bundle/")]
        assert not [name for name in names if "hidden" in name or "solution" in name or "misconception" in name]
        found = {
            (name, line)
            for name in archive.namelist()
            for line in map(str.strip, archive.read(name).decode("utf-8", "replace").splitlines())
            if line in secrets
        }
    assert not found


def run_installed(folder, *arguments, cwd, **environment):
    """The package as a student has it: unpacked, and found before the checkout."""
    return subprocess.run(
        [sys.executable, "-m", "grader", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "HOME": str(cwd), "COLUMNS": "80"}
        | environment,
    )  # fmt: skip


@pytest.mark.parametrize("audience", ["class", "self-study"])
def test_the_package_works_by_itself(wheels, tmp_path, audience):
    """start, check and status from the package alone; with points only where the hidden suites are."""
    installed, place = tmp_path / "installed", tmp_path / "place"
    with zipfile.ZipFile(wheels[audience]) as archive:
        archive.extractall(installed)
    place.mkdir()
    finished = run_installed(installed, "start", "w", cwd=place)
    assert finished.returncode == 0, finished.stderr
    assert (place / "w" / "tests" / "hidden").exists() == (audience == "self-study")
    wrong = (SAMPLE_CLASS / "s26-one-mistake-each" / "gates.py").read_text()
    (place / "w" / "exercises" / "lesson09_lstm" / "gates.py").write_text(wrong)
    finished = run_installed(installed, "check", "gates", cwd=place / "w")
    assert finished.returncode == 1, finished.stderr
    assert ("of 8 points" in finished.stdout) == (audience == "self-study")
    assert "WRONG" in finished.stdout
    assert "Your candidate uses the sigmoid" in finished.stdout, "the mistake is named in both"
    assert run_installed(installed, "status", cwd=place / "w").returncode == 0


@pytest.mark.parametrize(("student", "exercise", "said"), [
    ("s07-swapped-gates", "gates", "two gates swapped"),
    ("s26-one-mistake-each", "sequence", "which is padding for all but the longest"),
    ("s26-one-mistake-each", "text", "Your tokenize cuts at the apostrophe"),
    ("s28-got-halfway", "forecasting", "stops one window too early"),
])  # fmt: skip
def test_a_class_is_told_its_mistakes_by_their_numbers(wheels, tmp_path, student, exercise, said):
    """Without the known wrong answers at hand, from the wrong numbers that they give for the examples."""
    with zipfile.ZipFile(wheels["class"]) as archive:
        archive.extractall(tmp_path)
    work = SAMPLE_CLASS / student / f"{exercise}.py"
    environment = {"GRADER_COURSE": str(tmp_path / "grader" / "bundle")}
    finished = run_installed(tmp_path, "check", exercise, "--file", work, "--json", cwd=tmp_path, **environment)
    tests = json.loads(finished.stdout)["exercises"][0]["tests"]
    assert any(said in test["message"] for test in tests), finished.stdout


def test_what_a_fingerprint_says():
    """What would fail an example that passes is left out; two that fit are both told, three are a guess."""

    def known(name, *traces):
        return Fingerprint(
            id=name, says="", see="", traces=[Trace(test, 3, "mismatch", {"float": 2.0}) for test in traces]
        )

    failure = Failure(3, "mismatch", 2.0)
    one, twin, third, wider = known("one", "a"), known("twin", "a"), known("third", "a"), known("wider", "a", "b")
    assert fitting([one], {"a": failure}) == ([one], {"a"})
    assert fitting([one, twin], {"a": failure}) == ([one, twin], {"a"})
    assert fitting([one, twin, third], {"a": failure}) == ([], set())
    assert fitting([wider], {"a": failure}) == ([], set())
    assert fitting([one, wider], {"a": failure, "b": failure}) == ([wider], {"a", "b"})
    assert fitting([one], {"a": Failure(4, "mismatch", 2.0)}) == ([], set())
    assert fitting([one], {"a": None}) == ([], set())
