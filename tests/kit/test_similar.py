"""Similar submissions: copies are found under any disguise, honest work is left in peace, and nothing handed in is run."""

import ast
import itertools
import random
import re
import textwrap

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader import similarity
from grader.catalog import Course
from grader.similarity import compare, compare_class, grams_of
from grader.submissions.finding import find_class
from tests.kit.conftest import ROOT, SAMPLE_CLASS

COURSE = Course(ROOT)
LESSON = COURSE.lesson("lesson09_lstm")
ANSWERS = sorted((ROOT / "tests" / "right_answers" / LESSON.name).rglob("*.py"))


class Renamed(ast.NodeTransformer):
    """Other names for arguments and variables."""

    def __init__(self, tree):
        nodes = list(ast.walk(tree))
        names = {node.arg for node in nodes if isinstance(node, ast.arg)}
        names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        self.names = {name: f"other_{number}" for number, name in enumerate(sorted(names))}

    def visit_arg(self, node):
        node.arg, node.annotation = self.names[node.arg], None
        return node

    def visit_Name(self, node):
        node.id = self.names.get(node.id, node.id)
        return node


class WithDeadCode(ast.NodeTransformer):
    """A statement that does nothing before every fourth."""

    count = 0

    def generic_visit(self, node):
        super().generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.For | ast.If | ast.With):
            body = []
            for statement in node.body:
                self.count += 1
                if self.count % 4 == 0:
                    body += ast.parse(f"unused_{self.count} = [{self.count}, None]").body
                body.append(statement)
            node.body = body
        return node


def renamed(tree):
    return Renamed(tree).visit(tree)


def reordered(tree):
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for definition in definitions:
        if isinstance(definition, ast.ClassDef):
            definition.body.reverse()
    tree.body = [node for node in tree.body if node not in definitions] + definitions[::-1]
    return tree


def with_dead_code(tree):
    return WithDeadCode().visit(tree)


def with_all(tree):
    return with_dead_code(reordered(renamed(tree)))


def disguised(text, disguise):
    """The same program in another dress; comments and layout are lost, and other comments stand in their place."""
    lines = ast.unparse(ast.fix_missing_locations(disguise(ast.parse(text)))).splitlines()
    return "\n".join(f"# I wrote this\n{line}" if number % 5 == 0 else line for number, line in enumerate(lines))


def shown():
    return similarity._shown_by_course(COURSE, LESSON)


@pytest.mark.parametrize("disguise", [renamed, reordered, with_dead_code, with_all])
def test_a_copy_is_found_in_disguise(disguise):
    """Other names, another order, other comments, statements that do nothing, and all of that at once."""
    known = shown()
    assert len(ANSWERS) > 20
    for path in ANSWERS:
        text = path.read_text()
        copy = disguised(text, disguise)
        assert copy != text
        (pair,) = compare(path.parent.name, {"one": text, "other": copy}, known)
        assert (pair.first.student, pair.second.student) == ("one", "other")


def lines_of_their_own(text, exercise):
    stub = {line.strip() for line in COURSE.stub(LESSON, LESSON.exercise(exercise)).read_text().splitlines()}
    return {line.strip() for line in text.splitlines() if len(line.strip()) > 15} - stub


def test_honest_work_is_left_in_peace(monkeypatch):
    """Right answers written apart, and the sample class: far from the limit, but for files that are the same lines."""
    monkeypatch.setattr(similarity, "LEAST", 20)
    monkeypatch.setattr(similarity, "ALIKE", 0.4)
    texts = {exercise.name: {} for exercise in LESSON.exercises}
    for path in ANSWERS:
        texts[path.parent.name][f"answer {path.stem}"] = path.read_text()
    for entry in find_class(SAMPLE_CLASS, LESSON):
        for exercise in LESSON.exercises:
            files = entry.read(LESSON).work(exercise).files
            if files:
                texts[exercise.name][entry.student] = b"\n".join(files.values()).decode("utf-8-sig")
    known = shown()
    compared = 0
    for exercise, works in texts.items():
        compared += len(works) * (len(works) - 1) // 2
        for pair in compare(exercise, works, known):
            first, second = (lines_of_their_own(work.text, exercise) for work in (pair.first, pair.second))
            assert len(first & second) > 0.8 * min(len(first), len(second)), (exercise, pair.first, pair.second)
    assert compared > 400


