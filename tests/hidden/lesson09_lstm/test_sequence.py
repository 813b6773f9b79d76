"""Hidden suite of `sequence`. States are zero only where that is the question; padding is never zero."""

import torch
from torch import nn

from grader.suite.properties import (
    batch_independent,
    causal,
    gradient_reaches_first_step,
    interchanges_state_dict,
    keeps_dtype,
    padding_amount_ignored,
    padding_content_ignored,
    state_carried,
)
from grader.suite.writing import assert_same, assert_same_gradients, expect, points, unchanged

NAMES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
STATE = ("h_n", "c_n")


def drawn_sizes(draw):
    """B, T, I, H, all different, with room for lengths that differ."""
    while True:
        B, T, I, H = draw.sizes(4, high=6)
        if B >= 3 and T >= 4:
            return B, T, I, H


def drawn_lengths(draw, B, longest):
    """Unsorted lengths, 1 and `longest` among them; for B of 3 or more and a `longest` of 3 or more."""
    lengths = draw.integers(B, low=1, high=longest + 1)
    lengths[:3] = torch.tensor([draw.integer(2, longest - 1), longest, 1])
    return lengths


def filled_layers(student, reference, draw, square=False):
    """The student's layer and the reference's with the same drawn float64 parameters; their sizes.

    `square`: B = T = I = H, where swapped dimensions are no shape error.
    """
    B, T, I, H = (draw.integer(3, 5),) * 4 if square else drawn_sizes(draw)
    theirs = reference.LSTMLayer(I, H).double()
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(draw.normal(*parameter.shape))
    mine = student.LSTMLayer(I, H).double()
    mine.load_state_dict(dict(theirs.state_dict()))
    return mine, theirs, (B, T, I, H)


def drawn_state(draw, B, H):
    return draw.normal(1, B, H), draw.normal(1, B, H)


def parameters(layer):
    return {name: getattr(layer, name) for name in NAMES}


def pair(result):
    """The result, if it is a pair of output and state: whoever forgot one of them is told so."""
    good = isinstance(result, tuple) and len(result) == 2
    expect(
        good,
        "forward should return a pair: (output, (h_n, c_n)).",
        got=result if good else type(result).__name__,
    )
    return result


def check_both(got, expected, when=""):
    assert_same(pair(got)[0], expected[0], f"the output{when}")
    assert_same(got[1], expected[1], f"the last state{when}", names=STATE)


@points(1)
def test_last_output(student, reference, draw):
    """last_output gives each sequence's output at its own last valid step"""
    B, T, H = draw.sizes(3, low=3)
    side = draw.integer(3, 5)
    for B, T, H, longest in ((B, T + 1, H, T), (B, T, H, T), (side, side, side, side)):  # noqa: B020
        output, lengths = draw.normal(B, T, H), drawn_lengths(draw, B, longest)
        right = reference.last_output(output, lengths)
        assert_same(student.last_output(output, lengths), right)
    output, lengths = draw.normal(1, T, H), torch.tensor([2])
    assert_same(student.last_output(output, lengths), output[:, 1], "the result for one sequence")


@points(0.5)
def test_last_output_with_care(student, reference, draw):
    """last_output keeps dtypes, leaves its arguments alone and can be differentiated"""
    B, T, H = draw.sizes(3, low=3)
    output, lengths = draw.normal(B, T, H), drawn_lengths(draw, B, T)
    with unchanged(output=output, lengths=lengths):
        got = student.last_output(output, lengths)
    assert_same(got, reference.last_output(output, lengths))
    strided = draw.normal(H, T, B).permute(2, 1, 0)
    expected = reference.last_output(strided, lengths)
    assert_same(student.last_output(strided, lengths), expected, "the result for a non-contiguous output")
    single = output.float()
    right = reference.last_output(single, lengths)
    assert_same(
        student.last_output(single, lengths),
        right,
        "the result for float32 outputs",
    )
    leaf = output.clone().requires_grad_()
    right = reference.last_output(leaf, lengths)
    assert_same_gradients(student.last_output(leaf, lengths), right, {"output": leaf}, draw)


