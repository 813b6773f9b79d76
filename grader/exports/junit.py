"""JUnit XML as pytest writes it (`xunit2`): a `testsuite` per exercise, a `testcase` per test.

That schema allows properties for a suite only, so each test's points stand there, as `hidden.test_name.points`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import msgspec

from grader.harmless import number, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.output import Graded
    from grader.results import ExerciseResult, SubmissionResult, TestResult


def junit_xml(graded: Graded, result: SubmissionResult) -> bytes:
    """One student's result. A wrong answer is a `failure`; code that raises, hangs or cannot be run an `error`."""
    root = ET.Element("testsuites", name=visible(result.student or ""))
    for exercise in result.exercises:
        root.append(_suite(result, exercise))
    hand_in = graded.hand_in(result.student)
    if result.exercises and hand_in.penalty:
        late = {"penalty": number(hand_in.penalty), "days_late": str(hand_in.days_late)}
        for name, value in {**late, "final": number(graded.final_score(result))}.items():
            properties = root[0][0]
            ET.SubElement(properties, "property", name=f"submission.{name}", value=value)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(result: SubmissionResult, exercise: ExerciseResult) -> ET.Element:
    cases = [_case(result.lesson, exercise, test) for test in exercise.tests]
    counts = {tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")}
    suite = ET.Element(
        "testsuite", name=f"{result.lesson}.{exercise.exercise}", errors=str(counts["error"]),
        failures=str(counts["failure"]), skipped=str(counts["skipped"]), tests=str(len(cases)),
        time=f"{exercise.seconds:.3f}",
    )  # fmt: skip
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(exercise):
        ET.SubElement(properties, "property", name=name, value=value)
    suite.extend(cases)
    if not isinstance(exercise.output, msgspec.UnsetType):
        ET.SubElement(suite, "system-out").text = visible(exercise.output)
    return suite


def _properties(exercise: ExerciseResult) -> Iterator[tuple[str, str]]:
    yield "status", exercise.status
    yield "points", number(exercise.score)
    yield "max_points", number(exercise.max_score)
    for test in exercise.tests:
        yield f"{test.visibility}.{test.name}.points", number(test.points)
        yield f"{test.visibility}.{test.name}.max_points", number(test.max_points)


def _case(lesson: str, exercise: ExerciseResult, test: TestResult) -> ET.Element:
    case = ET.Element(
        "testcase", classname=f"tests.{test.visibility}.{lesson}.test_{exercise.exercise}", name=visible(test.name),
        time=f"{test.seconds:.3f}",
    )  # fmt: skip
    tag, kind, message = _outcome(exercise, test)
    if tag:
        node = ET.SubElement(case, tag, type=kind, message=visible(message).partition("\n")[0])
        node.text = visible(f"{test.title}\n{message}")
    if not isinstance(test.output, msgspec.UnsetType):
        ET.SubElement(case, "system-out").text = visible(test.output)
    return case


def _outcome(exercise: ExerciseResult, test: TestResult) -> tuple[str, str, str]:
    """The element that says how the test ended, with its type and message; no element where it passed."""
    if test.status == "passed":
        return "", "", ""
    if test.status == "failed":
        return "failure", test.status, test.message
    if test.status != "not_run":
        return "error", test.status, test.message
    if exercise.status in ("graded", "missing"):
        return (
            "skipped",
            exercise.status if exercise.status != "graded" else test.status,
            test.message or exercise.message,
        )
    return "error", exercise.status, exercise.message
