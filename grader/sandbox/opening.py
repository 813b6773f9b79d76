"""Choosing the far side: behind which wall, or without one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from grader.sandbox.farside import FarSide


class Protection(StrEnum):
    """What stands between student code and everything else."""

    BUBBLEWRAP = "bubblewrap"
    CONTAINER = "container"
    NONE = "none"


def open_far_side(protection: Protection, *, warm: bool = False, trains: bool = True) -> FarSide:
    """A far side with this protection.

    `warm` is for one that makes many forks: it also imports what they will need, before the first of them; what training
    needs is left out where `trains` says so.
    """
    if protection is Protection.NONE:
        from grader.sandbox.plain import PlainSide

        return PlainSide(warm=warm, trains=trains)
    from grader.sandbox.container import ContainerWall
    from grader.sandbox.forkserver import ForkServer
    from grader.sandbox.wall import Bubblewrap

    wall = Bubblewrap() if protection is Protection.BUBBLEWRAP else ContainerWall()
    return ForkServer(wall, warm=warm, trains=trains)


def best_for_own_code() -> Protection:
    """For work of one's own: the wall where it can be built, else none."""
    return Protection.NONE if why_not(Protection.BUBBLEWRAP) else Protection.BUBBLEWRAP


def why_not(protection: Protection, private: tuple[Path, ...] = ()) -> str | None:
    """None where this protection can be had here and hides these paths; else what is missing and how to mend it."""
    if protection is Protection.BUBBLEWRAP:
        from grader.sandbox.wall import why_no_wall

        return why_no_wall()
    if protection is Protection.CONTAINER:
        from grader.sandbox import container

        return container.why_not(private)
    return None
