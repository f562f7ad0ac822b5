"""Invented agreements for the fictional center, in which every state can be seen. iCONM gets none of it."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from agreements.actions import annual, consultations, endings, verifications
from agreements.actions import duties as duty_actions
from agreements.actions.agreements import give_notice, record_conclusion
from agreements.actions.support import record_amount
from agreements.demonstration_wording import wording
from agreements.models import (
    Agreement,
    AgreementKind,
    AmountStage,
    Bound,
    ChronologyEntry,
    Consultation,
    ConsultationType,
    Criterion,
    Duty,
    Edition,
    LimitRule,
    Obligation,
    Party,
    Post,
    Provision,
    ProvisionKind,
    RequiredDocument,
    SupportKind,
    SupportMeasure,
    Timing,
    Verdict,
    Verification,
    VerificationKind,
    Way,
)
from iconm_portal import files, history, partial_date
from iconm_portal.fiscal import FiscalYear
from iconm_portal.history import Source
from iconm_portal.models import Center, Side, User

SOURCE = Source("demonstration")


@dataclass(frozen=True)
class People:
    """Who acts in the demonstration."""

    city: User
    foundation: User


def load(center: Center, people: People) -> None:
    """Everything, subject by subject, through the actions."""
    agreements(center, people)
    support_and_verifications(center, people)
    duties(center, people)
    wording(center, city=people.city, foundation=people.foundation)


# -- Agreements in every state, their ends, annual agreements, consultations --


def agreements(center: Center, people: People) -> None:
    """An agreement in every state, with articles, parties, measures, annual agreements, talks, and a chronology."""
    made = {code: _agreement(center, code, facts) for code, facts in _AGREEMENTS.items()}
    for code, signed in _SIGNED.items():
        _conclude(made[code], signed, people)
    for side, name in ((Side.SUPPORTER, center.supporter.name), (Side.OPERATOR, center.operator.name)):
        Party.objects.bulk_create(
            Party(
                agreement=agreement,
                side=side,
                name=name,
                address="海風市みどり台1番地" if side == Side.SUPPORTER else "海風市みどり台2番地",
                representative_post="市長" if side == Side.SUPPORTER else "理事長",
                representative="（架空）",
            )
            for agreement in made.values()
        )
    _articles(made["basic"], _BASIC_ARTICLES)
    _articles(made["research"], _RESEARCH_ARTICLES)
    _measures(center, made)
    for position, title in enumerate(("センター長", "副センター長"), 1):
        Post.objects.create(
            center=center, code=f"post-{position}", position=position, title=title, source=SOURCE.text
        )
    _talks(made, people)
    _annual_agreements(made["research"], people)
    _ends(made, people)
    for code, day, text in _CHRONOLOGY:
        ChronologyEntry.objects.create(
            center=center, code=code, happened_on=day, text=text, source=SOURCE.text
        )


_AGREEMENTS: dict[str, dict[str, Any]] = {
    "basic-first": {
        "kind": AgreementKind.BASIC,
        "title": "みどり台ラボの運営等に関する基本協定書（平成31年・架空）",
        "short_title": "基本協定（平成31年・架空）",
        "starts_on": date(2019, 4, 1),
        "ends_on": date(2022, 3, 31),
    },
    "basic": {
        "kind": AgreementKind.BASIC,
        "title": "みどり台ラボの運営等に関する基本協定書（架空）",
        "short_title": "基本協定（架空）",
        "replaces": "basic-first",
        "starts_on": date(2022, 4, 1),
        "summary": "施設の位置付け、両者の役割、毎年の計画と報告を取り決める（架空）。",
    },
    "research": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "みどり台ラボにおける研究支援事業に関する協定書（架空）",
        "short_title": "研究支援協定（架空）",
        "parent": "basic",
        "starts_on": date(2022, 4, 1),
        "ends_on": date(2028, 3, 31),
        "review_on": date(2026, 9, 30),
        "review_reason": "成長計画の終わりに先立つ見直し（架空）",
    },
    "land": {
        "kind": AgreementKind.LAND_LOAN,
        "title": "みどり台ラボ用地の使用貸借契約（架空）",
        "short_title": "用地の使用貸借契約（架空）",
        "parent": "basic",
        "starts_on": date(2022, 4, 1),
        "ends_on": date(2042, 3, 31),
        "legal_basis": "海風市財産条例（架空）",
    },
    "equipment": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "分析機器の共同利用に関する協定書（架空）",
        "short_title": "機器共同利用協定（架空）",
        "parent": "basic",
        "starts_on": date(2023, 4, 1),
    },
    "publicity": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "共同広報に関する協定書（架空）",
        "short_title": "共同広報協定（架空）",
        "parent": "basic",
        "starts_on": date(2022, 10, 1),
    },
    "visits": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "見学の受入れに関する協定書（架空）",
        "short_title": "見学受入協定（架空）",
        "parent": "basic",
        "starts_on": date(2024, 4, 1),
    },
    "next-research": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "次期研究支援事業に関する協定書（架空）",
        "short_title": "次期研究支援協定（架空）",
        "parent": "basic",
        "starts_on": date(2027, 4, 1),
        "ends_on": date(2031, 3, 31),
    },
    "region": {
        "kind": AgreementKind.RESEARCH_SUPPORT,
        "title": "地域連携に関する協定書（案・架空）",
        "short_title": "地域連携協定（案・架空）",
        "starts_on": date(2026, 4, 1),
    },
}

_SIGNED = {
    "basic-first": "2019-03",
    "basic": "2022-03-25",
    "research": "2022-03-25",
    "land": "2022-03-30",
    "equipment": "2023-03-20",
    "publicity": "2022-09-12",
    "visits": "2024-03-15",
    "next-research": "2026-11-10",
}

_BASIC_ARTICLES = [
    ("第1条", "目的", "健康に役立つ研究の場を、両者で支える（架空）。", []),
    (
        "第2条",
        "計画",
        "財団は、翌年度の計画と予算の案を8月末までに市へ出し、協議のうえ決める（架空）。",
        [("plan-draft", "翌年度の計画・予算の案の提出", Bound.OPERATOR, Way.OPERATOR_DECIDES, (8, 31, -1))],
    ),
    (
        "第3条",
        "報告",
        "財団は、前年度の報告書と決算書を5月末までに市へ出す（架空）。",
        [("report", "事業報告書・収支決算書の提出", Bound.OPERATOR, Way.REVIEW, (5, 31, 1))],
    ),
    ("第4条", "用地", "市は用地を無償で貸す。協定が終われば無償の扱いも終わる（架空）。", []),
    ("第5条", "解約", "どちらかの申し出から協議し、両者の合意で終わる（架空）。", []),
]
_RESEARCH_ARTICLES = [
    ("第1条", "目的", "研究と実用化の支援に両者で取り組む（架空）。", []),
    (
        "第2条",
        "年度協定",
        "毎年度、取組と負担金の額を定めて年度協定を結ぶ（架空）。",
        [("annual-agreement", "年度協定の締結", Bound.BOTH, Way.JOINT, None)],
    ),
]

_CHRONOLOGY = [
    ("decision", "2018", "海風市が施設の整備を決定（架空）"),
    ("first-agreement", "2019-03", "最初の基本協定を締結（架空）"),
    ("opening", "2019-04-01", "みどり台ラボが開所（架空）"),
    ("renewal", "2022-04", "新しい基本協定のもとで運営を開始（架空）"),
]


def at(day: date) -> datetime:
    """Half past ten in the morning of that day in Japan."""
    return datetime.combine(day, time(10, 30), tzinfo=ZoneInfo(settings.TIME_ZONE))


def _agreement(center: Center, code: str, facts: dict[str, Any]) -> Agreement:
    above = {
        name: center.agreements.get(code=facts[name]) for name in ("parent", "replaces") if name in facts
    }
    agreement = Agreement(
        center=center,
        code=code,
        position=center.agreements.count() + 1,
        source=SOURCE.text,
        **(facts | above),
    )
    agreement.full_clean()
    agreement.save()
    history.record(by=SOURCE, action="agreement.add", subject=agreement, center=center, after={"code": code})
    return agreement


def _conclude(agreement: Agreement, signed: str, people: People) -> None:
    """With a scan where the day is known."""
    known = partial_date.last_day(signed)
    record_conclusion(
        agreement=agreement,
        concluded_on=signed,
        document_number="" if len(signed) < 10 else f"海風協{known.year}第{known.month}号（架空）",
        scan=None
        if len(signed) < 10
        else files.CheckedFile("署名済み協定書（架空）.txt", "text/plain", "署名済み（架空）\n".encode()),
        by=people.city,
        at=at(known),
    )


def _articles(agreement: Agreement, lines: list[Any]) -> None:
    edition = Edition.objects.create(
        agreement=agreement, number=1, in_force_from=agreement.starts_on, source=SOURCE.text
    )
    for position, (label, heading, summary, obligations) in enumerate(lines, 1):
        provision = Provision.objects.create(
            edition=edition,
            kind=ProvisionKind.ARTICLE,
            key=f"art{position}",
            position=position,
            label=label,
            heading=heading,
            summary=summary,
        )
        for code, title, bound, way, due in obligations:
            month, day, offset = due or (None, None, 0)
            obligation = Obligation(
                agreement=agreement,
                provision=provision,
                code=code,
                position=position,
                title=f"{title}（架空）",
                bound=bound,
                way=way,
                timing=Timing.YEARLY,
                due_month=month,
                due_day=day,
                due_year_offset=offset,
                source=SOURCE.text,
            )
            obligation.full_clean()
            obligation.save()
            RequiredDocument.objects.create(
                obligation=obligation, code="paper", position=1, name="書類一式（架空）"
            )


def _measures(center: Center, made: dict[str, Agreement]) -> None:
    for position, fields in enumerate(
        (
            {
                "agreement": made["basic"],
                "contract": made["land"],
                "code": "free-land",
                "kind": SupportKind.LAND,
                "title": "用地の無償貸付（架空）",
                "limit_rule": LimitRule.NONE,
            },
            {
                "agreement": made["research"],
                "code": "promotion",
                "kind": SupportKind.CONTRIBUTION,
                "title": "研究促進負担金（架空）",
                "limit_rule": LimitRule.ANNUAL_AGREEMENT,
            },
        ),
        1,
    ):
        measure = SupportMeasure(
            center=center, position=position, first_year=FiscalYear(2022), source=SOURCE.text, **fields
        )
        measure.full_clean()
        measure.save()


def _talk(
    people: People, agreement: Agreement, kind: ConsultationType, day: date, subject: str, outcome: str
) -> Consultation:
    """Recorded by the city, with a paper; not yet confirmed."""
    paper = files.CheckedFile("議事録（架空）.txt", "text/plain", f"{subject}\n".encode())
    return consultations.record(
        center=agreement.center,
        details=consultations.Details(
            type=kind,
            held_on=day,
            subject=f"{subject}（架空）",
            outcome=f"{outcome}（架空）",
            participants="海風市 課長、財団 部長（架空）",
            agreement=agreement,
        ),
        new_files=[paper],
        by=people.city,
        at=at(day),
    )


def _confirmed_talk(people: People, *talk: Any) -> Consultation:
    made = _talk(people, *talk)
    return consultations.confirm(
        consultation=made, version=made.version, by=people.foundation, at=at(made.held_on)
    )


def _talks(made: dict[str, Agreement], people: People) -> None:
    """One confirmed, one waiting for the foundation, one declined by it, one taken back by the city."""
    _confirmed_talk(
        people,
        made["basic"],
        ConsultationType.COORDINATE,
        date(2026, 9, 8),
        "令和9年度の計画案の調整",
        "案のとおりとし、予算の内訳を次回までに整理する",
    )
    _talk(
        people,
        made["research"],
        ConsultationType.CHANGE,
        date(2026, 11, 12),
        "研究支援協定の見直し",
        "次期協定へ引き継ぐ項目を確認した",
    )
    declined = _talk(
        people,
        made["basic"],
        ConsultationType.NOT_PROVIDED,
        date(2026, 10, 6),
        "展示スペースの扱い",
        "年2回まで市が使う",
    )
    consultations.decline(
        consultation=declined,
        version=declined.version,
        reason="年1回と理解している（架空）",
        by=people.foundation,
        at=at(date(2026, 10, 9)),
    )
    taken_back = _talk(
        people,
        made["research"],
        ConsultationType.SET,
        date(2026, 10, 20),
        "来年度の目標の設定",
        "目標値の案を交換した",
    )
    consultations.take_back(consultation=taken_back, version=taken_back.version, by=people.city)


def _annual_agreements(research: Agreement, people: People) -> None:
    """The last two years' signed, the next year's proposed by the foundation."""
    for year in (2025, 2026, 2027):
        fiscal_year = FiscalYear(year)
        before = date(year, 2, 16) if year < 2027 else date(2026, 11, 16)
        made = annual.propose(
            parent=research,
            fiscal_year=fiscal_year,
            terms=annual.Terms(
                title=f"{fiscal_year.wareki}研究支援事業に関する年度協定書（架空）",
                short_title=f"年度協定（{fiscal_year.wareki}・架空）",
                starts_on=fiscal_year.first_day,
                ends_on=fiscal_year.last_day,
                contribution=60_000_000 + 2_000_000 * (year - 2025),
                content="研究支援の体制を保ち、事業化の相談を続ける（架空）。",
            ),
            by=people.foundation,
            at=at(before),
        )
        if year == 2027:
            continue
        annual.confirm(agreement=made, version=1, by=people.city, at=at(date(year, 3, 2)))
        record_conclusion(
            agreement=made,
            concluded_on=fiscal_year.first_day.isoformat(),
            document_number=f"海風協{year}第1号（架空）",
            by=people.city,
            at=at(fiscal_year.first_day),
        )


def _ends(made: dict[str, Agreement], people: People) -> None:
    """A notice with a proposed ending; an ending agreed for the coming March; one that has come to pass."""
    give_notice(
        agreement=made["equipment"],
        given_on=date(2026, 9, 1),
        reason="機器の更新時期に合わせて終えたい（架空）",
        by=people.foundation,
        at=at(date(2026, 9, 1)),
    )
    for code, talked, last, answered in (
        ("publicity", date(2025, 6, 10), date(2025, 9, 30), date(2025, 7, 1)),
        ("visits", date(2026, 10, 2), date(2027, 3, 31), date(2026, 10, 15)),
        ("equipment", date(2026, 11, 4), date(2027, 3, 31), None),
    ):
        talk = _confirmed_talk(
            people, made[code], ConsultationType.TERMINATE, talked, "協定の終了", "終わりの日に合意した"
        )
        ending = endings.propose(
            agreement=made[code],
            ends_on=last,
            consultation=talk,
            reason="目的を果たした（架空）",
            by=people.foundation,
            at=at(talked),
        )
        if answered:
            endings.confirm(ending=ending, version=ending.version, by=people.city, at=at(answered))


# -- What the city grants, and what is verified --


def support_and_verifications(center: Center, people: People) -> None:
    """Amounts within their limits and above them by consultation; verifications in every state, one verdict given."""
    made = {agreement.code: agreement for agreement in center.agreements.all()}
    _amounts(center, made, people)
    for code, kind, title, article in _VERIFIED:
        _verification_obligation(made[code], kind, title, article)
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
    verifications.send_back(
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
    verifications.open_review(
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


def _amounts(center: Center, made: dict[str, Agreement], people: People) -> None:
    """A total over three years that was passed by consultation; yearly amounts, one of them above its agreement."""
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
    more = _confirmed_talk(
        people,
        made["basic-first"],
        ConsultationType.CHANGE,
        date(2022, 1, 20),
        "立ち上げ期間の負担金の総額",
        "空調設備の更新のため、総額を500万円超えることを認める",
    )
    raised = _confirmed_talk(
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


def _verification_obligation(agreement: Agreement, kind: VerificationKind, title: str, article: str) -> None:
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
    return verifications.save_draft(
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
    return verifications.submit(verification=row, version=row.version, by=by, at=at(date(year + 1, 6, 18)))


def _confirmed(row: Verification, by: User) -> None:
    verifications.confirm(
        verification=row, version=row.version, by=by, at=at(date(row.fiscal_year.start + 1, 7, 3))
    )


def _judged(row: Verification, by: User) -> None:
    """The conditions are met."""
    day = date(row.fiscal_year.start + 1, 9, 12)
    opened = verifications.open_review(verification=row, version=row.version, by=by, at=at(day))
    verifications.judge(
        verification=opened,
        version=opened.version,
        verdict=Verdict.MEETS,
        judgements=dict.fromkeys(row.center.criteria.all(), "公益に資する取組と認める（架空）。"),
        follow_up="次年度は市民向けの取組を増やす（架空）。",
        by=by,
        at=at(day),
    )


# -- Obligations and duties in every state: fiscal year 2025 settled, 2026 under way --


def duties(center: Center, people: People) -> None:
    """Overdue, open, extended, handed in, in review, returned, proposed, decided and accepted, as of November 2026."""
    for code, *facts in _OBLIGATIONS:
        _obligation(center, code, *facts)
    for year, day in ((2025, date(2025, 4, 1)), (2026, date(2026, 4, 1))):
        duty_actions.store_year(center=center, fiscal_year=FiscalYear(year), by=people.city, at=at(day))
    _last_years_duties(center, people)
    _this_years_duties(center, people)


# Code, agreement, article, title, bound, way, due (month, day, offset) or None, further fields.
_OBLIGATIONS: list[tuple[Any, ...]] = [
    ("half-year", "basic", 3, "上半期の運営状況の報告", Bound.OPERATOR, Way.REVIEW, (10, 31, 0), {}),
    ("repairs", "basic", 3, "修繕計画の提出", Bound.OPERATOR, Way.REVIEW, (10, 15, 0), {}),
    ("inspection", "basic", 3, "設備点検の結果の提出", Bound.OPERATOR, Way.REVIEW, (11, 13, 0), {}),
    ("training", "basic", 3, "研修計画の提出", Bound.OPERATOR, Way.REVIEW, (12, 18, 0), {}),
    ("grounds", "basic", 4, "用地の管理状況の通知", Bound.SUPPORTER, Way.REVIEW, (1, 29, 1), {}),
    ("support-report", "research", 2, "研究支援事業の報告", Bound.OPERATOR, Way.REVIEW, (6, 30, 1), {}),
    ("equipment-use", "research", 2, "共同利用の実績の提出", Bound.OPERATOR, Way.REVIEW, (9, 30, 0), {}),
    ("leap-day", "research", 2, "うるう日を期限とする届出", Bound.OPERATOR, Way.REVIEW, (2, 29, 1), {}),
    (
        "term-review",
        "research",
        2,
        "協定の見直し",
        Bound.BOTH,
        Way.JOINT,
        None,
        {"timing": Timing.ONCE, "due_on": date(2026, 9, 30)},
    ),
    (
        "on-request",
        "basic",
        3,
        "運営状況の報告",
        Bound.OPERATOR,
        Way.REVIEW,
        None,
        {"timing": Timing.ON_REQUEST},
    ),
    ("advice", "basic", 1, "運営への助言", Bound.SUPPORTER, Way.NONE, None, {"timing": Timing.CONTINUOUS}),
    ("upkeep", "basic", 1, "建物と設備の維持", Bound.OPERATOR, Way.NONE, None, {"timing": Timing.CONTINUOUS}),
]


def _obligation(center: Center, code: str, agreement: str, article: int, title: str, *rest: Any) -> None:
    bound, way, due, more = rest
    month, day, offset = due or (None, None, 0)
    under = center.agreements.get(code=agreement)
    obligation = Obligation(
        agreement=under,
        provision=Provision.objects.get(edition__agreement=under, edition__number=1, key=f"art{article}"),
        code=code,
        position=10 + under.obligations.count(),
        title=f"{title}（架空）",
        source=SOURCE.text,
        **{
            "bound": bound,
            "way": way,
            "timing": Timing.YEARLY,
            "due_month": month,
            "due_day": day,
            "due_year_offset": offset,
            **more,
        },
    )
    obligation.full_clean()
    obligation.save()
    if due:
        RequiredDocument.objects.create(
            obligation=obligation, code="paper", position=1, name=f"{title}書（架空）"
        )


def _duty(center: Center, code: str, year: int) -> Duty:
    """The duty of a fiscal year by its obligation's code."""
    return Duty.objects.select_related("obligation__agreement__center").get(
        obligation__agreement__center=center, obligation__code=code, fiscal_year=year
    )


