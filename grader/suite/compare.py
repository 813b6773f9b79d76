"""Comparisons that name the first difference in words and numbers.

Everything is compared on the near side: type, shape, dtype, device, then values. A `Mismatch` has two texts: `message`
holds nothing but what came back from the student; `revealed` also says what was expected, and is shown only where the
reader has the reference anyway.
"""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from grader.sandbox.far.gradient import vector_jacobian
from grader.sandbox.far.worker import identical
from grader.sandbox.proxy import Handle, changes_shown, type_name, value_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from grader.suite.draw import Draw

TOLERANCES = {
    torch.float64: (1e-6, 1e-8),
    torch.float32: (1e-4, 1e-5),
    torch.float16: (1e-2, 1e-2),
    torch.bfloat16: (1e-1, 1e-1),
}


class Mismatch(AssertionError):
    """What came back is not what was expected.

    `got` is what the misconceptions are compared with; `about` says what it is, where one line of a suite compares
    several things in turn.
    """

    def __init__(
        self, message: str, revealed: str | None = None, margin: float = math.inf, *, got: Any = None, about: str = ""
    ) -> None:
        super().__init__(message)
        self.message = _sentence(message)
        self.revealed = _sentence(revealed or message)
        self.margin = margin
        self.got = got
        self.about = about

    def __str__(self) -> str:
        return self.revealed


def _sentence(text: str) -> str:
    """With a capital, where it begins with a word; a name of the code stays as it is written."""
    return text[:1].upper() + text[1:] if re.match(r"(the|an?|one|part|what) ", text) else text


def expect(condition: object, message: str, got: Any = None) -> None:
    """Like `assert condition, message`; `message` is for the student and must hold no expected value."""
    __tracebackhide__ = True
    if not condition:
        raise Mismatch(message, got=got)


def assert_same(
    got: Any, expected: Any, what: str = "the result", *, names: Sequence[str] = (),
    rtol: float | None = None, atol: float | None = None, own: Own | None = None,
) -> None:  # fmt: skip
    """Compare with the reference: type, shape, dtype, device, values, also inside tuples, lists and dicts.

    Args:
        got: what the student's code gave.
        expected: what the reference gives; only it decides about the tolerance.
        what: what it is, in words, for the message.
        names: the names of a tuple's parts, such as `("h", "c")`.
        rtol: relative tolerance; by default that of the expected dtype.
        atol: absolute tolerance.
        own: another function of the student's module that may be to blame, and then judges in place of the reference.

    Raises:
        Mismatch: they differ.
    """
    __tracebackhide__ = True
    difference = _difference(got, expected, what, names, rtol, atol)
    if difference is None:
        return
    if own is not None and same_evidence(got, own.result()) and own.is_wrong():
        own.accept()
        return
    raise Mismatch(*difference, got=got, about=what)


def assert_shape(
    got: Any, shape: Sequence[int], what: str = "the result", *, dtype: torch.dtype = torch.float32
) -> None:
    """A tensor of this shape and dtype with finite numbers, whichever they are.

    Raises:
        Mismatch: it is none.
    """
    __tracebackhide__ = True
    if not isinstance(got, torch.Tensor):
        raise Mismatch(_wrong_type(got, "a tensor", what).message, got=type_name(got), about=what)
    difference = _form_difference(got, torch.empty(*shape, dtype=dtype, device="meta"), what)
    if difference is None and not bool(torch.isfinite(got).all()):
        difference = Difference(f"{what} holds {_not_finite(got)}.")
    if difference is not None:
        raise Mismatch(*difference, got=got.detach() * 0, about=what)


def parts_of(got: Any, names: Sequence[str], what: str = "the result") -> tuple[Any, ...]:
    """The parts of a result that should be a tuple with as many parts as `names`.

    Raises:
        Mismatch: it is none.
    """
    __tracebackhide__ = True
    wanted = _tuple_text(len(names), names)
    if type_name(got) != "tuple":
        raise Mismatch(_wrong_type(got, wanted, what).message, got=type_name(got), about=what)
    if len(got) != len(names):
        told = f"{what} has {_count(len(got))}; it should be {wanted}."
        raise Mismatch(told, got=f"tuple of {len(got)}", about=what)
    return tuple(got)


