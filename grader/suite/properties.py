"""Properties that every right sequence model has, whatever its numbers: checks that need no reference.

Each takes what the student wrote as a callable or a model (behind the wall or not) and the tensors to try it
on, and raises a `Mismatch` whose sentence is for the student and whose `got` is what their code gave. Where a
constant would have the property too, the check also asks that what should matter does matter. Tensors are
batch first: x is (B, T, …).

    causal(lambda x: layer(x)[0], draw.normal(B, T, I), draw)
    with random_state_untouched(student, "train_sentiment"):
        student.train_sentiment(model, tokens, lengths, labels)
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import torch

from grader.sandbox.far.gradient import vector_jacobian
from grader.sandbox.proxy import type_name
from grader.suite.compare import TOLERANCES, Mismatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from torch import Tensor, nn

    from grader.suite.draw import Draw


class HasRandomState(Protocol):
    """`grader.sandbox.proxy.Student` and its local twin."""

    def random_state(self) -> bytes:
        """The global generators of the side where the student's code runs, as bytes to compare."""


def causal(
    run: Callable[[Tensor], Any],
    x: Tensor,
    draw: Draw,
    *,
    what: str = "the output",
    atol: float | None = None,
) -> None:
    """Changing the future changes no earlier output, and changing a step changes that step's output.

    Args:
        run: gives one result for each step, (B, T, …), from x.
        x: (B, T, …), floats or tokens, with T of 2 or more.
        draw: draws where the future begins and what stands in it instead.
        what: what `run` gives, in words.
        atol: absolute tolerance; by default that of the dtype, as for rtol.

    Raises:
        Mismatch: an earlier step saw the change, or no step did.
    """
    __tracebackhide__ = True
    T = x.shape[1]
    cut = draw.integer(1, T - 1)
    changed = torch.cat([x[:, :cut], _other(x[:, cut:], draw)], dim=1)
    before, after = _steps(run(x), T, what), _steps(run(changed), T, what)
    _same(
        after[:, :cut], before[:, :cut],
        f"{what} before step {cut} changed when x was changed from step {cut} on (counted from 0). A step "
        "may look at itself and at the steps before it, never at the future.", atol, got=after,
    )  # fmt: skip
    if _apart(after[:, cut:], before[:, cut:], atol) is None:
        raise Mismatch(
            f"{what} stays the same when x changes: the steps of x have no influence on it.",
            got=after,
        )


def padding_content_ignored(
    run: Callable[[Tensor, Tensor], Any], x: Tensor, lengths: Tensor, draw: Draw, *,
    what: str = "the result", atol: float | None = None,
) -> None:  # fmt: skip
    """What stands in the padding changes nothing, and what stands in front of it does.

    Args:
        run: gives a tensor, or a tuple or list of tensors, from x and lengths.
        x: (B, T, …), floats or tokens; at least one length is below T.
        lengths: (B,).
        draw: draws what the padding is filled with.
        what: what `run` gives, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: the padding had an influence, or the valid steps had none.
    """
    __tracebackhide__ = True
    steps = torch.arange(x.shape[1]).reshape(1, -1, *[1] * (x.dim() - 2))
    padded = steps >= lengths.reshape(-1, *[1] * (x.dim() - 1))
    usual = _parts(run(x, lengths), what)
    other = _parts(run(torch.where(padded, _other(x, draw), x), lengths), what)
    _same_parts(
        other, usual,
        f"{what} depends on what stands in the padding. Nothing past a sequence's own length may be "
        "read, or it must be masked out.", atol,
    )  # fmt: skip
    moved = _parts(run(torch.where(padded, x, _other(x, draw)), lengths), what)
    if all(_apart(mine, theirs, atol) is None for mine, theirs in zip(moved, usual, strict=False)):
        raise Mismatch(
            f"{what} stays the same when the valid steps change: they have no influence on it.",
            got=moved,
        )


