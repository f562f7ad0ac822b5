"""Small builders of support measures and of verifications."""

from typing import Any

from agreements.models import (
    Agreement,
    Criterion,
    LimitRule,
    Obligation,
    SupportKind,
    SupportMeasure,
    Timing,
    VerificationKind,
)
from iconm_portal.models import Center
from tests.agreements import make_obligation


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
