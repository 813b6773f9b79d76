"""Taking PyTorch's ready-made kernels away at the dispatcher, before student code is loaded.

Every way to a kernel ends at the dispatcher: `nn.LSTM`, `torch.lstm`, `torch._VF`, `torch.ops`, TorchScript, a
reference kept from before. Modules that compute the same without such a kernel are refused at import.
"""

from __future__ import annotations

import re
import sys
import warnings
from fnmatch import fnmatchcase, translate
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec

KEYS = ("CompositeImplicitAutograd", "CompositeExplicitAutograd", "CPU", "AutogradCPU")


def operator_names() -> list[str]:
    """Every operator of the dispatcher."""
    return list(torch._C._dispatch_get_all_op_names())


def warm_up() -> None:
    """Pay for the first use of `torch.library` before the fork: an operator of our own is taken away."""
    own = torch.library.Library("grader_warm_up", "DEF")  # type: ignore[no-untyped-call]
    own.define("nothing(Tensor x) -> Tensor")  # type: ignore[no-untyped-call]
    take_away(["grader_warm_up::nothing@CPU"], lambda name: None)
    _kept.append(own)


_kept: list[torch.library.Library] = []


class BannedCall(Exception):
    """The student's code called what this exercise asks them to write."""


@cache
def kernels_to_take(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Every kernel, as `operator@key`, that must go so that no operator matching a pattern runs on the CPU.

    Worked out on the near side, once for all forks: both sides have the same torch.
    """
    if not patterns:
        return ()
    banned = re.compile("|".join(translate(pattern) for pattern in patterns)).match
    return tuple(
        f"{name}@{key}"
        for name in filter(banned, operator_names())
        for key in KEYS
        if key == "CPU" or torch._C._dispatch_has_kernel_for_dispatch_key(name, key)
    )


def take_away(kernels: Sequence[str], tell: Callable[[str], None]) -> list[torch.library.Library]:
    """Replace these kernels; a call tells the operator's name and raises `BannedCall`.

    Returns what must be kept alive: a kernel comes back when its library is collected.
    """
    libraries: dict[str, torch.library.Library] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an operator is overridden, which is the point
        for kernel in kernels:
            name, _, key = kernel.partition("@")
            namespace, _, operator = name.partition("::")
            library = libraries.get(namespace)
            if library is None:
                library = libraries[namespace] = torch.library.Library(namespace, "IMPL")  # type: ignore[no-untyped-call]
            library.impl(operator, _refusal(name, tell), key)  # type: ignore[no-untyped-call]
    return list(libraries.values())


def _refusal(name: str, tell: Callable[[str], None]) -> Callable[..., NoReturn]:
    shown = name.replace("::", ".").split(".")[1]

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        tell(shown)
        raise BannedCall(f"PyTorch's ready-made {shown} is not allowed here: this exercise asks you to write it")

    return refuse


class BannedModules:
    """An import hook that refuses modules by pattern, also those that were imported before."""

    def __init__(self, patterns: Sequence[str], tell: Callable[[str], None]) -> None:
        self._patterns = tuple(patterns)
        self._beginnings = tuple(pattern.partition("*")[0] for pattern in patterns)
        self._tell = tell
        for name in [name for name in sys.modules if self._banned(name)]:
            del sys.modules[name]
            parent, _, last = name.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(last, None)
        sys.meta_path.insert(0, self)

    def _banned(self, name: str) -> bool:
        return name.startswith(self._beginnings) and any(fnmatchcase(name, pattern) for pattern in self._patterns)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse a banned module; leave every other to the finders that follow."""
        if self._banned(name):
            self._tell(name)
            raise BannedCall(f"{name} is not allowed in this exercise")
        return None
