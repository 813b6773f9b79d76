"""The command `grader`. Commands are imported when they are used: `grader --help` does not wait for torch."""

from __future__ import annotations

import importlib
import io
import os
import sys

import click

from grader import __version__
from grader.errors import GraderError
from grader.harmless import visible

COMMANDS = {
    "start": ("grader.cli.workspace", "start", "Make a workspace: stubs, examples and the lesson."),
    "status": ("grader.cli.workspace", "status", "Say what passes, what is open, what is next."),
    "check": ("grader.cli.student", "check", "Check your own work and read what is wrong and why."),
    "watch": ("grader.cli.student", "watch", "Check again whenever you save."),
    "hint": ("grader.cli.workspace", "hint", "Give the next hint for an exercise."),
    "submit": ("grader.cli.workspace", "submit", "Pack what you hand in, after checking that it can be graded."),
    "grade": ("grader.cli.instructor", "grade", "Grade a class."),
    "export": ("grader.cli.exporting", "export", "Give the grades to another program."),
    "report": ("grader.cli.reporting", "report", "Write the pages of one run: the class, and one per student."),
    "similar": ("grader.cli.reporting", "similar", "Find submissions that share more than the stub explains."),
    "nbgrader": ("grader.cli.nbgrading", "nbgrader", "Make assignments for nbgrader."),
    "course": ("grader.cli.author", "course", "Build and prove exercises."),
    "doctor": ("grader.cli.doctor", "doctor", "Say what is installed and whether the wall works here."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Turn the kit's own errors into one or two sentences and the contract's exit status."""
        try:
            return super().invoke(ctx)
        except GraderError as error:
            click.echo(f"Error: {visible(str(error))}", err=True)
            ctx.exit(error.exit_code)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80})
@click.version_option(__version__, prog_name="grader")
def grader() -> None:
    """Exercises worth doing, grading that cannot be fooled, feedback that names
    the mistake."""  # noqa: D205, D209


def main() -> None:
    """Run the command; a reader that closes the pipe (`grader … | head`) is no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character shows the rest
    try:
        grader(prog_name="grader")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