class Difference(NamedTuple):
    """A difference in words; `margin` is how many tolerances the numbers are apart."""

    message: str
    revealed: str | None = None
    margin: float = math.inf


def _difference(
    got: Any, expected: Any, what: str, names: Sequence[str], rtol: float | None, atol: float | None
) -> Difference | None:
    if isinstance(expected, torch.Tensor):
        return _tensor_difference(got, expected, what, rtol, atol)
    if isinstance(expected, tuple | list):
        kind = "tuple" if isinstance(expected, tuple) else "list"
        wanted = _tuple_text(len(expected), names) if kind == "tuple" else f"a list with {_count(len(expected))}"
        if type_name(got) != kind:
            return _wrong_type(got, wanted, what)
        if _is_short(got) and _is_short(expected) and got != expected:
            return Difference(f"{what} is {got!r}, which is wrong.", f"{what} is {got!r}, expected {expected!r}.")
        if len(got) != len(expected):
            return Difference(f"{what} has {_count(len(got))}; it should be {wanted}.")
        for place, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            part = f"{names[place]}" if place < len(names) else f"part {place} of {what}"
            difference = _difference(mine, theirs, part, (), rtol, atol)
            if difference is not None:
                return difference
        return None
    if isinstance(expected, dict):
        if type(got) is Handle or not isinstance(got, dict):
            return _wrong_type(got, "a dict", what)
        if _is_short(got) and _is_short(expected) and got != expected:
            return Difference(f"{what} is {got!r}, which is wrong.", f"{what} is {got!r}, expected {expected!r}.")
        if list(got) != list(expected) and set(got) == set(expected):
            return Difference(f"{what} has the right keys in another order.")
        missing = [key for key in expected if key not in got]
        extra = [key for key in got if key not in expected]
        if missing or extra:
            said = [f"{len(missing)} missing" if missing else "", f"{len(extra)} too many" if extra else ""]
            shown = f", for example {extra[0]!r}" if extra else ""
            lists = [_key_list("missing", missing), _key_list("too many", extra)]
            return Difference(
                f"{what} has other keys: {', '.join(filter(None, said))}{shown}.",
                f"{what} has other keys: {'; '.join(filter(None, lists))}.",
            )
        for key, theirs in expected.items():
            difference = _difference(got[key], theirs, f"{what}[{key!r}]", (), rtol, atol)
            if difference is not None:
                return difference
        return None
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        if type(got) is not type(expected):
            return _wrong_type(got, f"a {type(expected).__name__}", what)
        if got != expected:
            return Difference(
                f"{what} is {value_text(got)}, which is wrong.", f"{what} is {got!r}, expected {expected!r}."
            )
        return None
    if isinstance(expected, int):
        if type(got) is not int:
            return _wrong_type(got, "an int", what)
        if got == expected:
            return None
        return Difference(f"{what} is {got}, which is wrong.", f"{what} is {got}, expected {expected}.")
    if isinstance(expected, float):
        if type(got) not in (float, int):
            return _wrong_type(got, "a float", what)
        rtol, atol = (1e-6 if rtol is None else rtol), (1e-9 if atol is None else atol)
        if got == expected or (math.isnan(got) and math.isnan(expected)):
            return None
        if math.isfinite(got) and abs(got - expected) <= atol + rtol * abs(expected):
            return None
        margin = abs(got - expected) / (atol + rtol * abs(expected)) if math.isfinite(got) else math.inf
        mine, theirs = _numbers(float(got), expected)
        return Difference(f"{what} is {mine}, which is wrong.", f"{what} is {mine}, expected {theirs}.", margin)
    if type(expected) is Handle:  # where two results of the student's own are compared
        return Difference(
            f"{what} is {_kind(got)}; only tensors, numbers, text, lists, tuples and dicts can be checked."
        )
    raise TypeError(f"a suite compares plain data and tensors, not {type(expected)!r}")


