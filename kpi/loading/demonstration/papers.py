"""Invented committee packs: one that was put before the committee and is frozen, and one that is being prepared."""

from datetime import date

from agreements.loading.demonstration.cast import People, at
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.papers import actions
from kpi.papers.actions import Particulars
from kpi.papers.sections import SECTIONS

_COMMITTEE, _DEPARTMENT = "総務委員会（架空）", "産業振興課（架空）"


def load(center: Center, people: People) -> None:
    """Through the actions; after everything else, for a pack shows what is there."""
    shown = particulars(
        "みどり台ラボの令和7年度の取組結果について",
        presented_on=date(2026, 8, 27),
        as_of=date(2026, 8, 20),
        year=FiscalYear(2025),
        comments={"achievement": "入居率と特許を中心に、おおむね計画のとおり進んだ。（架空）"},
    )
    began, presented = at(date(2026, 8, 20)), at(date(2026, 8, 21))
    first = actions.start(center=center, particulars=shown, by=people.city, at=began)
    actions.freeze(pack=first, version=first.version, by=people.city, at=presented)
    coming = particulars(
        "みどり台ラボの令和8年度の中間状況について",
        presented_on=date(2026, 12, 10),
        as_of=date(2026, 11, 20),
        year=FiscalYear(2026),
        comments={},
    )
    actions.start(center=center, particulars=coming, by=people.city, at=at(date(2026, 11, 20)))


def particulars(
    title: str, *, presented_on: date, as_of: date, year: FiscalYear, comments: dict[str, str]
) -> Particulars:
    """Every section in its usual order."""
    return Particulars(
        title=title,
        committee=_COMMITTEE,
        presented_on=presented_on,
        department=_DEPARTMENT,
        fiscal_year=year,
        as_of=as_of,
        sections=[(section.key, comments.get(section.key, "")) for section in SECTIONS],
    )
