"""Hidden suite of `stacking`. The tests of LSTMStack are a part of their own: there nn.LSTM is taken away."""

import warnings

import torch
from torch import nn

from grader.suite.properties import (
    batch_independent,
    causal,
    gradient_reaches_first_step,
    interchanges_state_dict,
    keeps_dtype,
    state_carried,
)
from grader.suite.writing import assert_same, assert_same_gradients, expect, part, points, unchanged

STATE = ("h_n", "c_n")


def drawn_sizes(draw):
    """B, T, I, H, all different: two sequences or more, three steps or more."""
    while True:
        B, T, I, H = draw.sizes(4, high=6)
        if T >= 3:
            return B, T, I, H


def fill(mine, theirs, draw):
    """Give both the same drawn numbers."""
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.copy_(draw.normal(*parameter.shape))
    mine.load_state_dict(dict(theirs.state_dict()))


# StackedLSTM


def filled_models(student, reference, draw, **options):
    """The student's StackedLSTM and the reference's with the same drawn float64 parameters, and x."""
    B, T, I, H = drawn_sizes(draw)
    O = options.pop("output_size", draw.integer(2, 4))
    theirs = reference.StackedLSTM(I, H, O, **options).double()
    mine = student.StackedLSTM(I, H, O, **options).double()
    fill(mine, theirs, draw)
    return mine, theirs, draw.normal(B, T, I)


@points(1)
def test_submodules(student, draw):
    """StackedLSTM has all its layers in one batch-first nn.LSTM, `lstm`, and an nn.Linear, `fc`"""
    _, O, I, H = draw.sizes(4)
    for options, layers in (({}, 2), ({"num_layers": 3}, 3), ({"num_layers": 1}, 1)):
        model = student.StackedLSTM(I, H, O, **options)
        expect(isinstance(model, nn.Module), "StackedLSTM should be an nn.Module.")
        names = dict(model.named_children())
        for name in ("lstm", "fc"):
            expect(name in names, f"StackedLSTM has no submodule `{name}`.", got=sorted(names))
        expect(isinstance(model.lstm, nn.LSTM), "`lstm` should be an nn.LSTM.", got=type(model.lstm).__name__)
        expect(isinstance(model.fc, nn.Linear), "`fc` should be an nn.Linear.", got=type(model.fc).__name__)
        when = f"with num_layers={layers}" if options else "by default"
        found = model.lstm.num_layers
        expect(found == layers, f"`lstm` has {found} layers {when}, which is wrong.", got=found)
        found = model.lstm.batch_first
        expect(
            found is True,
            "`lstm` is not batch_first, but x is (B, T, I): it takes the batch for time.",
            got=found,
        )
        found = model.lstm.bidirectional
        expect(
            found is False,
            "`lstm` runs in both directions; one, from past to future, is asked for.",
            got=found,
        )
        sizes = (model.lstm.input_size, model.lstm.hidden_size, model.fc.in_features, model.fc.out_features)
        expect(sizes == (I, H, H, O), f"The sizes of `lstm` and `fc` do not fit: {sizes}.", got=sizes)


@points(1.5)
def test_stacked_forward(student, reference, draw):
    """StackedLSTM gives fc of what the last layer has at the last step, without anything on top"""
    for options in ({}, {"num_layers": 3}, {"num_layers": 1, "output_size": 1}):
        mine, theirs, x = filled_models(student, reference, draw, **options)
        right = theirs(x)
        assert_same(mine(x), right)
        right = theirs(x[:1, :1])
        assert_same(mine(x[:1, :1]), right, "the result for one step of one sequence")


@points(1)
def test_stacked_dropout(student, reference, draw):
    """dropout is nn.LSTM's own: between the layers, in training only, nowhere else"""
    _, _, I, H = drawn_sizes(draw)
    chosen = round(draw.number(0.2, 0.8), 3)
    found = float(student.StackedLSTM(I, H, 1).lstm.dropout)
    expect(found == 0.0, f"By default the dropout of `lstm` is {found:g}; it should be 0.", got=found)
    found = float(student.StackedLSTM(I, H, 1, dropout=chosen).lstm.dropout)
    expect(found == chosen, f"dropout={chosen:g} was asked for, but that of `lstm` is {found:g}.", got=found)
    # A dropout of 1 drops everything, so its result is no matter of chance.
    mine, theirs, x = filled_models(student, reference, draw, dropout=1.0)
    right = theirs.eval()(x)
    assert_same(mine.eval()(x), right, "the result in eval mode")
    right = theirs.train()(x)
    assert_same(mine.train()(x), right, "the result in train mode")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nn.LSTM says that a single layer has nothing between its layers
        mine, theirs, x = filled_models(student, reference, draw, num_layers=1, dropout=1.0)
    right = theirs(x)
    assert_same(mine.train()(x), right, "the result of a single layer, which drops nothing, in train mode")


