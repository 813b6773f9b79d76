"""The examiner: what a suite may and may not do, and whose fault is whose."""

import ast

import pytest

from grader.errors import IncompleteRun
from tests.kit.conftest import ROOT

RIGHT = "def double(x): return 2 * x"


def test_right_and_wrong(small_course, examine):
    """A right answer gets all points, a wrong one none, with what came back and without what was expected."""
    right, wrong = examine(small_course.root, RIGHT, "def double(x): return 3 * x")
    assert (right.status, right.score, right.max_score) == ("graded", 2.0, 2.0)
    assert wrong.score == 0.0
    message = wrong.tests[1].message
    assert "3 of 3 numbers in the result are wrong" in message
    assert "expected" not in message
    assert "double(float64 (3,))" in message
    (told,) = examine(small_course.root, "def double(x): return 3 * x", reveal=True)
    assert "expected" in told.tests[1].message


def test_the_same_work_gets_the_same_result(small_course, examine):
    """Also for work that depends on chance: the far side's generators start from the seed of the test."""
    text = "import random\ndef double(x): return (2 + random.random()) * x"
    first, second = examine(small_course.root, text, text)
    for result in (first, second):
        result.seconds = 0
        for test in result.tests:
            test.seconds = 0
    assert first == second


@pytest.mark.parametrize(
    "line",
    [
        "pytest.skip('not today')", "pytest.xfail('never')", "pytest.importorskip('nothing_of_that_name')",
        "1 / 0", "raise SystemExit(0)", "undefined", "reference.nothing(1)", "pytest.exit('early')",
    ],
)  # fmt: skip
def test_a_suite_that_fails_by_itself_is_the_graders_error(small_course, examine, line):
    """A skip, an expected failure, an early end or a bug in a suite never counts as a pass, nor as the student's zero."""
    hidden = small_course.HIDDEN.replace("x = draw", f"{line}\n            x = draw")
    small_course.write(
        "tests/hidden/lesson01/test_double.py", "import pytest\n" + __import__("textwrap").dedent(hidden)
    )
    (result,) = examine(small_course.root, RIGHT)
    assert result.status == "error"
    assert result.score == 0.0
    assert "test_double" in result.message


def test_what_breaks_on_the_students_value_is_the_students(small_course, examine):
    """A suite that passes on the reference and breaks on a student's odd value: the test failed."""
    hidden = small_course.HIDDEN.replace("x = draw", "len(student.double([1]))\n            x = draw")
    small_course.write("tests/hidden/lesson01/test_double.py", hidden)
    (result,) = examine(small_course.root, "def double(x): return None")
    assert (result.status, result.tests[1].status) == ("graded", "failed")
    assert "cannot work with what your code returned (TypeError)" in result.tests[1].message


def test_points_must_add_up(small_course, examine):
    """Points are passes against a fixed sum: a suite that lost a test grades nobody."""
    small_course.write("tests/hidden/lesson01/test_double.py", small_course.HIDDEN.replace("points(2)", "points(1)"))
    (result,) = examine(small_course.root, RIGHT)
    assert result.status == "error"
    assert "add up to 1 points, lesson.toml says 2" in result.message


def test_a_suite_that_collects_nothing_is_an_error(small_course, examine):
    """An empty suite, or one whose tests have other names, passes nobody."""
    small_course.write("tests/hidden/lesson01/test_double.py", "def check_double(): pass\n")
    (result,) = examine(small_course.root, RIGHT)
    assert result.status == "error"


def test_a_suite_that_cannot_be_imported_ends_the_run(small_course, examine):
    """It says which."""
    small_course.write("tests/hidden/lesson01/test_double.py", "import nothing_of_that_name\n")
    with pytest.raises(IncompleteRun, match=r"test_double.py: .*nothing_of_that_name"):
        examine(small_course.root, RIGHT)


def test_a_known_mistake_is_named(small_course, examine):
    """By its numbers; among several that fit, a further input decides."""
    small_course.write(
        "tests/hidden/lesson01/misconceptions_double.py",
        """
        from grader.suite.writing import misconception

        misconception("square", "You square.", see="Doubling", edits=("2 * x", "x * x"))
        misconception("triple", "You triple.", see="Doubling", edits=("2 * x", "3 * x"))
        misconception("sign", "You triple what is positive.", see="Doubling", edits=("2 * x", "3 * abs(x)"))
        misconception("crash", "You call it.", see="Doubling", edits=("2 * x", "x()"))
        """,
    )
    results = examine(
        small_course.root, "def double(x): return x + x + x", "def double(x): return x**2", "def double(x): return x()",
        "def double(x): return x * 5",
    )  # fmt: skip
    assert [result.tests[1].misconception for result in results] == ["triple", "square", "crash", None]
    assert results[0].tests[1].message.startswith("You triple. Look again at “Doubling”.\n3 of 3 numbers")


