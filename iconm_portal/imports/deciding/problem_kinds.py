"""What is said of the rows of a table, by kind: how often, and of which rows first, so that nobody reads 2,000 equal lines."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from iconm_portal.imports.specs import ReadRow

MOST_KINDS: Final = 40
ROWS_NAMED: Final = 5


@dataclass
class Tally:
    """Problems by level, column and message; kept as JSON in the import's summary."""

    warnings: int = 0
    repeated: dict[str, int] = field(default_factory=dict)
    """How many rows say what is there already, by the day on which that was entered."""
    _kinds: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)

    def add(self, rows: Iterable[ReadRow]) -> None:
        """Count what is said of them."""
        for row in rows:
            if row.repeated_on:
                self.repeated[row.repeated_on] = self.repeated.get(row.repeated_on, 0) + 1
            for problem in row.problems:
                self.warnings += problem["level"] == "warning"
                self._count(row.number, problem)

    def _count(self, number: int, problem: Mapping[str, Any]) -> None:
        of = (problem["level"], problem["column"], problem["message"])
        if of not in self._kinds and len(self._kinds) == MOST_KINDS:
            return
        first = {name: problem[name] for name in ("level", "column", "message", "params")}
        kind = self._kinds.setdefault(of, {**first, "count": 0, "rows": [], "is_one": True})
        kind["count"] += 1
        kind["is_one"] &= kind["params"] == problem["params"]
        if len(kind["rows"]) < ROWS_NAMED:
            kind["rows"].append(number)

    def beside(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        """The same with the warnings that were there before: who applies a table is told of nothing but what is in the way."""
        now = self.as_json()
        told = {kind["message"] for kind in now["kinds"]}
        before = [
            kind
            for kind in summary.get("kinds", ())
            if kind["level"] == "warning" and kind["message"] not in told
        ]
        return {
            "warnings": self.warnings + sum(kind["count"] for kind in before),
            "repeated": self.repeated or summary.get("repeated", {}),
            "kinds": now["kinds"] + before,
        }

    def as_json(self) -> dict[str, Any]:
        """Errors before warnings, then the most frequent."""
        kinds = sorted(self._kinds.values(), key=lambda kind: (kind["level"] != "error", -kind["count"]))
        return {"warnings": self.warnings, "repeated": self.repeated, "kinds": kinds}
