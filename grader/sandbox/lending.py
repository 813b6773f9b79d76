"""Models of this side that the student's code calls as if they were there.

Who judges how a model is trained must see what it is given. A model that notes its calls beside the student's code can be
made to note others; one that is asked over the wall sees each call itself, and without the call there is no answer.
"""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_CALLS = 10_000
MOST_NUMBERS = 500_000
"""Of one lent model: what it is given is kept until the test ends, and suites look at it row by row."""
_PROBLEM_LENGTH = 500


class LentCall(NamedTuple):
    """What a lent model was called with, in the order of its own parameters.

    `training` is the mode in which the student's side says that it is; `grad` whether gradients were on there.
    """

    args: tuple[Any, ...]
    training: bool
    grad: bool


class TooMuch(Exception):
    """A lent model was called more often, or with more, than any exercise needs; the text is for the student."""


class Lent:
    """A model of this side on loan: `model` is what the student's code gets, `calls` what it did with it so far.

    To the student it is an `nn.Module` with one parameter, a number that is added to each answer, so that it can be trained.
    """

    def __init__(self, model: Callable[..., torch.Tensor]) -> None:
        self.model: Any = None
        self.calls: list[LentCall] = []
        self._answers = model
        self._signature = inspect.signature(model.forward if isinstance(model, torch.nn.Module) else model)
        self._numbers = 0

    def answer(
        self, args: Sequence[Any], named: Mapping[str, Any], *, training: bool, grad: bool
    ) -> tuple[torch.Tensor | None, str]:
        """Answer a call and note it; where that fails, None and the reason.

        Raises:
            TooMuch: there were too many, or too large ones.
        """
        self._numbers += sum(_extent(value) for value in (*args, *named.values()) if isinstance(value, torch.Tensor))
        if len(self.calls) >= MOST_CALLS or self._numbers > MOST_NUMBERS:
            raise TooMuch("Your code calls the model without end, or with far more than it was given.")
        try:
            given = self._signature.bind(*args, **named).args
            with torch.no_grad():
                answer = self._answers(*given)
            self.calls.append(LentCall(given, training, grad))
            return answer, ""
        except Exception as error:  # noqa: BLE001 - whatever the student's tensors make of the model
            return None, f"{type(error).__name__}: {error}"[:_PROBLEM_LENGTH]


def _extent(tensor: torch.Tensor) -> int:
    """Its numbers; of an empty one as many as its other sizes tell, for whoever goes through its rows."""
    return math.prod(max(size, 1) for size in tensor.shape)