def padding_amount_ignored(
    run: Callable[[Tensor, Tensor], Any], x: Tensor, lengths: Tensor, *,
    extra: int = 3, filler: float = 0, what: str = "the result", atol: float | None = None,
) -> None:  # fmt: skip
    """How much padding follows changes nothing.

    Args:
        run: gives what must stay the same from x and lengths; a result with a place for each step it cuts.
        x: (B, T, …).
        lengths: (B,), each 1 … T.
        extra: how many steps of padding are added.
        filler: what they hold.
        what: what `run` gives, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: the further padding had an influence.
    """
    __tracebackhide__ = True
    more = torch.cat([x, torch.full_like(x[:, :1], filler).expand(-1, extra, *x.shape[2:])], dim=1)
    usual, other = _parts(run(x, lengths), what), _parts(run(more, lengths), what)
    _same_parts(
        other, usual,
        f"{what} changes when {extra} more steps of padding follow. A sequence ends at its own "
        "length, not at the end of the tensor.", atol,
    )  # fmt: skip


def batch_independent(
    run: Callable[..., Any], inputs: Sequence[Tensor], draw: Draw, *,
    batch_dims: Sequence[int] = (0,), what: str = "the result", atol: float | None = None,
) -> None:  # fmt: skip
    """A sequence's result depends neither on the others in its batch nor on their order.

    Args:
        run: gives a tensor, or a tuple or list of tensors, from the inputs.
        inputs: tensors whose first dimension is the batch, of 2 or more: x, or tokens and lengths.
        draw: draws the other order.
        batch_dims: where the batch is in each part that `run` gives; the last holds for all that follow.
        what: what `run` gives, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: a sequence alone gives something else, or the same batch in another order does.
    """
    __tracebackhide__ = True
    B = inputs[0].shape[0]
    together = _parts(run(*inputs), what)
    dims = [batch_dims[min(place, len(batch_dims) - 1)] for place in range(len(together))]
    for part, dim in zip(together, dims, strict=True):
        if part.dim() <= dim or part.shape[dim] != B:
            raise Mismatch(
                f"{what} has the shape {tuple(part.shape)}; dimension {dim} should be the batch of {B}.",
                got=part,
            )
    place = draw.integer(0, B - 1)
    alone = _parts(run(*(tensor[place : place + 1] for tensor in inputs)), what)
    _same_parts(
        alone, [part.narrow(dim, place, 1) for part, dim in zip(together, dims, strict=True)],
        f"{what} of a sequence alone is not what it is in a batch with others. No sequence may see another "
        "one's numbers.",
        atol,
    )  # fmt: skip
    order = torch.randperm(B, generator=draw.generator)
    if torch.equal(order, torch.arange(B)):
        order = order.roll(1)
    shuffled = _parts(run(*(tensor[order] for tensor in inputs)), what)
    _same_parts(
        shuffled, [part.index_select(dim, order) for part, dim in zip(together, dims, strict=True)],
        f"{what} changes when the sequences of the batch come in another order. Give each result back "
        "at its own sequence's place.", atol,
    )  # fmt: skip


def state_carried(
    run: Callable[[Tensor, Any], Any],
    x: Tensor,
    draw: Draw,
    *,
    what: str = "the output",
    atol: float | None = None,
) -> None:
    """A sequence in two parts, with the state carried over, gives what the whole sequence gives.

    Args:
        run: gives (output (B, T, …), state) from x and a state, where None is the state at the start.
        x: (B, T, …), with T of 2 or more.
        draw: draws where it is cut in two.
        what: what the first part of the result is, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: the outputs or the last states differ, or the state has no influence.
    """
    __tracebackhide__ = True
    T = x.shape[1]
    cut = draw.integer(1, T - 1)
    whole, end = _output_and_state(run(x, None), T, what)
    first, state = _output_and_state(run(x[:, :cut], None), cut, what)
    second, end_of_two = _output_and_state(run(x[:, cut:], state), T - cut, what)
    _same(
        torch.cat([first, second], dim=1), whole,
        f"{what} of a sequence that is run in two parts, with the state of the first given to the "
        "second, is not that of the whole sequence. The second part must start from the state that "
        "it is given.", atol,
    )  # fmt: skip
    _same_parts(
        _parts(end_of_two, "the state"), _parts(end, "the state"),
        "The last state after two parts is not the last state after the whole sequence.", atol,
    )  # fmt: skip
    fresh, _ = _output_and_state(run(x[:, cut:], None), T - cut, what)
    if _apart(fresh, second, atol) is None:
        raise Mismatch(
            f"{what} is the same with a state and without one: the state has no influence.",
            got=second,
        )


