"""Hidden suite of `cell`. States are never zero except where that is the question: zero states hide most mistakes."""

import math

import torch
from torch import nn

from grader.suite.writing import (
    Own,
    assert_same,
    assert_same_gradients,
    expect,
    points,
    unchanged,
)

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
STATE = ("h, the hidden state,", "c, the cell state,")


def step_arguments(draw, square=False, scale=1.0):
    """x, (h, c) and the four parameters; `square`: B = I = H, where a transpose is no shape error."""
    B, I, H = (draw.integer(2, 5),) * 3 if square else draw.sizes(3)
    return (
        draw.normal(B, I, scale=scale),
        (draw.normal(B, H), draw.normal(B, H)),
        draw.normal(4 * H, I),
        draw.normal(4 * H, H),
        draw.normal(4 * H),
        draw.normal(4 * H),
    )


def filled_cells(student, reference, draw):
    """The student's cell and the reference's with the same drawn float64 parameters, and their sizes."""
    B, I, H = draw.sizes(3)
    theirs = reference.LSTMCell(I, H).double()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(draw.normal(*parameter.shape))
    mine = student.LSTMCell(I, H).double()
    mine.load_state_dict(dict(theirs.state_dict()))
    return mine, theirs, (B, I, H)


def parameters(cell):
    return {name: getattr(cell, name) for name in NAMES}


@points(2)
def test_step(student, reference, draw):
    """lstm_step gives the h and c of PyTorch's equations, in the gate order i, f, g, o"""
    for square in (False, True, False):
        args = step_arguments(draw, square)
        right = reference.lstm_step(*args)
        assert_same(student.lstm_step(*args), right, names=STATE)
    x, (h, c), *weights = args
    args = (draw.normal(*x.shape), (draw.normal(*h.shape), draw.normal(*c.shape)), *weights)
    right = reference.lstm_step(*args)
    assert_same(student.lstm_step(*args), right, "the state after other inputs of the same shape", names=STATE)
    args = step_arguments(draw, scale=100.0)
    right = reference.lstm_step(*args)
    assert_same(student.lstm_step(*args), right, "the state after large inputs", names=STATE)


@points(1)
def test_step_with_care(student, reference, draw):
    """lstm_step keeps dtypes, leaves its arguments alone and can be differentiated"""
    args = step_arguments(draw)
    x, state, *weights = args
    right = reference.lstm_step(*args)
    with unchanged(x=x, state=state, **dict(zip(NAMES, weights, strict=True))):
        assert_same(student.lstm_step(*args), right, names=STATE)
    strided = (
        x.mT.contiguous().mT,
        state,
        weights[0].mT.contiguous().mT,
        weights[1].mT.contiguous().mT,
        *weights[2:],
    )
    right = reference.lstm_step(*strided)
    assert_same(student.lstm_step(*strided), right, "the state for non-contiguous tensors")
    single = (x.float(), tuple(tensor.float() for tensor in state), *(tensor.float() for tensor in weights))
    right = reference.lstm_step(*single)
    assert_same(student.lstm_step(*single), right, "the state for float32 tensors")
    leaves = [tensor.clone().requires_grad_() for tensor in (x, *state, *weights)]
    args = (leaves[0], (leaves[1], leaves[2]), *leaves[3:])
    right = reference.lstm_step(*args)
    assert_same_gradients(
        student.lstm_step(*args),
        right,
        dict(zip(("x", "h", "c", *NAMES), leaves, strict=True)),
        draw,
    )


@points(1)
def test_parameters(student, draw):
    """The cell registers four parameters with PyTorch's names and shapes, and nothing more"""
    I, H = draw.sizes(2)
    cell = student.LSTMCell(I, H)
    expect(isinstance(cell, nn.Module), "LSTMCell should be an nn.Module.")
    found = {name: tuple(tensor.shape) for name, tensor in cell.state_dict().items()}
    wanted = {"weight_ih": (4 * H, I), "weight_hh": (4 * H, H), "bias_ih": (4 * H,), "bias_hh": (4 * H,)}
    for name, shape in wanted.items():
        expect(
            name in found,
            f"`{name}` is not in the cell's state_dict, so no optimizer would train it: make it an nn.Parameter.",
            got=sorted(found),
        )
        expect(
            found[name] == shape,
            f"{name} has the shape {found[name]}; it should be {shape}.",
            got=found[name],
        )
    extra = sorted(found.keys() - wanted)
    expect(not extra, f"The state_dict also holds {extra}, which nn.LSTMCell does not have.", got=extra)
    trained = dict(cell.named_parameters())
    for name in NAMES:
        expect(
            name in trained and trained[name].requires_grad,
            f"{name} is not trained: it should be an nn.Parameter.",
            got=name,
        )


