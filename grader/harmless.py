"""What a student can make appear, made harmless where people and spreadsheets read it; and points as people write them."""

from __future__ import annotations

import unicodedata

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet takes for a formula."""


def visible(text: str) -> str:
    """Text from a student's program, with control and direction marks made visible."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
        else f"\\x{ord(character):02x}"
        for character in text
    )


def plain_text(text: str) -> str:
    """A text as a cell that no spreadsheet runs as a formula; an apostrophe stands before what looks like one."""
    return f"'{visible(text)}" if text.startswith(_FORMULA) else visible(text)


def number(points: float) -> str:
    """Points with as many digits as they need, never with an exponent."""
    return f"{points:.6f}".rstrip("0").rstrip(".")