def _last_years_duties(center: Center, people: People) -> None:
    """All of fiscal year 2025 is settled: accepted, decided after a talk, agreed by both."""
    for code, year, day in (
        ("report", 2024, date(2025, 5, 26)),
        ("support-report", 2024, date(2025, 6, 20)),
        ("equipment-use", 2025, date(2025, 9, 22)),
        ("repairs", 2025, date(2025, 10, 10)),
        ("half-year", 2025, date(2025, 10, 28)),
        ("inspection", 2025, date(2025, 11, 10)),
        ("training", 2025, date(2025, 12, 15)),
        ("leap-day", 2025, date(2026, 2, 20)),
    ):
        _accepted(_hand_in(_duty(center, code, year), people.foundation, day), people.city, day)
    grounds = _hand_in(_duty(center, "grounds", 2025), people.city, date(2026, 1, 20))
    _accepted(grounds, people.foundation, date(2026, 1, 26))
    annual_duty = _hand_in(_duty(center, "annual-agreement", 2025), people.foundation, date(2025, 4, 10))
    duty_actions.accept(
        duty=annual_duty, version=annual_duty.version, by=people.city, at=at(date(2025, 4, 14))
    )
    talk = _confirmed_talk(
        people,
        center.agreements.get(code="basic"),
        ConsultationType.COORDINATE,
        date(2025, 9, 5),
        "令和8年度の計画案の調整",
        "案のとおりとする",
    )
    plan = _hand_in(_duty(center, "plan-draft", 2026), people.foundation, date(2025, 8, 27))
    duty_actions.decide(
        duty=plan, version=plan.version, consultation=talk, by=people.foundation, at=at(date(2025, 9, 12))
    )