class Own:
    """Another function of the student's own module, on which what is examined is built.

    Where a result is wrong only because that function is wrong, it is judged with that function: it passes, with a note
    that says which to mend first. A function that one of its arguments does not influence is no such judge, nor is one
    that is right for other arguments: it may only repeat what it has seen.
    """

    def __init__(self, student: Any, reference: Any, name: str, args: tuple[Any, ...], draw: Draw) -> None:
        self.name = name
        self._student = student
        self._reference = reference
        self._args = args
        self._draw = draw

    def result(self) -> Any:
        """What the student's own function gives for the same arguments."""
        return getattr(self._student, self.name)(*self._args)

    def is_wrong(self) -> bool:
        """Whether the own function is wrong for other arguments of the same form, too."""
        args = self._others()
        return not same_evidence(getattr(self._student, self.name)(*args), getattr(self._reference, self.name)(*args))

    def _others(self) -> tuple[Any, ...]:
        args = self._args
        for place in range(len(_tensors(args))):
            args = _redrawn(args, [place], self._draw)
        return args

    def accept(self) -> None:
        """Note for the student that this part is right, if the own function can be a judge.

        Raises:
            Mismatch: it gives the same whatever some of its arguments are.
        """
        function = getattr(self._student, self.name)
        count = len(_tensors(self._args))
        base = self._others()
        usual = function(*base)
        if any(same_evidence(function(*_redrawn(base, [place], self._draw)), usual) for place in range(count)):
            raise Mismatch(f"Mend {self.name} first: it gives the same result whatever some of its arguments are.")
        self._student.grader_blame(
            self.name,
            f"This part is right. Its numbers are wrong because your {self.name} is: mend {self.name} first.",
        )


def _redrawn(value: Any, places: list[int], draw: Draw) -> Any:
    """The same structure with the tensor of that place (counted down in `places`) drawn anew."""
    if isinstance(value, torch.Tensor):
        places[0] -= 1
        return draw.normal(*value.shape).to(value.dtype) if places[0] == -1 else value
    if isinstance(value, tuple | list):
        return type(value)(_redrawn(item, places, draw) for item in value)
    return value


def _wrong_type(got: Any, wanted: str, what: str) -> Difference:
    shown = "None (is a `return` missing?)" if got is None else _kind(got)
    if shown == wanted == "a tensor":
        shown, wanted = "a tensor whose numbers cannot be read", "an ordinary one"
    return Difference(f"{what} is {shown}; it should be {wanted}.")


def _count(parts: int) -> str:
    return "1 part" if parts == 1 else f"{parts} parts"


def _kind(value: Any) -> str:
    name = type_name(value)
    known = {"Tensor": "a tensor", "Parameter": "a tensor", "ndarray": "a NumPy array"}
    return known.get(name) or (f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}")


def _tuple_text(count: int, names: Sequence[str]) -> str:
    """A tuple as it is written in the lesson, by the first words of its parts: (h, c)."""
    if len(names) != count:
        return f"a tuple of {count}"
    return f"the tuple ({', '.join(name.split(', the ')[0] for name in names)})"


def _key_list(what: str, keys: list[Any]) -> str:
    shown = ", ".join(repr(key) for key in keys[:5])
    return f"{what} {shown}{', …' if len(keys) > 5 else ''}" if keys else ""


def _is_short(value: Any) -> bool:
    """Plain values that fit into a sentence as a whole."""
    return _is_plain(value) and len(repr(value)) <= 100


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(item) for entry in value.items() for item in entry)
    if isinstance(value, tuple | list):
        return all(_is_plain(item) for item in value)
    return isinstance(value, str | int)


def _form_difference(got: torch.Tensor, expected: torch.Tensor, what: str) -> Difference | None:
    if got.shape != expected.shape:
        return Difference(f"{what} has the shape {tuple(got.shape)}; it should be {tuple(expected.shape)}.")
    if got.dtype != expected.dtype:
        return Difference(f"{what} is {_dtype(got)}; it should be {_dtype(expected)}.")
    return None