def honest_gates(style):
    """The gates in one of the ways in which people write them."""
    product, squash, shape, last = style
    z = product.format("x", "weight_ih") + " + " + product.format("h", "weight_hh") + " + bias"
    text = ""
    for name, function in (("forget_gate", "sigmoid"), ("input_gate", "sigmoid"), ("output_gate", "sigmoid"),
                           ("candidate", "tanh")):  # fmt: skip
        body = shape.format(z=z, squashed=squash.format(function))
        text += f"def {name}(x, h, weight_ih, weight_hh, bias):\n{textwrap.indent(body, '    ')}\n\n"
    return text + last


STYLES = list(itertools.product(
    ["{0} @ {1}.T", "{0} @ {1}.t()", "{0} @ {1}.mT", "torch.matmul({0}, {1}.T)", "torch.mm({0}, {1}.t())", "F.linear({0}, {1})"],
    ["torch.{}(z)", "z.{}()", "F.{}(z)"],
    ["z = {z}\nreturn {squashed}", "z = {z}\nout = {squashed}\nreturn out", "z = ({z})\nz = {squashed}\nreturn z"],
    ["def update_cell(forget, input, candidate, cell):\n    return forget * cell + input * candidate\n\n"
     "def expose_hidden(output, cell):\n    return output * torch.tanh(cell)\n",
     "def update_cell(f, i, g, c):\n    new = (f * c) + (i * g)\n    return new\n\n"
     "def expose_hidden(o, c):\n    hidden = o * c.tanh()\n    return hidden\n"],
))  # fmt: skip


@pytest.mark.parametrize("size", [6, 25, 100])
def test_a_short_exercise_has_few_right_answers(size):
    """Whole classes that write one formula in a few ways: many of them alike, nobody suspected."""
    known = shown()
    for seed in range(5):
        draw = random.Random(seed)
        works = {f"s{number:03}": honest_gates(draw.choice(STYLES)) for number in range(size)}
        assert compare("gates", works, known) == []


def program(seed, length=40):
    """A program like no other."""
    draw = random.Random(seed)
    calls = [f"torch.op{draw.randrange(10**6)}(a, {draw.randrange(10**6)})" for _ in range(length)]
    return "def answer(a):\n" + "".join(f"    a = {call}\n" for call in calls) + "    return a\n"


def test_what_many_write_is_idiom_and_a_ring_is_not():
    """The same long passage with twenty of thirty counts for nothing; four who copy from each other are six pairs."""
    idiom = program("idiom").replace("answer", "helper")
    works = {f"s{number:02}": program(number) + (idiom if number < 20 else "") for number in range(30)}
    assert compare("any", works) == []
    for number in range(21, 24):
        works[f"s{number}"] = disguised(works["s20"], with_dead_code) + program(f"own {number}", 5)
    ring = ["s20", "s21", "s22", "s23"]
    found = {(pair.first.student, pair.second.student) for pair in compare("any", works)}
    assert found == set(itertools.combinations(ring, 2))


def test_identical_copies_are_no_idiom():
    """However many hand in one and the same text."""
    works = {f"s{number:02}": program("the same" if number < 12 else number) for number in range(30)}
    assert len(compare("any", works)) == 12 * 11 / 2


def test_what_the_course_shows_is_nobodys():
    """Everybody hands in the solution: no pair. One changed line does not make it theirs."""
    for exercise in LESSON.exercises:
        solution = COURSE.solution(LESSON, exercise).read_text()
        changed = solution.replace("return ", "return 0 + ", 1)
        assert compare(exercise.name, {"a": solution, "b": solution, "c": changed, "d": changed}, shown()) == []


