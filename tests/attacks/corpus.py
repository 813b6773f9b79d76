"""The corpus: every attack with its group, its aim, and what an honest grader gives it at most."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.attacks.archives import ARCHIVES, SOURCE_FILES

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parent
MARKS = FOLDER / "marks.py"
GROUPS = ("forging", "stealing", "harming", "evading", "telling", "keeping")
_FACTS = re.compile(r"Aim: (?P<aim>.+?)\s+At most: (?P<points>[\d.]+) points of (?P<exercise>\w+)\.\s*", re.DOTALL)


class Attack(NamedTuple):
    """One attack. `write(path)` makes the submission there; an archive adds its ending."""

    group: str
    name: str
    aim: str
    at_most: float
    exercise: str
    write: Callable[[Path], None]
    times: int = 1

    @property
    def students(self) -> list[str]:
        """The ids under which it is handed in: what leaves something behind comes twice, to find it."""
        name = f"{self.group}-{self.name}"
        return [name if turn == 0 else f"{name}-again" for turn in range(self.times)]


def _of_file(path: Path) -> Attack:
    text = path.read_text()
    facts = _FACTS.fullmatch(ast.get_docstring(ast.parse(text)) or "")
    assert facts is not None, f"{path} does not begin with its aim and what it may get at most"

    def write(folder: Path) -> None:
        folder.mkdir()
        (folder / f"{facts['exercise']}.py").write_text(f"{text}\n# {folder.name}\n")
        if "marks" in text:
            (folder / "marks.py").write_text(MARKS.read_text())

    group = path.parent.name
    return Attack(
        group, path.stem, facts["aim"], float(facts["points"]), facts["exercise"], write, 1 + (group == "keeping")
    )


def corpus() -> list[Attack]:
    """All attacks, sorted by group and name."""
    attacks = [_of_file(path) for group in GROUPS for path in sorted((FOLDER / group).glob("*.py"))]
    for name, build in ARCHIVES.items():
        facts = _FACTS.fullmatch(build.__doc__ or "")
        assert facts is not None, f"{name} does not say its aim and what it may get at most"
        attacks.append(Attack("archives", name, facts["aim"], float(facts["points"]), facts["exercise"], build))
    attacks += [Attack("sources", name, aim, 0.0, "gates", build) for name, (aim, build) in SOURCE_FILES.items()]
    return sorted(attacks, key=lambda attack: (attack.group, attack.name))
