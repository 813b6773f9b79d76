"""The proxy: a suite calls student code behind the wall as if it were local."""

import math
import textwrap
import time

import pytest
import torch
from torch import nn

from grader.sandbox.farside import Deadline, Limits
from grader.sandbox.proxy import FailedToLoad, StudentError, StudentStopped, Unreadable, changes_shown

MODULE = """
    import torch
    from torch import nn

    def echo(*args, **kwargs):
        return args, kwargs

    def gate(x, w):
        return torch.sigmoid(x @ w.T)

    def spoil(x, items, table):
        x.mul_(2)
        items.append(3)
        table["new"] = torch.ones(1)

    def boom(x):
        def inner():
            raise ValueError("not this: " + str(x))
        inner()

    class Cell(nn.Module):
        def __init__(self, inputs, units, scale=1.0):
            super().__init__()
            self.weight = nn.Parameter(torch.full((units, inputs), scale, dtype=torch.float64))
            self.drop = nn.Dropout(0.5)
            self.calls = 0

        def forward(self, x, state=None):
            self.calls += 1
            h = torch.tanh(x @ self.weight.T)
            return h if state is None else (h + state[0], h * state[1])
"""


@pytest.fixture
def student(open_session):
    return open_session(MODULE)[0]


def double(*shape, grad=False):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=grad)


def test_plain_values_and_containers_cross(student):
    """None, bools, numbers, texts, bytes, lists, tuples, dicts and tensors come back equal and of the same type."""
    values = (
        None,
        True,
        7,
        -(2**60),
        1.5,
        math.inf,
        "Größe\n",
        b"\x00\xff",
        [1, [2, (3,)]],
        {"a": {1: None}},
        torch.float64,
    )
    args, kwargs = student.echo(*values, key=[torch.arange(3)])
    assert args == values
    assert [type(value) for value in args] == [type(value) for value in values]
    assert torch.equal(kwargs["key"][0], torch.arange(3))


def test_one_tensor_passed_twice_is_one_tensor(open_session):
    """Identity of arguments is kept."""
    student, _ = open_session("def same(a, b): return a is b")
    x = torch.ones(2)
    assert student.same(x, x) is True
    assert student.same(x, x.clone()) is False


def test_strides_cross(open_session):
    """A transposed or expanded tensor arrives with its strides."""
    student, _ = open_session("def strides(x): return x.stride(), x.is_contiguous()")
    assert student.strides(torch.ones(3, 4).T) == ((1, 4), False)
    assert student.strides(torch.ones(1, 4).expand(3, 4)) == ((0, 1), False)


def test_changes_in_place_stay_over_there(student):
    """What the student's code does to its arguments is seen on the near side where a suite asks for it, else not."""
    x, items, table = torch.ones(3), [1], {}
    student.spoil(x, items, table)
    assert (x.tolist(), items, table) == ([1.0, 1.0, 1.0], [1], {})
    with changes_shown((x, items), table):
        student.spoil(x, items, table)
    assert x.tolist() == [2.0, 2.0, 2.0]
    assert items == [1, 3]
    assert list(table) == ["new"]


def test_what_came_back_keeps_its_numbers(open_session):
    """A parameter that is given twice, with other numbers, is two tensors here: they can be compared."""
    student, _ = open_session("""
        import torch
        weight = torch.nn.Parameter(torch.zeros(2))
        def same(): return weight
        def step():
            weight.data.add_(1)
            return weight
    """)
    first, again, second = student.step(), student.same(), student.step()
    assert first is again
    assert (first.tolist(), second.tolist()) == ([1.0, 1.0], [2.0, 2.0])


def test_gradients_cross_as_if_local(student):
    """Gradients of arguments equal those of local code, also on a second backward and in float64."""
    x, w = double(3, 4, grad=True), double(2, 4, grad=True)
    got, expected = student.gate(x, w), torch.sigmoid(x @ w.T)
    for _ in range(2):
        mine = torch.autograd.grad(got.square().sum(), (x, w), retain_graph=True)
        theirs = torch.autograd.grad(expected.square().sum(), (x, w), retain_graph=True)
        assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))
    assert torch.autograd.gradcheck(student.gate, (x, w))


