"""Stubs from solutions: what stands between nbgrader's markers becomes `raise NotImplementedError()`."""

from __future__ import annotations

from grader.errors import GraderError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def stub_of(solution: str, name: str) -> str:
    """The stub of a solution: the same text without what the student is to write.

    Its imports stay: a student may want them.

    Raises:
        GraderError: the markers do not pair up; the message says in which line.
    """
    lines: list[str] = []
    opened = 0
    for number, line in enumerate(solution.splitlines(), start=1):
        if line.strip() == BEGIN:
            if opened:
                raise GraderError(f"{name}, line {number}: a second {BEGIN} before {END}.")
            opened = number
            indent = line[: len(line) - len(line.lstrip())]
            lines += [f"{indent}# YOUR CODE HERE", f"{indent}raise NotImplementedError()"]
        elif line.strip() == END:
            if not opened:
                raise GraderError(f"{name}, line {number}: {END} without {BEGIN}.")
            opened = 0
        elif not opened:
            lines.append(line)
    if opened:
        raise GraderError(f"{name}, line {opened}: {BEGIN} is never closed by {END}.")
    if "# YOUR CODE HERE" not in map(str.strip, lines):
        raise GraderError(f"{name} has no {BEGIN}, so there would be nothing for a student to write.")
    return "\n".join(lines) + "\n"
