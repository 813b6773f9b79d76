"""The course's secret: what makes the drawn inputs the same for the same work and unknown to its author."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import platformdirs

from grader.errors import GraderError

VARIABLE = "GRADER_SECRET"


def course_secret() -> str:
    """The secret from GRADER_SECRET, or the one kept in this user's data folder; made on first use.

    Several people who grade the same course set GRADER_SECRET to the same long random text.

    Raises:
        GraderError: it can neither be read nor made.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return given
    path = Path(platformdirs.user_data_path("grader")) / "secret"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f"secret.{os.getpid()}")
            fresh.write_text(secrets.token_hex(32), encoding="ascii")
            fresh.chmod(0o600)
            try:
                os.link(fresh, path)  # whoever comes first wins; the others read theirs
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GraderError(f"The course's secret in {path} cannot be used ({error}). Set {VARIABLE} instead.") from None
