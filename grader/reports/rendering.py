"""What all pages share: templates that cannot forget to escape, one style, and files that are known again as our own."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from grader.errors import GraderError
from grader.harmless import visible
from grader.output import file_stem
from grader.reports.html import TEST_WORDS
from grader.reports.terminal import EXERCISE_WORDS, NOT_WRITTEN, passed
from grader.results import tidy

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from grader.results import ExerciseResult, TestResult

STUDENTS = "students"
WORDS = {"graded": "graded"} | EXERCISE_WORDS
_MARK = b'<meta name="generator" content="grader report">'


class Templates:
    """The templates. Whatever they show is escaped, after control and direction marks were made visible."""

    def __init__(self) -> None:
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("grader.reports"), autoescape=True, finalize=_shown, trim_blocks=True,
            lstrip_blocks=True, undefined=jinja2.StrictUndefined,
        )  # fmt: skip
        self._environment.globals |= {"style": self._own("style.css"), "script": None, "words": WORDS}
        self._environment.filters |= {
            "points": lambda value: f"{round(value, 2):g}",
            "signed": lambda value: f"{value:+.2f}".replace("-", "−"),
            "signed_points": lambda value: f"{tidy(value):+g}".replace("-", "−"),
            "percent": lambda value: "–" if value is None else f"{100 * value:.0f} %",
            "moment": _moment,
            "page": href_of,
            "found": _found,
            "kind": lambda test: _word(test)[1],
            "word": lambda test: _word(test)[0],
        }

    def render(self, template: str, **values: object) -> str:
        """A page that runs no script."""
        return self._environment.get_template(template).render(**values)

    def render_with_script(self, template: str, **values: object) -> str:
        """A page whose tables can be sorted and filtered. Its policy names the script's hash: no other one would run."""
        script = self._own("table.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return self.render(template, script=script, script_hash=f"sha256-{digest}", **values)

    def _own(self, name: str) -> Markup:
        """A file beside the templates, as it is."""
        assert self._environment.loader is not None
        return Markup(self._environment.loader.get_source(self._environment, name)[0])  # noqa: S704 - our own file


def write_page(path: Path, text: str) -> None:
    """Write a page, unless it is there already.

    Raises:
        GraderError: another file is in its place.
    """
    data = text.encode()
    if path.exists():
        there = path.read_bytes()
        if there == data:
            return
        if not is_own_page(there):
            raise GraderError(f"{path} was not written by grader. Move it away, and type the same again.")
    path.write_bytes(data)


def is_own_page(data: bytes) -> bool:
    """Whether these bytes are a page that was written here."""
    return _MARK in data[:400]


def page_of(student: str) -> str:
    """The path of a student's page, in the report's folder."""
    return f"{STUDENTS}/{file_stem(student)}.html"


def href_of(student: str) -> str:
    """The same for a link."""
    return quote(page_of(student))


def _shown(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M %Z").strip()


def _word(test: TestResult) -> tuple[str, str]:
    return ("to do", "open") if test.message.startswith(NOT_WRITTEN) else TEST_WORDS[test.status]


def _found(exercise: ExerciseResult) -> str:
    if exercise.status != "graded":
        return WORDS[exercise.status]
    if passed(exercise):
        return "all right"
    return f"{sum(test.status == 'passed' for test in exercise.tests)} of {len(exercise.tests)} tests pass"