@points(0.5)
def test_initial_values(student, draw):
    """Initial values are uniform in ±1/√H, drawn anew for every cell"""
    I, H = 30 + draw.integer(0, 9), 60 + draw.integer(0, 9)
    bound = 1 / math.sqrt(H)
    state, other = student.LSTMCell(I, H).state_dict(), student.LSTMCell(I, H).state_dict()
    rest = [*range(H), *range(2 * H, 4 * H)]
    parts = {
        "weight_ih": (state["weight_ih"], other["weight_ih"]),
        "weight_hh": (state["weight_hh"], other["weight_hh"]),
        "bias_ih without its forget part": (state["bias_ih"][rest], other["bias_ih"][rest]),
        "bias_hh without its forget part": (state["bias_hh"][rest], other["bias_hh"][rest]),
    }
    for name, (values, others) in parts.items():
        expect(bool(values.abs().max() <= bound * 1.00001), f"{name} leaves ±1/√H.", got=values)
        expect(not torch.equal(values, others), f"{name} is the same in every new cell.", got=values)
        ranks = ((values.flatten().double() / bound + 1) / 2).sort().values
        steps = torch.arange(1, len(ranks) + 1, dtype=torch.float64) / len(ranks)
        distance = float((ranks - steps).abs().max())  # Kolmogorov–Smirnov; 1e-9 of right cells would pass this bound
        expect(distance < 3.3 / math.sqrt(len(ranks)), f"{name} is not uniform in ±1/√H.", got=values)


@points(0.5)
def test_forget_bias(student, draw):
    """The forget part of bias_ih + bias_hh is forget_bias, 1 by default"""
    I, H = draw.sizes(2)
    chosen = round(draw.number(-3, 3), 3)
    cells = (
        (student.LSTMCell(I, H), 1.0, "by default"),
        (student.LSTMCell(I, H, forget_bias=chosen), chosen, "with forget_bias given"),
        (student.LSTMCell(I, H, forget_bias=0.0), 0.0, "with forget_bias=0.0"),
    )
    for cell, wanted, when in cells:
        state = cell.state_dict()
        total = (state["bias_ih"] + state["bias_hh"])[H : 2 * H].double()
        assert_same(
            total, torch.full((H,), wanted, dtype=torch.float64),
            f"the forget part of bias_ih + bias_hh {when}", rtol=0.0, atol=1e-6,
        )  # fmt: skip


@points(2)
def test_forward(student, reference, draw):
    """The cell's forward is one lstm_step with its own parameters and the given state"""
    mine, theirs, (B, I, H) = filled_cells(student, reference, draw)
    for batch in (B, 1, B):
        x, state = draw.normal(batch, I), (draw.normal(batch, H), draw.normal(batch, H))
        weights = [tensor.detach() for tensor in theirs.parameters()]
        right = theirs(x, state)
        with unchanged(x=x, state=state):
            got = mine(x, state)
        own = Own(student, reference, "lstm_step", (x, state, *weights), draw)
        assert_same(got, right, names=STATE, own=own)


@points(1)
def test_without_state(student, reference, draw):
    """Without a state the cell starts from zeros of x's dtype, and remembers nothing from call to call"""
    mine, theirs, (B, I, H) = filled_cells(student, reference, draw)
    weights = [tensor.detach() for tensor in theirs.parameters()]
    for x in (draw.normal(B, I), draw.normal(B + 1, I)):
        zeros = x.new_zeros(x.shape[0], H)
        own = Own(student, reference, "lstm_step", (x, (zeros, zeros), *weights), draw)
        right = theirs(x)
        assert_same(mine(x), right, names=STATE, own=own)
    single, x = student.LSTMCell(I, H), draw.normal(B, I, dtype=torch.float32)
    for tensor in single(x):
        expect(
            tensor.dtype == torch.float32,
            "For a float32 cell and input the state should be float32.",
            got=tensor,
        )


@points(1)
def test_interchange_with_pytorch(student, reference, draw):
    """A state_dict of nn.LSTMCell loads into your cell and back, and gives the same numbers"""
    B, I, H = draw.sizes(3)
    theirs = nn.LSTMCell(I, H).double()
    mine = student.LSTMCell(I, H).double()
    given = {name: draw.normal(*tensor.shape) for name, tensor in theirs.state_dict().items()}
    mine.load_state_dict(given)
    state_dict = mine.state_dict()
    theirs.load_state_dict(state_dict)
    assert_same(dict(state_dict), given, "the state_dict after loading one")
    x, state = draw.normal(B, I), (draw.normal(B, H), draw.normal(B, H))
    weights = [getattr(theirs, name).detach() for name in NAMES]
    own = Own(student, reference, "lstm_step", (x, state, *weights), draw)
    right = theirs(x, state)
    assert_same(mine(x, state), right, names=STATE, own=own)


@points(1)
def test_gradients_of_parameters(student, reference, draw):
    """Gradients reach every parameter of the cell, and the input and state"""
    mine, theirs, (B, I, H) = filled_cells(student, reference, draw)
    x, h, c = (
        draw.normal(B, I, requires_grad=True),
        draw.normal(B, H, requires_grad=True),
        draw.normal(B, H, requires_grad=True),
    )
    expected = theirs(x, (h, c))
    got = mine(x, (h, c))
    inputs = {"x": x, "h": h, "c": c}
    own = Own(student, reference, "lstm_step", (x, (h, c), *parameters(theirs).values()), draw)
    assert_same_gradients(
        got, expected, parameters(mine) | inputs, draw, expected_inputs=parameters(theirs) | inputs, own=own
    )
