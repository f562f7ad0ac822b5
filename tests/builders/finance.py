"""Small builders of accounts and statements, for all tests of the money. Statements go through the real actions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from agreements.models import Consultation
from finance.balance.totals import BALANCE, EXPENDITURE, REVENUE, TotalKey
from finance.models import Account, Purpose, RecordedUnit, Side, Stage, Statement
from finance.statements import actions, draft_actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import a_pdf, make_consultation
from tests.builders.plans import tokyo

Amounts = Mapping[str, int]
"""Whole yen by the account's code."""

RESEARCH_INCOME: dict[str, Any] = {
    "code": "research-income",
    "name": "研究費",
    "purpose": Purpose.RESEARCH_INCOME,
}
RENT: dict[str, Any] = {"code": "rent", "name": "共同研究負担金", "purpose": Purpose.RENT}
OTHER: dict[str, Any] = {"code": "other", "name": "その他"}
RESEARCH: dict[str, Any] = {"code": "research", "name": "研究事業", "side": Side.EXPENDITURE}
RUNNING: dict[str, Any] = {"code": "running", "name": "運営費", "side": Side.EXPENDITURE}
# Below the running costs from FY2022 on, so that those are a leaf before it and a sum from it on.
BUILDING: dict[str, Any] = {
    "code": "building",
    "name": "施設管理",
    "side": Side.EXPENDITURE,
    "first_year": 2022,
}
SUPPORT: dict[str, Any] = {
    "code": "support",
    "name": "研究支援",
    "side": Side.EXPENDITURE,
    "first_year": 2022,
    "purpose": Purpose.RESEARCH_SUPPORT,
}
INDIRECT: dict[str, Any] = {
    "code": "indirect",
    "name": "研究間接費収入",
    "purpose": Purpose.INDIRECT_COST_INCOME,
}

# A year's lines that fit all leaves of FY2022 and later: 1,200,000 received, 1,000,000 spent.
USUAL: dict[str, int] = {
    "rent": 300_000,
    "research-income": 800_000,
    "other": 100_000,
    "research": 400_000,
    "building": 350_000,
    "support": 250_000,
}


def make_account(center: Center, **fields: Any) -> Account:
    """An account at the end of the center's, of the revenue and holding from FY2015 on unless told otherwise."""
    return Account.objects.create(
        center=center,
        **{
            "position": center.accounts.count() + 1,
            "side": Side.REVENUE,
            "first_year": 2015,
            "source": "T2",
            **fields,
        },
    )


def make_accounts(center: Center) -> dict[str, Account]:
    """The usual accounts by code, shaped like T2's; `indirect` is a part of the research income (内数)."""
    made = {what["code"]: make_account(center, **what) for what in (RENT, RESEARCH_INCOME)}
    made["indirect"] = make_account(center, within=made["research-income"], **INDIRECT)
    made |= {what["code"]: make_account(center, **what) for what in (OTHER, RESEARCH, RUNNING)}
    for what in (BUILDING, SUPPORT):
        made[what["code"]] = make_account(center, parent=made["running"], **what)
    return made


def account(center: Center, code: str) -> Account:
    return Account.objects.select_related("center").get(center=center, code=code)


def entered(
    center: Center, amounts: Amounts, *, notes: Mapping[str, str] | None = None
) -> dict[Account, draft_actions.Entered]:
    """Lines by account, from yen by code."""
    by_code = {one.code: one for one in Account.objects.filter(center=center)}
    notes = notes or {}
    return {by_code[code]: draft_actions.Entered(yen, notes.get(code, "")) for code, yen in amounts.items()}


def make_statement(
    center: Center,
    year: int,
    amounts: Amounts = USUAL,
    *,
    by: User,
    stage: Stage = Stage.SETTLEMENT,
    unit: RecordedUnit = RecordedUnit.YEN,
    printed: Mapping[TotalKey, int] | None = None,
    at: datetime | None = None,
) -> Statement:
    """A draft that holds the lines. It is saved after its year's end, a budget before its year's begin."""
    moment = at or _usual_day(year, stage)
    made = draft_actions.start(
        center=center, fiscal_year=FiscalYear(year), stage=stage, unit=unit, by=by, at=moment
    )
    return fill(made, amounts, by=by, printed=printed, at=moment)