def _tensor_difference(
    got: Any, expected: torch.Tensor, what: str, rtol: float | None, atol: float | None
) -> Difference | None:
    if not isinstance(got, torch.Tensor):
        return _wrong_type(got, "a tensor", what)
    got, expected = got.detach(), expected.detach()
    form = _form_difference(got, expected, what)
    if form is not None:
        return form
    if torch.equal(got, expected):
        return None
    usual = TOLERANCES.get(expected.dtype, (0.0, 0.0))
    rtol, atol = (usual[0] if rtol is None else rtol), (usual[1] if atol is None else atol)
    if expected.dtype.is_floating_point or expected.dtype.is_complex:
        right = torch.isclose(got, expected, rtol=rtol, atol=atol, equal_nan=True)
    else:
        right = got == expected
    wrong = int((~right).sum())
    if wrong == 0:
        return None
    place = [int(index) for index in (~right).nonzero()[0]]
    mine, theirs = _numbers(got[tuple(place)].item(), expected[tuple(place)].item())
    margin, largest = math.inf, ""
    if got.dtype.is_floating_point:
        apart = (got.double() - expected.double()).abs().nan_to_num(nan=math.inf, posinf=math.inf)
        margin = float((apart / (atol + rtol * expected.double().abs().nan_to_num())).max())
        if wrong > 1 and math.isfinite(float(apart.max())):
            largest = f" The largest difference is {float(apart.max()):.3g}."
    if got.numel() == 1:
        return Difference(f"{what} is {mine}, which is wrong.", f"{what} is {mine}, expected {theirs}.", margin)
    count = f"{wrong} of {got.numel()} numbers"
    are, first = ("is", "that") if wrong == 1 else ("are", "the first")
    said = f"{count} in {what} {are} wrong"
    if got.dtype.is_floating_point and not bool(torch.isfinite(got).all()) and bool(torch.isfinite(expected).all()):
        said = f"{what} holds {_not_finite(got)}; {count} {are} wrong"
    message = f"{said}; {first} at {place} is {mine}"
    return Difference(f"{message}.", f"{message}, expected {theirs}.{largest}", margin)


def _not_finite(tensor: torch.Tensor) -> str:
    return "NaN" if bool(torch.isnan(tensor).any()) else "infinity"


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _numbers(mine: float | complex | bool, theirs: float | complex | bool) -> tuple[str, str]:
    """Both with as many digits as it takes to tell them apart."""
    if isinstance(mine, float) and isinstance(theirs, float):
        for digits in (6, 9, 12):
            shown = f"{mine:.{digits}g}", f"{theirs:.{digits}g}"
            if shown[0] != shown[1]:
                return shown
    return str(mine), str(theirs)


def assert_same_gradients(
    got: Any, expected: Any, inputs: dict[str, torch.Tensor], draw: Draw, *,
    expected_inputs: dict[str, torch.Tensor] | None = None, own: Own | None = None,
) -> None:  # fmt: skip
    """Differentiate both results in one random direction and compare what arrives at the inputs.

    Args:
        got: a tensor, or a tuple or list of tensors, of the student's code.
        expected: the same of the reference.
        inputs: the tensors to differentiate by, with the names that the message uses.
        draw: draws the direction.
        expected_inputs: the reference's own tensors, where they are not the same objects (parameters).
        own: another function of the student's module that may be to blame (its arguments hold the expected inputs).

    Raises:
        Mismatch: a gradient is missing or differs.
    """
    __tracebackhide__ = True
    theirs = list(expected_inputs.values()) if expected_inputs is not None else list(inputs.values())
    outputs, wanted = _tensors(got), _tensors(expected)
    directions = [draw.normal(*tensor.shape).to(tensor.dtype) for tensor in wanted]
    if not any(tensor.requires_grad for tensor in outputs):
        raise Mismatch(
            "The result carries no gradient. Was it detached, or made with .data, .item(), .numpy(), "
            "torch.tensor(…) or torch.no_grad()?"
        )
    mine = _gradients(outputs, directions, list(inputs.values()))
    right = _gradients(wanted, directions, theirs)
    if not any(grad is not None and bool(grad.any()) for grad in right):
        # What is compared with nothing proves nothing; an expected result may contain a part of the student's own.
        raise Mismatch(f"No gradient reaches {', '.join(inputs)}.")
    mismatch = _gradient_mismatch(inputs, mine, right)
    if mismatch is None:
        return
    if own is not None:
        others = _gradients(_tensors(own.result()), directions, theirs)
        if _gradient_mismatch(inputs, mine, others) is None and own.is_wrong():
            own.accept()
            return
    raise mismatch


