"""Plans with targets, and reports in every state, through the actions."""

from datetime import date
from decimal import Decimal

from agreements.loading.demonstration.cast import SOURCE, at
from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.loading.demonstration.accounts import person
from kpi.loading.demonstration.invented import FIRST, GOALS, REGION, SECOND, Demo
from kpi.models import Goal, Indicator, Kgi, Plan, Report
from kpi.plans import actions as plan_actions
from kpi.plans.achievement import Certainty
from kpi.reports import actions
from kpi.value_sources.entry_values import Comment, Entered

C, F, N = Certainty.FINAL, Certainty.FORECAST, Certainty.INTERIM


def load(center: Center) -> None:
    """Two plans one after the other and one beside them, with a report for every year."""
    first = _add_plan(center, "start", "立ち上げ計画（架空）", 2019, 2021, GOALS, FIRST)
    second = _add_plan(
        center,
        "growth",
        "成長計画（架空）",
        2022,
        2026,
        GOALS,
        SECOND,
        baseline=2021,
        nearly="0.9",
        before=first,
    )
    region = _add_plan(
        center, "region", "地域連携計画（架空）", 2021, 2028, {"citizens": "市民との連携"}, REGION
    )
    kgi = Kgi.objects.create(
        center=center,
        code="everyday-care",
        position=1,
        text="日常生活の中で使える診断の実現（架空）",
        target_year=FiscalYear(2035),
        set_in=FiscalYear(2019),
        source=SOURCE.text,
    )
    kgi.plans.set([first, second])
    for year in (2019, 2020, 2021):
        _settle(first, FIRST, year)
    _settle(second, SECOND, 2021, as_of=date(2021, 11, 30), known=date(2022, 2, 10))
    for year in (2022, 2023, 2024, 2025):
        _settle(second, SECOND, year)
    for year in (2021, 2022, 2023, 2024):
        _settle(region, REGION, year)
    _revise_a_target(second)
    _correct(second)
    _leave_work_open(second, region)


def _add_plan(
    center: Center,
    code: str,
    label: str,
    first: int,
    last: int,
    goal_labels: dict[str, str],
    demos: list[Demo],
    *,
    baseline: int | None = None,
    nearly: str | None = None,
    before: Plan | None = None,
) -> Plan:
    plan = Plan.objects.create(
        center=center,
        code=code,
        label=label,
        first_year=FiscalYear(first),
        last_year=FiscalYear(last),
        baseline_year=FiscalYear(baseline) if baseline else None,
        goal_heading="実現する目標",
        agreement="海風市と海風産業財団の協定（架空）",
        under=center.agreements.filter(code="research" if first >= 2022 else "basic-first").first(),
        nearly_threshold=Decimal(nearly) if nearly else None,
        source=SOURCE.text,
    )
    history.record(by=SOURCE, action="plan.add", subject=plan, center=center, after={"label": label})
    goals = {
        goal: Goal.objects.create(plan=plan, code=goal, position=position, label=text, source=SOURCE.text)
        for position, (goal, text) in enumerate(goal_labels.items(), 1)
    }
    staff = User.objects.select_related("organisation").get(username="umikaze-city-staff")
    for position, demo in enumerate(demos, 1):
        indicator = Indicator(
            plan=plan,
            goal=goals[demo.goal],
            code=demo.code,
            position=position,
            name=demo.name,
            printed_kind=demo.printed_kind,
            is_new=demo.is_new,
            significance=demo.significance,
            unit=demo.unit,
            kind=demo.kind,
            comparator=demo.comparator,
            decimals=demo.decimals,
            entry_decimals={1: demo.decimals, 1000: 3, 1_000_000: 3}[demo.scale],
            scale=demo.scale,
            rounding=demo.rounding,
            continuity=demo.continuity,
            predecessor=before.indicators.get(code=demo.code) if before and demo.reason else None,
            continuity_reason=demo.reason,
            source=SOURCE.text,
        )
        indicator.full_clean()
        indicator.save()
        for year, value in demo.targets.items():
            plan_actions.add_target(
                indicator=indicator,
                fiscal_year=FiscalYear(year),
                value=Decimal(value) * demo.scale,
                known_from=date(first, 2, 10),
                by=staff,
            )
    return plan


def _sheet(plan: Plan, demos: list[Demo], year: int, certainty: Certainty = C) -> dict[Indicator, Entered]:
    indicators = {indicator.code: indicator for indicator in plan.indicators.all()}
    return {
        indicators[demo.code]: Entered(Decimal(demo.actuals[year]) * demo.scale, certainty=certainty)
        for demo in demos
        if year in demo.actuals
    }