@points(0.5)
def test_stacked_with_care(student, reference, draw):
    """StackedLSTM keeps dtypes, leaves x alone and can be differentiated, back to the first step"""
    mine, theirs, x = filled_models(student, reference, draw)
    with unchanged(x=x):
        right = theirs(x)
        assert_same(mine(x), right)
    leaf = x.clone().requires_grad_()
    mine_of, theirs_of = dict(mine.named_parameters()), dict(theirs.named_parameters())
    assert_same_gradients(
        mine(leaf), theirs(leaf), {name: mine_of[name] for name in theirs_of} | {"x": leaf}, draw,
        expected_inputs=theirs_of | {"x": leaf},
    )  # fmt: skip
    gradient_reaches_first_step(mine, x, draw, what="the result")
    keeps_dtype(lambda dtype: mine.to(dtype)(x.to(dtype)))


# LSTMStack


def filled_stacks(student, reference, draw, layers, square=False):
    """The student's LSTMStack and the reference's with the same drawn float64 parameters; B, T, I and H.

    `square`: B = T = I = H = L, where swapped dimensions are no shape error.
    """
    B, T, I, H = (layers,) * 4 if square else drawn_sizes(draw)
    theirs = reference.LSTMStack(I, H, layers).double()
    mine = student.LSTMStack(I, H, layers).double()
    fill(mine, theirs, draw)
    return mine, theirs, (B, T, I, H)


def drawn_state(draw, L, B, H):
    return draw.normal(L, B, H), draw.normal(L, B, H)


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


@part("LSTMStack")
@points(1)
def test_stack_parameters(student, draw):
    """LSTMStack registers four parameters for each layer, with the names and shapes of nn.LSTM"""
    I, H = draw.sizes(2)
    for layers in (2, 1, 3):
        stack = student.LSTMStack(I, H, layers)
        expect(isinstance(stack, nn.Module), "LSTMStack should be an nn.Module.")
        found = {name: tuple(tensor.shape) for name, tensor in stack.state_dict().items()}
        wanted = {}
        for k in range(layers):
            below = I if k == 0 else H
            shapes = {
                "weight_ih": (4 * H, below),
                "weight_hh": (4 * H, H),
                "bias_ih": (4 * H,),
                "bias_hh": (4 * H,),
            }
            wanted |= {f"{name}_l{k}": shape for name, shape in shapes.items()}
        trained = dict(stack.named_parameters())
        for name, shape in wanted.items():
            expect(
                name in found,
                f"`{name}` is not in the state_dict of a stack of {layers}, so no optimizer would train it: "
                "register it as an nn.Parameter under this name.",
                got=sorted(found),
            )
            expect(
                found[name] == shape,
                f"{name} has the shape {found[name]}; it should be {shape}.",
                got=found[name],
            )
            expect(name in trained, f"{name} is not trained: it should be an nn.Parameter.", got=sorted(trained))
            values = trained[name].detach()
            expect(trained[name].requires_grad, f"{name} is not trained: it does not require grad.", got=name)
            expect(bool(torch.isfinite(values).all()), f"{name} starts with NaN or infinity.", got=values)
            if name.startswith("weight"):  # constant biases, zeros for example, are a matter of taste
                constant = bool((values == values.flatten()[0]).all())
                expect(
                    not constant,
                    f"{name} starts with the same number everywhere: units learn alike.",
                    got=values,
                )
        extra = sorted(found.keys() - wanted)
        expect(not extra, f"A stack of {layers} also holds {extra}, which nn.LSTM does not have.", got=extra)


