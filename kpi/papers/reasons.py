"""What stands behind a row that differs between two packs: the report, statement or target, its revision, who and why.

Told by `between`, which compares the same two days; here its changes are only found again by the codes of a pack's rows.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import assert_never

from finance.balance.balance import STAGES
from finance.balance.sheets import STAGE
from iconm_portal.models import Center
from kpi.dashboard import changes_between, changes_between_page
from kpi.dashboard.changes_between import Changed, Subject
from kpi.dashboard.changes_between_page import ChangeLine
from kpi.papers.data import Plain
from kpi.plans.addresses import Addresses

Place = tuple[str, str, str, str]
"""Plan or agreement, item, first calendar year of the fiscal year, status; "" where a row has none."""


class Reasons:
    """Changes by the rows of a pack that they change; the first that is given counts."""

    def __init__(self, changes: Iterable[Changed], center: Center) -> None:
        to = Addresses(center.code)
        self._behind: dict[Place, ChangeLine] = {}
        for one in changes:
            line = changes_between_page.line(one, to, center.code)
            for place in _places(one):
                self._behind.setdefault(place, line)

    def of(self, row: Mapping[str, Plain]) -> ChangeLine | None:
        """What is behind the row; of a statement's row that only its notes changed, the statement itself."""
        plan, item, year, status = (str(row.get(name) or "") for name in _NAMES)
        kind = str(row.get("kind") or "")
        places = (
            (plan, item, year, status),
            (plan, item, year, ""),
            ("", kind, year, ""),
            ("", "", year, status),
        )
        return next((self._behind[place] for place in places if place in self._behind), None)


_NAMES = ("plan_code", "item_code", "fiscal_year", "status")


# Before anything was known.
_NEVER = date(1900, 1, 1)


def load(center: Center, *, earlier: date, later: date) -> Reasons:
    """What changed between the days, and for every other row what holds at the end of the later one.

    The rest is needed where a pack was frozen in the course of its own day and something was settled after that.
    A fixed number of queries.
    """
    days = [earlier, _NEVER] if earlier < later else [_NEVER]
    found = [changes_between.load(center, earlier=day, later=later).changes for day in days]
    return Reasons(chain.from_iterable(found), center)


def _places(one: Changed) -> Iterator[Place]:
    year = str(one.year.start)
    match one.subject:
        case Subject.TARGET:
            yield *_indicator(one), year, "target"
            yield *_indicator(one), year, "target_changed"
        case Subject.ACTUAL:
            yield from ((*_indicator(one), year, certainty) for certainty in _certainties(one))
        case Subject.STATEMENT:
            words = [STAGE[stage] for stage in STAGES[one.face]] if one.face else []
            yield from (("", one.account, year, word) for word in words)
            yield from (("", "", year, word) for word in words)
        case Subject.SUPPORT:
            yield one.agreement, one.account, year, one.stage
        case Subject.DUTY if one.verification:
            yield "", one.verification, year, ""
        case Subject.DUTY | Subject.EXTENSION:
            agreement, obligation = one.account.split("/")
            yield agreement, obligation, year, ""
        case _:
            assert_never(one.subject)


def _indicator(one: Changed) -> tuple[str, str]:
    if one.plan is None or one.row is None:
        raise ValueError("a KPI's change names its plan and row")
    return one.plan.code, one.row.indicator.code


def _certainties(one: Changed) -> list[str]:
    """The row that was there before and the one that is there now, which may be of another certainty."""
    return [str(fact.certainty) for fact in one.actual if fact is not None]