def gradient_reaches_first_step(
    run: Callable[[Tensor], Any], x: Tensor, draw: Draw, *, what: str = "the last output"
) -> None:
    """The gradient of what `run` gives reaches the first step of x: nothing on the way is detached.

    Args:
        run: gives one tensor from x; it should depend on the first step.
        x: floats, (B, T, …), short enough that nothing vanishes in its dtype.
        draw: draws the direction of the gradient.
        what: what `run` gives, in words.

    Raises:
        Mismatch: no gradient, or zeros or NaN, at the first step.
    """
    __tracebackhide__ = True
    leaf = x.detach().clone().requires_grad_()
    result = _parts(run(leaf), what)[0]
    if not result.requires_grad:
        raise Mismatch(
            f"{what} carries no gradient. Was it detached, or made with .data, .item(), .numpy(), "
            "torch.tensor(…) or torch.no_grad()?"
        )
    gradient = vector_jacobian([result], [draw.normal(*result.shape).to(result.dtype)], [leaf])[0]
    if gradient is None:
        raise Mismatch(f"No gradient of {what} reaches x.", got="none")
    if not bool(torch.isfinite(gradient).all()):
        raise Mismatch(f"The gradient of {what} for x holds NaN or infinity.", got=gradient)
    silent = [step for step in range(x.shape[1]) if not bool((gradient[:, step] != 0).any())]
    if 0 in silent:
        last = max(step for step in range(x.shape[1]) if step in silent and set(range(step)) <= set(silent))
        raise Mismatch(
            f"The gradient of {what} does not reach the first {last + 1} of {x.shape[1]} steps, so nothing "
            "could be learned from them. Is the state detached, or made anew, on the way?",
            got=gradient,
        )


def interchanges_state_dict(
    mine: Any, theirs: nn.Module, run: Callable[[Any], Any], draw: Draw, *, name: str = "nn.LSTM",
    atol: float | None = None,
) -> None:  # fmt: skip
    """A `state_dict` of PyTorch's module loads into the student's and back, and both then give the same.

    Args:
        mine: the student's module, of the same sizes and dtype as `theirs`.
        theirs: PyTorch's own; its parameters are filled anew.
        run: gives a tensor, or a tuple or list of them, nested or not, from either module.
        draw: draws the numbers of the parameters.
        name: what PyTorch calls its module.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: names, shapes or numbers do not fit.
    """
    __tracebackhide__ = True
    wanted = theirs.state_dict()
    same_parameters(mine.state_dict(), wanted, name)
    for direction in ("into yours", "back"):
        state = {key: draw.normal(*tensor.shape).to(tensor.dtype) for key, tensor in wanted.items()}
        if direction == "into yours":
            theirs.load_state_dict(state)
            mine.load_state_dict(dict(theirs.state_dict()))
        else:
            mine.load_state_dict(state)
            theirs.load_state_dict(dict(mine.state_dict()))
        with torch.no_grad():
            right = _parts(run(theirs), "the result")
        _same_parts(
            _parts(run(mine), "the result"), right,
            f"After a state_dict of {name} was loaded {direction}, both should compute the same. The "
            "names and shapes fit, so your forward uses the numbers otherwise, or it does not use "
            "its registered parameters.", atol,
        )  # fmt: skip


def same_parameters(found: Mapping[str, Any], wanted: Mapping[str, Tensor], name: str) -> None:
    """A state_dict has the names and shapes of PyTorch's.

    Args:
        found: the student's state_dict.
        wanted: that of PyTorch's module.
        name: what PyTorch calls its module.

    Raises:
        Mismatch: a name or a shape does not fit.
    """
    __tracebackhide__ = True
    missing = [key for key in wanted if key not in found]
    extra = [key for key in found if key not in wanted]
    if missing:
        raise Mismatch(
            f"The state_dict of {name} does not load into yours: {missing[0]} is not there. Register it as "
            "an nn.Parameter under this name.",
            got=sorted(found),
        )
    if extra:
        raise Mismatch(f"Your state_dict does not load into {name}: it also holds {extra[0]}.", got=sorted(found))
    for key, tensor in wanted.items():
        shape = tuple(getattr(found[key], "shape", ()))
        if shape != tuple(tensor.shape):
            raise Mismatch(f"{key} has the shape {shape}; in {name} it has {tuple(tensor.shape)}.", got=shape)


