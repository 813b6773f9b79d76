"""The README's pictures: `grader check` naming a mistake, a figure of the lesson, and the report of the sample class.

python docs/make_pictures.py
"""

from __future__ import annotations

import base64
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from grader.authoring.notebooks import lesson_notebook, run_notebook
from grader.catalog import Course
from grader.reports.terminal import check_text
from grader.results import submission_result
from grader.submissions.reading import read_submission
from grader.workspace.checking import with_examiner

if TYPE_CHECKING:
    from grader.suite.examiner import Examiner

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
SAMPLE_CLASS = ROOT / "tests" / "sample_class"
STUDENT = SAMPLE_CLASS / "s07-swapped-gates"
FIGURE = "LSTM, forget bias 3"


def picture_of_check(course: Course) -> None:
    """What a student sees whose cell update has its two gates swapped."""
    lesson = course.lessons[0]
    gates = lesson.exercise("gates")
    lines: list[str] = ["$ grader check gates"]

    def run(examiner: Examiner) -> None:
        result = examiner.examine(read_submission(STUDENT, lesson).work(gates))
        hidden = [test for test in result.tests if test.visibility == "hidden" and test.max_points >= 1]
        result.tests = hidden
        lines.extend(check_text(submission_result(None, lesson.name, [result]), lesson))

    with_examiner(course, lesson, [gates], run)
    console = Console(record=True, width=80, file=io.StringIO())
    for line in lines:
        console.print(Text.from_ansi(line))
    console.save_svg(str(HERE / "check.svg"), title="grader check gates", theme=MONOKAI)


def figure_of_lesson(course: Course) -> None:
    """The gradient's reach, as the lesson's own cells draw it."""
    lesson = course.lessons[0]
    notebook = lesson_notebook(course, lesson, exercises=False)
    last = next(
        number for number, cell in enumerate(notebook["cells"])
        if FIGURE in "".join(cell["source"]) and "plt.show()" in "".join(cell["source"])
    )  # fmt: skip
    notebook["cells"] = notebook["cells"][: last + 1]
    node = run_notebook(notebook, course.text_folder(lesson))
    picture = next(
        output["data"]["image/png"] for output in node.cells[-1].outputs if "image/png" in output.get("data", {})
    )
    (HERE / "gradients.png").write_bytes(base64.b64decode(picture))


def picture_of_report() -> None:
    """The first page of the sample class's report, in Chromium."""
    with tempfile.TemporaryDirectory() as graded, sync_playwright() as playwright:
        for command in (["grade", str(SAMPLE_CLASS), "--output", graded], ["report", graded]):
            subprocess.run([sys.executable, "-m", "grader", *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with playwright.chromium.launch(executable_path=shutil.which("chromium")) as chromium:
            page = chromium.new_page(viewport={"width": 1280, "height": 860})
            page.goto((Path(graded) / "report" / "index.html").as_uri())
            picture = page.screenshot()
    Image.open(io.BytesIO(picture)).quantize(64).save(HERE / "report.png", optimize=True)


if __name__ == "__main__":
    picture_of_report()
    picture_of_check(Course(ROOT))
    figure_of_lesson(Course(ROOT))