def test_a_definition_takes_the_references_place(small_course, examine):
    """A misconception can be a whole function, which uses what the reference's module has."""
    small_course.write(
        "solutions/lesson01/double.py", "FACTOR = 2\n" + __import__("textwrap").dedent(small_course.SOLUTION)
    )
    small_course.write(
        "tests/hidden/lesson01/misconceptions_double.py",
        """
        from grader.suite.writing import misconception

        @misconception("plus", "You add two.", see="Doubling")
        def double(x):
            return x + FACTOR
        """,
    )
    (result,) = examine(small_course.root, "def double(x): return x + 2")
    assert result.tests[1].misconception == "plus"


def test_an_argument_changed_in_place_spoils_nobody_elses_inputs(small_course, examine):
    """What a suite keeps at module level is the same for the next test and the next student."""
    small_course.write(
        "tests/public/lesson01/test_double.py",
        """
        import torch
        from grader.suite.writing import assert_same

        X = torch.ones(2)

        def test_one(student):
            \"\"\"Twice one\"\"\"
            assert_same(student.double(X), torch.full((2,), 2.0))

        def test_two(student):
            \"\"\"Twice one, again\"\"\"
            assert_same(student.double(X), torch.full((2,), 2.0))
        """,
    )
    spoiler, after = examine(small_course.root, "def double(x): return x.mul_(2)", RIGHT)
    assert [test.status for test in spoiler.tests[:2]] == ["passed", "passed"]
    assert [test.status for test in after.tests[:2]] == ["passed", "passed"]


def test_no_word_of_the_programs_own_reaches_the_student(small_course, examine):
    """An array where a tensor belongs is told as such, also where two of the student's own results are compared."""
    hidden = small_course.HIDDEN.replace("reference.double(x)", "student.double(x)")
    small_course.write("tests/hidden/lesson01/test_double.py", hidden)
    (result,) = examine(small_course.root, "def double(x): return (2 * x).numpy()", reveal=True)
    assert "The result is a NumPy array; only tensors" in result.tests[1].message
    small_course.write(
        "tests/hidden/lesson01/test_double.py", small_course.HIDDEN.replace("double(x),", "double(x) + 0,")
    )
    (result,) = examine(small_course.root, "def double(x): return (2 * x).numpy()", reveal=True)
    assert "cannot work with what your code returned (TypeError)" in result.tests[1].message


SUITES = {
    "parameters": """
        import pytest
        from grader.suite.writing import assert_same, points

        @points(1)
        @pytest.mark.parametrize("number", [2, 3])
        def test_double(student, number):
            '''Twice a number'''
            assert_same(student.double(number), 2 * number)
    """,
    "a fixture of its own, with an end": """
        import pytest
        from grader.suite.writing import assert_same, points

        held = []

        @pytest.fixture
        def number():
            assert not held
            held.append(2)
            yield 2
            held.clear()

        @points(2)
        def test_double(student, number):
            '''Twice a number'''
            assert held
            assert_same(student.double(number), 4)
    """,
    "a fixture of the kit's name": """
        import pytest
        from grader.suite.writing import assert_same, points

        @pytest.fixture
        def draw(draw):
            return draw.integer(2, 3)

        @points(2)
        def test_double(student, draw):
            '''Twice a number'''
            assert_same(student.double(draw), 2 * draw)
    """,
    "setup, a class and pytest's own fixtures": """
        from grader.suite.writing import assert_same, points

        number = 0

        def setup_module():
            global number
            number = 2

        class TestDouble:
            @points(2)
            def test_double(self, student, tmp_path, request):
                '''Twice a number'''
                assert tmp_path.exists()
                assert request.node.name == "test_double"
                assert_same(student.double(number), 4)
    """,
}


@pytest.mark.parametrize("suite", SUITES)
def test_a_suite_is_ordinary_pytest(small_course, examine, suite):
    """Whatever a suite asks pytest for, one student after the other gets it: and what is wrong stays wrong."""
    small_course.write("tests/hidden/lesson01/test_double.py", SUITES[suite])
    right, wrong, again = examine(small_course.root, RIGHT, "def double(x): return 3 * x", RIGHT)
    assert (right.status, right.message, right.score, again.score) == ("graded", "", 2.0, 2.0)
    assert (wrong.status, wrong.score) == ("graded", 0.0)
    assert "which is wrong" in wrong.tests[-1].message


