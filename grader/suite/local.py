"""A module of the near side in the student's place: the reference or a variant of it, run without a wall."""

from __future__ import annotations

import importlib
import random
from typing import TYPE_CHECKING, Any

import numpy
import torch

from grader.sandbox.far import standins
from grader.sandbox.far.worker import random_state, seed_everything
from grader.sandbox.lending import Lent

if TYPE_CHECKING:
    import types
    from collections.abc import Callable, Mapping


class LocalStudent:
    """Answers like `grader.sandbox.proxy.Student`, by calling trusted code directly."""

    def __init__(self, module: types.ModuleType) -> None:
        self._grader_module = module
        self.used: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.used.add(name)
        return getattr(self._grader_module, name)

    def far_side(self, dotted: str) -> Any:
        """The library's class or function itself."""
        module, _, name = dotted.rpartition(".")
        return getattr(importlib.import_module(module), name)

    def stand_in(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """A model of `grader.sandbox.far.standins`."""
        return getattr(standins, name)(*args, **kwargs)

    def lend(self, model: Callable[..., torch.Tensor]) -> Lent:
        """As over the wall: a model that tells its calls."""
        lent = Lent(model)

        def ask(args: tuple[Any, ...], named: Mapping[str, Any], training: bool) -> torch.Tensor:
            copies = [_copy(value) for value in args]
            named = {name: _copy(value) for name, value in named.items()}
            value, problem = lent.answer(copies, named, training=training, grad=torch.is_grad_enabled())
            if value is None:
                raise RuntimeError(problem)
            return value

        lent.model = standins.Lent(ask)
        return lent

    def grader_note(self, text: str) -> None:
        """Nobody reads what would be said to a student."""

    def grader_blame(self, name: str, text: str) -> None:
        """Nobody is told."""

    def grader_changed_arguments(self) -> bool:
        """It may have: code of this process changes what it likes."""
        return True

    def random_state(self) -> bytes:
        """This process's global generators, as bytes to compare."""
        return random_state()


def _copy(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, torch.Tensor) else value


class SeededGenerators:
    """The global generators start from the seed inside, as on the far side, and go on undisturbed afterwards."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> None:
        self._states = (torch.default_generator.get_state(), random.getstate(), numpy.random.get_state())
        seed_everything(self._seed)

    def __exit__(self, *exc: object) -> None:
        torch.default_generator.set_state(self._states[0])
        random.setstate(self._states[1])
        numpy.random.set_state(self._states[2])
