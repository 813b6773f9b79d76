"""What a suite keeps at module level stays as it is, whatever a test hands to somebody's code."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


@contextmanager
def constants_kept(module: ModuleType) -> Iterator[None]:
    """Put the module's tensors and collections back in the end.

    Code that changes an argument in place would otherwise spoil the inputs of every later test, and of everyone who is
    examined after it.
    """
    before = {
        name: copy.deepcopy(value)
        for name, value in vars(module).items()
        if not name.startswith("__") and isinstance(value, torch.Tensor | tuple | list | dict)
    }
    try:
        yield
    finally:
        vars(module).update(before)