def _this_years_duties(center: Center, people: People) -> None:
    """Fiscal year 2026. The half-year's report stays undone and is overdue, the training plan is open."""
    city, foundation = people.city, people.foundation
    talk = _confirmed_talk(
        people,
        center.agreements.get(code="basic"),
        ConsultationType.NOT_PROVIDED,
        date(2026, 5, 18),
        "期限の延長",
        "監査の日程に合わせて延ばす",
    )
    report = _duty(center, "report", 2025)
    _extend(report, date(2026, 7, 31), talk, city)
    _accepted(_hand_in(report, foundation, date(2026, 7, 24)), city, date(2026, 7, 30))

    repairs = _duty(center, "repairs", 2026)
    _extend(repairs, date(2026, 11, 30), talk, foundation)
    repairs.refresh_from_db()
    _extend(repairs, date(2027, 1, 29), talk, foundation)

    _hand_in(_duty(center, "plan-draft", 2027), foundation, date(2026, 8, 28))
    plan = _duty(center, "plan-draft", 2027)
    duty_actions.comment(
        duty=plan, text="入居率の見込みの根拠を示してほしい（架空）。", by=city, at=at(date(2026, 9, 3))
    )

    _hand_in(_duty(center, "inspection", 2026), foundation, date(2026, 11, 12))

    use = _hand_in(_duty(center, "equipment-use", 2026), foundation, date(2026, 9, 29))
    duty_actions.open_review(duty=use, version=use.version, by=city, at=at(date(2026, 10, 2)))

    returned = _hand_in(_duty(center, "support-report", 2025), foundation, date(2026, 6, 29))
    duty_actions.open_review(duty=returned, version=returned.version, by=city, at=at(date(2026, 7, 2)))
    duty_actions.send_back(
        duty=returned,
        version=returned.version,
        text="相談件数の内訳が抜けています（架空）。",
        by=city,
        at=at(date(2026, 7, 6)),
    )

    review = _duty(center, "term-review", 2026)
    duty_actions.save_and_submit(
        duty=review,
        version=review.version,
        note="次期協定へ引き継ぐ項目の案（架空）",
        documents=[],
        by=city,
        at=at(date(2026, 11, 16)),
    )
    yearly = _duty(center, "annual-agreement", 2026)
    duty_actions.set_own_date(duty=yearly, version=yearly.version, due_on=date(2026, 12, 10), by=city)


def _hand_in(duty: Duty, by: User, day: date) -> Duty:
    """With a paper for each required document."""
    papers = [
        (one, files.CheckedFile(f"{one.name}.txt", "text/plain", f"{one.name}\n".encode()))
        for one in duty.obligation.required_documents.all()
    ]
    return duty_actions.save_and_submit(
        duty=duty, version=duty.version, note="提出します（架空）。", documents=papers, by=by, at=at(day)
    )


def _accepted(duty: Duty, by: User, day: date) -> None:
    duty_actions.open_review(duty=duty, version=duty.version, by=by, at=at(day))
    duty_actions.accept(duty=duty, version=duty.version, by=by, at=at(day))


def _extend(duty: Duty, due_on: date, talk: Consultation, by: User) -> None:
    duty_actions.extend(
        duty=duty,
        version=duty.version,
        due_on=due_on,
        reason="監査の日程に合わせるため（架空）",
        consultation=talk,
        by=by,
        at=at(date(2026, 5, 20)),
    )
    duty.refresh_from_db()