def keeps_dtype(
    run: Callable[[torch.dtype], Any], *, dtypes: Sequence[torch.dtype] = (torch.float32, torch.float64),
    what: str = "the result",
) -> None:  # fmt: skip
    """Every tensor of the result has the dtype of what went in.

    Args:
        run: gives tensors, nested in tuples and lists or not, from a model and inputs of that dtype.
        dtypes: the dtypes to try.
        what: what `run` gives, in words.

    Raises:
        Mismatch: a tensor has another dtype.
    """
    __tracebackhide__ = True
    for dtype in dtypes:
        for part in _parts(run(dtype), what):
            if part.dtype != dtype:
                kind, wanted = (str(one).removeprefix("torch.") for one in (part.dtype, dtype))
                raise Mismatch(
                    f"{what} is {kind} where model and input are {wanted}; keep the dtype.",
                    got=part,
                )


@contextmanager
def random_state_untouched(student: HasRandomState, name: str) -> Iterator[None]:
    """The calls made inside leave the global generators of torch, random and NumPy as they were.

    Args:
        student: whose side has the generators.
        name: the function that is called inside.

    Raises:
        Mismatch: a generator has moved.
    """
    __tracebackhide__ = True
    before = student.random_state()
    yield
    if student.random_state() != before:
        raise Mismatch(
            f"{name} touched the global random state (torch, random or NumPy). Use a generator of your own, "
            "torch.Generator().manual_seed(seed), and give it to whatever draws.",
            got="moved",
        )


def training_flag_restored(model: Any, call: Callable[[], object], name: str) -> None:
    """After the call `model.training` is what it was, in train mode as in eval mode.

    Args:
        model: any module; it is left in train mode.
        call: calls the student's function on that model.
        name: the function's name, for the message.

    Raises:
        Mismatch: the mode has changed.
    """
    __tracebackhide__ = True
    for training in (False, True):
        model.train(training)
        call()
        now = model.training
        if now is not training:
            was, became = ("train", "eval") if training else ("eval", "train")
            raise Mismatch(
                f"{name} was given a model in {was} mode and left it in {became} mode. Remember "
                "model.training at the start and set it back with model.train(…) at the end.",
                got=(training, now),
            )


def repeats_from_seed(
    run: Callable[[int], Any], seed: int, other: int, *, disturb: Callable[[], object] | None = None,
    what: str = "the result", atol: float | None = None,
) -> None:  # fmt: skip
    """The same seed gives the same, whatever the global state; another seed gives something else.

    Args:
        run: gives numbers or tensors from a seed, all else being equal: a fresh model each time.
        seed: run twice.
        other: another seed.
        disturb: called in between, such as something that moves the global generators.
        what: what `run` gives, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: the two differ, or the seed has no influence.
    """
    __tracebackhide__ = True
    first = _parts(run(seed), what)
    if disturb is not None:
        disturb()
    again = _parts(run(seed), what)
    _same_parts(
        again, first,
        f"{what} is another one when the same call with the same seed is made again. All randomness "
        "should come from a generator that is made from the seed in the call.", atol,
    )  # fmt: skip
    different = _parts(run(other), what)
    if all(_apart(mine, theirs, atol) is None for mine, theirs in zip(different, first, strict=False)):
        raise Mismatch(f"{what} is the same for another seed: the seed has no influence.", got=different)


