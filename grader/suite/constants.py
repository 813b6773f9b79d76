"""What a suite keeps at module level stays as it is, whatever a test hands to somebody's code.

Code that changes an argument in place would otherwise spoil the inputs of every later test, and of everyone who is
examined after it.
"""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_pristine: WeakKeyDictionary[ModuleType, dict[str, Any]] = WeakKeyDictionary()


def note_constants(module: ModuleType) -> None:
    """Remember the module's tensors and collections, the first time that it is seen: before any test of it."""
    if module not in _pristine:
        _pristine[module] = {
            name: copy.deepcopy(value)
            for name, value in vars(module).items()
            if not name.startswith("__") and isinstance(value, torch.Tensor | tuple | list | dict)
        }


def restore_constants(module: ModuleType) -> None:
    """Put them back."""
    vars(module).update(copy.deepcopy(_pristine[module]))


@contextmanager
def constants_kept(module: ModuleType) -> Iterator[None]:
    """Put them back in the end, for code that runs in this process and tells nobody what it changes."""
    note_constants(module)
    try:
        yield
    finally:
        restore_constants(module)
