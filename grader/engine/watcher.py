"""Who looks on while a class is graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.output import Change


class Watcher:
    """This one sees nothing and agrees to everything."""

    def progress(self, done: int, of: int) -> None:
        """So many pieces of work are graded; called at the beginning and after each."""

    def agrees(self, changes: list[Change]) -> bool:
        """Whether grades that are there already may be replaced; called before that is done."""
        return True

    def say(self, text: str) -> None:
        """Something that the instructor should know."""
