"""The same class on a Dask cluster: equal grades, dead workers replaced, workers without a wall left alone."""

from __future__ import annotations

import os
import signal
import threading
import time

import distributed
import pytest

from tests.kit.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("default")  # Dask's own


@pytest.fixture
def cluster(monkeypatch):
    """Two worker processes with one thread each, as a user would start them."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    with made, distributed.Client(made, set_as_default=False) as client:
        client.wait_for_workers(2)
        yield made


def hand_in(course, count, seconds=0.0):
    for number in range(count):
        wrong = "" if number % 3 else "+ 1"
        course.hand_in(
            f"s{number:02}",
            f"import time\nNUMBER = {number}\ndef double(x):\n    time.sleep({seconds})\n    return x + x {wrong}\n",
        )


def grades(course, output):
    return (course.root / output / "grades.csv").read_bytes()


def test_a_cluster_gives_the_same_grades(run_grader, small_course, cluster):
    """Byte for byte what the local pool gives."""
    hand_in(small_course, 12)
    for output, where in (("here", ["--jobs", "1"]), ("there", ["--scheduler", cluster.scheduler_address])):
        finished = run_grader("grade", "class", "--output", output, *where, cwd=small_course.root)
        assert finished.returncode == 0, finished.stderr
    assert grades(small_course, "here") == grades(small_course, "there")
    assert b"graded,2,2,100.0" in grades(small_course, "there")
    assert b"graded,0,2,0.0" in grades(small_course, "there")


def test_a_worker_that_dies_has_its_jobs_done_by_others(run_grader, small_course, cluster):
    """SIGKILL of one Dask worker in the middle changes no grade."""
    hand_in(small_course, 16, seconds=0.2)
    records = small_course.root / "out" / "records"

    def kill_one():
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and (not records.exists() or len(list(records.glob("[!.]*.json"))) < 3):
            time.sleep(0.05)
        with distributed.Client(cluster, set_as_default=False) as client:
            os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)

    killing = threading.Thread(target=kill_one)
    killing.start()
    where = ["--scheduler", cluster.scheduler_address]
    finished = run_grader("grade", "class", "--output", "out", *where, cwd=small_course.root)
    killing.join()
    assert finished.returncode == 0, finished.stderr
    assert grades(small_course, "out").count(b"graded,2,2,100.0") == 10
    assert grades(small_course, "out").count(b"graded,0,2,0.0") == 6


def lose_the_wall():
    os.environ["PATH"] = "/nowhere"


def test_a_worker_without_a_wall_takes_no_jobs(run_grader, small_course, cluster):
    """It says so, and the other does the work; where none can, the run ends with a sentence and graded nobody."""
    hand_in(small_course, 6)
    where = ["--scheduler", cluster.scheduler_address]
    with distributed.Client(cluster, set_as_default=False) as client:
        first, second = client.scheduler_info(n_workers=-1)["workers"]
        client.run(lose_the_wall, workers=[first])
        finished = run_grader("grade", "class", "--output", "out", *where, cwd=small_course.root)
        assert finished.returncode == 0, finished.stderr
        assert f"The Dask worker {first} takes no jobs: bubblewrap (bwrap) is not installed." in finished.stderr
        assert f"The Dask worker {second}" not in finished.stderr
        assert len(grades(small_course, "out").splitlines()) == 7
        client.run(lose_the_wall, workers=[second])
        client.restart_workers([second])  # what it found out before is forgotten
        client.wait_for_workers(2)
        client.run(lose_the_wall)
    small_course.hand_in("new", "def double(x): return 2 * x\n")
    finished = run_grader("grade", "class", "--output", "out", *where, cwd=small_course.root)
    assert finished.returncode == 3
    assert "None of the cluster's workers can take jobs" in finished.stderr
    assert len(grades(small_course, "out").splitlines()) == 7


def test_no_scheduler_is_told(run_grader, small_course):
    """An address where nobody answers."""
    hand_in(small_course, 1)
    where = ["--scheduler", "tcp://127.0.0.1:1"]
    finished = run_grader("grade", "class", "--output", "out", *where, cwd=small_course.root)
    assert finished.returncode == 2
    assert finished.stderr.splitlines()[-1].startswith("Error: No Dask scheduler answers at tcp://127.0.0.1:1")
