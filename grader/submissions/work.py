"""What one student handed in for one exercise, as the suites get it."""

from __future__ import annotations

import hashlib

import msgspec


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """The files for one exercise, or why there are none.

    `status` is `missing` or `unreadable` where there is nothing to run; `problem` says why.
    """

    exercise: str
    files: dict[str, bytes] = {}
    status: str = ""
    problem: str = ""

    def digest(self) -> bytes:
        """The same 16 bytes for the same work, whoever handed it in."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.exercise, self.status, self.problem, *sorted(self.files)):
            data = part.encode() + b"\0" + self.files.get(part, b"")
            digest.update(len(data).to_bytes(8, "big") + data)
        return digest.digest()