def fill(
    statement: Statement,
    amounts: Amounts,
    *,
    by: User,
    printed: Mapping[TotalKey, int] | None = None,
    at: datetime | None = None,
) -> Statement:
    """Save the lines, and the printed totals, into the draft; lines that are not named become blank."""
    content = draft_actions.Content(
        lines=entered(statement.center, amounts),
        printed=printed or {},
    )
    return actions.save_draft(
        statement=statement, version=statement.version, content=content, by=by, at=at or _day_of(statement)
    )


def make_submitted(
    center: Center, year: int, amounts: Amounts = USUAL, *, by: User, **fields: Any
) -> Statement:
    """Handed in: a settlement unless `stage` says otherwise."""
    made = make_statement(center, year, amounts, by=by, **fields)
    return submit(made, by=by, at=fields.get("at"))


def submit(statement: Statement, *, by: User, at: datetime | None = None) -> Statement:
    return actions.submit(statement=statement, version=statement.version, by=by, at=at or _day_of(statement))


def accept(statement: Statement, *, by: User, at: datetime | None = None) -> Statement:
    """The city opens and accepts what was handed in."""
    moment = at or _day_of(statement)
    actions.open_review(statement=statement, version=statement.version, by=by, at=moment)
    return actions.accept(statement=statement, version=statement.version, by=by, at=moment)


def settled(
    center: Center, year: int, amounts: Amounts = USUAL, *, by: User, reviewer: User, **fields: Any
) -> Statement:
    """A settlement (or forecast) of a year, accepted. `by` is the foundation's person, `reviewer` the city's."""
    return accept(make_submitted(center, year, amounts, by=by, **fields), by=reviewer, at=fields.get("at"))


def decided(
    center: Center,
    year: int,
    amounts: Amounts = USUAL,
    *,
    by: User,
    reviewer: User,
    stage: Stage = Stage.BUDGET,
    **fields: Any,
) -> Statement:
    """A budget of a year that the foundation decided after a talk that the city's person confirmed."""
    made = make_submitted(center, year, amounts, by=by, stage=stage, **fields)
    return decide(made, consultation=make_talk(center, by=by, confirmer=reviewer), by=by, at=fields.get("at"))


def decide(
    statement: Statement, *, consultation: Consultation, by: User, at: datetime | None = None
) -> Statement:
    return actions.decide(
        statement=statement,
        version=statement.version,
        consultation=consultation,
        by=by,
        at=at or _day_of(statement),
    )


def make_talk(center: Center, *, by: User, confirmer: User | None) -> Consultation:
    """A talk about a budget, confirmed by the other side where somebody is given."""
    what: dict[str, Any] = {"subject": "予算の協議", "outcome": "協議・調整を終えた。"}
    return make_consultation(center, proposer=by, confirmer=confirmer, **what)


def make_statements(center: Center, *, city: User, foundation: User) -> None:
    """For every address: settlements of FY2023 (settled), FY2024 (handed in) and FY2025 (a draft), each with a file,
    and a budget of FY2026 that is handed in."""
    make_account(center, code="stated")
    amounts = {"stated": 1_000}
    made = {year: make_statement(center, year, amounts, by=foundation) for year in (2023, 2024, 2025)}
    for one in made.values():
        actions.save_draft(
            statement=one,
            version=one.version,
            content=draft_actions.Content(entered(center, amounts)),
            new_files=[a_pdf("決算書.pdf")],
            by=foundation,
            at=_day_of(one),
        )
    accept(submit(made[2023], by=foundation), by=city)
    submit(made[2024], by=foundation)
    make_submitted(center, 2026, amounts, by=foundation, stage=Stage.BUDGET)


def totals(revenue: int, expenditure: int, balance: int | None = None) -> dict[TotalKey, int]:
    """Printed totals of both sides and the balance, in yen."""
    return {
        REVENUE: revenue,
        EXPENDITURE: expenditure,
        BALANCE: revenue - expenditure if balance is None else balance,
    }


def _day_of(statement: Statement) -> datetime:
    return _usual_day(statement.fiscal_year.start, Stage(statement.stage))


def _usual_day(year: int, stage: Stage) -> datetime:
    """The day on which a statement is usually written: a budget in the February before, a settlement in the May after."""
    days = {
        Stage.BUDGET: date(year, 2, 20),
        Stage.SUPPLEMENTARY: date(year, 12, 10),
        Stage.FORECAST: date(year + 1, 1, 20),
        Stage.SETTLEMENT: date(year + 1, 5, 20),
    }
    return tokyo(days[stage])
