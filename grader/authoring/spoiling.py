"""A submission that spoils what it is given, to prove that no test believes spoilt inputs.

Where a suite lets changes of arguments be shown, they are changed on its side, too. A test that asks the reference only
afterwards asks it about whatever the student made of them, and wrong becomes right. Two variants of the solution show such a
test: both answer for zeros in place of what they were given, one of them also leaves zeros behind. Where the first fails
and the second passes, the test took the zeros for its question.
"""

from __future__ import annotations

import functools
import inspect
import types
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_IMPORTS = "from __future__ import annotations\nimport functools, types\nimport torch\n"


def spoiling(solution: str, module: str, names: Sequence[str], *, leave: bool) -> dict[str, bytes]:
    """Files to hand in: the solution, whose functions and classes of these names answer for zeros.

    With `leave` the zeros are left behind in the arguments, and in the parameters of a model whose method is called.
    """
    helpers: list[Callable[..., Any]] = [_zero, _make_zero, _given, _around, _spoilt]
    wrapped = [f"{name} = spoiling._spoilt({name}, {leave})\n" for name in names]
    return {
        f"{module}.py": f"{solution}\nimport spoiling\n{''.join(wrapped)}".encode(),
        "spoiling.py": (_IMPORTS + "\n".join(map(inspect.getsource, helpers))).encode(),
    }


def believed(blank: dict[str, str], spoilt: dict[str, str]) -> list[str]:
    """The tests, by name with their status, that pass only where zeros are left behind."""
    return [name for name, status in spoilt.items() if status == "passed" and blank[name] != "passed"]


def _spoilt(definition: Any, leave: bool) -> Any:
    if not isinstance(definition, type):
        return _around(definition, 0, leave)
    for name, value in list(vars(definition).items()):
        if isinstance(value, types.FunctionType) and (not name.startswith("_") or name == "__call__"):
            setattr(definition, name, _around(value, 1, leave))
    return definition


def _around(function: Callable[..., Any], own: int, leave: bool) -> Callable[..., Any]:
    @functools.wraps(function)
    def spoiling(*args: Any, **kwargs: Any) -> Any:
        model = args[0] if own and isinstance(args[0], torch.nn.Module) else torch.nn.Module()
        before = [(weight, weight.detach().clone()) for weight in model.parameters()]
        for weight, _ in before:
            weight.data.zero_()
        rest = [_given(value, leave) for value in args[own:]]
        try:
            return function(*args[:own], *rest, **{key: _given(value, leave) for key, value in kwargs.items()})
        finally:
            for weight, value in () if leave else before:
                weight.data.copy_(value)

    return spoiling


def _given(value: Any, leave: bool) -> Any:
    if not isinstance(value, torch.Tensor | list | dict | tuple):
        return value
    return _make_zero(value) if leave else _zero(value)


def _zero(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value * 0
    if isinstance(value, list | tuple):
        return type(value)([_zero(item) for item in value])
    if isinstance(value, dict):
        return {key: _zero(item) for key, item in value.items()}
    return type(value)() if isinstance(value, str | int | float) else value


def _make_zero(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        value.data.zero_()
    elif isinstance(value, list):
        value[:] = _zero(value)
    elif isinstance(value, dict):
        value.update(_zero(value))
    elif isinstance(value, tuple):
        for item in value:
            _make_zero(item)
    return value
