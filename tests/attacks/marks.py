"""What an attack calls when it got through: it says so aloud, in every way that reaches a result.

Handed in beside each attack that imports it.
"""

import os


class GotThrough(BaseException):
    """Not to be caught by accident."""


def learned(what):
    """The attack has found what it should not know."""
    _say("LEARNED", what)


def harmed(what):
    """The attack has done what it should not be able to do."""
    _say("HARMED", what)


def _say(word, what):
    text = f"{word} {what!r}"[:1000]
    os.write(1, f"\n{text}\n".encode())
    raise GotThrough(text)
