"""Whatever a far side answers, the near side goes on: no crash, no hang, no flood of memory, and no points."""

import contextlib
import gc
import io
import math
import random
import re
import struct
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.sandbox import proxy
from grader.sandbox.far import wire
from grader.sandbox.far.worker import Worker
from grader.sandbox.farside import NO_BANS, Limits
from grader.sandbox.lending import Lent
from tests.fuzz.lying import Choices, LyingChannel, LyingFork, LyingSide, converse

SOURCE = proxy.Source(files={"work.py": b"def f(x): ...\n"}, module="work")
MEGABYTE = 2**20


class Says(LyingSide):
    """Reads and loads as it should, and answers every call with the same lie."""

    def __init__(self, message, blobs=(), *, load=None):
        super().__init__(Choices(b""))
        self._lie = message, blobs
        self._load = load

    def _answer(self, request):
        if isinstance(request, wire.Load) and self._load is not None:
            return framed(self._load)
        if isinstance(request, wire.Read | wire.Load):
            return super()._answer(request)
        message, blobs = self._lie
        if isinstance(message, bytes):
            return message
        return framed({"number": request.number} | message, blobs)


def framed(message, blobs=()):
    header = msgspec.msgpack.encode({"blobs": [len(blob) for blob in blobs]} | message)
    return struct.pack(">I", len(header)) + header + b"".join(blobs)


def student_of(far):
    session = proxy.Session(far, SOURCE, Limits())
    session.load()
    return proxy.Student(session)


def returned(value, **more):
    return {"type": "returned", "value": value} | more


def raised(**more):
    return {"type": "raised", "type_name": "E", "bases": [], "text": ""} | more


# What may cross ----------------------------------------------------------------------------------------------


class Worked(LyingChannel):
    """A channel within this process, at whose other end the real worker sits; it loads nothing."""

    def __init__(self, answer):
        super().__init__(answer)  # to what is asked of a worker before it serves
        self._requests, self._replies = io.BytesIO(), bytearray()
        near = SimpleNamespace(recv=lambda size: self._requests.read(size), sendall=self._replies.extend)
        self._worker = Worker(near, "/nowhere")

    def answered(self, request, sent):
        if isinstance(request, wire.Read | wire.Load):
            return super().answered(request, sent)
        self._requests = io.BytesIO(sent)
        self._replies.clear()
        self._worker.answer_one()
        return bytes(self._replies)


class InProcess(LyingSide):
    """Its fork is the real worker, in this process."""

    def __init__(self):
        super().__init__(Choices(b""))

    def open(self, limits, bans=NO_BANS):
        return LyingFork(Worked(self._answer), limits)


@pytest.fixture(scope="module")
def there_and_back():
    """Sends a value to the real worker, which sends it back."""
    session = proxy.Session(InProcess(), SOURCE, Limits())
    session.load()
    return lambda value: session.call("builtins.list", ((value,),), {})[0]


@st.composite
def tensors(draw):
    dtype = wire.DTYPES[draw(st.sampled_from(sorted(wire.DTYPES)))]
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    size = math.prod(shape) * dtype.itemsize
    data = bytearray(draw(st.binary(min_size=size, max_size=size)))
    if not size:
        return torch.empty(shape, dtype=dtype)
    if dtype is torch.bool:
        data = bytearray(byte & 1 for byte in data)
    tensor = torch.frombuffer(data, dtype=dtype).view(shape)
    way = draw(st.sampled_from(["as it is", "transposed", "a part", "expanded"]))
    if way == "transposed" and tensor.dim() > 1:
        return tensor.transpose(0, -1)
    if way == "a part" and tensor.dim():
        return tensor[::2]
    if way == "expanded":
        return tensor.expand(3, *shape)
    return tensor


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text()
    | st.sampled_from(["\u202eabc\u2066", "\x00\x1b[31m", "\U0010ffff", "\ufeff"])
)
VALUES = st.recursive(
    SCALARS | st.binary(max_size=20) | tensors() | st.sampled_from([torch.float16, torch.bool]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(SCALARS.filter(lambda key: key == key), inner, max_size=4)
    ),
    max_leaves=12,
)


def identical(a, b):
    """Of the same type and the same bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return (a.dtype, a.shape) == (b.dtype, b.shape) and wire.tensor_bytes(a) == wire.tensor_bytes(b)
    if isinstance(a, float):
        return struct.pack(">d", a) == struct.pack(">d", b) or (a != a and b != b)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    if isinstance(a, dict):
        return identical(list(a.items()), list(b.items()))
    return a == b


@given(value=VALUES)
@settings(max_examples=300, deadline=None)
def test_what_may_cross_comes_back_as_it_was(there_and_back, value):
    """Through the near side's encoder, the worker's, and the near side's decoder."""
    assert identical(there_and_back(value), value)


@pytest.mark.parametrize(
    "value", [-0.0, math.nan, -math.inf, 5e-324, 2**64 - 1, -(2**63), "", b"", (), [[]], {}, {None: ()}]
)
def test_edges_come_back_as_they_were(there_and_back, value):
    """The ends of each range, and what is empty."""
    assert identical(there_and_back(value), value)


