"""Results as HTML that stands by itself in a notebook's output: readable in light and dark, by screen readers, on paper."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING

import msgspec

from grader.harmless import visible
from grader.reports.terminal import EXERCISE_WORDS, NOT_WRITTEN, passed

if TYPE_CHECKING:
    from grader.catalog import Exercise
    from grader.results import ExerciseResult, TestResult

PRINTED = 2000
_STYLE = """
.grader{font:14px/1.5 system-ui,sans-serif;max-width:46rem;border:1px solid #8886;border-radius:8px;padding:.8em 1em}
.grader h4{margin:0 0 .5em;font-size:1.05em;font-weight:600}section.grader ul.tests{list-style:none;margin:0;padding:0}
.grader li{padding:.15em 0 .15em 5.5em;position:relative}.grader li b{position:absolute;left:0}
.grader .right{color:#177245}.grader .wrong{color:#b3261e}.grader .open{color:#8a6100}
section.grader pre.says{white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;font-size:.95em;
margin:.4em 0 0;padding:.6em .8em;background:#8881;border-radius:6px}
.grader p{margin:.8em 0 .3em}
@media(prefers-color-scheme:dark){.grader .right{color:#6fdc9f}.grader .wrong{color:#ff8a80}.grader .open{color:#ffd166}}
[data-jp-theme-light=false] .grader .right{color:#6fdc9f}[data-jp-theme-light=false] .grader .wrong{color:#ff8a80}
[data-jp-theme-light=false] .grader .open{color:#ffd166}[data-jp-theme-light=true] .grader .open{color:#8a6100}
[data-jp-theme-light=true] .grader .right{color:#177245}[data-jp-theme-light=true] .grader .wrong{color:#b3261e}
"""
TEST_WORDS = {
    "passed": ("ok", "right"), "failed": ("wrong", "wrong"), "error": ("error", "wrong"), "timeout": ("too slow", "wrong"),
    "out_of_memory": ("memory", "wrong"), "crashed": ("crash", "wrong"), "not_run": ("not run", "open"),
}  # fmt: skip


def exercise_html(result: ExerciseResult, declared: Exercise) -> str:
    """One exercise: a line per test, and the first failure explained."""
    parts = [f"<style>{_STYLE}</style>", '<section class="grader">']
    right = sum(test.status == "passed" for test in result.tests)
    parts.append(f"<h4>{_text(declared.title)}: {right} of {len(result.tests)} right</h4>")
    if result.status != "graded":
        parts.append(f'<p class="wrong"><strong>{EXERCISE_WORDS[result.status].capitalize()}</strong></p>')
        parts += [_says(result.message), _printed(result.output)]
    else:
        parts += ['<ul class="tests">', *map(_line, result.tests), "</ul>"]
        failed = next((test for test in result.tests if test.status != "passed"), None)
        if failed is not None:
            parts.append(f"<p><strong>First: {_text(failed.title)}</strong></p>")
            parts += [_says(failed.message), _printed(failed.output)]
        elif passed(result):
            parts.append('<p class="right"><strong>All of it is right.</strong></p>')
    parts.append("</section>")
    return "\n".join(filter(None, parts))


def note_html(text: str) -> str:
    """A sentence that stands for itself."""
    return f'<style>{_STYLE}</style><section class="grader">{_text(text)}</section>'


def picture_html(png: bytes, description: str) -> str:
    """A picture within the page."""
    data = base64.b64encode(png).decode()
    return f'<img alt="{escape(description)}" style="max-width:100%" src="data:image/png;base64,{data}">'


def _line(test: TestResult) -> str:
    word, kind = TEST_WORDS[test.status]
    if test.message.startswith(NOT_WRITTEN):
        word, kind = "to do", "open"
    return f'<li><b class="{kind}">{word}</b>{_text(test.title)}</li>'


def _printed(output: str | msgspec.UnsetType) -> str:
    if isinstance(output, msgspec.UnsetType) or not output.strip():
        return ""
    whole_lines = output[:PRINTED].rpartition("\n")[0] or output[:PRINTED]
    shown = output if len(output) <= PRINTED else f"{whole_lines}\n…"
    return f"<p>Your code printed:</p>{_says(shown)}"


def _says(text: str) -> str:
    return f'<pre class="says">{_text(text)}</pre>'


def _text(text: str) -> str:
    return escape(visible(text))
