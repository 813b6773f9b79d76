"""`grader doctor`: what is installed, whether the wall works here, and how to mend what does not."""

from __future__ import annotations

import platform
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import click

from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("torch", "numpy", "pytest", "click", "msgspec", "nbgrader")

# What the wall promises, tried from inside: each line prints its name and whether the attempt was refused.
_PROBE = b"""
import os, socket

def refused(action):
    try:
        action()
    except BaseException:
        return True
    return False

def connect():
    with socket.socket() as s:
        s.settimeout(0.5)
        s.connect(("127.0.0.1", 22 if not PORT else PORT))

def probe(port, path):
    global PORT
    PORT = port
    return {
        "no network": refused(connect),
        "no files of this machine": not os.path.exists(path),
        "nothing to write but a private /tmp": refused(lambda: open("/kit/x", "w")) and refused(lambda: open("/x", "w")),
        "no other process in sight": os.getpid() == 1 and not os.listdir("/proc"),
        "no other program can be started": refused(lambda: os.execv("/python/bin/python3", ["x"])) and os.getpid() == 1,
        "an empty environment": not set(os.environ) & {"USER", "SSH_AUTH_SOCK", "GRADER_SECRET", "PYTHONPATH"},
    }
"""


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what is installed, and try whether the wall works on this machine."""
    click.echo(f"Python {platform.python_version()} on {platform.system()} {platform.release()}")
    for name in PACKAGES:
        click.echo(f"{name} {_version(name)}")
    ok = True
    for line, good in _wall():
        click.echo(f"{click.style('ok   ', fg='green') if good else click.style('FAILS', fg='red')} {line}")
        ok = ok and good
    for line in _course():
        click.echo(line)
    if not ok:
        click.echo("Checking your own work still works, in a plain process; grading others' code needs the wall.")
        ctx.exit(1)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"is not installed. Next: pip install {name}"


def _wall() -> Iterator[tuple[str, bool]]:
    import socket

    from grader.sandbox import wall
    from grader.sandbox.farside import FarSideFailed, Limits
    from grader.sandbox.opening import open_far_side

    reason = wall.why_no_wall()
    if reason is not None:
        yield reason, False
        return
    version = subprocess.run([wall.bubblewrap(), "--version"], capture_output=True, text=True, check=False).stdout
    yield f"{version.strip()} makes its namespaces", True
    with open_far_side(walled=True) as far, socket.socket() as listening:
        from grader.sandbox.proxy import Session, Source, Student, StudentError, StudentStopped

        listening.bind(("127.0.0.1", 0))
        listening.listen()
        session = Session(far, Source(files={"probe.py": _PROBE}, module="probe"), Limits(seconds=30))
        try:
            session.load()
            found = Student(session).probe(listening.getsockname()[1], sys.prefix)
        except (FarSideFailed, StudentError, StudentStopped) as error:
            yield f"the far side does not answer: {error}", False
            return
        finally:
            session.close()
        yield "torch answers from behind the wall", True
        yield from found.items()


def _course() -> Iterator[str]:
    from grader.catalog import find_course

    try:
        course = find_course()
    except GraderError:
        yield "There is no course here."
        return
    for lesson in course.lessons:
        hidden = sum(course.suite(lesson, exercise, "hidden").exists() for exercise in lesson.exercises)
        yield f"{lesson.name}: {len(lesson.exercises)} exercises, {hidden} with hidden suites"
