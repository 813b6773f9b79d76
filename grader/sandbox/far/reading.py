"""Reading a student's source for banned calls, before anything of it runs.

Told by the text alone, so that the message can name the line: a banned function that is called, or a banned module
that is made and then called. Names in comments, docstrings, annotations, `isinstance` questions, unused imports, code
that the exercise's own definitions never reach and code under `if __name__ == "__main__":` are no offence. What the
text hides is left to `kernels`, which takes the banned operators away.
"""

from __future__ import annotations

import ast
import contextlib
import re
import unicodedata
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from .wire import Offence, ReadResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import CodeType

_WORD = re.compile(r"\w+")


def read(
    files: dict[str, bytes], module: str, path: str, banned_names: Sequence[str], definitions: Sequence[str]
) -> tuple[ReadResult, CodeType | None]:
    """Compile the module, whose file will be at `path`, and look for banned calls in it.

    `definitions` are the names that the exercise asks for: where reading starts. Empty means the whole module.

    Returns:
        What was found, and the code to run; None where it is no Python.
    """
    source = files[f"{module}.py"]
    try:
        tree = ast.parse(source, path) if _may_spell(files.values(), banned_names) else None
        code = compile(source if tree is None else tree, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return ReadResult(problem=error.msg or "this is no Python", line=error.lineno or 0), None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        return ReadResult(problem=str(error) or "this is nested too deep to be read"), None
    offences = [] if tree is None else _offences(files, module, tree, banned_names, definitions)
    return ReadResult(offences=offences), code


def _may_spell(texts: Iterable[bytes], patterns: Sequence[str]) -> bool:
    """Whether all the words of a banned name stand somewhere in the texts: without them no expression spells it.

    To look costs a tenth of reading. A text that says what it is encoded in, or may take names out of strings, is read.
    """
    if not patterns:
        return False
    try:
        text = unicodedata.normalize("NFKC", b"\n".join(texts).decode())  # as Python reads names
    except UnicodeDecodeError:
        return True
    if any(word in text for word in ("coding", "getattr", "import_module", "__import__")):
        return True
    spelled = [pattern for pattern in patterns if all(piece in text for piece in _pieces(pattern))]
    if not spelled:
        return False
    words = set(_WORD.findall(text))
    return any(all("*" in part or part in words for part in pattern.split(".")) for pattern in spelled)


@cache
def _pieces(pattern: str) -> list[str]:
    """What a name that fits the pattern contains; the longest, which are rare, first."""
    return sorted(filter(None, re.split(r"[.*]", pattern)), key=len, reverse=True)


def _offences(
    files: dict[str, bytes], module: str, tree: ast.Module, banned_names: Sequence[str], definitions: Sequence[str]
) -> list[Offence]:
    """Banned calls in the module and in the student's other files that it imports."""
    banned = _Names(banned_names)
    offences: list[Offence] = []
    waiting, seen = [(module, tree)], {module}
    while waiting:
        current, tree = waiting.pop()
        source = _Module(tree, banned)
        offences += [
            Offence(name, f"{current}.py", line)
            for name, line in source.offences(definitions if current == module else ())
        ]
        for imported in source.imported_modules():
            if imported in seen or f"{imported}.py" not in files:
                continue
            seen.add(imported)
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):  # importing it will fail
                waiting.append((imported, ast.parse(files[f"{imported}.py"], f"{imported}.py")))
    return offences


