"""Writes sunspots.csv: the yearly sunspot numbers 1700–2008, out of the statsmodels wheel.

Run `python make_sunspots.py` in any environment that has pip. statsmodels itself is neither installed nor imported: one
file is read from its wheel, which pip downloads into a temporary folder.
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

MEMBER = "statsmodels/datasets/sunspots/sunspots.csv"
HERE = Path(__file__).resolve().parent


def download_wheel(folder: str) -> Path:
    """The wheel of statsmodels, as pip finds it, in that folder."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "--dest", folder, "statsmodels"], check=True)
    return next(Path(folder).glob("statsmodels-*.whl"))


def years_and_numbers(text: str) -> list[tuple[int, float]]:
    """The rows of the original file, checked: every year once and in order, no number below zero.

    Raises:
        ValueError: the file is not what it was when this course was made.
    """
    rows = [(int(row["YEAR"]), float(row["SUNACTIVITY"])) for row in csv.DictReader(io.StringIO(text))]
    if [year for year, _ in rows] != list(range(1700, 2009)) or any(number < 0 for _, number in rows):
        raise ValueError(f"{MEMBER} no longer holds the years 1700 to 2008, each once.")
    return rows


def main() -> None:
    """Download, check, write."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(download_wheel(folder)) as wheel:
        rows = years_and_numbers(wheel.read(MEMBER).decode("ascii"))
    lines = ["year,sunspots", *(f"{year},{number:.1f}" for year, number in rows)]
    (HERE / "sunspots.csv").write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