def test_gradients_run_through_chained_calls(student):
    """The result of one far call differentiates through the next one."""
    x, w = double(3, 3, grad=True), double(3, 3, grad=True)
    student.gate(student.gate(x, w), w).sum().backward()
    mine, x.grad = x.grad, None
    torch.sigmoid(torch.sigmoid(x @ w.T) @ w.T).sum().backward()
    torch.testing.assert_close(mine, x.grad)


def test_modules_stay_over_there(student):
    """A module is a handle: calls, attributes, methods, state_dict, parameters, modes."""
    cell = student.Cell(3, 2, scale=0.5)
    assert isinstance(cell, nn.Module)
    assert isinstance(cell.drop, nn.Dropout)
    assert not isinstance(cell, nn.LSTM)
    assert cell.training is True
    cell.eval()
    assert cell.training is False
    assert [tuple(p.shape) for p in cell.parameters()] == [(2, 3)]
    assert list(cell.state_dict()) == ["weight"]
    cell.load_state_dict({"weight": torch.ones(2, 3, dtype=torch.float64)})
    x = double(4, 3)
    assert torch.equal(cell(x), torch.tanh(x @ torch.ones(3, 2, dtype=torch.float64)))
    h, c = cell(x, (torch.ones(4, 2), torch.ones(4, 2)))
    assert h.shape == c.shape == (4, 2)
    assert cell.calls == 2
    cell.calls = 7
    assert cell.calls == 7


def test_a_method_is_looked_up_when_it_is_called(open_session, monkeypatch):
    """One exchange for a call of a module's method, whatever the student makes of it; it can be passed on, too."""
    student, session = open_session(
        MODULE + "\n    class Odd(Cell):\n        eval = 5\n        def double(self):\n            return 'own'\n"
        "    def call(function):\n        return function()\n"
    )
    exchanged = []
    exchange = session._exchange
    monkeypatch.setattr(session, "_exchange", lambda *args: exchanged.append(args[0]) or exchange(*args))
    cell = student.Cell(3, 2)
    exchanged.clear()
    assert set(dict(cell.named_parameters())) == {"weight"}
    assert len(exchanged) == 2  # the generator, and the list of what it gives
    assert cell.eval().training is False
    assert len(exchanged) == 4
    assert student.call(cell.state_dict)["weight"].shape == (2, 3)
    assert student.Odd(3, 2).double() == "own"
    with pytest.raises(TypeError, match="not callable"):
        student.Odd(3, 2).eval()
    with pytest.raises(StudentError, match="unexpected keyword argument"):
        cell.train(on=True)
    assert session.last_call == "Cell(3, 2).train(on=True)"


def test_gradients_reach_parameters(student):
    """backward() on the near side fills .grad of a far module's parameters."""
    cell = student.Cell(3, 2, scale=0.5)
    x = double(4, 3)
    cell(x).sum().backward()
    weight = torch.full((2, 3), 0.5, dtype=torch.float64, requires_grad=True)
    torch.tanh(x @ weight.T).sum().backward()
    torch.testing.assert_close(cell.weight.grad, weight.grad)
    assert cell.weight is next(iter(cell.parameters()))


def test_without_gradient(student):
    """Under no_grad nothing over there records a graph."""
    with torch.no_grad():
        assert not student.gate(double(2, 3, grad=True), double(2, 3)).requires_grad


def test_exceptions_come_back(student):
    """An exception has its type, its text and the student's own lines, and nobody else's."""
    with pytest.raises(ValueError, match="not this: 5") as caught:
        student.boom(5)
    explanation = caught.value.explanation
    assert explanation.splitlines()[0] == "ValueError: not this: 5"
    assert "work.py, line 18, in inner" in explanation
    assert 'raise ValueError("not this: " + str(x))' in explanation
    assert "worker" not in explanation