@points(0.5)
def test_parameters(student, draw):
    """The layer registers four parameters, named and shaped as in nn.LSTM, that do not start as constants"""
    I, H = draw.sizes(2)
    layer = student.LSTMLayer(I, H)
    expect(isinstance(layer, nn.Module), "LSTMLayer should be an nn.Module.")
    found = {name: tuple(tensor.shape) for name, tensor in layer.state_dict().items()}
    wanted = {
        "weight_ih_l0": (4 * H, I),
        "weight_hh_l0": (4 * H, H),
        "bias_ih_l0": (4 * H,),
        "bias_hh_l0": (4 * H,),
    }
    trained = dict(layer.named_parameters())
    for name, shape in wanted.items():
        expect(
            name in found,
            f"`{name}` is not in the layer's state_dict, so no optimizer would train it: make it an nn.Parameter.",
            got=sorted(found),
        )
        expect(
            found[name] == shape,
            f"{name} has the shape {found[name]}; it should be {shape}.",
            got=found[name],
        )
        is_trained = name in trained and trained[name].requires_grad
        expect(is_trained, f"{name} is not trained: it should be an nn.Parameter.", got=name)
    extra = sorted(found.keys() - wanted)
    expect(not extra, f"The state_dict also holds {extra}, which nn.LSTM does not have.", got=extra)
    for name in NAMES:
        values = trained[name].detach()
        expect(bool(torch.isfinite(values).all()), f"{name} starts with NaN or infinity.", got=values)
        if name.startswith("weight"):  # constant biases, zeros for example, are a matter of taste
            constant = bool((values == values.flatten()[0]).all())
            expect(
                not constant,
                f"{name} starts with the same number everywhere, so all units learn alike.",
                got=values,
            )


@points(1.5)
def test_forward(student, reference, draw):
    """The output holds the hidden state of every step, and h_n and c_n are those of the last one"""
    for square in (False, True):
        mine, theirs, (B, T, I, _) = filled_layers(student, reference, draw, square)
        for batch, steps in ((B, T), (1, T), (B, 1)):
            x = draw.normal(batch, steps, I)
            check_both(mine(x), theirs(x), " without a state")
    x = draw.normal(B, T, I, scale=15.0)
    check_both(mine(x), theirs(x), " after large inputs")


@points(1)
def test_state(student, reference, draw):
    """The layer starts from the given state, and remembers nothing from call to call"""
    mine, theirs, (B, T, I, H) = filled_layers(student, reference, draw)
    for batch, steps in ((B, T), (1, 1)):
        x, state = draw.normal(batch, steps, I), drawn_state(draw, batch, H)
        with unchanged(x=x, state=state):
            got = mine(x, state)
        check_both(got, theirs(x, state), " from a given state")
        check_both(mine(x, state=state), theirs(x, state), " from the same state again")
        check_both(mine(x), theirs(x), " without a state, after a call with one")


@points(1.5)
def test_output_with_lengths(student, reference, draw):
    """With lengths the output of a sequence is zero past its own length, and keeps all T steps"""
    for cut in (0, 1):  # the longest sequence may be shorter than T
        mine, theirs, (B, T, I, H) = filled_layers(student, reference, draw)
        x, lengths = draw.normal(B, T, I, scale=3.0), drawn_lengths(draw, B, T - cut)
        with unchanged(x=x, lengths=lengths):
            got = mine(x, lengths=lengths)
        assert_same(pair(got)[0], theirs(x, lengths=lengths)[0], "the output with lengths")
    state = drawn_state(draw, B, H)
    got = pair(mine(x, state, lengths))
    assert_same(got[0], theirs(x, state, lengths)[0], "the output with lengths from a given state")


@points(1.5)
def test_state_with_lengths(student, reference, draw):
    """With lengths h_n and c_n are those of each sequence's last valid step"""
    for cut in (0, 1):
        mine, theirs, (B, T, I, H) = filled_layers(student, reference, draw)
        x, lengths = draw.normal(B, T, I, scale=3.0), drawn_lengths(draw, B, T - cut)
        state = drawn_state(draw, B, H)
        expected = theirs(x, lengths=lengths)
        got = pair(mine(x, lengths=lengths))
        assert_same(got[1], expected[1], "the last state with lengths", names=STATE)
        with unchanged(x=x, state=state, lengths=lengths):
            got = pair(mine(x, state=state, lengths=lengths))
        expected = theirs(x, state, lengths)
        assert_same(got[1], expected[1], "the last state with lengths from a given state", names=STATE)
    full = torch.full((B,), T)
    expected = theirs(x, state)
    got = pair(mine(x, state, full))
    assert_same(got[1], expected[1], "the last state where every length is T", names=STATE)


