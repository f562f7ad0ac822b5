"""Committee packs as the portal makes them."""

from datetime import date, datetime

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Pack
from kpi.papers import actions
from kpi.papers.actions import Particulars
from kpi.papers.sections import SECTIONS


def make_pack(
    center: Center, *, by: User, as_of: date, at: datetime, title: str = "運営状況について"
) -> Pack:
    """A pack with every section, being prepared."""
    particulars = Particulars(
        title=title,
        committee="総務委員会",
        presented_on=as_of,
        department="国際戦略本部",
        fiscal_year=FiscalYear.of(as_of),
        as_of=as_of,
        sections=[(section.key, "") for section in SECTIONS],
    )
    return actions.start(center=center, particulars=particulars, by=by, at=at)


def make_frozen_pack(
    center: Center, *, by: User, as_of: date, at: datetime, title: str = "運営状況について"
) -> Pack:
    """A pack with every section, frozen."""
    pack = make_pack(center, by=by, as_of=as_of, at=at, title=title)
    return actions.freeze(pack=pack, version=pack.version, by=by, at=at)
