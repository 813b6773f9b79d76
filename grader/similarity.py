"""Submissions that share more than the stub, the reference and the class's common idiom explain.

A hint for a person, never a grade. Nothing that was handed in is run: it is cut into tokens (by Pygments, which reads
broken Python too), names, comments, strings and layout are taken out, and what is left is compared by its k-grams, as MOSS
does (Schleimer, Wilkerson and Aiken, "Winnowing", SIGMOD 2003). Grams that the course itself shows, and those that
many students have, count for nothing. The grams that are left are looked up in an index, so that only pairs which share
some are compared at all.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import msgspec
from pygments.lexers import PythonLexer
from pygments.token import Comment, Name, String

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from grader.catalog import Course, Exercise, Lesson
    from grader.submissions.finding import Entry

GRAM = 10
"""Tokens in a gram: longer than any phrase that two people write by chance, shorter than what is left between two changes."""

LEAST = 60
"""Shared grams below which a likeness is no evidence: short exercises have few right answers."""

ALIKE = 0.5
"""The share of the shorter work's own grams that must be shared. Honest work stays below 0.4 (`tests/kit/test_similar.py`)."""

MANY, MOST = 5, 50
"""What more than this many different works have, or 5 % of a larger class, is common idiom; in no class more than `MOST`."""

LONGEST = 200_000
"""Characters. A longer work is left out, and named."""

_LEXER = PythonLexer(stripnl=False)
_CODE_BLOCK = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)

_Gram = tuple[str, ...]


class Work(msgspec.Struct, frozen=True):
    """One student's text for one exercise, and where each of its grams stands first: (first line, last line)."""

    student: str
    text: str
    grams: dict[_Gram, tuple[int, int]]


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """Two works on the same exercise. `share` is the part of the shorter one's own grams (0…1) that the other has too."""

    exercise: str
    first: Work
    second: Work
    shared: frozenset[_Gram]
    share: float


class Comparison(msgspec.Struct, frozen=True):
    """The pairs that are alike, the most alike first, and whose work could not be compared, with the reason."""

    pairs: list[Likeness]
    left_out: list[str]


def compare_class(
    course: Course, lesson: Lesson, exercises: Sequence[Exercise], entries: Iterable[Entry]
) -> Comparison:
    """Compare all students' work on each of the exercises."""
    texts: dict[str, dict[str, str]] = {exercise.name: {} for exercise in exercises}
    left_out = []
    for entry in entries:
        submission = entry.read(lesson)
        if submission.problem:
            left_out.append(f"{entry.student}: {submission.problem}")
            continue
        for exercise in exercises:
            work = submission.work(exercise)
            text = "\n".join(data.decode("utf-8-sig", "replace") for data in work.files.values())
            if work.status == "unreadable":
                left_out.append(f"{entry.student}/{exercise.name}: {work.problem}")
            elif len(text) > LONGEST:
                left_out.append(f"{entry.student}/{exercise.name}: it has more than {LONGEST} characters.")
            elif text:
                texts[exercise.name][entry.student] = text
    shown = _shown_by_course(course, lesson)
    pairs = [pair for name, works in texts.items() for pair in compare(name, works, shown)]
    return Comparison(sorted(pairs, key=lambda pair: (-len(pair.shared) * pair.share, pair.exercise)), left_out)


def compare(exercise: str, texts: dict[str, str], shown: frozenset[_Gram] = frozenset()) -> list[Likeness]:
    """The pairs of students whose texts are alike. Grams in `shown` count for nothing."""
    works = [
        Work(student, text, {gram: place for gram, place in grams_of(text).items() if gram not in shown})
        for student, text in sorted(texts.items())
    ]
    own = _without_common(works)
    holders = defaultdict(list)
    for number, work in enumerate(own):
        for gram in work.grams:
            holders[gram].append(number)
    meetings = Counter(pair for numbers in holders.values() for pair in combinations(numbers, 2))
    found = []
    for (a, b), count in meetings.items():
        first, second = own[a], own[b]
        share = count / min(len(first.grams), len(second.grams))
        if count >= LEAST and share >= ALIKE:
            shared = frozenset(first.grams.keys() & second.grams.keys())
            found.append(Likeness(exercise=exercise, first=first, second=second, shared=shared, share=share))
    return found


def _without_common(works: Sequence[Work]) -> list[Work]:
    """The works without the grams that many have. Works that are the same but for names count once: copying is no idiom."""
    different = {frozenset(work.grams) for work in works}
    counts = Counter(gram for grams in different for gram in grams)
    limit = min(MOST, max(MANY, len(works) // 20))
    return [
        Work(work.student, work.text, {gram: at for gram, at in work.grams.items() if counts[gram] <= limit})
        for work in works
    ]


def _shown_by_course(course: Course, lesson: Lesson) -> frozenset[_Gram]:
    """The grams of what students are given (stubs, the lesson's text) and of the solutions, for all exercises together."""
    paths = [path for each in lesson.exercises for path in (course.stub(lesson, each), course.solution(lesson, each))]
    texts = [path.read_text(encoding="utf-8") for path in paths if path.exists()]
    for path in sorted(course.text_folder(lesson).glob("*.md")):
        texts += _CODE_BLOCK.findall(path.read_text(encoding="utf-8"))
    return frozenset(gram for text in texts for gram in grams_of(text))


def grams_of(text: str) -> dict[_Gram, tuple[int, int]]:
    """The k-grams of a text, each with the lines where it stands first. None reaches from one definition into the next."""
    found: dict[_Gram, tuple[int, int]] = {}
    part: list[tuple[str, int]] = []
    for token, line in [*_tokens(text), ("def", 0)]:
        if token in ("def", "class"):
            for start in range(len(part) - GRAM + 1):
                window = part[start : start + GRAM]
                found.setdefault(tuple(token for token, _ in window), (window[0][1], window[-1][1]))
            part = []
        part.append((token, line))
    return found


def _tokens(text: str) -> list[tuple[str, int]]:
    """The tokens and their lines, without layout and comments; strings and names that a student may choose are blurred."""
    raw = []
    line = 1
    for kind, value in _LEXER.get_tokens(text):
        if value.strip() and kind not in Comment and kind not in String.Doc:
            raw.append((kind, value, line))
        line += value.count("\n")
    values = [value for _, value, _ in raw]
    chosen = {after for before, after in pairwise(values) if before in ("def", "class")}
    chosen |= {name for (dot, name), (_, after) in pairwise(pairwise(values)) if (dot, after) == (".", "=")}
    tokens: list[tuple[str, int]] = []
    for place, (kind, value, line) in enumerate(raw):
        if kind in String:
            if not tokens or tokens[-1][0] != "string":
                tokens.append(("string", line))
        elif kind in Name and (kind not in Name.Builtin or kind in Name.Builtin.Pseudo):
            of_library = place and values[place - 1] == "." and value not in chosen
            tokens.append((value if of_library else "name", line))
        else:
            tokens.append((value, line))
    return tokens
