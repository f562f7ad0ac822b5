"""Invented budgets and settlements: decided after a talk, supplemented, expected, verified, corrected, and still open."""

from datetime import date

from agreements.loading.demonstration.cast import People, at
from agreements.loading.demonstration.consultations import confirmed_talk
from agreements.models import Consultation, ConsultationType
from finance.balance.totals import BALANCE, EXPENDITURE, REVENUE, TotalKey, computed_totals
from finance.loading.demonstration.figures import (
    BUDGET,
    FIRST_2024,
    FORECAST_2025,
    FORECAST_2026,
    SETTLED,
    SUPPLEMENTED_2025,
)
from finance.models import Account, RecordedUnit, Stage, Statement
from finance.statements import actions, draft_actions
from finance.statements.draft_actions import Content, Entered
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear

Thousands = dict[str, int]


def load(center: Center, people: People) -> None:
    """Seven settled years, four budgets, two forecasts; one correction, one draft and one that waits for the city."""
    for year in (2024, 2025, 2026):
        _decide(center, people, year, Stage.BUDGET, BUDGET[year], date(year - 1, 8, 25), date(year, 3, 10))
    _decide(
        center,
        people,
        2025,
        Stage.SUPPLEMENTARY,
        SUPPLEMENTED_2025,
        date(2025, 11, 12),
        date(2025, 12, 15),
        talk_about="令和7年度の補正（空調設備の更新）",
    )
    _verify(center, people, 2025, Stage.FORECAST, FORECAST_2025, date(2026, 2, 5))
    for year, amounts in SETTLED.items():
        first = FIRST_2024 if year == 2024 else amounts
        _verify(center, people, year, Stage.SETTLEMENT, first, date(year + 1, 6, 10))
    _correct(center, people)
    _leave_work_open(center, people)


def _content(center: Center, year: int, amounts: Thousands, note: str = "") -> Content:
    """The lines in yen, with the totals that a settlement prints."""
    valid = list(Account.objects.filter(center=center).valid_in(FiscalYear(year)))
    by_code = {account.code: account for account in valid}
    lines = {by_code[code]: Entered(thousands * 1_000) for code, thousands in amounts.items()}
    sums = computed_totals(valid, {account.pk: entered.amount for account, entered in lines.items()})
    printed: dict[TotalKey, int] = {
        key: amount for key in (REVENUE, EXPENDITURE, BALANCE) if (amount := sums[key]) is not None
    }
    return Content(lines=lines, printed=printed, note=note)


def _hand_in(
    center: Center, people: People, year: int, stage: Stage, amounts: Thousands, day: date, note: str = ""
) -> Statement:
    made = draft_actions.start(
        center=center,
        fiscal_year=FiscalYear(year),
        stage=stage,
        unit=RecordedUnit.THOUSAND,
        by=people.foundation,
        at=at(day),
    )
    return actions.save_and_submit(
        statement=made,
        version=made.version,
        content=_content(center, year, amounts, note),
        by=people.foundation,
        at=at(day),
    )


def _decide(
    center: Center,
    people: People,
    year: int,
    stage: Stage,
    amounts: Thousands,
    handed_in: date,
    decided: date,
    talk_about: str = "",
) -> None:
    made = _hand_in(center, people, year, stage, amounts, handed_in)
    subject = talk_about or f"{FiscalYear(year).wareki}の事業計画と収支予算"
    actions.decide(
        statement=made,
        version=made.version,
        consultation=_talk(center, people, decided, subject),
        by=people.foundation,
        at=at(decided),
    )


def _talk(center: Center, people: People, day: date, subject: str) -> Consultation:
    basic = center.agreements.get(code="basic")
    return confirmed_talk(people, basic, ConsultationType.COORDINATE, day, subject, "案のとおりとする")


def _verify(
    center: Center, people: People, year: int, stage: Stage, amounts: Thousands, accepted: date
) -> None:
    _accept(_hand_in(center, people, year, stage, amounts, accepted.replace(day=3)), people, accepted)


def _accept(made: Statement, people: People, day: date) -> None:
    opened = actions.open_review(statement=made, version=made.version, by=people.city, at=at(day))
    actions.accept(statement=opened, version=opened.version, by=people.city, at=at(day))


def _correct(center: Center, people: People) -> None:
    """Settled a second time, because a refund had been left out."""
    wrong = center.statements.get(fiscal_year=FiscalYear(2024), stage=Stage.SETTLEMENT)
    again = draft_actions.start_correction(
        statement=wrong, reason="返戻金50万円の計上漏れ（架空）", by=people.foundation
    )
    handed_in = actions.save_and_submit(
        statement=again,
        version=again.version,
        content=_content(center, 2024, SETTLED[2024]),
        by=people.foundation,
        at=at(date(2025, 9, 2)),
    )
    _accept(handed_in, people, date(2025, 9, 12))


def _leave_work_open(center: Center, people: People) -> None:
    """The running year's forecast waits for the city; next year's budget is a draft."""
    _hand_in(
        center,
        people,
        2026,
        Stage.FORECAST,
        FORECAST_2026,
        date(2026, 11, 10),
        "年度後半の契約を含む見込み（架空）",
    )
    draft = draft_actions.start(
        center=center,
        fiscal_year=FiscalYear(2027),
        stage=Stage.BUDGET,
        unit=RecordedUnit.THOUSAND,
        by=people.foundation,
        at=at(date(2026, 8, 20)),
    )
    draft_actions.save_draft(
        statement=draft,
        version=draft.version,
        content=_content(center, 2027, BUDGET[2027], "市負担金の額は年度協定を待つ（架空）"),
        by=people.foundation,
        at=at(date(2026, 8, 20)),
    )