@points(1)
def test_padding_and_batch(student, reference, draw):
    """Neither the padding nor the other sequences of the batch have any influence on a sequence"""
    mine, _, (B, T, I, _) = filled_layers(student, reference, draw)
    x, lengths = draw.normal(B, T, I), drawn_lengths(draw, B, T)

    def run(x, lengths):
        output, (h_n, c_n) = pair(mine(x, lengths=lengths))
        return output[:, :T], h_n, c_n

    padding_content_ignored(run, x, lengths, draw)
    padding_amount_ignored(run, x, lengths, filler=draw.number(1, 1000))
    batch_independent(run, (x, lengths), draw, batch_dims=(0, 1, 1))
    together = run(x, lengths)
    place = draw.integer(0, B - 1)
    length = int(lengths[place])
    output, state = pair(mine(x[place : place + 1, :length]))
    found = (together[0][place : place + 1, :length], together[1][:, place : place + 1])
    what = "of a padded sequence, beside the same sequence alone and without lengths"
    assert_same(found, (output, state[0]), names=(f"the output {what}", f"h_n {what}"))


@points(0.5)
def test_order_of_time(student, reference, draw):
    """No step sees the future, and a sequence can be run in two parts with the state carried over"""
    mine, _, (B, T, I, _) = filled_layers(student, reference, draw)
    x = draw.normal(B, T, I)
    causal(lambda x: pair(mine(x))[0], x, draw)
    state_carried(lambda x, state: mine(x) if state is None else mine(x, state), x, draw)


@points(0.5)
def test_interchange_with_pytorch(student, draw):
    """A state_dict of a one-layer nn.LSTM loads into your layer and back, and gives the same numbers"""
    B, T, I, H = drawn_sizes(draw)
    theirs = nn.LSTM(I, H, batch_first=True).double()
    x, state = draw.normal(B, T, I), drawn_state(draw, B, H)
    interchanges_state_dict(student.LSTMLayer(I, H).double(), theirs, lambda layer: layer(x, state), draw)


@points(1)
def test_gradients(student, reference, draw):
    """Gradients of output and last state reach every parameter, the given state and every step"""
    mine, theirs, (B, T, I, H) = filled_layers(student, reference, draw)
    x, lengths = draw.normal(B, T, I, requires_grad=True), drawn_lengths(draw, B, T)
    assert_same_gradients(pair(mine(x))[0], theirs(x)[0], {"x": x}, draw)
    for given in (None, lengths):
        x = draw.normal(B, T, I, requires_grad=True)
        h, c = draw.normal(1, B, H, requires_grad=True), draw.normal(1, B, H, requires_grad=True)
        expected = theirs(x, (h, c), given)
        got = pair(mine(x, (h, c), given))
        inputs = {"x": x, "h": h, "c": c}
        assert_same_gradients(
            got, expected, parameters(mine) | inputs, draw, expected_inputs=parameters(theirs) | inputs
        )
    gradient_reaches_first_step(lambda x: pair(mine(x))[0][:, -1], draw.normal(B, T, I), draw)


@points(0.5)
def test_with_care(student, reference, draw):
    """The layer keeps dtypes and takes non-contiguous tensors"""
    mine, theirs, (B, T, I, H) = filled_layers(student, reference, draw)
    state = tuple(draw.normal(1, H, B).mT for _ in range(2))
    x = draw.normal(T, I, B).permute(2, 0, 1)
    lengths = torch.stack([drawn_lengths(draw, B, T)] * 2, dim=1)[:, 0]
    right = theirs(x, state, lengths)
    single = (draw.normal(B, T, I).float(), tuple(tensor.float() for tensor in state), lengths.clone())
    right_single = theirs.float()(*single)
    check_both(mine(x, state, lengths), right, " for non-contiguous tensors")
    x = draw.normal(B, T, I)
    keeps_dtype(lambda dtype: mine.to(dtype)(x.to(dtype)))
    keeps_dtype(lambda dtype: mine.to(dtype)(x.to(dtype), lengths=lengths), what="the result with lengths")
    check_both(mine.float()(*single), right_single, " for float32 tensors")
