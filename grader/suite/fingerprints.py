"""Mistakes named by their wrong numbers alone, where the known wrong answers themselves are not at hand.

A class installs the public suites without the bank of misconceptions, whose code would give the solutions away. What goes
along is how each known mistake fails each example: the line of the suite, and the wrong numbers that came back. An
example's inputs are fixed, so a student who makes the same mistake gets the same numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import torch

from grader.suite.compare import same_evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from grader.suite.misconceptions import Misconception
    from grader.suite.naming import Failure

ELEMENTS = 500
"""Larger tensors are not kept: an example is small enough to read."""

MOST_TOLD = 2
"""Fixed inputs may agree with several mistakes by chance: two are still worth telling, more are a guess."""


class Trace(msgspec.Struct, frozen=True):
    """How a mistake fails one example."""

    test: str
    line: int
    kind: str
    evidence: Any


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake: what a teacher would say, and how it fails the examples."""

    id: str
    says: str
    see: str
    traces: list[Trace]


Fingerprints = dict[str, list[Fingerprint]]
"""By exercise."""


def read_fingerprints(path: Path) -> Fingerprints:
    """What is known; nothing where there is no such file."""
    return msgspec.json.decode(path.read_bytes(), type=Fingerprints) if path.exists() else {}


def taken(
    entries: Iterable[Misconception], tests: Iterable[str], failure: Callable[[Misconception, str, int], Failure | None]
) -> list[Fingerprint]:
    """The fingerprints of these mistakes; what depends on chance leaves none.

    Args:
        entries: the known mistakes of an exercise.
        tests: the names of its examples.
        failure: how a mistake fails an example whose random generators start from a seed.
    """
    tests = list(tests)
    found = []
    for entry in entries:
        traces = []
        for test in tests:
            first, second = (failure(entry, test, seed) for seed in (1, 2))
            if first is None or second is None or not _alike(first, second):
                continue
            evidence = _encoded(first.evidence)
            if evidence is not None:
                traces.append(Trace(test, first.line, first.kind, evidence))
        if traces:
            found.append(Fingerprint(id=entry.id, says=entry.says, see=entry.see, traces=traces))
    return found


def fitting(known: list[Fingerprint], failures: dict[str, Failure | None]) -> tuple[list[Fingerprint], set[str]]:
    """The mistakes that explain most of these failed examples, and which examples; none where more than two do.

    Args:
        known: the fingerprints of the exercise.
        failures: how the student's code failed, by example; None where a failure cannot be compared.
    """
    scored: list[tuple[Fingerprint, set[str]]] = []
    for fingerprint in known:
        if not all(trace.test in failures for trace in fingerprint.traces):
            continue  # it would have failed an example that the student's code passes
        explained = {trace.test for trace in fingerprint.traces if _fits(trace, failures[trace.test])}
        if explained:
            scored.append((fingerprint, explained))
    most = max((len(explained) for _, explained in scored), default=0)
    winners = [(fingerprint, explained) for fingerprint, explained in scored if len(explained) == most]
    if not 1 <= len(winners) <= MOST_TOLD:
        return [], set()
    return [fingerprint for fingerprint, _ in winners], set.intersection(*(explained for _, explained in winners))


def _fits(trace: Trace, failure: Failure | None) -> bool:
    return (
        failure is not None
        and (failure.line, failure.kind) == (trace.line, trace.kind)
        and same_evidence(failure.evidence, _decoded(trace.evidence))
    )


def _alike(one: Failure, other: Failure) -> bool:
    return (one.line, one.kind) == (other.line, other.kind) and same_evidence(one.evidence, other.evidence)


def _encoded(value: Any) -> Any:
    """The evidence as JSON; None where it is too large or nothing that can be written down."""
    if isinstance(value, torch.Tensor):
        if value.numel() > ELEMENTS or value.is_complex():
            return None
        numbers = [_number(number) for number in value.detach().flatten().tolist()]
        return {"tensor": [str(value.dtype).removeprefix("torch."), list(value.shape), numbers]}
    if isinstance(value, bool | int | str):
        return {"value": value}
    if isinstance(value, float):
        return {"float": _number(value)}
    if isinstance(value, tuple | list):
        items = [_encoded(item) for item in value]
        return None if None in items else {type(value).__name__ if type(value) is list else "tuple": items}
    if isinstance(value, dict):
        entries = _encoded([list(entry) for entry in value.items()])
        return None if entries is None else {"dict": entries}
    return None


def _number(value: float | bool) -> Any:
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _decoded(value: dict[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "tensor":
        dtype, shape, numbers = inner
        flat = [float(number) if isinstance(number, str) else number for number in numbers]
        return torch.tensor(flat, dtype=getattr(torch, dtype)).reshape(shape)
    if kind == "float":
        return float(inner)
    if kind == "value":
        return inner
    if kind == "dict":
        return dict(_decoded(inner))
    items = [_decoded(item) for item in inner]
    return items if kind == "list" else tuple(items)
