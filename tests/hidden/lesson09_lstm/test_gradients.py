"""Hidden suite of `gradients`.

The numbers of a measurement and the care that it takes are separate tests: the first are given tensors that require a
gradient, with which every way of measuring works; the second also plain ones.
"""

import torch

from grader.suite.writing import (
    Mismatch,
    Own,
    assert_same,
    assert_same_gradients,
    changes_shown,
    expect,
    points,
    unchanged,
)

STEP = ("x", "h", "weight_ih", "weight_hh", "bias_ih", "bias_hh")
SEQUENCE = ("x", "weight_ih", "weight_hh", "bias_ih", "bias_hh")


def step_arguments(draw, square=False, scale=1.0):
    """x, h and the four parameters; `square`: B = I = H, where a transpose is no shape error."""
    B, I, H = (draw.integer(2, 5),) * 3 if square else draw.sizes(3)
    shapes = ((B, I), (B, H), (H, I), (H, H), (H,), (H,))
    return [draw.normal(*shape, scale=scale) for shape in shapes]


def saturated(gates, draw):
    """Biases of `gates` gates with 6 units each: a third about -92, a third about 0, a third about 92.

    exp(92) is infinite in float32, and with the small weights of this suite no pre-activation leaves ±100. Each gate has
    its own arrangement, so that every combination of open, shut and half open gates can occur.
    """
    arranged = [
        torch.tensor([-92.0, 0.0, 92.0, -92.0, 0.0, 92.0], dtype=torch.float64)[
            torch.randperm(6, generator=draw.generator)
        ]
        for _ in range(gates)
    ]
    return torch.cat(arranged)


def sequence_arguments(draw, gates, square=False, batch=0, steps=0, units=0):
    """x (B, T, I) and parameters of `gates`·H rows, small enough that no gradient dies before it can be compared."""
    B, T, I, H = (draw.integer(2, 5),) * 4 if square else draw.sizes(4)
    B, T, H = batch or B, steps or T, units or H
    shapes = ((gates * H, I), (gates * H, H), (gates * H,), (gates * H,))
    return [draw.normal(B, T, I), *(draw.normal(*shape, scale=0.6) for shape in shapes)]


def leaves(arguments):
    return [tensor.clone().requires_grad_() for tensor in arguments]


class OwnStep(Own):
    """The norms as they are with the student's own rnn_step: they judge rnn_gradient_norms where the step is wrong.

    A step that x, h or their weights do not influence is no judge; one that forgets a bias is.
    """

    def __init__(self, student, reference, arguments, draw):
        self._x, *self._weights = (tensor.detach() for tensor in arguments)
        h = draw.normal(self._x.shape[0], self._weights[1].shape[1]).to(self._x.dtype)
        super().__init__(student, reference, "rnn_step", (self._x[:, 0], h, *self._weights), draw)

    def result(self):
        try:
            return self._norms()
        except Exception:  # noqa: BLE001 - a step that raises, or that no gradient passes through, cannot judge
            return None

    def _norms(self):
        h = self._x.new_zeros(self._x.shape[0], self._weights[1].shape[1]).requires_grad_()
        states = []
        for x_t in self._x.unbind(dim=1):
            h = self._student.rnn_step(x_t, h, *self._weights)
            states.append(h)
        gradients = torch.autograd.grad(h.sum(), states)  # raises where a step ignores h
        return torch.stack([gradient.norm() for gradient in gradients])

    def accept(self):
        usual = self._student.rnn_step(*self._args)
        for place in range(4):
            others = [tensor + (number == place) for number, tensor in enumerate(self._args)]
            if torch.allclose(self._student.rnn_step(*others), usual):
                raise Mismatch("Mend rnn_step first: it gives the same result whatever some of its arguments are.")
        self._student.grader_blame(
            "rnn_step", "This part is right. Its numbers are wrong because your rnn_step is: mend rnn_step first."
        )


def nobody(student, reference, arguments, draw):
    """The LSTM is built on no other function of the module."""