def _draft(plan: Plan, year: int, as_of: date, entered: dict[Indicator, Entered], day: date) -> Report:
    staff = person("umikaze-foundation-staff")
    report = actions.start_report(plan=plan, fiscal_year=FiscalYear(year), as_of=as_of, by=staff)
    return actions.save_draft(
        report=report, version=report.version, as_of=as_of, entered=entered, by=staff, at=at(day)
    )


def _accept(report: Report, day: date) -> None:
    foundation, city = person("umikaze-foundation-staff"), person("umikaze-city-staff")
    actions.submit(report=report, version=report.version, by=foundation, at=at(day))
    actions.open_review(report=report, version=report.version, by=city, at=at(day))
    actions.accept(report=report, version=report.version, by=city, at=at(day))


def _settle(
    plan: Plan, demos: list[Demo], year: int, *, as_of: date | None = None, known: date | None = None
) -> None:
    """An accepted report; the last year's has one value of each sort that is not simply final."""
    fiscal_year = FiscalYear(year)
    entered = _sheet(plan, demos, year, N if as_of else C)
    if plan.code == "growth" and year == 2025:
        indicators = {indicator.code: indicator for indicator in plan.indicators.all()}
        income = entered[indicators["research-income"]]
        entered[indicators["research-income"]] = Entered(income.value, certainty=F, note="決算見込額")
        entered[indicators["satisfaction"]] = Entered(not_applicable=True, note="講座を開催しなかった年度")
        entered[indicators["media"]] = Entered(note="集計中")
    report = _draft(plan, year, as_of or fiscal_year.last_day, entered, known or date(year + 1, 5, 20))
    _accept(report, known or date(year + 1, 5, 29))


def _revise_a_target(plan: Plan) -> None:
    indicator = plan.indicators.get(code="media")
    plan_actions.add_target(
        indicator=indicator,
        fiscal_year=FiscalYear(2026),
        value=Decimal(230),
        known_from=date(2025, 2, 12),
        by=person("umikaze-city-staff"),
        reason="前年度までの伸びを踏まえ、両者の協議で引き上げた",
    )


def _correct(plan: Plan) -> None:
    """A correction after acceptance: the year 2024 once more, with one figure changed and a file that shows why."""
    foundation = person("umikaze-foundation-staff")
    accepted = Report.objects.get(plan=plan, fiscal_year=FiscalYear(2024))
    draft = actions.start_correction(report=accepted, reason="掲載件数の重複を除いた", by=foundation)
    entered = _sheet(plan, SECOND, 2024)
    media = plan.indicators.get(code="media")
    entered[media] = Entered(Decimal(193), note="同じ記事の重複2件を除く")
    evidence = files.CheckedFile(
        "掲載一覧（架空）.csv", "text/csv", "日付,媒体\n2024-06-01,海風新聞\n".encode()
    )
    actions.save_draft(
        report=draft,
        version=draft.version,
        as_of=draft.as_of,
        entered=entered,
        by=foundation,
        at=at(date(2025, 7, 1)),
        new_files={media: [evidence]},
    )
    _accept(draft, date(2025, 7, 8))


def _leave_work_open(second: Plan, region: Plan) -> None:
    """One report waiting for the city, one returned to the foundation, one in draft."""
    foundation, city = person("umikaze-foundation-staff"), person("umikaze-city-staff")
    half_year = {
        "studies": "13",
        "patents": "4",
        "research-income": "158300",
        "occupancy": "90.2",
        "ventures": "8",
    }
    indicators = {indicator.code: indicator for indicator in second.indicators.all()}
    waiting = _draft(
        second,
        2026,
        date(2026, 9, 30),
        {
            indicators[code]: Entered(Decimal(value) * indicators[code].scale, certainty=N)
            for code, value in half_year.items()
        },
        date(2026, 10, 20),
    )
    actions.submit(report=waiting, version=waiting.version, by=foundation, at=at(date(2026, 11, 18)))

    returned = _draft(
        region, 2025, FiscalYear(2025).last_day, _sheet(region, REGION, 2025), date(2026, 5, 18)
    )
    actions.submit(report=returned, version=returned.version, by=foundation, at=at(date(2026, 5, 20)))
    actions.open_review(report=returned, version=returned.version, by=city, at=at(date(2026, 5, 25)))
    visits = region.indicators.get(code="visits")
    actions.send_back(
        report=returned,
        version=returned.version,
        comments=[Comment("夏のイベントの参加者を含むかどうかを備考に書いてください。", visits.pk)],
        by=city,
        at=at(date(2026, 5, 27)),
    )
    _draft(
        region,
        2026,
        date(2026, 9, 30),
        {visits: Entered(Decimal(330), certainty=N, note="9月末まで")},
        date(2026, 10, 5),
    )
