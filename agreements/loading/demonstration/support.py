"""What the city grants: within the limits, and above them by consultation."""

from datetime import date

from agreements.loading.demonstration.cast import SOURCE, People, at
from agreements.loading.demonstration.consultations import confirmed_talk
from agreements.models import AmountStage, ConsultationType, LimitRule, SupportKind, SupportMeasure
from agreements.support.actions import record_amount
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear


def load(center: Center, people: People) -> None:
    """A total over three years that was passed by consultation; yearly amounts, one of them above its agreement."""
    made = {agreement.code: agreement for agreement in center.agreements.all()}
    startup = SupportMeasure(
        center=center,
        agreement=made["basic-first"],
        code="startup",
        position=0,
        kind=SupportKind.CONTRIBUTION,
        title="立ち上げ期間の負担金（架空）",
        first_year=FiscalYear(2019),
        last_year=FiscalYear(2021),
        total=300_000_000,
        limit_rule=LimitRule.PERIOD_TOTAL,
        conditions="共用設備の維持管理費の一部（架空）。",
        source=SOURCE.text,
    )
    startup.full_clean()
    startup.save()
    promotion = center.support_measures.get(code="promotion")
    more = confirmed_talk(
        people,
        made["basic-first"],
        ConsultationType.CHANGE,
        date(2022, 1, 20),
        "立ち上げ期間の負担金の総額",
        "空調設備の更新のため、総額を500万円超えることを認める",
    )
    raised = confirmed_talk(
        people,
        made["research"],
        ConsultationType.CHANGE,
        date(2026, 2, 10),
        "令和7年度の負担金の増額",
        "支援人員の増員に伴い、年度協定の額を超えることを認める",
    )
    entries = (
        (startup, 2019, AmountStage.SETTLED, 120_000_000, date(2020, 6, 1), "", None),
        (startup, 2020, AmountStage.SETTLED, 100_000_000, date(2021, 6, 1), "", None),
        (startup, 2021, AmountStage.SETTLED, 80_000_000, date(2022, 1, 11), "", None),
        (startup, 2021, AmountStage.SETTLED, 85_000_000, date(2022, 6, 1), "空調設備の更新（架空）", more),
        (promotion, 2025, AmountStage.BUDGET, 60_000_000, date(2025, 4, 2), "", None),
        (promotion, 2025, AmountStage.SETTLED, 61_500_000, date(2026, 5, 12), "", raised),
        (promotion, 2026, AmountStage.BUDGET, 62_000_000, date(2026, 4, 2), "", None),
    )
    for number, (measure, year, stage, amount, day, reason, talk) in enumerate(entries):
        record_amount(
            measure=measure,
            fiscal_year=FiscalYear(year),
            stage=stage,
            amount=amount,
            seen=sum(earlier[0] is measure for earlier in entries[:number]),
            reason=reason,
            consultation=talk,
            by=people.city,
            at=at(day),
        )