@part("LSTMStack")
@points(1.5)
def test_stack_forward(student, reference, draw):
    """Each layer reads the outputs of the layer below; output is the top layer's, the state every layer's"""
    for layers, square in ((2, False), (3, True), (1, False)):
        mine, theirs, (B, T, I, _) = filled_stacks(student, reference, draw, layers, square)
        x = draw.normal(B, T, I)
        check_both(mine(x), theirs(x), f" of {layers} layers without a state")
    x = draw.normal(1, 1, I)
    check_both(mine(x), theirs(x), " of one step of one sequence")


@part("LSTMStack")
@points(1.5)
def test_stack_state(student, reference, draw):
    """Every layer starts from its own part of the given state, and remembers nothing from call to call"""
    for layers, square in ((2, False), (3, True)):
        mine, theirs, (B, T, I, H) = filled_stacks(student, reference, draw, layers, square)
        x, state = draw.normal(B, T, I), drawn_state(draw, layers, B, H)
        with unchanged(x=x, state=state):
            got = mine(x, state)
        check_both(got, theirs(x, state), " from a given state")
    check_both(mine(x, state=state), theirs(x, state), " from the same state again")
    check_both(mine(x), theirs(x), " without a state, after a call with one")


@part("LSTMStack")
@points(0.5)
def test_stack_interchange(student, draw):
    """A state_dict of an nn.LSTM of several layers loads into your stack and back, with the same numbers"""
    B, T, I, H = drawn_sizes(draw)
    L = draw.integer(2, 3)
    x, state = draw.normal(B, T, I), drawn_state(draw, L, B, H)
    theirs = nn.LSTM(I, H, L, batch_first=True).double()
    interchanges_state_dict(student.LSTMStack(I, H, L).double(), theirs, lambda stack: stack(x, state), draw)


@part("LSTMStack")
@points(0.5)
def test_stack_gradients(student, reference, draw):
    """Gradients reach every parameter of every layer, the given state and the first step"""
    mine, theirs, (B, T, I, H) = filled_stacks(student, reference, draw, 2)
    x = draw.normal(B, T, I, requires_grad=True)
    assert_same_gradients(pair(mine(x))[0], theirs(x)[0], {"x": x}, draw)
    h, c = draw.normal(2, B, H, requires_grad=True), draw.normal(2, B, H, requires_grad=True)
    expected = theirs(x, (h, c))
    got = pair(mine(x, (h, c)))
    inputs, theirs_of = {"x": x, "h": h, "c": c}, dict(theirs.named_parameters())
    mine_of = {name: getattr(mine, name) for name in theirs_of}
    assert_same_gradients(got, expected, mine_of | inputs, draw, expected_inputs=theirs_of | inputs)
    gradient_reaches_first_step(lambda x: pair(mine(x))[0][:, -1], draw.normal(B, T, I), draw)


@part("LSTMStack")
@points(0.5)
def test_stack_order(student, reference, draw):
    """No step sees the future, no sequence sees another, and a run can be split with its state carried"""
    mine, _, (B, T, I, _) = filled_stacks(student, reference, draw, 2)
    x = draw.normal(B, T, I)
    causal(lambda x: pair(mine(x))[0], x, draw)
    batch_independent(lambda x: pair(mine(x)), (x,), draw, batch_dims=(0, 1))
    state_carried(lambda x, state: mine(x) if state is None else mine(x, state), x, draw)


@part("LSTMStack")
@points(0.5)
def test_stack_with_care(student, reference, draw):
    """LSTMStack keeps dtypes, takes non-contiguous tensors and is right for large numbers"""
    mine, theirs, (B, T, I, H) = filled_stacks(student, reference, draw, 2)
    x, state = draw.normal(T, I, B).permute(2, 0, 1), tuple(draw.normal(2, H, B).mT for _ in range(2))
    check_both(mine(x, state), theirs(x, state), " for non-contiguous tensors")
    large = draw.normal(B, T, I, scale=15.0)
    check_both(mine(large), theirs(large), " after large inputs")
    keeps_dtype(lambda dtype: mine.to(dtype)(x.to(dtype)))
    mine, theirs = mine.float(), theirs.float()
    x, state = x.float(), tuple(tensor.float() for tensor in state)
    check_both(mine(x, state), theirs(x, state), " for float32 tensors")