def test_a_missing_name_is_told(student):
    """A function that is not there is named, with its module."""
    with pytest.raises(StudentError) as caught:
        student.nothing(1)
    assert caught.value.explanation == "work.py has no `nothing`: define it, with exactly this name."


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("while True: pass", "timeout"),
        ("import time; time.sleep(600)", "timeout"),
        (
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    while True: time.sleep(1)",
            "timeout",
        ),
        ("x = []\n    while True: x.append(torch.ones(2**20))", "out_of_memory"),
        ("return torch.ones(2**40)", "out_of_memory"),
        ("return bytearray(2**34)", "out_of_memory"),
        (
            "import mmap; m = mmap.mmap(-1, 2**30)\n    for i in range(0, 2**30, 4096): m[i] = 1",
            "out_of_memory",
        ),
        ("import os; os._exit(0)", "crashed"),
        ("import os; os.abort()", "crashed"),
        ("import ctypes; ctypes.string_at(0)", "crashed"),
        ("import os\n    while True:\n        try: os.fork()\n        except OSError: pass", "crashed"),
        (
            "import os\n    for fd in range(3, 64):\n        try: os.write(fd, b'x' * 100)\n        except OSError: pass",
            "crashed",
        ),
        ("import os; os.closerange(0, 256)", "crashed"),
    ],
)
def test_what_does_not_come_back_costs_one_call(open_session, body, reason):
    """A hang, a crash or a memory blow-up is told by name, and the next call gets a fresh fork."""
    text = textwrap.dedent(f"import torch\ndef bad():\n    {body}\ndef good(): return 1\n")
    student, session = open_session(
        text, limits=Limits(seconds=0.7 if "fork" not in body else 5, memory_mb=200, processes=16, patience=2)
    )
    with pytest.raises(StudentStopped) as caught:
        student.bad()
    assert caught.value.reason == reason
    session.begin_test(Limits(seconds=5.0), 1)
    assert student.good() == 1


def test_output_is_captured_and_bounded(open_session):
    """What the student prints comes back as theirs; a flood is cut and harms nobody."""
    student, session = open_session(
        """
        import sys
        print("at import")
        def say(): print("out"); print("err", file=sys.stderr); return 1
        def flood():
            for _ in range(200_000): print("x" * 100)
            return 2
        """
    )
    assert session.printed() == "at import\n"
    assert student.say() == 1
    assert session.printed() == "out\nerr\n"
    assert student.flood() == 2
    printed = session.printed()
    assert printed.endswith("… (more was printed)")
    assert len(printed) < 70_000


def test_nothing_of_a_test_is_left_to_the_next(open_session):
    """Handles of an earlier test are void, and the global generators start from the test's seed."""
    student, session = open_session("import torch\ndef roll(): return torch.rand(1).item()\nclass Thing: pass")
    thing = student.Thing()
    session.begin_test(Limits(), 5)
    first = student.roll()
    with pytest.raises(StudentError):
        thing.anything  # noqa: B018
    session.begin_test(Limits(), 5)
    assert student.roll() == first
    session.begin_test(Limits(), 6)
    assert student.roll() != first


def test_unsendable_results_are_told(open_session):
    """A list that contains itself is the student's error, in words."""
    student, _ = open_session("def loop():\n    x = []\n    x.append(x)\n    return x")
    with pytest.raises(StudentError) as caught:
        student.loop()
    assert "cannot be graded: it is nested too deep" in caught.value.explanation


def test_objects_that_lie_are_only_handles(open_session):
    """An object that equals everything does not get to say so on the near side."""
    student, _ = open_session("class Yes:\n    def __eq__(self, other): return True\ndef get(): return Yes()")
    assert student.get() != 5
    assert not isinstance(student.get(), torch.Tensor)


