"""The whole corpus as one class, with honest students in between: nothing gained, learned, harmed, hung or left behind."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.attacks.archives import SECRET_ANSWER
from tests.attacks.corpus import GROUPS, corpus
from tests.kit import descendants

ROOT = Path(__file__).parents[2]
SOLUTIONS = ROOT / "solutions" / "lesson09_lstm"
SUITES = ROOT / "tests" / "hidden" / "lesson09_lstm"
EXERCISES = ("gates", "cell")
ATTACKS = corpus()
BY_STUDENT = {student: attack for attack in ATTACKS for student in attack.students}
HONEST = {
    "0-right": 18.0,
    "evading-zz": 18.0,
    "forging-zz": 16.75,
    "harming-zz": 18.0,
    "stealing-zz": 16.75,
    "zz-right": 18.0,
}
RUN_SECONDS = 600  # of a machine that has other work to do; 120 by itself
ATTACK_SECONDS = 60
END_SECONDS = 20  # for bubblewrap to end behind a worker that has ended
MARKS = re.compile(r"LEARNED|HARMED")
KEPT = ("grader", "course", "solutions", "exercises", "tests/hidden", "tests/public")
WORD = "farside-attack"
OUTSIDE = ("/tmp", "/dev/shm", "/var/tmp", "/", Path.home(), ROOT)


class Place:
    """Everything about this machine that a run could change."""

    def __init__(self, folder: Path) -> None:
        self.files = {path: path.lstat().st_mtime_ns for path in _watched(folder)}
        self.mounts = set(Path("/proc/self/mountinfo").read_text().splitlines())
        self.ipc = {
            (kind, line)
            for kind in ("shm", "sem", "msg")
            for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()
        }
        self.processes = descendants.living(set())

    def differs_from(self, before: Place) -> dict[str, object]:
        """What is new, changed or gone, by kind; an empty dict where nothing is."""
        found = {
            "files": sorted(str(path) for path, _ in self.files.items() ^ before.files.items()),
            "mounts": sorted(self.mounts - before.mounts),
            "shared memory": sorted(line for _, line in self.ipc - before.ipc),
            "processes": sorted(descendants.living(before.processes)),
        }
        return {kind: value for kind, value in found.items() if value}


def _watched(folder: Path):
    for name in KEPT:
        yield from (path for path in (ROOT / name).rglob("*") if "__pycache__" not in path.parts and path.is_file())
    yield from (path for path in folder.rglob("*") if not path.is_relative_to(folder / "home"))
    for outside in OUTSIDE:
        yield from Path(outside).glob(f"*{WORD}*")
        yield from (path for name in ("flood", "junit.xml", "results.json") if (path := Path(outside) / name).exists())


class Graded:
    """One run of `grader grade`, as a user starts it."""

    def __init__(self, place: Path, submissions: Path, secret: str) -> None:
        self.output = place / f"{submissions.name}-graded"
        command = [
            sys.executable,
            "-m",
            "grader",
            "grade",
            str(submissions),
            "--output",
            str(self.output),
            "--jobs",
            "2",
        ]
        for exercise in EXERCISES:
            command += ["--exercise", exercise]
        home = place / "home"
        home.mkdir(exist_ok=True)
        environment = os.environ | {"GRADER_SECRET": secret, "HOME": str(home), "COLUMNS": "80"}
        began = time.monotonic()
        self.finished = subprocess.run(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=RUN_SECONDS,
            check=False,
        )  # fmt: skip
        self.seconds = time.monotonic() - began
        paths = sorted((self.output / "results").iterdir()) if self.finished.returncode == 0 else []
        self.texts = {path.stem: path.read_text() for path in paths}
        self.results = {name: json.loads(text) for name, text in self.texts.items()}

    def of(self, student: str, exercise: str) -> dict:
        return next(each for each in self.results[student]["exercises"] if each["exercise"] == exercise)


class Corpus:
    """The class with all attacks, graded once; the honest part of it graded alone; and the machine before and after."""

    def __init__(self, folder: Path) -> None:
        self.secret = secrets.token_hex(16)
        self.canaries = {student: secrets.token_hex(8) for student in HONEST}
        place = folder / "place"
        for kind in ("honest", "class"):
            (place / kind).mkdir(parents=True)
            for student, score in HONEST.items():
                self._hand_in(place / kind / student, student, right=score == 18.0)
        (place / SECRET_ANSWER).write_text((SOLUTIONS / "gates.py").read_text())
        for attack in ATTACKS:
            for student in attack.students:
                attack.write(place / "class" / student)
        self.place = place
        self.honest = Graded(place, place / "honest", self.secret)
        before = Place(place)
        self.attacked = Graded(place, place / "class", self.secret)
        deadline = time.monotonic() + END_SECONDS
        while descendants.living(before.processes) and time.monotonic() < deadline:
            time.sleep(0.1)
        after = Place(place)
        after.files = {path: t for path, t in after.files.items() if not path.is_relative_to(self.attacked.output)}
        for path in {place, *self.attacked.output.parents} & after.files.keys() & before.files.keys():
            after.files[path] = before.files[path]
        self.changed = after.differs_from(before)

    def _hand_in(self, folder: Path, student: str, *, right: bool) -> None:
        folder.mkdir()
        for exercise in EXERCISES:
            text = (SOLUTIONS / f"{exercise}.py").read_text()
            if exercise == "gates" and not right:
                text = text.replace("return torch.tanh(x", "return torch.sigmoid(x")
            (folder / f"{exercise}.py").write_text(f"{text}\nCANARY = 'canary-of-another {self.canaries[student]}'\n")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    descendants.adopt(True)
    try:
        return Corpus(tmp_path_factory.mktemp("attacks"))
    finally:
        descendants.adopt(False)


def gained(graded, attack):
    """Points beyond what the attack may have, of any of its students."""
    return max(graded.attacked.results[student]["score"] for student in attack.students) - attack.at_most


def seconds(graded, attack):
    results = [graded.attacked.results[student] for student in attack.students]
    return max(sum(exercise["seconds"] for exercise in result["exercises"]) for result in results)


def marks(graded, attack, word):
    return any(word in graded.attacked.texts[student] for student in attack.students)


def test_the_corpus_is_large():
    """A hundred attacks at least, of every group; no name twice."""
    count = Counter(attack.group for attack in ATTACKS)
    assert set(count) == {*GROUPS, "archives", "sources"}
    assert len(ATTACKS) >= 100
    assert min(count.values()) >= 5
    assert len(BY_STUDENT) == sum(attack.times for attack in ATTACKS)


def test_the_run_ends_well(graded):
    """No attack makes grading fail, hang or leave somebody out."""
    finished = graded.attacked.finished
    assert finished.returncode == 0, finished.stderr.decode()[-2000:]
    assert sorted(graded.attacked.results) == sorted([*BY_STUDENT, *HONEST])
    statuses = {(student, each["exercise"]): each["status"] for student, result in graded.attacked.results.items()
                for each in result["exercises"]}  # fmt: skip
    assert [key for key, status in statuses.items() if status == "error"] == []


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.students[0] for attack in ATTACKS])
def test_the_attack_fails(graded, attack):
    """Nothing is gained beyond what is due, nothing learned, nothing harmed, and it costs the grader little time."""
    assert gained(graded, attack) <= 0, attack.aim
    for student in attack.students:
        assert not MARKS.search(graded.attacked.texts[student]), (
            attack.aim,
            MARKS.search(graded.attacked.texts[student]),
        )
    assert seconds(graded, attack) < ATTACK_SECONDS


def test_honest_students_get_what_is_theirs(graded):
    """Before, between and after the attacks the same results as without them, but for the seconds."""

    def without_seconds(result):
        for exercise in result["exercises"]:
            exercise["seconds"] = 0
            for test in exercise["tests"]:
                test["seconds"] = 0
        return result

    for student, score in HONEST.items():
        assert graded.attacked.results[student]["score"] == score
        assert without_seconds(graded.attacked.results[student]) == without_seconds(graded.honest.results[student])


def test_nothing_secret_is_in_any_result(graded):
    """Not the secret, no path of this machine, no line of a hidden suite or solution, nothing of another student."""
    written = "\n".join(path.read_text() for path in sorted((graded.attacked.output / "records").iterdir()))
    for student, text in [*graded.attacked.texts.items(), ("", written)]:
        told = [graded.secret, str(ROOT), sys.prefix, str(graded.place), "site-packages"]
        told += [canary for other, canary in graded.canaries.items() if other != student]
        assert [word for word in told if word in text] == [], student
    titles = " ".join(
        test["title"] for each in graded.attacked.results["0-right"]["exercises"] for test in each["tests"]
    )
    hidden = [line.strip() for exercise in EXERCISES for name in ("test", "misconceptions")
              for line in (SUITES / f"{name}_{exercise}.py").read_text().splitlines()]  # fmt: skip
    lines = {line for line in hidden if len(line) > 30 and '"' not in line and line[:25] not in titles}
    assert lines
    for student, text in graded.attacked.texts.items():
        assert [line for line in lines if line in text] == [], student


def test_what_people_read_is_harmless(graded):
    """No control character reaches the terminal or the table of grades; in results it stands as JSON escapes it."""
    finished = graded.attacked.finished
    shown = finished.stdout + finished.stderr.replace(b"\r", b"") + (graded.attacked.output / "grades.csv").read_bytes()
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", shown)
    for student, text in graded.attacked.texts.items():
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text), student
        assert len(text) < 2**21, student


def test_nothing_is_left(graded):
    """No process, mount, file outside the output, nor shared memory."""
    assert graded.changed == {}


def test_figures(graded, record_property):
    """What the corpus came to, for whoever reads the run."""
    for group in sorted({attack.group for attack in ATTACKS}):
        own = [attack for attack in ATTACKS if attack.group == group]
        record_property(
            "attacks",
            f"{group:<9} {len(own):>3} attacks: {sum(gained(graded, each) > 0 for each in own)} gained"
            f", {sum(marks(graded, each, 'LEARNED') for each in own)} learned, "
            f"{sum(marks(graded, each, 'HARMED') for each in own)} harmed, "
            f"{sum(seconds(graded, each) >= ATTACK_SECONDS for each in own)} hung",
        )
    count = len(graded.attacked.results)
    record_property("attacks", f"{count} submissions in {graded.attacked.seconds:.0f} seconds")
