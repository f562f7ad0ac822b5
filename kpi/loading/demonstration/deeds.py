"""What the story says more shortly than the actions ask it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.official_texts.actions import start
from kpi.initiatives.official_texts.official_texts import groups
from kpi.models import (
    Category,
    Indicator,
    IndicatorStep,
    Initiative,
    InitiativeScheme,
    Kgi,
    Measured,
    OfficialTextProposal,
    Pack,
    PlanProposal,
    Report,
)
from kpi.papers import actions as packs
from kpi.papers.actions import Particulars
from kpi.papers.sections import SECTIONS
from kpi.plans.actions import add_target
from kpi.register.opening_balances import Scope
from kpi.reports.actions import send_back
from kpi.targets.next_plan_actions import save_line
from kpi.targets.next_plan_drafts import SHAPE, LineDraft
from kpi.value_sources.actions import Balance, set_opening_balance
from kpi.value_sources.entry_values import Comment


def set_targets(
    *, indicator: Indicator, known_from: date, values: Mapping[FiscalYear, Decimal], by: User
) -> None:
    """The first targets of an indicator, year by year."""
    for year, value in values.items():
        add_target(indicator=indicator, fiscal_year=year, value=value, known_from=known_from, by=by)


def send_back_for(
    *, report: Report, version: int, indicator: Indicator, text: str, by: User, at: datetime
) -> None:
    """A report, for one of its values."""
    send_back(report=report, version=version, comments=[Comment(text, indicator.pk)], by=by, at=at)


def change_line(
    *,
    proposal: PlanProposal,
    version: int,
    code: str,
    step: IndicatorStep,
    by: User,
    reason: str = "",
    targets: Mapping[FiscalYear, Decimal] | None = None,
) -> None:
    """A line of the next plan, which else stays as it was proposed from the plan before."""
    line = proposal.lines.get(code=code)
    shape = {name: getattr(line, name) for name in SHAPE}
    draft = LineDraft(step, code, shape, line.goal, reason or line.reason, targets or {}, line.basis)
    save_line(proposal=proposal, version=version, code=code, draft=draft, by=by)


def put_forward(
    *,
    center: Center,
    scheme: InitiativeScheme | None = None,
    document: str,
    goals: Mapping[Kgi, str] | None = None,
    activities: Mapping[Initiative, str] | None = None,
    by: User,
    at: datetime,
) -> OfficialTextProposal:
    """Official texts in the place of summaries: of direct goals, or of a scheme's activities."""
    said: dict[Any, str] = {**(goals or {}), **(activities or {})}
    (group,) = (one for one in groups(center) if one.scheme == scheme)
    texts = {item.field: said[item.subject] for item in group.items if item.subject in said}
    return start(center=center, scheme=scheme, document=document, texts=texts, by=by, at=at)


def open_with(
    *,
    center: Center,
    category: Category,
    measured: Measured,
    value: int,
    as_of: date,
    source: str,
    reason: str,
    by: User,
    at: datetime,
) -> None:
    """What stood before the register counts on."""
    set_opening_balance(
        center=center,
        scope=Scope(category=category, measured=measured),
        balance=Balance(value, as_of, source),
        seen=0,
        reason=reason,
        by=by,
        at=at,
    )


@dataclass(frozen=True)
class Cover:
    """What stands on a pack's cover."""

    title: str
    committee: str
    presented_on: date
    department: str
    fiscal_year: FiscalYear
    as_of: date


def start_usual(
    *,
    center: Center,
    particulars: Cover,
    by: User,
    at: datetime,
    comments: Mapping[str, str] | None = None,
) -> Pack:
    """A pack with every section in its usual order."""
    sections = [(section.key, (comments or {}).get(section.key, "")) for section in SECTIONS]
    return packs.start(
        center=center, particulars=Particulars(**vars(particulars), sections=sections), by=by, at=at
    )
