"""When something was handed in, as nbgrader and archives carry it."""

from __future__ import annotations

import zipfile
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from grader.submissions.tars import UNREADABLE, open_tar

if TYPE_CHECKING:
    from pathlib import Path

TIMESTAMP = "timestamp.txt"
MANIFEST = "manifest.json"
_TEXT_LIMIT = 2**16
_MEMBER_LIMIT = 2000
_FIRST_YEAR = 1981  # a zip that keeps no time says 1980


class _Manifest(msgspec.Struct):
    submitted: datetime | None = None


def parse_time(text: str) -> datetime | None:
    """A time such as `2026-01-10 23:59:00 UTC` or `2026-01-10T23:59+01:00`, in UTC; without a zone it is UTC.

    None where it is no time.
    """
    day, _, zone = text.strip().rpartition(" ")
    try:
        if day and zone[:1].isalpha():
            return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, KeyError, OSError, OverflowError):
        return None


def time_of(path: Path) -> datetime | None:
    """When this folder or archive was handed in: by nbgrader's timestamp, by the manifest of `grader submit`, or by its
    latest member (archives have no time zone: taken as UTC). None where nothing says it.
    """  # noqa: D205
    with suppress(*UNREADABLE, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError):
        if path.is_symlink():
            return None
        if path.is_dir():
            with (path / TIMESTAMP).open("rb") as file:
                return parse_time(file.read(_TEXT_LIMIT).decode())
        if path.name.endswith(".zip"):
            return _time_of_zip(path)
        if path.name.endswith((".tar.gz", ".tgz", ".tar")):
            with open_tar(path) as archive:
                times = [member.mtime for member, _ in zip(archive, range(_MEMBER_LIMIT), strict=False)]
            latest = datetime.fromtimestamp(max(times, default=0), UTC)
            return latest if latest.year >= _FIRST_YEAR else None
    return None


def _time_of_zip(path: Path) -> datetime | None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()[:_MEMBER_LIMIT]
        if any(member.filename == MANIFEST for member in members):
            with suppress(msgspec.MsgspecError), archive.open(MANIFEST) as file:
                told = msgspec.json.decode(file.read(_TEXT_LIMIT), type=_Manifest).submitted
                if told is not None:
                    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        latest = max((member.date_time for member in members), default=(0,))
    return datetime(*latest, tzinfo=UTC) if latest[0] >= _FIRST_YEAR else None  # type: ignore[misc]