def test_a_text_that_is_no_python_is_read_all_the_same():
    """A syntax error hides nothing, and never raises."""
    broken = program("broken").replace("return a", "return return (((")
    assert len(compare("any", {"a": program("broken"), "b": broken})) == 1
    for text in ("", "\0", "'''", "def", "class", "((((" * 1000, "\ud800".encode("utf-8", "replace").decode()):
        grams_of(text)


@pytest.fixture
def pair_of_copies(small_course):
    """A class of three, two of whom share one text; a name and a line that try to be markup; a work that would act if run."""
    acting = f"open({str(small_course.root / 'was-run')!r}, 'w')\n"
    hostile = program("theirs") + "    '<script>alert(1)</script>\u202e'\n"
    small_course.hand_in("<img src=x>", acting + hostile)
    small_course.hand_in("copy", disguised(hostile, with_all))
    small_course.hand_in("honest", program("my own"))
    small_course.hand_in("broken", b"\xff\xfe")
    return small_course


def test_the_command(run_grader, pair_of_copies, tmp_path):
    """A line per pair, the page where it was asked for, the same bytes each time; nothing handed in is run."""
    here = {"cwd": pair_of_copies.root}
    finished = run_grader("similar", "class", **here)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert lines[:2] == ["1 pair is alike. This is a hint to look, never a grade.", "  alike  exercise  students"]
    assert re.fullmatch(r"   \d\d %  double    <img src=x> and copy", lines[2])
    assert lines[3:] == ["1 could not be compared; the page says which.", "Side by side: similar.html"]
    assert run_grader("similar", "class", "-o", tmp_path / "new", **here).returncode == 0
    assert (tmp_path / "new" / "similar.html").read_bytes() == (pair_of_copies.root / "similar.html").read_bytes()
    text = (pair_of_copies.root / "similar.html").read_text()
    for said in ("This is a hint for a person, never a grade.", "broken/double", "&lt;script&gt;alert(1)"):
        assert said in text
    for unsaid in ("honest", "<img", "<script>alert", "\u202e"):
        assert unsaid not in text
    assert not (pair_of_copies.root / "was-run").exists()


def test_of_a_run(run_grader, pair_of_copies):
    """The run knows where the hand-ins lay; where they are gone, a sentence says so."""
    from grader.output import GradedExercise, HandIn, Run, as_json

    folder = pair_of_copies.root / "graded"
    folder.mkdir()
    run = Run(
        lesson="lesson01", title="Lesson 1", submissions=str(pair_of_copies.root / "class"), grader="0", python="3",
        torch="2", exercises=[GradedExercise(name="double", title="Twice", points=2)], hand_ins=[HandIn(student="copy")],
    )  # fmt: skip
    (folder / "run.json").write_bytes(as_json(run))
    finished = run_grader("similar", folder, cwd=pair_of_copies.root)
    assert finished.returncode == 0, finished.stderr
    assert (folder / "similar.html").exists()
    (pair_of_copies.root / "class").rename(pair_of_copies.root / "moved")
    finished = run_grader("similar", folder, cwd=pair_of_copies.root)
    assert finished.returncode == 2
    assert "not there any more" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_page_is_readable_by_all(pair_of_copies, tmp_path, browser):
    """axe finds nothing; a part's number leads to its other side."""
    from grader.reports.similar import write_similar

    lesson = Course(pair_of_copies.root).lesson()
    entries = find_class(pair_of_copies.root / "class", lesson)
    page = write_similar(
        compare_class(Course(pair_of_copies.root), lesson, lesson.exercises, entries), "Lesson 1", tmp_path
    )
    for scheme, width in itertools.product(("light", "dark"), (1280, 390)):
        with browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}) as context:
            opened = context.new_page()
            opened.goto(page.as_uri())
            found = Axe().run(opened)
            assert not found.response["violations"], found.generate_report()
            assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
            links = opened.locator(".code a")
            assert links.count() >= 2
            assert all(
                opened.locator(link.get_attribute("href")).count() == 1 for link in links.all()
            )  # fmt: skip