@pytest.mark.parametrize("mark", ["skip", "skipif(True, reason='no')", "usefixtures('nothing_of_that_name')"])
def test_a_mark_that_keeps_a_test_from_running_is_the_graders_error(small_course, examine, mark):
    """Nobody passes a test that did not run."""
    hidden = "import pytest\n" + __import__("textwrap").dedent(small_course.HIDDEN)
    hidden = hidden.replace("@points", f"@pytest.mark.{mark}\n@points")
    small_course.write("tests/hidden/lesson01/test_double.py", hidden)
    (result,) = examine(small_course.root, RIGHT)
    assert (result.status, result.score) == ("error", 0.0)


def test_a_coroutine_passes_nobody(small_course, examine):
    """It would never be awaited."""
    small_course.write(
        "tests/hidden/lesson01/test_double.py", small_course.HIDDEN.replace("def test", "async def test")
    )
    (result,) = examine(small_course.root, RIGHT)
    assert result.score == 0.0


def test_hooks_of_a_conftest_hold(small_course, examine):
    """An author may have some."""
    small_course.write(
        "tests/hidden/lesson01/conftest.py", "def pytest_runtest_setup(item): raise RuntimeError('the hook ran')\n"
    )
    (result,) = examine(small_course.root, RIGHT)
    assert result.status == "error"
    assert "the hook ran" in result.message


def test_blame_holds_only_where_it_shows(small_course, examine):
    """A test that passes because another function is wrong counts if a test of that function alone fails."""
    small_course.write(
        "tests/hidden/lesson01/test_double.py",
        """
        from grader.suite.writing import assert_same, points

        @points(1)
        def test_double(student):
            \"\"\"Twice as much\"\"\"
            assert_same(student.double(2), 4)

        @points(1)
        def test_built_on_it(student):
            \"\"\"Something that is built on it\"\"\"
            if student.double(3) != 6:
                student.grader_blame("double", "Mend double first.")
        """,
    )
    wrong, liar = examine(
        small_course.root, "def double(x): return x + 1", "def double(x): return 7 if x == 3 else 2 * x"
    )
    assert [(test.status, test.points) for test in wrong.tests[1:]] == [("failed", 0.0), ("passed", 1.0)]
    assert [(test.status, test.points) for test in liar.tests[1:]] == [("passed", 1.0), ("failed", 0.0)]
    assert wrong.tests[2].message == "Mend double first."
    assert "answers otherwise than in its own tests" in liar.tests[2].message


def test_nobody_talks_the_grader_out_of_memory(small_course, examine):
    """An error of the suite that holds a student's words is the student's failed test, whatever the words are."""
    small_course.write(
        "tests/hidden/lesson01/test_double.py",
        small_course.HIDDEN.replace("student.double(x)", "right.new_tensor([float(one) for one in student.double(x)])"),
    )
    (result,) = examine(small_course.root, 'def double(x): return ["can\'t allocate memory"]')
    assert (result.status, result.score) == ("graded", 0.0)
    assert "(ValueError)" in result.tests[1].message


def test_who_spoils_the_arguments_gets_no_points(small_course, examine):
    """Zeroed arguments do not make a zero right, whether the reference is asked first or last."""
    last = small_course.HIDDEN.replace("right = reference.double(x)", "answer = student.double(x)").replace(
        "assert_same(student.double(x), right)", "assert_same(answer, reference.double(x))"
    )
    for suite in (small_course.HIDDEN, last):
        small_course.write("tests/hidden/lesson01/test_double.py", suite)
        (result,) = examine(small_course.root, "def double(x): return x.zero_() if hasattr(x, 'zero_') else 2 * x")
        assert [test.status for test in result.tests] == ["passed", "failed"]
        assert result.score == 0.0


HIDDEN_SUITES = sorted((ROOT / "tests" / "hidden").rglob("test_*.py"))


@pytest.mark.parametrize("path", HIDDEN_SUITES, ids=lambda path: path.stem)
def test_hidden_suites_ask_the_reference_first(path):
    """No comparison calls the student's code before the reference: by then the arguments may be others."""

    def asks(node, names):
        called = (each.func for each in ast.walk(node) if isinstance(each, ast.Call))
        roots = (each.value if isinstance(each, ast.Attribute) else each for each in called)
        return any(isinstance(root, ast.Name) and root.id in names for root in roots)

    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and len(call.args) > 1 and asks(call.args[0], {"student", "function"}):
            assert not asks(call.args[1], {"reference", "expected"}), f"line {call.lineno}: {ast.unparse(call)}"