def _gradient_mismatch(
    names: Iterable[str], mine: Sequence[torch.Tensor | None], right: Sequence[torch.Tensor | None]
) -> Mismatch | None:
    for name, got, expected in zip(names, mine, right, strict=True):
        if got is None and expected is not None and bool((expected != 0).any()):
            return Mismatch(f"The values may be right, but no gradient reaches {name}.")
        if got is None or expected is None:
            got, expected = _or_zeros(got, expected), _or_zeros(expected, got)
        difference = None
        if got is not None and expected is not None:
            difference = _tensor_difference(got, expected, f"the gradient for {name}", None, None)
        if difference is not None:
            return Mismatch(*difference, got=got)
    return None


def _or_zeros(value: torch.Tensor | None, like: torch.Tensor | None) -> torch.Tensor | None:
    return torch.zeros_like(like) if value is None and like is not None else value


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for item in value for tensor in _tensors(item)] if isinstance(value, tuple | list) else []


def _gradients(
    outputs: list[torch.Tensor], directions: list[torch.Tensor], inputs: list[torch.Tensor]
) -> tuple[torch.Tensor | None, ...]:
    pairs = [
        (output, direction)
        for output, direction in zip(outputs, directions, strict=False)
        if output.requires_grad and output.shape == direction.shape
    ]
    return vector_jacobian([output for output, _ in pairs], [direction for _, direction in pairs], inputs)


@contextmanager
def unchanged(**arguments: Any) -> Iterator[None]:
    """The calls made inside must leave these arguments as they are: values, shape, requires_grad, grad.

    Raises:
        Mismatch: one was changed; the message names it.
    """
    __tracebackhide__ = True
    before = {name: _snapshot(value) for name, value in arguments.items()}
    with changes_shown(*arguments.values()):
        yield
    for name, value in arguments.items():
        if not _equal(before[name], _snapshot(value)):
            changed = value.detach() if isinstance(value, torch.Tensor) else value
            raise Mismatch(
                f"{name} was changed by the call; what the caller passes must stay as it is.", got=changed, about=name
            )


def _snapshot(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        grad = None if not value.is_leaf or value.grad is None else value.grad.clone()
        return (value.detach().clone(), value.requires_grad, grad)
    if isinstance(value, dict):
        return {key: _snapshot(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_snapshot(item) for item in value]
    return value


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return identical(a, b)
    if isinstance(a, dict) and isinstance(b, dict):
        return list(a) == list(b) and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(_equal(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)


def same_evidence(mine: Any, theirs: Any) -> bool:
    """Whether two wrong answers are the same wrong answer: same form, same numbers to the tolerance of a comparison."""
    if isinstance(mine, torch.Tensor) and isinstance(theirs, torch.Tensor):
        return _tensor_difference(mine, theirs, "", None, None) is None
    if isinstance(mine, torch.Tensor) or isinstance(theirs, torch.Tensor):
        return False
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return list(mine) == list(theirs) and all(same_evidence(mine[key], theirs[key]) for key in mine)
    if isinstance(mine, tuple | list) and isinstance(theirs, tuple | list):
        return (
            type_name(mine) == type_name(theirs)
            and len(mine) == len(theirs)
            and all(same_evidence(a, b) for a, b in zip(mine, theirs, strict=True))
        )
    if isinstance(mine, float) and isinstance(theirs, float):
        return mine == theirs or (math.isnan(mine) and math.isnan(theirs)) or math.isclose(mine, theirs, rel_tol=1e-6)
    return type_name(mine) == type_name(theirs) and (not isinstance(mine, str | int | bool | None) or mine == theirs)
