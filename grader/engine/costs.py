"""What exercises cost to examine, remembered from run to run, so that the longest work begins first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from grader.output import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping


def known_costs() -> dict[str, float]:
    """Seconds by the hash of an exercise's suites; empty where nothing is known."""
    try:
        return msgspec.json.decode(_file().read_bytes(), type=dict[str, float])
    except (OSError, msgspec.MsgspecError):
        return {}


def remember(costs: Mapping[str, float]) -> None:
    """Keep these; a cache that cannot be written is no reason to fail."""
    with suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_file(), msgspec.json.encode({**known_costs(), **costs}))


def _file() -> Path:
    return Path(platformdirs.user_cache_path("grader")) / "costs.json"