class _Names:
    """The banned names: most of them plain, looked up at once; only patterns with a star are matched."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._plain = {pattern for pattern in patterns if "*" not in pattern}
        self._starred = [pattern for pattern in patterns if "*" in pattern]

    def __contains__(self, name: str) -> bool:
        return name in self._plain or any(
            name.startswith(pattern.partition("*")[0]) and fnmatchcase(name, pattern) for pattern in self._starred
        )


def _is_main_guard(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
        and len(node.test.ops) == 1
        and isinstance(node.test.ops[0], ast.Eq)
    )


class _Module:
    """One file: what its names stand for, and which of its code can run in a graded call."""

    def __init__(self, tree: ast.Module, banned: _Names) -> None:
        self._banned = banned
        self._statements = [node for node in tree.body if not _is_main_guard(node)]
        self._aliases: dict[str, str] = {}
        self._stars: list[str] = []
        nodes = list(self._walk(self._statements))
        for node in nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    self._aliases[name.asname or name.name.split(".")[0]] = (
                        name.name if name.asname else name.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom) and node.module:
                for name in node.names:
                    if name.name == "*":
                        self._stars.append(node.module)
                    else:
                        self._aliases[name.asname or name.name] = f"{node.module}.{name.name}"
        for node in nodes:  # `kernel = torch.lstm`, after the imports are known
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                dotted = self._dotted(node.value)
                if dotted is not None and "." in dotted:
                    self._aliases.setdefault(node.targets[0].id, dotted)

    @staticmethod
    def _walk(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
        for node in nodes:
            yield from ast.walk(node)

    def imported_modules(self) -> set[str]:
        """The first parts of what is imported anywhere in the file, by statement or by `import_module`."""
        names = set(self._stars) | set(self._aliases.values())
        return {name.split(".")[0] for name in names}

    def offences(self, definitions: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Each banned call in code that can run in a graded call, with its line."""
        reachable = list(self._walk(self._reachable(definitions)))
        made: dict[str, tuple[str, int]] = {}
        for node in reachable:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                name = self._banned_name(node.value.func)
                if name is not None and name.rpartition(".")[2][0].isupper():
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    for target in targets:
                        bound = _bound_name(target)
                        if bound is not None:
                            made[bound] = (name, node.value.lineno)
        for node in reachable:
            if not isinstance(node, ast.Call):
                continue
            name = self._banned_name(node.func)
            if name is not None and not name.rpartition(".")[2][0].isupper():
                yield name, node.lineno
            elif isinstance(node.func, ast.Call) and (inner := self._banned_name(node.func.func)) is not None:
                yield inner, node.lineno
            elif (bound := _bound_name(node.func)) in made:
                yield made[bound or ""][0], node.lineno

    def _reachable(self, definitions: Sequence[str]) -> list[ast.stmt]:
        top = {
            node.name: node
            for node in self._statements
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        found: list[ast.stmt] = [node for node in self._statements if node not in top.values()]
        if not set(definitions) & set(top):
            return self._statements if not definitions or self._binds(set(definitions)) else found
        waiting = [*found, *(top[name] for name in definitions if name in top)]
        found += waiting[len(found) :]
        seen = {node.name for node in found if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        while waiting:
            for node in ast.walk(waiting.pop()):
                name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
                if name in top and name not in seen:
                    seen.add(name)
                    found.append(top[name])
                    waiting.append(top[name])
        return found

    def _binds(self, names: set[str]) -> bool:
        """Whether the text gives one of these names a value in some other way than by `def` or `class`."""
        for statement in self._statements:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    bound: object = node.id
                elif isinstance(node, ast.alias):
                    bound = node.asname or node.name
                else:
                    bound = node.value if isinstance(node, ast.Constant) else None
                if bound == "*" or (isinstance(bound, str) and bound in names):
                    return True
        return False

    def _banned_name(self, node: ast.expr) -> str | None:
        dotted = self._dotted(node)
        if dotted is None:
            return None
        candidates = [dotted]
        if isinstance(node, ast.Name) and node.id not in self._aliases:
            candidates = [f"{module}.{node.id}" for module in self._stars]
        return next((name for name in candidates if name in self._banned), None)

    def _dotted(self, node: ast.expr) -> str | None:
        """What the expression names, as far as the text says: `nn.LSTM`, `getattr(nn, "LSTM")` and so on."""
        if isinstance(node, ast.Name):
            return self._aliases.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self._dotted(node.value)
            return None if owner is None else f"{owner}.{node.attr}"
        if isinstance(node, ast.Call) and node.args:
            function = self._dotted(node.func)
            last = node.args[-1] if function == "getattr" and len(node.args) == 2 else node.args[0]
            text = last.value if isinstance(last, ast.Constant) and isinstance(last.value, str) else None
            if text is None:
                return None
            if function == "getattr":
                owner = self._dotted(node.args[0])
                return None if owner is None else f"{owner}.{text}"
            if function in ("__import__", "importlib.import_module"):
                return text if function != "__import__" else text.split(".")[0]
        return None


def _bound_name(node: ast.expr) -> str | None:
    """`cell` for the name `cell`, `.cell` for the attribute `self.cell`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f".{node.attr}"
    return None
