"""People to log in as, and a clearly fictional second center in which every feature can be seen at work.

Everything here is invented. iCONM gets people only, never a figure.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from agreements import demonstration as agreements
from agreements.demonstration import People
from iconm_portal import files, history
from iconm_portal.fiscal import FiscalYear
from iconm_portal.history import Source
from iconm_portal.models import Center, Organisation, Role, User
from iconm_portal.money import Rounding
from kpi import actions
from kpi.achievement import Certainty, Comparator, Kind
from kpi.actions import Comment, Entered
from kpi.models import Continuity, Goal, Indicator, Kgi, Plan, Report

PASSWORD = "portal-demo-2026"  # noqa: S105 - for demonstration only, and printed by the command
SOURCE = Source("demonstration")
TOKYO = ZoneInfo(settings.TIME_ZONE)


@dataclass(frozen=True)
class Account:
    """Someone to log in as."""

    username: str
    name: str
    organisation: str
    role: Role


ICONM_PEOPLE = [
    Account("city-viewer", "市 閲覧者（見本）", "kawasaki-city", Role.VIEWER),
    Account("city-staff", "市 担当者（見本）", "kawasaki-city", Role.STAFF),
    Account("foundation-viewer", "財団 閲覧者（見本）", "kawasaki-foundation", Role.VIEWER),
    Account("foundation-staff", "財団 担当者（見本）", "kawasaki-foundation", Role.STAFF),
    Account("administrator", "システム管理者（見本）", "kawasaki-city", Role.ADMINISTRATOR),
]
DEMO_PEOPLE = [
    Account("umikaze-city-viewer", "海風市 閲覧者（架空）", "umikaze-city", Role.VIEWER),
    Account("umikaze-city-staff", "海風市 青木（架空）", "umikaze-city", Role.STAFF),
    Account("umikaze-foundation-viewer", "財団 閲覧者（架空）", "umikaze-foundation", Role.VIEWER),
    Account("umikaze-foundation-staff", "財団 佐藤（架空）", "umikaze-foundation", Role.STAFF),
    Account("umikaze-administrator", "システム管理者（架空）", "umikaze-city", Role.ADMINISTRATOR),
]

C, F, N = Certainty.FINAL, Certainty.FORECAST, Certainty.INTERIM


@dataclass(frozen=True)
class Demo:
    """An invented indicator. Targets and actuals are in the display unit, by fiscal year."""

    code: str
    goal: str
    name: str
    unit: str
    kind: Kind
    printed_kind: str
    targets: dict[int, str]
    actuals: dict[int, str]
    comparator: Comparator = Comparator.AT_LEAST
    scale: int = 1
    decimals: int = 0
    rounding: Rounding = Rounding.HALF_UP
    is_new: bool = False
    significance: str = ""
    continuity: Continuity = Continuity.NONE
    reason: str = ""


GOALS = {"practice": "実用化", "site": "拠点の価値", "industry": "新産業"}

FIRST = [
    Demo("studies", "practice", "臨床研究等の実施件数", "件", Kind.CUMULATIVE, "(累計)",
         {2019: "4", 2020: "6", 2021: "8"}, {2019: "4", 2020: "6", 2021: "7"}),
    Demo("patents", "practice", "特許出願件数", "件", Kind.CUMULATIVE, "(累計)",
         {2019: "20", 2020: "30", 2021: "40"}, {2019: "22", 2020: "31", 2021: "38"}),
    Demo("research-income", "practice", "研究費収入額", "百万円", Kind.FLOW, "(年額)",
         {2019: "240", 2020: "260", 2021: "280"}, {2019: "251.904", 2020: "248.611", 2021: "290.455"},
         scale=1_000_000, rounding=Rounding.TRUNCATE),
    Demo("occupancy", "site", "入居率", "%", Kind.RATIO, "",
         {2019: "70", 2020: "75", 2021: "80"}, {2019: "71.5", 2020: "73.2", 2021: "82.1"}, decimals=1),
    Demo("ventures", "industry", "ベンチャー設立数", "社", Kind.CUMULATIVE, "(累計)",
         {2019: "2", 2020: "3", 2021: "4"}, {2019: "2", 2020: "3", 2021: "4"}),
]  # fmt: skip

SECOND = [
    Demo("studies", "practice", "臨床研究等の実施件数", "件", Kind.CUMULATIVE, "(累計)",
         {2022: "9", 2023: "10", 2024: "11", 2025: "13", 2026: "14"},
         {2021: "7", 2022: "9", 2023: "10", 2024: "11", 2025: "12"},
         significance="事業化に近い段階まで進んだ数", continuity=Continuity.CONTINUES, reason="同じ件数を続けて数える"),
    Demo("patents", "practice", "特許出願件数", "件", Kind.FLOW, "(年間)",
         {2022: "5", 2023: "7", 2024: "8", 2025: "10", 2026: "12"},
         {2021: "3", 2022: "7", 2023: "6", 2024: "9", 2025: "11"},
         significance="事業化のもとになる成果", continuity=Continuity.BREAKS,
         reason="前計画は累計、この計画からは年間の件数"),
    Demo("research-income", "practice", "研究費収入額", "千円", Kind.FLOW, "(年額)",
         {2022: "286000", 2023: "300000", 2024: "330000", 2025: "347000", 2026: "354000"},
         {2021: "281200", 2022: "294110", 2023: "288954", 2024: "331870", 2025: "361204"},
         scale=1000, significance="研究を続ける資金", continuity=Continuity.CONTINUES,
         reason="表示単位だけが百万円から千円に変わった"),
    Demo("occupancy", "site", "入居率", "%", Kind.RATIO, "",
         {2022: "85", 2023: "88", 2024: "90", 2025: "90", 2026: "90"},
         {2021: "81.0", 2022: "86.4", 2023: "88.0", 2024: "91.5", 2025: "88.3"}, decimals=1,
         significance="立地を引き付ける力", continuity=Continuity.CONTINUES, reason="同じ面積割合"),
    Demo("media", "site", "メディア掲載件数", "件", Kind.FLOW, "(年間)",
         {2022: "160", 2023: "180", 2024: "200", 2025: "210", 2026: "220"},
         {2021: "90", 2022: "171", 2023: "188", 2024: "195"}, is_new=True, significance="情報の発信"),
    Demo("accidents", "site", "研究施設の事故件数", "件", Kind.FLOW, "(年間)",
         {2022: "3", 2023: "3", 2024: "2", 2025: "2", 2026: "2"}, {2022: "2", 2023: "4", 2024: "0", 2025: "0"},
         comparator=Comparator.AT_MOST, is_new=True, significance="安全な運営"),
    Demo("satisfaction", "site", "市民講座の「満足」割合", "%", Kind.RATIO, "",
         {2022: "90", 2023: "90", 2024: "90", 2025: "90", 2026: "90"}, {2022: "90", 2023: "92.4", 2024: "89.9"},
         comparator=Comparator.MAINTAIN, decimals=1, is_new=True, significance="市民の理解"),
    Demo("ventures", "industry", "ベンチャー設立数", "社", Kind.CUMULATIVE, "(累計)",
         {2022: "5", 2023: "6", 2024: "7", 2025: "9", 2026: "10"},
         {2021: "4", 2022: "5", 2023: "6", 2024: "7", 2025: "8"},
         significance="新しい市場への広がり", continuity=Continuity.CONTINUES, reason="同じ累計の社数"),
]  # fmt: skip

REGION = [
    Demo("visits", "citizens", "施設見学の受入人数", "人", Kind.FLOW, "(年間)",
         {year: str(400 + 50 * (year - 2021)) for year in range(2021, 2029)},
         {2021: "310", 2022: "452", 2023: "530", 2024: "561", 2025: "640"}),
    Demo("schools", "citizens", "連携する学校数", "校", Kind.LEVEL, "",
         {year: str(8 + year - 2021) for year in range(2021, 2029)},
         {2021: "8", 2022: "9", 2023: "10", 2024: "11", 2025: "12"}),
]  # fmt: skip


@transaction.atomic
def load() -> list[Account]:
    """Add what is missing of people and the fictional center; returns everyone there is to log in as."""
    _add_people(ICONM_PEOPLE)
    if not Organisation.objects.filter(code="umikaze-city").exists():
        center = _add_parties()
        _add_people(DEMO_PEOPLE)
        people = People(city=_person("umikaze-city-staff"), foundation=_person("umikaze-foundation-staff"))
        agreements.load(center, people)
        _add_figures(center)
    return ICONM_PEOPLE + DEMO_PEOPLE


def _add_people(accounts: list[Account]) -> None:
    for account in accounts:
        if User.objects.filter(username=account.username).exists():
            continue
        organisation = Organisation.objects.get(code=account.organisation)
        user = User(
            username=account.username,
            name=account.name,
            organisation=organisation,
            role=account.role,
        )
        user.set_password(PASSWORD)
        user.full_clean()
        user.save()
        history.record(
            by=SOURCE,
            action="person.add",
            subject=user,
            organisation=organisation,
            after={"role": str(user.role)},
        )


def _add_parties() -> Center:
    city = Organisation.objects.create(
        code="umikaze-city", name="海風市（架空）", name_en="Umikaze City (fictional)"
    )
    foundation = Organisation.objects.create(
        code="umikaze-foundation", name="海風産業財団（架空）", name_en="Umikaze Foundation (fictional)"
    )
    center = Center.objects.create(
        code="midoridai",
        position=9,
        name="みどり台ラボ（架空）",
        name_en="Midoridai Lab (fictional)",
        short_name="みどり台ラボ",
        supporter=city,
        operator=foundation,
        fictional=True,
    )
    history.record(by=SOURCE, action="center.add", subject=center, center=center, after={"name": center.name})
    return center


def _add_figures(center: Center) -> None:
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
            actions.add_target(
                indicator=indicator,
                fiscal_year=FiscalYear(year),
                value=Decimal(value) * demo.scale,
                known_from=date(first, 2, 10),
                by=staff,
            )
    return plan


def _person(username: str) -> User:
    return User.objects.select_related("organisation").get(username=username)


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10, 30), tzinfo=TOKYO)


def _sheet(plan: Plan, demos: list[Demo], year: int, certainty: Certainty = C) -> dict[Indicator, Entered]:
    indicators = {indicator.code: indicator for indicator in plan.indicators.all()}
    return {
        indicators[demo.code]: Entered(Decimal(demo.actuals[year]) * demo.scale, certainty=certainty)
        for demo in demos
        if year in demo.actuals
    }


def _draft(plan: Plan, year: int, as_of: date, entered: dict[Indicator, Entered], day: date) -> Report:
    staff = _person("umikaze-foundation-staff")
    report = actions.start_report(plan=plan, fiscal_year=FiscalYear(year), as_of=as_of, by=staff)
    return actions.save_draft(
        report=report, version=report.version, as_of=as_of, entered=entered, by=staff, at=_at(day)
    )


def _accept(report: Report, day: date) -> None:
    foundation, city = _person("umikaze-foundation-staff"), _person("umikaze-city-staff")
    actions.submit(report=report, version=report.version, by=foundation, at=_at(day))
    actions.open_review(report=report, version=report.version, by=city, at=_at(day))
    actions.accept(report=report, version=report.version, by=city, at=_at(day))


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
    actions.add_target(
        indicator=indicator,
        fiscal_year=FiscalYear(2026),
        value=Decimal(230),
        known_from=date(2025, 2, 12),
        by=_person("umikaze-city-staff"),
        reason="前年度までの伸びを踏まえ、両者の協議で引き上げた",
    )


def _correct(plan: Plan) -> None:
    """A correction after acceptance: the year 2024 once more, with one figure changed and a file that shows why."""
    foundation = _person("umikaze-foundation-staff")
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
        at=_at(date(2025, 7, 1)),
        new_files={media: [evidence]},
    )
    _accept(draft, date(2025, 7, 8))


def _leave_work_open(second: Plan, region: Plan) -> None:
    """One report waiting for the city, one returned to the foundation, one in draft."""
    foundation, city = _person("umikaze-foundation-staff"), _person("umikaze-city-staff")
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
    actions.submit(report=waiting, version=waiting.version, by=foundation, at=_at(date(2026, 11, 18)))

    returned = _draft(
        region, 2025, FiscalYear(2025).last_day, _sheet(region, REGION, 2025), date(2026, 5, 18)
    )
    actions.submit(report=returned, version=returned.version, by=foundation, at=_at(date(2026, 5, 20)))
    actions.open_review(report=returned, version=returned.version, by=city, at=_at(date(2026, 5, 25)))
    visits = region.indicators.get(code="visits")
    actions.send_back(
        report=returned,
        version=returned.version,
        comments=[Comment("夏のイベントの参加者を含むかどうかを備考に書いてください。", visits.pk)],
        by=city,
        at=_at(date(2026, 5, 27)),
    )
    _draft(
        region,
        2026,
        date(2026, 9, 30),
        {visits: Entered(Decimal(330), certainty=N, note="9月末まで")},
        date(2026, 10, 5),
    )