def test_what_has_no_form_on_the_wire(there_and_back):
    """An integer of more than 64 bits stays over there as an object; half a surrogate pair comes as a question mark."""
    session = there_and_back.__closure__[0].cell_contents
    huge = session.call("builtins.pow", (2, 100), {})
    assert type(huge) is proxy.Handle
    assert session.call("operator.sub", (huge, huge), {}) == 0
    assert session.call("builtins.chr", (0xD800,), {}) == "?"
    assert there_and_back(huge)._grader_value.number == huge._grader_value.number


# Lies --------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
@settings(max_examples=500, deadline=None)
def test_any_answer_ends_as_the_examiner_knows_it(data):
    """Noise, half-truths and well-formed lies: the student's error or the student's end, never the right result."""
    converse(data)


TENSOR = ["t", "float64", [1], 0, None, True]
ASKED = {"type": "asked", "lent": 0, "args": [], "kwargs": {}, "training": True, "grad_enabled": True}
LIES = {
    "text that is no UTF-8": (b"\x00\x00\x00\x07\x82\xa4type\xa1\xff", ()),
    "text that is no UTF-8, within a reply": (framed(returned("?!", number=2)).replace(b"?!", b"\xff\xfe"), ()),
    "a gradient of an unknown dtype": (returned(["t", "float8_e4m3fn", [1], 0, None, True]), [b"1"]),
    "a gradient of whole numbers": (returned(["t", "int64", [1], 0, None, True]), [bytes(8)]),
    "no such blob": (returned(TENSOR), ()),
    "a value nested too deep": (returned("?"), ()),
    "a name of thousands of letters": (raised(type_name="E" * 100_000), ()),
    "a text of thousands of letters": (raised(text="E" * 100_000), ()),
    "a traceback without end": (raised(frames=[["work.py", 1, "f"]] * 10_000), ()),
    "an object of thousands of classes": (returned(["h", 1, "T", ["torch.nn.x.Y"] * 10_000]), ()),
    "another call's number": (returned(1, number=77), ()),
    "the answer to another question": ({"type": "gradients", "grads": []}, ()),
    "a reference": (returned(["k", 1]), ()),
    "itself": (returned(["s", 0]), ()),
    "more than was promised is to come": (returned(1, blobs=[2**40]), ()),
    "less than nothing": (returned(1, blobs=[-1]), ()),
    "strides": (returned(["t", "float64", [2], 0, [0]]), [bytes(8)]),
    "a change of what was not passed": (returned(1, changes=[[9, 1]]), ()),
    "a change into something else": (returned(1, changes=[[0, [1]]]), ()),
    "a question to a model that was not lent": (ASKED | {"lent": 3}, ()),
    "a question in another call": (ASKED | {"number": 77}, ()),
    "a text for a model": (ASKED | {"args": ["x"]}, ()),
    "an object for a model": (ASKED | {"args": [["h", 1, "T"]]}, ()),
    "a tensor without bytes for a model": (ASKED | {"args": [["t", "float64", [2], 0]]}, ()),
    "the same bytes twice": (returned(["l", [["b", 0], ["b", 0]]]), [b"x"]),
}
nested = 1
for _ in range(wire.DEPTH_LIMIT + 2):
    nested = ["l", [nested]]
LIES["a value nested too deep"] = (returned(nested), ())


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_the_students_broken_channel(lie):
    """Each is known by its form, and told as what it is."""
    student = student_of(Says(*LIES[lie]))
    student._grader_session._lent.append(Lent(lambda x: x))
    with pytest.raises(proxy.StudentStopped) as caught:
        student.f(torch.ones(1))
    assert caught.value.reason == "crashed"
    assert "Your code wrote into the grader's channel" in caught.value.explanation


@pytest.mark.parametrize(
    "base", ["UnicodeDecodeError", "UnicodeTranslateError", "ExceptionGroup", "NoSuchError", "print"]
)
def test_an_exception_that_cannot_be_made_here_is_still_told(base):
    """Classes that take more than a text, and names of none, do not end the examination."""
    with pytest.raises(proxy.StudentError) as caught:
        student_of(Says(raised(type_name=base, bases=[base, "ValueError"], text="no"))).f(1)
    assert caught.value.explanation == f"{base}: no"
    assert isinstance(caught.value, ValueError)


def test_undecodable_bytes_are_the_students_error(open_session):
    """A wrong encoding raises an exception that honest code raises too; so does a module at its import."""
    student, _ = open_session("def f(): return b'\\xff'.decode()")
    with pytest.raises(UnicodeError, match="invalid start byte"):
        student.f()
    with pytest.raises(proxy.FailedToLoad, match="UnicodeDecodeError"):
        open_session("b'\\xff'.decode()")
    student, _ = open_session("def f(): raise SyntaxError(None, (__file__, 1, 1, ''))")
    with pytest.raises(SyntaxError):
        student.f()


def test_a_module_that_answers_out_of_turn_failed_to_load():
    """A reply to another question is none to the request to load."""
    with pytest.raises(proxy.FailedToLoad, match="wrote into the grader's channel"):
        student_of(Says({}, load={"type": "gradients", "number": 0, "grads": []}))


