"""What a student can make appear, made harmless where people and spreadsheets read it; and points as people write them."""

from __future__ import annotations

import json
import unicodedata

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""How a text begins that a spreadsheet takes for a formula."""

_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
LINE_LIMIT = 2000
TEXT_LIMIT = 32 * 2**10


def visible(text: str) -> str:
    """Text from a student's program, with control and direction marks made visible."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in _UNSEEN
        else f"\\x{ord(character):02x}"
        for character in text
    )


def plain_text(text: str) -> str:
    """A text as a cell that no spreadsheet runs as a formula; an apostrophe stands before what looks like one."""
    return f"'{visible(text)}" if text.startswith(_FORMULA) else visible(text)


def visible_json(data: bytes) -> bytes:
    """The same JSON, with every mark that is not seen as the escape that JSON has for it."""
    text = data.decode()
    if text.replace("\n", "").isprintable():
        return data
    return "".join(
        character if character == "\n" or character.isprintable() else json.dumps(character)[1:-1] for character in text
    ).encode()


def shortened(text: str) -> str:
    """A message that people can read: neither it nor one of its lines without end."""
    if len(text) <= LINE_LIMIT:
        return text
    lines = (line if len(line) <= LINE_LIMIT else f"{line[:LINE_LIMIT]}…" for line in text.split("\n"))
    whole = "\n".join(lines)
    return whole if len(whole) <= TEXT_LIMIT else f"{whole[:TEXT_LIMIT]}\n…"


def number(points: float) -> str:
    """Points with as many digits as they need, never with an exponent."""
    return f"{points:.6f}".rstrip("0").rstrip(".")
