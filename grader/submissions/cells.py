"""A student's module out of a notebook's cells: the exercise's own, and whatever else the student defined for it."""

from __future__ import annotations

import ast
import re
import symtable
from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.catalog import Exercise

_KEPT = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign,
)  # fmt: skip
_PYTHON_INSIDE = re.compile(r"\s*%%(time|capture|prun)\b.*\n?")
_MAGIC = re.compile(r"\s*[%!?]|.*\?\s*$")
_MAGIC_RESULT = re.compile(r"(\s*)[\w., ]+=\s*[%!].*")

_Statement = tuple[int, ast.stmt, str]
"""In which cell it stands, the statement, and its text."""


class Cell(msgspec.Struct, frozen=True):
    """A code cell: its text, and whose it is (`exercise`, or the lesson's own, or neither: added by the student)."""

    text: str
    exercise: str = ""
    of_lesson: bool = False


def without_magics(text: str) -> str:
    """The cell's Python, line for line; empty for a cell that is no Python (`%%bash`)."""
    inside = _PYTHON_INSIDE.match(text)
    if inside:
        text = "\n" + text[inside.end() :]
    elif text.lstrip().startswith("%%"):
        return ""
    if _parsed(text) is not None:  # a line that begins with % is the middle of an expression
        return text
    lines = ("" if _MAGIC.match(line) else _MAGIC_RESULT.sub(r"\1pass", line) for line in text.splitlines())
    return "\n".join(lines)


def exercise_source(cells: Iterable[Cell], exercise: Exercise) -> bytes:
    """The module that these cells make for the exercise; empty where none of them defines it.

    The exercise's own cells (marked, or else defining one of its names) count whole. Of the student's other cells only
    those imports, functions, classes and assignments count that define one of its names or that these use, so that plots
    and printed tests in between are not run again. As in a notebook that is run from top to bottom, the last one holds.
    """
    defines = re.compile(rf"^(?:def|class|async def) +(?:{'|'.join(map(re.escape, exercise.defines))})\b", re.MULTILINE)
    texts = [(cell, without_magics(cell.text)) for cell in cells]
    marked = any(cell.exercise == exercise.name for cell, _ in texts)
    own = [
        place
        for place, (cell, text) in enumerate(texts)
        if cell.exercise == exercise.name or (not marked and not cell.of_lesson and defines.search(text))
    ]
    if not own:
        return b""
    trees = {place: _parsed(text) for place, (_, text) in enumerate(texts)}
    runs = own
    own = [place for place in runs if trees[place] is not None or place == runs[-1]]  # an older slip was mended since
    own = _without_superseded(own, trees)
    statements = [
        (place, node, segment)
        for place, (cell, text) in enumerate(texts)
        if place not in runs and not cell.of_lesson and not cell.exercise
        for node, segment in _kept(trees[place], text)
    ]
    used = _used("\n".join(texts[place][1] for place in own if trees[place] is not None))
    needed = _needed(statements, used | set(exercise.defines))
    parts = []
    for place, (_, text) in enumerate(texts):
        if place in own:
            parts.append(text)
        else:
            parts += [segment for at, _, segment in needed if at == place]
    return "\n\n".join(filter(str.strip, parts)).encode("utf-8", "replace") + b"\n"


def _without_superseded(own: list[int], trees: dict[int, ast.Module | None]) -> list[int]:
    """The cells that still count: of one that was run again and again the last run, so that its lines keep their numbers."""
    last = trees[own[-1]]
    if last is None:
        return own[-1:]
    names = _all_defined(last)
    return [place for place in own if place == own[-1] or not _all_defined(trees[place]) <= names]


def _all_defined(tree: ast.Module | None) -> set[str]:
    return {name for node in tree.body for name in _defined(node)} if tree is not None else set()


def _kept(tree: ast.Module | None, text: str) -> Iterator[tuple[ast.stmt, str]]:
    """The statements that define something, each with its text, decorators included."""
    lines = [line.encode() for line in re.split(r"(?<=\n)", text.replace("\r\n", "\n").replace("\r", "\n"))]
    for node in tree.body if tree else ():
        if isinstance(node, _KEPT) and node.end_lineno is not None:
            first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
            last = lines[node.end_lineno - 1][: node.end_col_offset]
            if first == node.end_lineno:
                yield node, lines[first - 1][node.col_offset : node.end_col_offset].decode()
                continue
            start = lines[first - 1][node.col_offset if first == node.lineno else 0 :]
            yield node, b"".join([start, *lines[first : node.end_lineno - 1], last]).decode()


def _needed(statements: Sequence[_Statement], names: set[str]) -> list[_Statement]:
    """The statements that define these names, or names that those use, and so on."""
    defining: dict[str, list[int]] = defaultdict(list)
    for number, (_, node, _) in enumerate(statements):
        for name in _defined(node):
            defining[name].append(number)
    chosen: set[int] = set()
    waiting, seen = [*names, "*"], names | {"*"}
    while waiting:
        for number in defining.pop(waiting.pop(), ()):
            if number not in chosen:
                chosen.add(number)
                further = _used(statements[number][2]) - seen
                seen |= further
                waiting += further
    return [statement for number, statement in enumerate(statements) if number in chosen]


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _used(text: str) -> set[str]:
    """The names that this code takes from outside: globals of its functions, and what its top level does not define."""
    try:
        waiting = [symtable.symtable(text, "cell", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    used = set()
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced()
            and (symbol.is_global() or table.get_type() == "module")
            and not symbol.is_assigned()
        }
    return used


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(name.asname or name.name).split(".")[0] for name in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
