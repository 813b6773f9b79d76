"""The kit inside nbgrader: what an assignment's cells are called, and what its test cells call."""

from grader.nbgrader.scoring import grade

__all__ = ["grade"]
