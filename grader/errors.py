"""The two ways in which a command ends badly, each with the exit status that the contract gives it."""

from __future__ import annotations

import textwrap

USED_WRONGLY = 2
INCOMPLETE = 3


class GraderError(Exception):
    """What the user is told, in one or two plain sentences that say what to do; the command ends with 2."""

    exit_code = USED_WRONGLY

    def _render_traceback_(self) -> list[str]:
        """The lines that a notebook shows in place of a traceback."""
        return [part for line in str(self).splitlines() for part in textwrap.wrap(line, 88, break_on_hyphens=False)]


class IncompleteRun(GraderError):
    """Something failed while grading, through no fault of a student; the command ends with 3."""

    exit_code = INCOMPLETE
