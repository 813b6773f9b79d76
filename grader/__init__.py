"""The grader of the course: student code on the far side of a wall, the suites on the near side."""

__version__ = "0.1.0"
