"""Opening a tar archive from a stranger: read in one pass, and never more of it than a submission can need."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNPACKED_LIMIT = 256 * 2**20
_OPENERS = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
UNREADABLE = (tarfile.TarError, lzma.LZMAError, EOFError, ValueError, OSError)


class _Bounded:
    """A stream that ends with an error where it would give too much."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = UNPACKED_LIMIT

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise tarfile.TarError(f"it unpacks to more than {UNPACKED_LIMIT // 2**20} MB")
        return data


@contextmanager
def open_tar(path: Path) -> Iterator[tarfile.TarFile]:
    """The archive, plain or packed, whose members can be read one after the other.

    Raises:
        tarfile.TarError: it is none, or unpacks to too much; what else may be raised is listed in `UNREADABLE`.
    """
    with path.open("rb") as file:
        magic = file.read(2)
    opener = _OPENERS.get(magic, open)
    with (
        opener(path, "rb") as stream,  # type: ignore[operator]
        tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream)), mode="r|") as archive,
    ):
        yield archive