def check_norms(name, gates, student, reference, own, draw):
    """Calls with other numbers and sizes each, so that a result remembered from an earlier call shows."""
    function, expected = getattr(student, name), getattr(reference, name)
    for square in (False, True, False):
        args = leaves(sequence_arguments(draw, gates, square))
        wanted = expected(*args)
        assert_same(function(*args), wanted, "the norms", own=own(student, reference, args, draw))
    args = leaves(sequence_arguments(draw, gates, steps=12))
    wanted = expected(*args)
    assert_same(function(*args), wanted, "the norms of 12 steps", own=own(student, reference, args, draw))


def check_traces(function, gates, draw):
    """Measuring leaves no trace: what is passed stays as it is, whether it requires a gradient, has one or not."""
    args = leaves(sequence_arguments(draw, gates))
    with changes_shown(*args):
        norms = function(*args)
    for name, tensor in zip(SEQUENCE, args, strict=True):
        expect(
            tensor.grad is None,
            f"{name} got a .grad from the call. torch.autograd.grad gives the gradients that you ask for and leaves "
            "none behind.",
            got=name,
        )
    expect(isinstance(norms, torch.Tensor), "The norms should be a tensor.", got=norms)
    expect(not norms.requires_grad, "The norms should be detached, but they require a gradient.", got=norms.detach())
    args = leaves(sequence_arguments(draw, gates))
    for tensor in args:
        tensor.grad = draw.normal(*tensor.shape)
    with unchanged(**dict(zip(SEQUENCE, args, strict=True))):
        function(*args)
    plain = sequence_arguments(draw, gates)
    for wanted in ((True, False, False, False, False), (False, True, True, True, True)):
        some = [tensor.clone().requires_grad_(flag) for tensor, flag in zip(plain, wanted, strict=True)]
        with unchanged(**dict(zip(SEQUENCE, some, strict=True))):
            function(*some)


def check_kinds(name, gates, student, reference, own, draw):
    """Plain tensors, strided ones, float32, a single sequence, a single step."""
    function, expected = getattr(student, name), getattr(reference, name)
    plain = sequence_arguments(draw, gates)
    with unchanged(**dict(zip(SEQUENCE, plain, strict=True))):
        got = function(*plain)
    assert_same(
        got,
        expected(*plain),
        "the result for tensors that require no gradient",
        own=own(student, reference, plain, draw),
    )
    x, weight_ih, weight_hh, *biases = sequence_arguments(draw, gates)
    x = x.transpose(0, 1).contiguous().transpose(0, 1)
    strided = [x, weight_ih.mT.contiguous().mT, weight_hh.mT.contiguous().mT, *biases]
    wanted = expected(*strided)
    assert_same(
        function(*strided), wanted, "the result for non-contiguous tensors", own=own(student, reference, strided, draw)
    )
    single = [tensor.float() for tensor in sequence_arguments(draw, gates)]
    wanted = expected(*single)
    assert_same(function(*single), wanted, "the result for float32 tensors", own=own(student, reference, single, draw))
    for batch, steps, what in ((1, 0, "a batch of one"), (0, 1, "a single step"), (1, 1, "one step of one sequence")):
        args = sequence_arguments(draw, gates, batch=batch, steps=steps)
        wanted = expected(*args)
        assert_same(function(*args), wanted, f"the result for {what}", own=own(student, reference, args, draw))


@points(1)
def test_step(student, reference, draw):
    """rnn_step is tanh of x·W_ihᵀ + b_ih + h·W_hhᵀ + b_hh"""
    for square in (False, True, False):
        args = step_arguments(draw, square)
        wanted = reference.rnn_step(*args)
        assert_same(student.rnn_step(*args), wanted, "the new hidden state")


