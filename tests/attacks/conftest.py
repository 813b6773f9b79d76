"""The figures of the corpus, at the end of a run."""

from __future__ import annotations

collect_ignore_glob = ["*/*.py"]  # attacks: nothing here may ever import one


def pytest_terminal_summary(terminalreporter):
    """What each group of attacks came to, also where workers of pytest-xdist ran it."""
    reports = terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", [])
    for line in [text for report in reports for name, text in report.user_properties if name == "attacks"]:
        terminalreporter.write_line(line)
