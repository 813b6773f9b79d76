"""Make the review data of Lesson 9 anew: `python course/lesson09_lstm/data/make_reviews.py`.

The source is the distribution of the Python package vaderSentiment, which `pip` fetches into a temporary
folder. Every run gives the same bytes: what is taken and how it is split follows from a hash of each text,
not from chance.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "3.3.2"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
PARTS = ("movieReviewSnippets_GroundTruth.txt", "amazonReviewSnippets_GroundTruth.txt")

CLEAR = 1.5  # mean human rating, -4…4: nearer to 0 people do not agree on the sign
WORDS = range(3, 41)
TRAIN, TEST = 2500, 500  # of each label

ROOT = Path(__file__).resolve().parents[3]
TRAIN_FOLDER = ROOT / "course" / "lesson09_lstm" / "data"
TEST_FOLDER = ROOT / "tests" / "hidden" / "lesson09_lstm" / "data"

README = """# {title}

`{file}`: {count} snippets of English movie and product reviews, half of them positive. One a
line, UTF-8, `label<TAB>text`; the label is 1 for positive and 0 for negative.

Source: the movie and product review snippets in `additional_resources/hutto_ICWSM_2014.tar.gz` of the source
distribution of the Python package vaderSentiment {version} (sha256
`{sha256}`), which are published with

> C. J. Hutto and E. E. Gilbert (2014). VADER: A Parsimonious Rule-based Model for Sentiment Analysis of
> Social Media Text. Eighth International AAAI Conference on Weblogs and Social Media (ICWSM-14).

There each snippet has a mean sentiment rating from human raters, -4 to 4. The file was made by
`course/lesson09_lstm/data/make_reviews.py`. It takes snippets rated {clear} or more, or -{clear} or less, of
{shortest} to {longest} words, and mends the apostrophes that the source holds as ` " `. Of snippets that
differ in nothing but case, punctuation and spaces it keeps one, and none where they have different labels. In
the order of a hash of each text, the first {test} of each label are held back for grading and the next
{train} are for training, so no snippet is in both.

## License of the data

{license}
"""


def main() -> None:
    """Fetch the source, choose the snippets, write both parts and what is said beside them."""
    with tempfile.TemporaryDirectory() as folder:
        sdist = download(Path(folder))
        if hashlib.sha256(sdist).hexdigest() != SHA256:
            sys.exit("The downloaded vaderSentiment is not the one that the data was made from.")
    with tarfile.open(fileobj=io.BytesIO(sdist)) as package:
        top = f"vaderSentiment-{VERSION}"
        license_text = member(package, f"{top}/LICENSE.txt").decode()
        inner = member(package, f"{top}/additional_resources/hutto_ICWSM_2014.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(inner)) as resources:
        texts = [member(resources, f"hutto_ICWSM_2014/{name}").decode("utf-8") for name in PARTS]
    chosen = choose(row for text in texts for row in text.splitlines())
    parts = (
        (TRAIN_FOLDER, "reviews_train.tsv", slice(TEST, TEST + TRAIN), "Reviews to train on"),
        (TEST_FOLDER, "reviews_test.tsv", slice(TEST), "Reviews that are held back for grading"),
    )
    for folder, file, part, title in parts:
        rows = in_order(row for label in (0, 1) for row in chosen[label][part])
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{label}\t{text}\n" for label, text in rows)
        (folder / file).write_text(lines, encoding="utf-8", newline="\n")
        readme = README.format(
            title=title, file=file, count=f"{len(rows):,}", version=VERSION, sha256=SHA256, clear=CLEAR,
            shortest=WORDS.start, longest=WORDS.stop - 1, test=TEST, train=f"{TRAIN:,}",
            license="\n".join(line.rstrip() for line in license_text.strip().splitlines()),
        )  # fmt: skip
        (folder / "README.md").write_text(readme, encoding="utf-8", newline="\n")
        print(f"written: {(folder / file).relative_to(ROOT)} ({len(rows):,} snippets)")


def download(folder: Path) -> bytes:
    """The source distribution, as bytes."""
    source = ["--no-deps", "--no-binary", ":all:", f"vaderSentiment=={VERSION}"]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--dest", folder, *source], check=True)
    return (folder / f"vaderSentiment-{VERSION}.tar.gz").read_bytes()


def member(archive: tarfile.TarFile, name: str) -> bytes:
    """The content of one file of an archive."""
    file = archive.extractfile(name)
    if file is None:
        raise FileNotFoundError(name)
    return file.read()


def choose(rows) -> dict[int, list[tuple[int, str]]]:
    """For each label its usable (label, text), in the order of their hashes."""
    by_key: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        _, rating, text = row.split("\t")
        text = mended(text)
        if abs(float(rating)) >= CLEAR and len(text.split()) in WORDS:
            by_key.setdefault(key(text), []).append((int(float(rating) > 0), text))
    agreed = [twins[0] for twins in by_key.values() if len({label for label, _ in twins}) == 1]
    return {label: in_order(row for row in agreed if row[0] == label) for label in (0, 1)}


def mended(text: str) -> str:
    """One line of single spaces, with apostrophes where the source has lost them: `didn " t` is `didn't`."""
    text = re.sub(r"(\w) \" (s|t|d|m|re|ve|ll)\b", r"\1'\2", text)
    return " ".join(text.split())


def key(text: str) -> str:
    """What two copies of a snippet have in common."""
    return re.sub(r"[\W_]+", "", text.lower())


def in_order(rows) -> list[tuple[int, str]]:
    """Sorted by a hash of the text: an order that has to do with neither label nor source."""
    return sorted(rows, key=lambda row: hashlib.sha256(key(row[1]).encode()).digest())


if __name__ == "__main__":
    main()
