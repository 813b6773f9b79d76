"""Misconceptions as code: typical wrong answers as small variants of the reference.

A bank is a Python file beside the hidden suite. Each entry says what differs from the reference, either as an edit of
its text or as a definition that takes the place of the reference's own, and the sentence a good teacher would say.
A variant is a whole module: it can be handed in like any submission, and it can be run beside a student's to see
whether the numbers agree.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import traceback
import types
from typing import TYPE_CHECKING, Any

import msgspec

from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Misconception(msgspec.Struct, frozen=True, kw_only=True):
    """One typical mistake.

    `says` is for the student; `see` is the heading in the lesson where to look again; `source` is the whole wrong
    module, and `affects` the top-level names of it that behave otherwise than the reference's.
    """

    id: str
    says: str
    see: str
    source: str
    affects: frozenset[str]


class _Entry(msgspec.Struct, kw_only=True):
    id: str
    says: str
    see: str
    edits: tuple[tuple[str, str], ...] = ()
    within: str = ""
    definition: str = ""
    name: str = ""


_open_bank: list[_Entry] | None = None


def misconception(
    id: str,
    says: str,
    *,
    see: str,
    edits: tuple[tuple[str, str], ...] | tuple[str, str] = (),
    within: str = "",
) -> Callable[[Any], Any]:
    """Enter one mistake into the bank that is being read.

    Used as a call with `edits`, pairs of (text in the reference, text in its place), each found exactly once between the
    solution markers of the definition `within` (or of the whole module), and applied one after the other. Or as a decorator: the function or class below it takes the place of the
    reference's definition of the same name, and may use whatever the reference's module has.

    Args:
        id: short name, unique in the exercise.
        says: what a good teacher would say, in a sentence or two, to the student.
        see: the heading of the lesson to look at again.
        edits: one pair, or several.
        within: the definition to edit, such as `forget_gate` or `LSTMCell`.
    """
    entry = _Entry(id=id, says=says, see=see, within=within)
    if edits:
        pairs = (edits,) if isinstance(edits[0], str) else edits
        entry.edits = tuple((str(old), str(new)) for old, new in pairs)
    if _open_bank is None:
        raise RuntimeError("misconceptions are read by the grader, with read_bank()")
    _open_bank.append(entry)

    def replace(definition: Any) -> Any:
        lines = textwrap.dedent(inspect.getsource(definition)).splitlines(keepends=True)
        tree = ast.parse("".join(lines)).body[0]
        assert isinstance(tree, ast.FunctionDef | ast.ClassDef)
        entry.definition = "".join(lines[tree.lineno - 1 :])
        entry.name = tree.name
        return definition

    return replace


class BankError(GraderError):
    """A bank that does not fit its reference; the text says which entry and why."""


def read_bank(bank: Path, solution: Path) -> list[Misconception]:
    """Every misconception of an exercise, in the order of the file; an exercise without a bank has none.

    Raises:
        BankError: the file cannot be run, or an entry does not fit the reference.
    """
    global _open_bank
    if not bank.exists():
        return []
    entries: list[_Entry] = []
    _open_bank = entries
    module = types.ModuleType(f"grader_bank_{bank.stem}")
    module.__file__ = str(bank)
    sys.modules[module.__name__] = module
    try:
        exec(compile(bank.read_text(encoding="utf-8"), bank, "exec"), vars(module))  # noqa: S102 - the course's own file
    except Exception as error:  # noqa: BLE001 - whatever an author wrote
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(bank)]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        raise BankError(f"{bank.name}, line {line}: {type(error).__name__}: {error}") from None
    finally:
        _open_bank = None
        del sys.modules[module.__name__]
    reference = solution.read_text(encoding="utf-8")
    seen: set[str] = set()
    result = []
    for entry in entries:
        if entry.id in seen:
            raise BankError(f"{bank.name}: two misconceptions are called {entry.id}")
        seen.add(entry.id)
        try:
            source = _variant(entry, reference)
        except ValueError as error:
            raise BankError(f"{bank.name}: {entry.id}: {error}") from None
        affects = _affected(reference, source)
        result.append(Misconception(id=entry.id, says=entry.says, see=entry.see, source=source, affects=affects))
    return result


def _affected(reference: str, variant: str) -> frozenset[str]:
    """The definitions that differ, and all that use one of them, directly or through others."""
    before, after = _definitions(reference), _definitions(variant)
    affected = {
        name for name in before.keys() | after.keys() if before.get(name, ("",))[0] != after.get(name, ("",))[0]
    }
    while True:
        more = {name for name, (_, used) in after.items() if used & affected} - affected
        if not more:
            return frozenset(affected)
        affected |= more


def _definitions(source: str) -> dict[str, tuple[str, set[str]]]:
    """Each top-level name: its text without comments, and the names that occur in it."""
    found: dict[str, tuple[str, set[str]]] = {}
    for node in ast.parse(source).body:
        names = (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [target.id for target in ast.walk(node) if isinstance(target, ast.Name)]
        )
        used = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        for name in names:
            found[name] = (ast.dump(node), used)
    return found


def _variant(entry: _Entry, reference: str) -> str:
    if not entry.edits and not entry.definition:
        raise ValueError("it has neither edits nor a definition")
    if entry.definition:
        start, end = _span(reference, entry.name)
        reference = reference[:start] + entry.definition + reference[end:]
    for old, new in entry.edits:
        start, end = _span(reference, entry.within) if entry.within else (0, len(reference))
        places = [
            match.start()
            for match in re.finditer(re.escape(old), reference)
            if start <= match.start() < end and _is_solution(reference, match.start())
        ]
        if len(places) != 1:
            raise ValueError(f"{old!r} is found {len(places)} times in {entry.within or 'the reference'}, not once")
        reference = reference[: places[0]] + new + reference[places[0] + len(old) :]
    return reference


def _is_solution(source: str, place: int) -> bool:
    """Whether this place lies between the markers, where a student writes; docstrings are left alone."""
    return source.rfind("### BEGIN SOLUTION", 0, place) > source.rfind("### END SOLUTION", 0, place)


def _span(source: str, name: str) -> tuple[int, int]:
    """Where the top-level definition of that name, or the method `Class.name`, begins and ends in the text."""
    body: list[ast.stmt] = ast.parse(source).body
    node: ast.stmt | None = None
    for part in name.split("."):
        node = next((n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef) and n.name == part), None)
        if node is None:
            raise ValueError(f"the reference has no {name}")
        body = node.body if isinstance(node, ast.ClassDef) else []
    assert node is not None
    assert node.end_lineno is not None
    lines = source.splitlines(keepends=True)
    begin = sum(len(line) for line in lines[: node.lineno - 1])
    return begin, sum(len(line) for line in lines[: node.end_lineno])


def load_source(source: str, name: str, file: str) -> types.ModuleType:
    """Run trusted source, the reference or a variant of it, as a module of its own."""
    module = types.ModuleType(name)
    module.__file__ = file
    exec(compile(source, file, "exec"), vars(module))  # noqa: S102 - the course's own code
    return module
