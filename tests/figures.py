"""The figures of a long run, printed at its end: what was tried, how often, on which database, and how long it took.

A test says what it counted by pytest's own `record_property("kills", 100)`; what is said more than once, and by several tests of
one file, is added up.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
from django.db import connection

LONG_RUNS = ("verify", "soak")


@dataclass
class Figures:
    """Of one file of tests; `seconds` with making ready and putting away."""

    outcomes: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0

    def add(self, report: pytest.TestReport) -> None:
        self.seconds += report.duration
        if report.when == "call" or not report.passed:
            self.outcomes[report.outcome] += 1
        if report.when == "call":
            for name, count in report.user_properties:
                self.counts[name] += count

    def cells(self) -> tuple[str, ...]:
        tests = ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))
        counts = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        minutes, seconds = divmod(round(self.seconds), 60)
        return tests, counts, f"{minutes}:{seconds:02}"


def table(reports: list[pytest.TestReport]) -> list[str]:
    """A line for each file, the longest first, under a heading."""
    found: defaultdict[str, Figures] = defaultdict(Figures)
    for report in reports:
        found[report.nodeid.partition("::")[0]].add(report)
    longest_first = sorted(found.items(), key=lambda one: -one[1].seconds)
    rows = [("what", "tests", "how many", "min:s")]
    rows += [(name.removeprefix("tests/"), *figures.cells()) for name, figures in longest_first]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """After the long runs only."""
    reports = [
        report
        for outcome in ("passed", "failed", "skipped", "error")
        for report in terminalreporter.getreports(outcome)
    ]
    # Making ready and putting away are kept under no word where they passed.
    reports += terminalreporter.getreports("")
    if config.getoption("markexpr") in LONG_RUNS and reports:
        terminalreporter.section(f"figures on {connection.vendor}")
        for line in table(reports):
            terminalreporter.write_line(line)
