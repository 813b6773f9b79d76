"""A CSV file that another program made: some cells change, and everything else keeps its bytes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from grader.errors import GraderError
from grader.output import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BOM = "\ufeff"


class _Cell(msgspec.Struct):
    raw: str
    end: str  # the delimiter or line end that follows

    @property
    def value(self) -> str:
        return self.raw[1:-1].replace('""', '"') if self.raw.startswith('"') else self.raw


class Sheet:
    """The cells of a file by row and column, counted from zero; row 0 is the header."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self._bom = _BOM if text.startswith(_BOM) else ""
        text = text.removeprefix(_BOM)
        header = text.partition("\n")[0]
        self._delimiter = max(",;\t", key=lambda mark: re.sub('"[^"]*"', "", header).count(mark))
        self._rows = list(self._split(text))
        if not self._rows:
            raise GraderError(f"{name} is empty.")

    def _split(self, text: str) -> Iterator[list[_Cell]]:
        pattern = re.compile(
            rf'("(?:[^"]|"")*"|[^"\r\n{self._delimiter}]*)({self._delimiter}|\r\n|\r|\n|\Z)'
        )  # fmt: skip
        row: list[_Cell] = []
        at = 0
        while at < len(text) or row:
            found = pattern.match(text, at)
            if found is None:
                line = text.count("\n", 0, at) + 1
                raise GraderError(f"{self.name}, line {line}: the quotes are not in order, so this is no CSV file.")
            row.append(_Cell(found[1], found[2]))
            at = found.end()
            if found[2] != self._delimiter:
                yield row
                row = []

    @property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return [cell.value.strip() for cell in self._rows[0]]

    @property
    def rows(self) -> range:
        """The numbers of the rows below the header that hold anything."""
        return range(1, len(self._rows))

    def cell(self, row: int, column: int) -> str:
        """What stands there; nothing beyond the row's end."""
        cells = self._rows[row]
        return cells[column].value if column < len(cells) else ""

    def set(self, row: int, column: int, value: str) -> None:
        """Replace what stands there; the cell is quoted if it was, or if it must be.

        Raises:
            GraderError: the row has no such cell.
        """
        if column >= len(self._rows[row]):
            raise GraderError(f"{self.name}: row {row + 1} has fewer cells than the header. Download the file again.")
        cell = self._rows[row][column]
        needed = any(mark in value for mark in ('"', "\r", "\n", self._delimiter))
        cell.raw = '"' + value.replace('"', '""') + '"' if needed or cell.raw.startswith('"') else value

    def text(self) -> str:
        """The whole file."""
        return self._bom + "".join(cell.raw + cell.end for row in self._rows for cell in row)


class Filled(msgspec.Struct):
    """A sheet with grades in it: how many, and what the instructor should know."""

    sheet: Sheet
    count: int
    notes: list[str]


def read_sheet(path: Path) -> Sheet:
    """The file as it is.

    Raises:
        GraderError: it cannot be read, or is no CSV file in UTF-8.
    """
    try:
        return Sheet(path.read_bytes().decode("utf-8"), path.name)
    except UnicodeDecodeError:
        raise GraderError(f"{path} is no UTF-8 text. Download it again, or save it as “CSV UTF-8”.") from None
    except OSError as error:
        raise GraderError(f"{path} cannot be read: {error.strerror}.") from None


def write_sheet(sheet: Sheet, path: Path, original: Path) -> None:
    """Write it somewhere else than where it came from.

    Raises:
        GraderError: that is the same file, or it cannot be written.
    """
    try:
        if path.exists() and path.samefile(original):
            raise GraderError(f"{path} is the downloaded file, which stays as it is. Name another file with --output.")
        write_atomically(path, sheet.text().encode())
    except OSError as error:
        raise GraderError(f"{path} cannot be written: {error.strerror}.") from None
