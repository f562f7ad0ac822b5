"""Invented initiatives with plans and results, targets that change, and a next plan in the making."""

from datetime import date
from decimal import Decimal

from agreements.loading.demonstration.cast import SOURCE, People, at
from agreements.loading.demonstration.consultations import confirmed_talk
from agreements.models import ConsultationType
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import actions
from kpi.models import IndicatorStep, Initiative, InitiativeCategory, InitiativeScheme, Plan, PlanProposal
from kpi.targets import actions as target_actions
from kpi.targets import next_plan_actions
from kpi.targets.actions import Terms
from kpi.targets.next_plan_drafts import SHAPE, LineDraft

# Category, the goals that it serves, its activities.
INITIATIVES = [
    ("support", "研究の支援", ("practice",), ["公募情報の収集と申請の手伝い", "研究の進み具合の確認"]),
    ("business", "事業化の支援", ("practice", "industry"), ["特許の出願と管理", "起業の相談"]),
    ("public", "広報", ("site",), ["記者説明会と報道発表", "市民講座の開催"]),
]
# The running year's plan and result so far, and the year before; a blank is not entered yet.
KEPT = {
    ("support", 0): [
        (2025, "公募情報を毎月配る", "12回配り、7件が採択された"),
        (2026, "毎月配り、説明会を2回開く", ""),
    ],
    ("business", 0): [
        (2025, "11件を出願する", "11件を出願した"),
        (2026, "12件を出願する", "上期に5件を出願した"),
    ],
    ("public", 1): [(2026, "講座を3回開く", "7月に第1回を開いた（120人）")],
}


def load(center: Center, people: People) -> None:
    """All of it through the actions, so that it is what the portal makes."""
    growth = Plan.objects.get(center=center, code="growth")
    _initiatives(center, growth, people)
    _targets(center, growth, people)
    _next_plan(center, growth, people)


def _initiatives(center: Center, plan: Plan, people: People) -> None:
    scheme = InitiativeScheme.objects.create(
        center=center,
        code="main",
        position=1,
        label="主な取組（架空）",
        first_year=FiscalYear(2022),
        category_heading="取組項目",
        goal_heading="実現する目標",
        source=SOURCE.text,
    )
    goals = {goal.code: goal for goal in plan.goals.all()}
    for place, (code, label, serves, texts) in enumerate(INITIATIVES, 1):
        category = InitiativeCategory.objects.create(
            scheme=scheme, code=code, position=place, label=label, source=SOURCE.text
        )
        category.goals.set([goals[goal] for goal in serves])
        for number, text in enumerate(texts):
            activity = Initiative.objects.create(
                category=category,
                code=f"{code}-{number + 1}",
                position=number + 1,
                text=text,
                source=SOURCE.text,
            )
            for year, planned, result in KEPT.get((code, number), ()):
                actions.keep_year(
                    initiative=activity,
                    fiscal_year=FiscalYear(year),
                    version=0,
                    plan=planned,
                    result=result,
                    by=people.foundation,
                    at=at(date(2026, 10, 30)),
                )


def _targets(center: Center, plan: Plan, people: People) -> None:
    """One change that both settled, and one that waits for the city."""
    talk = confirmed_talk(
        people,
        center.agreements.get(code="research"),
        ConsultationType.SET,
        date(2026, 10, 13),
        "令和8年度の目標の見直し",
        "特許の目標を1件引き上げる",
    )
    year = FiscalYear(2026)
    patents, media = (plan.indicators.get(code=code) for code in ("patents", "media"))
    first = target_actions.start(
        plan=plan,
        terms=Terms("上期の出願が見込みを上回ったため（架空）", date(2026, 11, 1), talk),
        values={(patents, year): Decimal(13)},
        by=people.foundation,
        at=at(date(2026, 10, 14)),
    )
    target_actions.propose(
        proposal=first, version=first.version, by=people.foundation, at=at(date(2026, 10, 14))
    )
    target_actions.confirm(proposal=first, version=first.version, by=people.city, at=at(date(2026, 10, 20)))
    second = target_actions.start(
        plan=plan,
        terms=Terms("取材の問い合わせが増えているため（架空）", date(2026, 12, 1), talk),
        values={(media, year): Decimal(240)},
        by=people.foundation,
        at=at(date(2026, 11, 9)),
    )
    target_actions.propose(
        proposal=second, version=second.version, by=people.foundation, at=at(date(2026, 11, 9))
    )


def _next_plan(center: Center, plan: Plan, people: People) -> None:
    """A draft of the plan after this one: most of it continues, one indicator is dropped."""
    draft = next_plan_actions.start(
        center=center, previous=plan, by=people.foundation, at=at(date(2026, 11, 16))
    )
    _change(draft, "ventures", people, targets={2027: 11, 2028: 12, 2029: 13})
    _change(
        draft,
        "accidents",
        people,
        step=IndicatorStep.DROP,
        reason="安全衛生の報告で毎月確かめるため、KPIから外す（架空）",
    )


def _change(
    draft: PlanProposal,
    code: str,
    people: People,
    *,
    step: IndicatorStep = IndicatorStep.CONTINUE,
    reason: str = "",
    targets: dict[int, int] | None = None,
) -> None:
    line = draft.lines.get(code=code)
    next_plan_actions.save_line(
        proposal=draft,
        version=draft.version,
        code=code,
        draft=LineDraft(
            step=step,
            code=code,
            shape={name: getattr(line, name) for name in SHAPE},
            goal=line.goal,
            reason=reason or line.reason,
            targets={FiscalYear(year): Decimal(value) for year, value in (targets or {}).items()},
        ),
        by=people.foundation,
    )
