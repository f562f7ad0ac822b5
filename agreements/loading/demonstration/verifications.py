"""What is verified each year: the obligations for it, and a verification in every state."""

from datetime import date

from agreements.loading.demonstration.cast import SOURCE, People, at
from agreements.models import (
    Agreement,
    Bound,
    Criterion,
    Obligation,
    Provision,
    Timing,
    Verdict,
    Verification,
    VerificationKind,
    Way,
)
from agreements.verifications import actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear


def load(center: Center, people: People) -> None:
    """Verifications in every state, one verdict given."""
    made = {agreement.code: agreement for agreement in center.agreements.all()}
    for code, kind, title, article in _VERIFIED:
        _obligation(made[code], kind, title, article)
    Criterion.objects.bulk_create(
        Criterion(center=center, code=f"criterion-{n}", position=n, label=label, source=SOURCE.text)
        for n, label in enumerate(_CRITERIA, 1)
    )
    for kind, year in (
        (VerificationKind.SETTLEMENT, 2024),
        (VerificationKind.KPI, 2022),
        (VerificationKind.KPI, 2023),
    ):
        _confirmed(_handed_in(center, kind, year, people.city), people.foundation)
    returned = _handed_in(center, VerificationKind.KPI, 2024, people.foundation)
    actions.send_back(
        verification=returned,
        version=returned.version,
        comment="特許出願件数の数え方を書き足してください（架空）。",
        by=people.city,
        at=at(date(2026, 10, 14)),
    )
    _handed_in(center, VerificationKind.KPI, 2025, people.foundation)
    _written(center, VerificationKind.SETTLEMENT, 2025, people.foundation)
    _judged(_handed_in(center, VerificationKind.EFFECT, 2024, people.foundation), people.city)
    under_judgement = _handed_in(center, VerificationKind.EFFECT, 2025, people.foundation)
    actions.open_review(
        verification=under_judgement,
        version=under_judgement.version,
        by=people.city,
        at=at(date(2026, 11, 2)),
    )
    _written(center, VerificationKind.EFFECT, 2026, people.foundation)


_VERIFIED = [
    ("basic", VerificationKind.SETTLEMENT, "報告書・決算書の両者による検証（架空）", "art3"),
    ("basic", VerificationKind.EFFECT, "用地の無償使用についての効果検証（架空）", "art4"),
    ("research", VerificationKind.KPI, "KPIの両者による検証（架空）", "art1"),
]
_CRITERIA = ["みずから主体となる研究（架空）", "市民の健康・医療知識の向上（架空）", "新産業の創出（架空）"]


def _obligation(agreement: Agreement, kind: VerificationKind, title: str, article: str) -> None:
    is_effect = kind == VerificationKind.EFFECT
    obligation = Obligation(
        agreement=agreement,
        provision=Provision.objects.get(edition__agreement=agreement, edition__number=1, key=article),
        code=f"verify-{kind.value}",
        position=agreement.obligations.count() + 1,
        title=title,
        bound=Bound.SUPPORTER if is_effect else Bound.BOTH,
        way=Way.NONE if is_effect else Way.JOINT,
        timing=Timing.YEARLY,
        verification=kind,
        source=SOURCE.text,
    )
    obligation.full_clean()
    obligation.save()


def _written(center: Center, kind: VerificationKind, year: int, by: User) -> Verification:
    """A draft."""
    texts = {
        criterion: f"{criterion.label.removesuffix('（架空）')}に取り組み、計画した事業を終えた（架空）。"
        for criterion in center.criteria.all()
    }
    return actions.save_draft(
        center=center,
        kind=kind,
        fiscal_year=FiscalYear(year),
        version=0,
        result="おおむね計画どおりに進んだ（架空）。",
        self_assessments=texts if kind == VerificationKind.EFFECT else None,
        by=by,
        at=at(date(year + 1, 6, 10) if year < 2026 else date(2026, 11, 10)),
    )


def _handed_in(center: Center, kind: VerificationKind, year: int, by: User) -> Verification:
    row = _written(center, kind, year, by)
    return actions.submit(verification=row, version=row.version, by=by, at=at(date(year + 1, 6, 18)))


def _confirmed(row: Verification, by: User) -> None:
    actions.confirm(
        verification=row, version=row.version, by=by, at=at(date(row.fiscal_year.start + 1, 7, 3))
    )


def _judged(row: Verification, by: User) -> None:
    """The conditions are met."""
    day = date(row.fiscal_year.start + 1, 9, 12)
    opened = actions.open_review(verification=row, version=row.version, by=by, at=at(day))
    actions.judge(
        verification=opened,
        version=opened.version,
        verdict=Verdict.MEETS,
        judgements=dict.fromkeys(row.center.criteria.all(), "公益に資する取組と認める（架空）。"),
        follow_up="次年度は市民向けの取組を増やす（架空）。",
        by=by,
        at=at(day),
    )
