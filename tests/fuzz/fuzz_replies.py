"""Coverage-guided fuzzing of what the near side does with the far side's answers; needs Atheris (`pip install -e .[fuzz]`).

    python -m tests.fuzz.fuzz_replies -runs=20000                        some seconds, as in CI
    python -m tests.fuzz.fuzz_replies -runs=10000000 corpus/             long; what is found anew goes to corpus/

The options are libFuzzer's. What an input does is told in `tests.fuzz.lying`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["grader.sandbox.proxy", "grader.sandbox.farside", "grader.sandbox.far.wire"]):
    import grader.sandbox.proxy  # noqa: F401

import torch

from tests.fuzz.lying import converse

SEEDS = 64


def write_seeds(folder: Path) -> None:
    """Bytes of every length up to some hundred: what they make the far side answer is for the fuzzer to find out."""
    chance = random.Random(9)
    for number in range(SEEDS):
        (folder / f"seed{number}").write_bytes(chance.randbytes(4 * number))


def main() -> None:
    """Run libFuzzer with its own options; without a corpus of the user's, from the seeds alone."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        write_seeds(Path(folder))
        atheris.Setup([*sys.argv, "-max_len=512", "-timeout=10", "-rss_limit_mb=3000", folder], converse)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