@points(0.5)
def test_step_with_care(student, reference, draw):
    """rnn_step keeps dtypes, leaves its arguments alone, can be differentiated and bears large numbers"""
    args = step_arguments(draw)
    with unchanged(**dict(zip(STEP, args, strict=True))):
        wanted = reference.rnn_step(*args)
        assert_same(student.rnn_step(*args), wanted, "the new hidden state")
    strided = [tensor.mT.contiguous().mT if tensor.dim() == 2 else tensor for tensor in args]
    wanted = reference.rnn_step(*strided)
    assert_same(student.rnn_step(*strided), wanted, "the result for non-contiguous tensors")
    single = [tensor.float() for tensor in args]
    wanted = reference.rnn_step(*single)
    assert_same(student.rnn_step(*single), wanted, "the result for float32 tensors")
    inputs = leaves(args)
    wanted = reference.rnn_step(*inputs)
    assert_same_gradients(student.rnn_step(*inputs), wanted, dict(zip(STEP, inputs, strict=True)), draw)
    B, I, H = *draw.sizes(2), 6
    small = [draw.normal(*shape, scale=0.3) for shape in ((B, I), (B, H), (H, I), (H, H), (H,))]
    for dtype in (torch.float64, torch.float32):
        large = [tensor.to(dtype) for tensor in (*small, saturated(1, draw))]
        wanted = reference.rnn_step(*large)
        assert_same(student.rnn_step(*large), wanted, f"the result for large {dtype} numbers")


@points(2)
def test_rnn_norms(student, reference, draw):
    """rnn_gradient_norms gives the norm of ∂(Σ h_T)/∂h_t for every step, the first step first"""
    check_norms("rnn_gradient_norms", 1, student, reference, OwnStep, draw)


@points(0.5)
def test_rnn_norms_leave_no_trace(student, draw):
    """rnn_gradient_norms returns a detached tensor and leaves no .grad behind"""
    check_traces(student.rnn_gradient_norms, 1, draw)


@points(0.5)
def test_rnn_norms_with_care(student, reference, draw):
    """rnn_gradient_norms works for plain tensors, float32, a batch of one and a single step"""
    check_kinds("rnn_gradient_norms", 1, student, reference, OwnStep, draw)


@points(2)
def test_lstm_norms(student, reference, draw):
    """lstm_gradient_norms gives the norm of ∂(Σ c_T)/∂c_t for every step, along every path"""
    check_norms("lstm_gradient_norms", 4, student, reference, nobody, draw)


@points(0.5)
def test_lstm_norms_leave_no_trace(student, draw):
    """lstm_gradient_norms returns a detached tensor and leaves no .grad behind"""
    check_traces(student.lstm_gradient_norms, 4, draw)


@points(0.5)
def test_lstm_norms_with_care(student, reference, draw):
    """lstm_gradient_norms works for plain tensors, float32, a batch of one and a single step"""
    check_kinds("lstm_gradient_norms", 4, student, reference, nobody, draw)


@points(0.5)
def test_lstm_norms_of_saturated_gates(student, reference, draw):
    """lstm_gradient_norms stays finite and right where gates are fully open or shut"""
    for dtype in (torch.float64, torch.float32):
        *small, _ = sequence_arguments(draw, 4, units=6)
        args = leaves([tensor.to(dtype) for tensor in (*small, saturated(4, draw))])
        expected = reference.lstm_gradient_norms(*args)
        got = student.lstm_gradient_norms(*args)
        assert_same(got, expected, f"the result for large {dtype} biases")


@points(1.5)
def test_forget_bias(student, reference, draw):
    """forget_bias_for gives the bias whose sigmoid, taken half_life times, is a half"""
    # To 1e-4 only: how exactly ln(f / (1 - f)) is to be computed is not said, and float32 would do.
    for half_life in (draw.number(5, 50), draw.integer(2, 30), draw.number(60, 200), draw.number(0.2, 0.9), 1):
        got, expected = student.forget_bias_for(half_life), reference.forget_bias_for(half_life)
        assert_same(got, expected, f"the bias for a half-life of {half_life:.6g}", rtol=1e-4, atol=1e-4)


@points(0.5)
def test_forget_bias_refuses(student, draw):
    """forget_bias_for refuses a half-life that is not above 0 with a ValueError"""
    for half_life in (-draw.number(1, 20), -draw.integer(1, 9), 0, 0.0):
        try:
            got = student.forget_bias_for(half_life)
        except ValueError:
            continue
        except ArithmeticError:
            sign = "0" if half_life == 0 else "a negative half-life"
            raise Mismatch(f"For {sign} there should be a ValueError, but the arithmetic fails first.") from None
        raise Mismatch("A half-life that is not above 0 should be a ValueError.", got=got)
