"""Choosing the far side: behind the wall, or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.sandbox.farside import FarSide


def open_far_side(*, walled: bool, warm: bool = False) -> FarSide:
    """A far side behind the wall, or without one.

    `warm` is for one that makes many forks: it also imports what training needs, before the first of them.
    """
    if walled:
        from grader.sandbox.forkserver import ForkServer

        return ForkServer(warm=warm)
    from grader.sandbox.plain import PlainSide

    return PlainSide(warm=warm)
