"""`grader doctor`: what is installed, whether the wall works here, and how to mend what does not."""

from __future__ import annotations

import platform
import textwrap
from importlib import metadata
from typing import TYPE_CHECKING

import click

from grader.errors import GraderError
from grader.sandbox.opening import Protection, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("torch", "numpy", "pytest", "click", "msgspec", "nbgrader")


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what is installed, and try whether the wall works on this machine."""
    click.echo(f"Python {platform.python_version()} on {platform.system()} {platform.release()}")
    for name in PACKAGES:
        click.echo(f"{name} {_version(name)}")
    bubblewrap, container = map(_tried, (Protection.BUBBLEWRAP, Protection.CONTAINER))
    click.echo()
    for line in _course():
        click.echo(line)
    if bubblewrap:
        return
    if container:
        click.echo("Grading others' code works behind the wall of a container, which promises less:")
        click.echo("grader grade --wall container")
    else:
        click.echo("Checking your own work still works, in a plain process; grading others' code")
        click.echo("needs a wall.")
    ctx.exit(1)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"is not installed. Next: pip install {name}"


def _tried(protection: Protection) -> bool:
    """Try every promise of this wall, one line for each; whether all hold."""
    from grader.sandbox.promises import findings

    click.echo(f"\nThe wall of {'bubblewrap' if protection is Protection.BUBBLEWRAP else 'a container'}")
    reason = why_not(protection)
    if reason is not None:
        _say("none ", reason)
        return False
    good = True
    for finding in findings(protection):
        sign = click.style("ok   ", fg="green") if finding.holds else click.style("FAILS", fg="red")
        _say(sign, f"{finding.promise}: {finding.means}".removesuffix(": "))
        good = good and finding.holds
    return good


def _say(sign: str, text: str) -> None:
    """A line with its sign in front, folded at 80 columns."""
    first, *others = textwrap.wrap(text, 74, break_on_hyphens=False)
    click.echo(f"{sign} {first}")
    for line in others:
        click.echo(f"      {line}")


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
