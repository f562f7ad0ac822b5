"""Small builders of support measures and of verifications."""

from datetime import date
from typing import Any

from agreements.models import (
    Agreement,
    AgreementKind,
    Criterion,
    LandGround,
    LandJudgement,
    LimitRule,
    Obligation,
    SupportKind,
    SupportMeasure,
    Timing,
    Verdict,
    Verification,
    VerificationKind,
)
from agreements.verifications import actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_conclusion, make_obligation
from tests.builders.plans import tokyo


def make_measure(agreement: Agreement, *, code: str = "grant", **fields: Any) -> SupportMeasure:
    """A contribution from FY2022 to FY2024, at most 900,000,000 yen together."""
    return SupportMeasure.objects.create(
        center=agreement.center,
        agreement=agreement,
        code=code,
        **{
            "position": agreement.support_measures.count() + 1,
            "kind": SupportKind.CONTRIBUTION,
            "title": f"負担金 {code}",
            "first_year": 2022,
            "last_year": 2024,
            "total": 900_000_000,
            "limit_rule": LimitRule.PERIOD_TOTAL,
            "source": "T8",
            **fields,
        },
    )


def make_annual(parent: Agreement) -> Agreement:
    """The annual agreement of FY2022, concluded at 50,000,000 yen on its first day."""
    annual = make_agreement(
        parent.center,
        code="annual-r4",
        kind=AgreementKind.ANNUAL,
        parent=parent,
        fiscal_year=2022,
        contribution=50_000_000,
        concluded=None,
    )
    make_conclusion(annual, date(2022, 4, 1), recorded_at=tokyo(date(2022, 4, 1)))
    return annual


def make_land(agreement: Agreement, **fields: Any) -> SupportMeasure:
    """The use of the land free of charge, to FY2051."""
    return make_measure(
        agreement,
        **{
            "code": "free-land",
            "kind": SupportKind.LAND,
            "title": "用地の無償貸付",
            "last_year": 2051,
            "total": None,
            "limit_rule": LimitRule.NONE,
            **fields,
        },
    )


def make_verification_obligation(agreement: Agreement, kind: VerificationKind, **fields: Any) -> Obligation:
    """What asks for the yearly verification of a kind."""
    what = {
        "code": f"verify-{kind.value}",
        "title": f"検証 {kind.value}",
        "bound": "supporter" if kind == VerificationKind.EFFECT else "both",
        "way": "none" if kind == VerificationKind.EFFECT else "joint",
        "timing": Timing.YEARLY,
        "verification": kind,
    }
    return make_obligation(agreement, what, **fields)


def make_criteria(center: Center, number: int = 2) -> list[Criterion]:
    """So many headings of the 効果検証."""
    return Criterion.objects.bulk_create(
        Criterion(center=center, code=f"criterion-{n}", position=n, label=f"観点{n}", source="T8-6-1-a")
        for n in range(1, number + 1)
    )


def make_verification(
    center: Center,
    kind: VerificationKind,
    year: int,
    *,
    by: User,
    confirmer: User | None = None,
    submitted: bool = True,
    at: date = date(2026, 6, 1),
) -> Verification:
    """A draft, handed in unless `submitted` is false, and settled where there is somebody to do so."""
    moment = tokyo(at)
    row = actions.save_draft(
        center=center,
        kind=kind,
        fiscal_year=FiscalYear(year),
        version=0,
        result="目標を達成した。",
        self_assessments=dict.fromkeys(center.criteria.all(), "取り組んだ。")
        if kind == VerificationKind.EFFECT
        else None,
        by=by,
        at=moment,
    )
    if submitted:
        actions.submit(verification=row, version=row.version, by=by, at=moment)
    if confirmer and kind != VerificationKind.EFFECT:
        actions.confirm(verification=row, version=row.version, by=confirmer, at=moment)
    elif confirmer:
        actions.open_review(verification=row, version=row.version, by=confirmer, at=moment)
        actions.judge(
            verification=row,
            version=row.version,
            verdict=Verdict.MEETS,
            judgements=dict.fromkeys(center.criteria.all(), "認める。"),
            follow_up="",
            by=confirmer,
            at=moment,
        )
    return row


def make_verifications(center: Center, *, city: User, foundation: User) -> None:
    """For every address: a measure, a judgement on the land, and verifications settled (2022), handed in (2023) and drafted (2024)."""
    agreement = make_agreement(center, code="verified")
    make_measure(agreement)
    make_criteria(center)
    LandJudgement.objects.create(
        center=center,
        ground=LandGround.NON_PERFORMANCE,
        agreement=agreement,
        is_free=True,
        reason="改善された。",
        takes_effect_on=date(2026, 6, 1),
        known_from=date(2026, 6, 1),
        recorded_by=city,
    )
    for kind in (VerificationKind.KPI, VerificationKind.EFFECT):
        make_verification_obligation(agreement, kind)
        make_verification(center, kind, 2022, by=foundation, confirmer=city)
        make_verification(center, kind, 2023, by=foundation)
        make_verification(center, kind, 2024, by=foundation, submitted=False)
