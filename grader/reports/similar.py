"""Works that are alike, side by side: a page, and a few lines for the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.harmless import visible
from grader.reports.rendering import Templates, write_page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from grader.similarity import Comparison, Likeness

NAME = "similar.html"
IN_TERMINAL = 20
SIDE_BY_SIDE = 100
"""Pairs of which the page shows the texts; the others it only lists."""

CONTEXT = 2


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a text; of an omission `left_out` says how many lines.

    `part` is the number of the shared part that begins here, `same` whether the line belongs to one.
    """

    number: int = 0
    text: str = ""
    same: bool = False
    part: int = 0
    left_out: int = 0


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two students' works on an exercise, as the page shows them."""

    exercise: str
    first: str
    second: str
    share: float
    sides: tuple[list[Line], list[Line]]


def similar_text(found: Comparison) -> Iterable[str]:
    """What `grader similar` prints: a line per pair, the most alike first."""
    if not found.pairs:
        yield "No two works share more than the stub and the common idiom explain."
    else:
        one = len(found.pairs) == 1
        yield f"{len(found.pairs)} pair{' is' if one else 's are'} alike. This is a hint to look, never a grade."
        width = max(len("exercise"), *(len(pair.exercise) for pair in found.pairs[:IN_TERMINAL]))
        yield f"  alike  {'exercise':<{width}}  students"
        for pair in found.pairs[:IN_TERMINAL]:
            students = f"{visible(pair.first.student)} and {visible(pair.second.student)}"
            yield f"  {100 * pair.share:3.0f} %  {pair.exercise:<{width}}  {students}"
        if len(found.pairs) > IN_TERMINAL:
            yield f"  … and {len(found.pairs) - IN_TERMINAL} more on the page."
    if found.left_out:
        yield f"{len(found.left_out)} could not be compared; the page says which."


def write_similar(found: Comparison, title: str, folder: Path) -> Path:
    """Write the page into this folder; returns where it is.

    Raises:
        GraderError: it cannot be written, or another file is in its place.
    """
    pairs = [
        Pair(
            exercise=each.exercise, first=each.first.student, second=each.second.student, share=each.share,
            sides=_sides(each) if number < SIDE_BY_SIDE else ([], []),
        )
        for number, each in enumerate(found.pairs)
    ]  # fmt: skip
    text = Templates().render_with_script("similar.html", lesson=title, pairs=pairs, left_out=found.left_out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_page(folder / NAME, text)
    except OSError as error:
        raise GraderError(f"{folder / NAME} cannot be written: {error.strerror}. Choose another --output.") from None
    return folder / NAME


def _sides(pair: Likeness) -> tuple[list[Line], list[Line]]:
    """Both texts, their shared lines marked; a part has the same number on both sides."""
    first: dict[int, int] = {}
    for start, end in sorted(pair.first.grams[gram] for gram in pair.shared):
        for line in range(start, end + 1):
            first.setdefault(line, first.get(line - 1) or len(set(first.values())) + 1)
    votes: dict[int, Counter[int]] = {}
    for gram in pair.shared:
        start, end = pair.second.grams[gram]
        for line in range(start, end + 1):
            votes.setdefault(line, Counter())[first[pair.first.grams[gram][0]]] += 1
    second = {line: min(count, key=lambda part: (-count[part], part)) for line, count in votes.items()}
    return _lines(pair.first.text, first), _lines(pair.second.text, second)


def _lines(text: str, parts: dict[int, int]) -> list[Line]:
    """The shared lines and a little around them; `parts` gives the number of the part by line."""
    lines: list[Line] = []
    omitted = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not any(near in parts for near in range(number - CONTEXT, number + CONTEXT + 1)):
            omitted += 1
            continue
        if omitted:
            lines.append(Line(left_out=omitted))
            omitted = 0
        part = parts.get(number, 0)
        lines.append(
            Line(number=number, text=line, same=part > 0, part=part if part != parts.get(number - 1, 0) else 0)
        )
    if omitted:
        lines.append(Line(left_out=omitted))
    return lines