def test_a_handle_is_no_dict_and_no_tensor():
    """Whatever classes it claims: it goes back as the handle that it is, and no tensor is made of it."""
    far = Says(returned(["h", 1, "tuple", ["torch.nn.parameter.Parameter", "collections.OrderedDict"]]))
    student = student_of(far)
    handle = student.f(1)
    assert not isinstance(handle, torch.Tensor)
    assert type(student.f(handle)) is proxy.Handle


@pytest.mark.parametrize("name", ["_dynamo", "onnx", "has_mps", "nn"])
def test_no_name_of_torch_is_looked_up(name, monkeypatch):
    """Of `torch` some names are imported when they are asked for: a dtype is one of those that exist, or a text."""
    monkeypatch.setattr(torch, "__getattr__", lambda name: pytest.fail(f"torch.{name} was asked for"))
    assert student_of(Says(returned(["y", name]))).f(1) == name
    assert student_of(Says(returned(["y", "float8_e4m3fn"]))).f(1) is torch.float8_e4m3fn


def test_a_changed_list_takes_no_gradient_of_the_result(open_session):
    """What the call put into a list arrives as numbers; the result keeps its own gradient."""
    student, _ = open_session("def f(x, items):\n    items.append(x * 2)\n    return x * 3")
    x, items = torch.ones(2, requires_grad=True), []
    with proxy.changes_shown(items):
        result = student.f(x, items)
    assert items[0].tolist() == [2.0, 2.0]
    assert result.tolist() == [3.0, 3.0]
    result.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_a_number_is_no_state_of_the_generators():
    """bytes(2**40) would be a terabyte."""
    with pytest.raises(proxy.StudentStopped):
        student_of(Says(returned(2**40))).random_state()


FLOODS = {
    "one blob, a million times": lambda: (returned(["l", [["b", 0]] * 500_000]), [bytes(MEGABYTE)]),
    "one tensor, many times": lambda: (returned(["l", [["t", "uint8", [MEGABYTE], 0]] * 100_000]), [bytes(MEGABYTE)]),
    "handles": lambda: (returned(["l", [["h", 1]] * 300_000]), ()),
    "empty lists": lambda: (returned(["l", [["l", []]] * 300_000]), ()),
    "a tensor of nothing, and huge": lambda: (returned(["t", "float64", [2**40, 0], 0]), [b""]),
    "a promise": lambda: (struct.pack(">I", wire.HEADER_LIMIT), ()),
    "a promise of blobs": lambda: (framed(returned(1, blobs=[wire.BLOB_LIMIT])), ()),
}


def peak_memory():
    """The most that this process has held, in MB."""
    return int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024


@pytest.mark.parametrize("flood", FLOODS)
def test_no_answer_fills_the_near_sides_memory(flood):
    """What a reply costs is bounded, whatever it promises and however often it names the same bytes."""
    message, blobs = FLOODS[flood]()
    answer = message if isinstance(message, bytes) else framed({"number": 1} | message, blobs)
    student = student_of(Says(answer))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = peak_memory()
    with contextlib.suppress(proxy.StudentStopped):
        student.f(1)
    used = peak_memory() - before
    print(f"{used} MB for {len(answer) // MEGABYTE} MB")
    assert used < 300


DRIBBLE = """
    import os, stat, struct, time

    def f(x):
        for fd in range(256):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, struct.pack(">I", 1_000_000))
                    while True:
                        os.write(fd, b" ")
                        time.sleep(0.001)
            except OSError:
                pass
        return x
"""


def test_what_comes_in_drops_is_stopped_by_the_clock(open_session):
    """A byte now and then keeps nobody waiting longer than the limit."""
    student, _ = open_session(DRIBBLE, limits=Limits(seconds=0.5, patience=2))
    with pytest.raises(proxy.StudentStopped) as caught:
        student.f(1)
    assert caught.value.reason == "timeout"


def test_lies_get_no_points(small_course):
    """Through the whole examination, on a real suite: no points, no crash, and no fault of the grader's."""
    from grader.catalog import Course
    from grader.submissions.work import Work
    from grader.suite.examiner import Examiner

    course = Course(small_course.root)
    lesson = course.lesson()
    chance = random.Random(9)

    class Endless(Choices):
        """Lies that never run dry."""

        def __init__(self):
            super().__init__(chance.randbytes(4096))

        def below(self, count):
            if self.dry:
                self.__init__()
            return super().below(count)

        def rest(self):
            return chance.randbytes(20)

    far = LyingSide(Endless())
    results = []

    def work(examiner):
        for number in range(300):
            files = {"double.py": f"NUMBER = {number}\n".encode()}
            results.append(examiner.examine(Work(exercise="double", files=files)))

    Examiner(course, lesson, lesson.exercises, far, secret="tests").run(work)
    assert {result.score for result in results} == {0.0}
    assert {result.status for result in results} <= {"graded", "forbidden"}
    statuses = {test.status for result in results for test in result.tests if test.visibility == "hidden"}
    assert statuses >= {"failed", "error", "crashed"}
    assert "passed" not in statuses
