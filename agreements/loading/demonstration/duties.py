"""Obligations and duties in every state: fiscal year 2025 settled, 2026 under way."""

from datetime import date
from typing import Any

from agreements.duties import actions
from agreements.loading.demonstration.cast import SOURCE, People, at
from agreements.loading.demonstration.consultations import confirmed_talk
from agreements.models import (
    Bound,
    Consultation,
    ConsultationType,
    Duty,
    Obligation,
    Provision,
    RequiredDocument,
    Timing,
    Way,
)
from iconm_portal.forms import files
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear


def load(center: Center, people: People) -> None:
    """Overdue, open, extended, handed in, in review, returned, proposed, decided and accepted, as of November 2026."""
    for code, *facts in _OBLIGATIONS:
        _obligation(center, code, *facts)
    for year, day in ((2025, date(2025, 4, 1)), (2026, date(2026, 4, 1))):
        actions.store_year(center=center, fiscal_year=FiscalYear(year), by=people.city, at=at(day))
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
    actions.accept(duty=annual_duty, version=annual_duty.version, by=people.city, at=at(date(2025, 4, 14)))
    talk = confirmed_talk(
        people,
        center.agreements.get(code="basic"),
        ConsultationType.COORDINATE,
        date(2025, 9, 5),
        "令和8年度の計画案の調整",
        "案のとおりとする",
    )
    plan = _hand_in(_duty(center, "plan-draft", 2026), people.foundation, date(2025, 8, 27))
    actions.decide(
        duty=plan, version=plan.version, consultation=talk, by=people.foundation, at=at(date(2025, 9, 12))
    )


def _this_years_duties(center: Center, people: People) -> None:
    """Fiscal year 2026. The half-year's report stays undone and is overdue, the training plan is open."""
    city, foundation = people.city, people.foundation
    talk = confirmed_talk(
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
    actions.comment(
        duty=plan, text="入居率の見込みの根拠を示してほしい（架空）。", by=city, at=at(date(2026, 9, 3))
    )

    _hand_in(_duty(center, "inspection", 2026), foundation, date(2026, 11, 12))

    use = _hand_in(_duty(center, "equipment-use", 2026), foundation, date(2026, 9, 29))
    actions.open_review(duty=use, version=use.version, by=city, at=at(date(2026, 10, 2)))

    returned = _hand_in(_duty(center, "support-report", 2025), foundation, date(2026, 6, 29))
    actions.open_review(duty=returned, version=returned.version, by=city, at=at(date(2026, 7, 2)))
    actions.send_back(
        duty=returned,
        version=returned.version,
        text="相談件数の内訳が抜けています（架空）。",
        by=city,
        at=at(date(2026, 7, 6)),
    )

    review = _duty(center, "term-review", 2026)
    actions.save_and_submit(
        duty=review,
        version=review.version,
        note="次期協定へ引き継ぐ項目の案（架空）",
        documents=[],
        by=city,
        at=at(date(2026, 11, 16)),
    )
    yearly = _duty(center, "annual-agreement", 2026)
    actions.set_own_date(duty=yearly, version=yearly.version, due_on=date(2026, 12, 10), by=city)


def _hand_in(duty: Duty, by: User, day: date) -> Duty:
    """With a paper for each required document."""
    papers = [
        (one, files.CheckedFile(f"{one.name}.txt", "text/plain", f"{one.name}\n".encode()))
        for one in duty.obligation.required_documents.all()
    ]
    return actions.save_and_submit(
        duty=duty, version=duty.version, note="提出します（架空）。", documents=papers, by=by, at=at(day)
    )


def _accepted(duty: Duty, by: User, day: date) -> None:
    actions.open_review(duty=duty, version=duty.version, by=by, at=at(day))
    actions.accept(duty=duty, version=duty.version, by=by, at=at(day))


def _extend(duty: Duty, due_on: date, talk: Consultation, by: User) -> None:
    actions.extend(
        duty=duty,
        version=duty.version,
        due_on=due_on,
        reason="監査の日程に合わせるため（架空）",
        consultation=talk,
        by=by,
        at=at(date(2026, 5, 20)),
    )
    duty.refresh_from_db()
