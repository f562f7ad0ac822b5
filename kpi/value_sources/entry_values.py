"""What people enter into a report and what reviewers say of it, before either is stored."""

from dataclasses import dataclass
from decimal import Decimal

from kpi.plans.achievement import Certainty


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered for one indicator: a value in base units, 「-」, or neither (not yet reported)."""

    value: Decimal | None = None
    not_applicable: bool = False
    certainty: Certainty = Certainty.FINAL
    note: str = ""

    @property
    def is_blank(self) -> bool:
        """Nothing worth a row: no value, no 「-」, no note."""
        return self.value is None and not self.not_applicable and not self.note


@dataclass(frozen=True, slots=True)
class Comment:
    """A reviewer's remark on a value, or on the whole report when there is no indicator."""

    text: str
    indicator_id: int | None = None