def test_a_tensor_subclass_is_no_tensor(open_session):
    """A subclass of torch.Tensor stays over there: only exact dense tensors cross."""
    student, _ = open_session(
        "import torch\nclass T(torch.Tensor): pass\ndef get(): return torch.ones(2).as_subclass(T)\n"
        "def sparse(): return torch.eye(2).to_sparse()\ndef meta(): return torch.ones(2, device='meta')"
    )
    for name in ("get", "sparse", "meta"):
        assert not isinstance(getattr(student, name)(), torch.Tensor)


def test_loading_goes_wrong(open_session):
    """A module that is no Python, raises, exits or hangs at import says so."""
    with pytest.raises(Unreadable, match=r"work.py, line 1: .*"):
        open_session("def f(:")
    with pytest.raises(FailedToLoad, match="ZeroDivisionError"):
        open_session("1 / 0")
    with pytest.raises(FailedToLoad, match="ended the Python process"):
        open_session("import os; os._exit(3)")
    with pytest.raises(FailedToLoad, match="ran for more than"):
        open_session("while True: pass", limits=Limits(seconds=0.5))


def test_speed_of_a_call_is_no_surprise(student):
    """A call takes milliseconds, not tenths of a second: a guard against a lost wake-up, not a benchmark."""
    x, w = torch.ones(2, 3), torch.ones(4, 3)
    student.gate(x, w)
    began = time.perf_counter()
    for _ in range(50):
        student.gate(x, w)
    assert time.perf_counter() - began < 5


def test_a_call_is_told_as_it_was_made(open_session):
    """Not as what the code made of its arguments."""
    student, session = open_session("def grow(items):\n    items += [1, 2, 3]\n    return items")
    student.grow([0])
    assert session.last_call == "grow([0])"


def test_a_traceback_is_short(open_session):
    """A line that calls itself is shown once; comprehensions and nested functions go by the line's own name."""
    student, _ = open_session(
        """
        def down(n):
            return down(n - 1) if n else 1 / 0

        def inside(x):
            def helper(y):
                return [1 / 0 for _ in range(y)]
            return helper(x)
        """
    )
    with pytest.raises(StudentError) as caught:
        student.down(6)
    lines = caught.value.explanation.splitlines()
    assert lines[0] == "ZeroDivisionError: division by zero"
    assert len(lines) == 4
    assert lines[1].endswith("line 3, in down")
    assert lines[3] == "    (and 6 more times: it calls itself)"
    with pytest.raises(StudentError) as caught:
        student.inside(1)
    assert [line.strip() for line in caught.value.explanation.splitlines()[1:]] == [
        "work.py, line 8, in inside", "return helper(x)", "work.py, line 7, in helper", "return [1 / 0 for _ in range(y)]",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(): return 1", "Keep the parameters as the stub has them"),
        ("import sys\ndef f(x): sys.exit()", "take sys.exit() or exit() out"),
        ("def f(x): return input()", "Nobody is there to answer input()"),
    ],
)
def test_usual_slips_are_told(open_session, text, said):
    """What a traceback alone does not tell a beginner."""
    student, _ = open_session(text)
    with pytest.raises(StudentError) as caught:
        student.f(1)
    assert said in caught.value.explanation


def test_what_the_machine_holds_up_does_not_count_as_waiting(monkeypatch):
    """A fork that only waits is ended after `patience` times its limit; a machine that stands still is no fault of its own."""
    now = [0.0]
    monkeypatch.setattr("grader.sandbox.farside.time.monotonic", lambda: now[0])
    deadline = Deadline(Limits(seconds=1.0, patience=4.0))

    def look(seconds, wants_to_run=False):
        now[0] += seconds
        return deadline.passed(lambda: (0.0, wants_to_run))

    assert not look(0.9)
    assert not look(30.0)  # of these, 1.5 seconds count
    assert not any(look(0.25) for _ in range(9))
    assert look(0.25)
    assert "waited for 4 seconds" in deadline.sentence
    deadline.begin_at(0.0)
    assert not look(2.0)
    assert not any(look(0.25, wants_to_run=True) for _ in range(40))
    assert not any(look(0.25) for _ in range(15))
    assert look(0.25)
    deadline.begin_at(0.0)
    assert look(121.0, wants_to_run=True)