def fitted_on_training_part_only(
    fit: Callable[[Tensor], Any], series: Tensor, test_size: int, draw: Draw, *,
    what: str = "what is fitted", atol: float | None = None,
) -> None:  # fmt: skip
    """A spike in the test part does not move what was fitted; one in the training part does.

    Args:
        fit: gives what was fitted (numbers or tensors) from the whole series.
        series: (T,) or (T, …), in time order.
        test_size: how many values at the end are held back.
        draw: draws where the spike stands.
        what: what `fit` gives, in words.
        atol: absolute tolerance; by default that of the dtype.

    Raises:
        Mismatch: the test part has leaked, or the training part has no influence.
    """
    __tracebackhide__ = True
    train_size = series.shape[0] - test_size
    usual = _parts(fit(series), what)
    spike = 100 * (1 + float(series.abs().max()))
    leaked = _parts(fit(_with_spike(series, draw.integer(train_size, series.shape[0] - 1), spike)), what)
    _same_parts(
        leaked, usual,
        f"{what} moves when a value of the held-back test part changes. Fit on the training part "
        "alone: whatever has seen the test part makes the result look better than it is.", atol,
    )  # fmt: skip
    moved = _parts(fit(_with_spike(series, draw.integer(0, train_size - 1), spike)), what)
    if all(_apart(mine, theirs, atol) is None for mine, theirs in zip(moved, usual, strict=False)):
        raise Mismatch(
            f"{what} stays the same when the training part changes: it is not fitted at all.",
            got=moved,
        )


def _with_spike(series: Tensor, place: int, spike: float) -> Tensor:
    changed = series.clone()
    changed[place] = spike
    return changed


def _other(x: Tensor, draw: Draw) -> Tensor:
    """Numbers of the same kind that differ everywhere: further floats, or other tokens."""
    if x.dtype.is_floating_point:
        return (x.detach() + draw.uniform(*x.shape, low=0.5, high=2.0).to(x.dtype)).detach()
    high = max(2, int(x.max()) + 1) if x.numel() else 2
    return (x + draw.integers(*x.shape, low=1, high=high)) % high


def _parts(value: Any, what: str) -> list[Tensor]:
    """The tensors of a result, numbers as tensors of their own."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, tuple | list) and value:
        return [part for item in value for part in _parts(item, what)]
    if isinstance(value, bool | int | float):
        return [torch.tensor(value, dtype=torch.float64)]
    shown = "None (is a `return` missing?)" if value is None else f"of type {type_name(value)}"
    raise Mismatch(f"{what} is {shown}; it should be made of tensors or numbers.", got=type_name(value))


def _steps(value: Any, T: int, what: str) -> Tensor:
    if not isinstance(value, torch.Tensor):
        raise Mismatch(f"{what} is of type {type_name(value)}; it should be a tensor.", got=type_name(value))
    if value.dim() < 2 or value.shape[1] != T:
        raise Mismatch(
            f"{what} has the shape {tuple(value.shape)}; it should hold {T} steps in dimension 1.",
            got=tuple(value.shape),
        )
    return value


def _output_and_state(value: Any, T: int, what: str) -> tuple[Tensor, Any]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise Mismatch(f"The result should be a pair: {what} and the state.", got=type_name(value))
    return _steps(value[0], T, what), value[1]


def _apart(mine: Tensor, theirs: Tensor, atol: float | None) -> float | None:
    """How many tolerances two results of the same kind are apart; None where they agree."""
    if mine.shape != theirs.shape or mine.dtype != theirs.dtype:
        return math.inf
    if mine.numel() == 0:
        return None
    relative, absolute = TOLERANCES.get(theirs.dtype, (0.0, 0.0))
    absolute = absolute if atol is None else atol
    mine, theirs = mine.detach().double(), theirs.detach().double()
    if bool(torch.isclose(mine, theirs, rtol=relative, atol=absolute, equal_nan=True).all()):
        return None
    gap = (mine - theirs).abs().nan_to_num(nan=math.inf, posinf=math.inf)
    allowed = absolute + relative * theirs.abs().nan_to_num()
    return float((gap / allowed).nan_to_num(nan=0.0, posinf=math.inf).max())


def _same(mine: Tensor, theirs: Tensor, sentence: str, atol: float | None, *, got: Any = None) -> None:
    __tracebackhide__ = True
    if (margin := _apart(mine, theirs, atol)) is not None:
        raise Mismatch(sentence, margin=margin, got=mine if got is None else got)


def _same_parts(mine: Sequence[Tensor], theirs: Sequence[Tensor], sentence: str, atol: float | None) -> None:
    __tracebackhide__ = True
    if len(mine) != len(theirs):
        raise Mismatch(f"{sentence} It has {len(mine)} parts in place of {len(theirs)}.", got=list(mine))
    for one, other in zip(mine, theirs, strict=True):
        _same(one, other, sentence, atol, got=list(mine))
