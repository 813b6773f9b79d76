"""Taking PyTorch's ready-made kernels away at the dispatcher, before student code is loaded.

Every way to a kernel ends at the dispatcher: `nn.LSTM`, `torch.lstm`, `torch._VF`, `torch.ops`, TorchScript, a
reference kept from before. Modules that compute the same without such a kernel are refused at import.
"""

from __future__ import annotations

import ctypes
import re
import sys
import warnings
from fnmatch import fnmatchcase, translate
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec

KEYS = ("CompositeImplicitAutograd", "CompositeExplicitAutograd", "CPU", "AutogradCPU")


def operator_names() -> list[str]:
    """Every operator of the dispatcher."""
    return list(torch._C._dispatch_get_all_op_names())


_tell: Callable[[str], None] = print


def on_use(tell: Callable[[str], None]) -> None:
    """Who is told the name of what was banned and is used all the same."""
    global _tell
    _tell = tell


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


def take_away(kernels: Sequence[str], modules: Sequence[str], functions: Sequence[str] = ()) -> list[str]:
    """Replace these kernels and refuse these modules (patterns) for good: in this process and all its forks.

    A use tells the name and raises `BannedCall`. So does a call of one of these functions (patterns), in the modules that
    are imported by now: a server that grades has imported all that PyTorch itself imports for training.

    Returns:
        The names of the modules whose functions are taken away; they cannot be imported a second time.
    """
    libraries: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an operator is overridden, which is the point
        for kernel in kernels:
            name, _, key = kernel.partition("@")
            namespace, _, operator = name.partition("::")
            if namespace not in libraries:
                libraries[namespace] = torch._C._dispatch_library("IMPL", namespace, "", __file__, 0)
            libraries[namespace].impl(operator, key, _refusal(name.replace("::", ".").split(".")[1]), False)
    for library in libraries.values():  # a kernel comes back with the end of its library: no object leads to this one
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(library))
    taken_from = _take_functions(functions)
    if modules or taken_from:
        sys.meta_path.insert(0, _BannedModules(modules, taken_from))
    return taken_from


def _take_functions(patterns: Sequence[str]) -> list[str]:
    """Give the functions another body; whoever holds one holds that."""

    def body(*args: Any, __refuse__: Callable[..., NoReturn], **kwargs: Any) -> NoReturn:
        __refuse__()

    found = []
    for name in {pattern.rpartition(".")[0] for pattern in patterns} & set(sys.modules):
        found.append(name)
        for last, function in list(vars(sys.modules[name]).items()):
            shown = f"{name}.{last}"
            if isinstance(function, FunctionType) and any(fnmatchcase(shown, pattern) for pattern in patterns):
                function.__code__ = body.__code__
                function.__defaults__, function.__kwdefaults__ = None, {"__refuse__": _refusal(shown)}
    return sorted(found)


def files_of(modules: Sequence[str]) -> list[Path]:
    """The files and folders of these modules (patterns): who cannot import them could still read and run them."""
    found: list[Path] = []
    for pattern in modules:
        place = pattern.replace(".", "/")
        for folder in map(Path, sys.path):
            found += [*folder.glob(place), *folder.glob(f"{place}.py")]
    return sorted(set(found))


def _refusal(shown: str) -> Callable[..., NoReturn]:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        _tell(shown)
        raise BannedCall(f"PyTorch's ready-made {shown} is not allowed here: this exercise asks you to write it")

    return refuse


class _BannedModules:
    """An import hook that refuses modules by pattern; those that were imported before are made useless and forgotten.

    Useless, since others may still hold their classes: PyTorch's quantization tables do.
    """

    def __init__(self, patterns: Sequence[str], once: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._once = frozenset(once)
        for name in [name for name in sys.modules if self._banned(name)]:
            module = sys.modules.pop(name)
            parent, _, last = name.rpartition(".")
            if parent in sys.modules:
                vars(sys.modules[parent]).pop(last, None)
            for kind in vars(module).values():
                if isinstance(kind, type) and kind.__module__ == name:
                    for method in [key for key, value in vars(kind).items() if isinstance(value, FunctionType)]:
                        setattr(kind, method, _refusal(kind.__qualname__))

    def _banned(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._patterns)

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse a banned module; leave every other to the finders that follow."""
        if self._banned(name) or name in self._once:
            _tell(name)
            raise BannedCall(f"{name} is not allowed in this exercise")
        return None
