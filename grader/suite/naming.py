"""Naming a mistake by its numbers: the same test, run on every known wrong answer, with the same inputs.

Where a variant of the reference fails at the same comparison with the same wrong numbers as the student's code, the
mistake is known. A suite needs no line for this, since a test is an ordinary function that can be called again.
"""

from __future__ import annotations

import re
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import msgspec

from grader.sandbox.proxy import BannedUse, StudentError, StudentStopped
from grader.suite.compare import Mismatch, same_evidence
from grader.suite.constants import constants_kept
from grader.suite.draw import Draw, derive_seed, generators_seed
from grader.suite.local import LocalStudent, SeededGenerators
from grader.suite.misconceptions import Misconception, load_source, read_bank

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

FURTHER_INPUTS = 2


class Failure(msgspec.Struct, frozen=True):
    """How a test failed: at which line of the suite, and with which wrong numbers or which exception."""

    line: int
    kind: str
    evidence: Any


def failure_of(error: BaseException, suite: Path) -> Failure | None:
    """What can be compared of a failure; None where there is nothing (a timeout, an unwritten function)."""
    lines = [frame.lineno or 0 for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(suite)]
    line = lines[-1] if lines else 0
    if isinstance(error, Mismatch):
        if error.got is None:
            return Failure(line, "said", error.message)
        return Failure(line, f"mismatch {error.about}".rstrip(), error.got)
    if isinstance(error, StudentError):
        if error.missing or isinstance(error, NotImplementedError):
            return None
        return Failure(line, error.type_name, _comparable(error.text))
    if isinstance(error, Exception):
        return Failure(line, type(error).__qualname__, _comparable(str(error)))
    return None


def _comparable(text: str) -> str:
    return re.sub(r"0x[0-9a-f]+", "0x", text)


class Bank:
    """The known wrong answers of one exercise, made into modules when the first test fails."""

    def __init__(self, bank: Path, solution: Path) -> None:
        self._paths = (bank, solution)
        self._entries: list[Misconception] | None = None
        self._modules: dict[str, Any] = {}

    @property
    def entries(self) -> list[Misconception]:
        """All of them, in the order of the file."""
        if self._entries is None:
            self._entries = read_bank(*self._paths)
        return self._entries

    def entry(self, id: str) -> Misconception:
        """The one of that id."""
        return next(entry for entry in self.entries if entry.id == id)

    def matching(
        self,
        item: pytest.Function,
        arguments: dict[str, Any],
        failure: Failure,
        seed: int,
        used: set[str],
        likely: set[str],
        again: Callable[[int], Failure | None],
    ) -> list[str]:
        """The ids whose numbers agree with this failure.

        Args:
            item: the test that failed.
            arguments: the arguments that the test was called with.
            failure: how it failed.
            seed: what its inputs were drawn from.
            used: the names of the student's module that the test has used.
            likely: the ids that earlier tests have found; where one of them fits, no other is tried.
            again: runs the test once more on the student's code, with another seed.
        """
        suite = item.path
        possible = [entry for entry in self.entries if entry.affects & used]

        def alike(entries: list[Misconception]) -> list[Misconception]:
            return [e for e in entries if self._fails_alike(e, item, arguments, failure, seed, suite)]

        found = alike([entry for entry in possible if entry.id in likely])
        if found:
            return [entry.id for entry in found]
        found = alike([entry for entry in possible if entry.id not in likely])
        for further in range(FURTHER_INPUTS):
            if len(found) < 2:
                break
            seed = derive_seed("further input", str(seed), str(further))
            other = again(seed)
            if other is None:
                break
            still = [entry for entry in found if self._fails_alike(entry, item, arguments, other, seed, suite)]
            found = still or found
        return [entry.id for entry in found]

    def _fails_alike(
        self, entry: Misconception, item: pytest.Function, arguments: dict[str, Any], failure: Failure, seed: int,
        suite: Path,
    ) -> bool:  # fmt: skip
        theirs = self.failure(entry, item, arguments, seed)
        return (
            theirs is not None
            and theirs.line == failure.line
            and theirs.kind == failure.kind
            and same_evidence(theirs.evidence, failure.evidence)
        )

    def failure(
        self, entry: Misconception, item: pytest.Function, arguments: dict[str, Any], seed: int
    ) -> Failure | None:
        """How the variant fails this test; None where it passes."""
        try:
            if entry.id not in self._modules:
                self._modules[entry.id] = load_source(entry.source, f"variant_{entry.id}", f"<{entry.id}>")
            call_test(item, arguments, LocalStudent(self._modules[entry.id]), seed)
        except (StudentStopped, BannedUse):
            return None
        except Exception as error:  # noqa: BLE001 - a wrong answer may raise anything
            return failure_of(error, item.path)
        return None


def call_test(item: pytest.Function, arguments: dict[str, Any], student: Any, seed: int) -> None:
    """Run the test function itself, with another student and inputs drawn from `seed`."""
    replaced = {"student": student, "draw": Draw(seed)}
    with SeededGenerators(generators_seed(seed)), warnings.catch_warnings(), constants_kept(item.module):
        warnings.simplefilter("ignore")  # of wrong answers run on this side: nobody reads them
        item.obj(**{name: replaced.get(name, value) for name, value in arguments.items()})
