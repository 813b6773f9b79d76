"""What is too much to be read, and the answer where a submission is that or worse."""

from __future__ import annotations

FILE_LIMIT = 2**20
TOTAL_LIMIT = 16 * 2**20
MEMBER_LIMIT = 2000


class UnsafeSubmission(Exception):
    """The whole submission cannot be read; the text says why, for the student."""
