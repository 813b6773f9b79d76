"""The instructor's commands that read what is there: the pages of a run, and submissions that are alike."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def report(folder: Path) -> None:
    """Write the pages of one run.

    DIR is the folder that grader grade --output wrote. The pages go into
    DIR/report: the class, its exercises and misconceptions, and a page per
    student that can be handed out alone.
    """
    from grader.reports.pages import write_report

    with click.progressbar(
        length=1, label="writing pages", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:  # fmt: skip

        def progress(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        index = write_report(folder, progress)
    click.echo(f"The report begins at {index}")
