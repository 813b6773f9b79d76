"""docs/threat-model.md names the test that holds each promise: they must be there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_named_test_exists():
    """Of the corpus of attacks only the file is named, since it is made of data."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
    assert len(named) > 30
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{file}::{test}"


def test_every_promise_names_a_test():
    """No row of a table of promises is held by nothing."""
    tables = TEXT.split("\n## To ")[1:]
    assert len(tables) == 3
    for table in tables:
        rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
        assert rows
        for row in rows:
            assert "`tests/kit/test_" in row.split(" | ")[-1], row
