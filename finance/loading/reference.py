"""The reference report's money (T2) from `finance/reference/` into the database, by natural codes."""

from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction

from agreements.models import SupportMeasure
from finance.models import Account, Purpose, Side, Stage, Statement, StatementLine, StatementTotal, TotalOf
from finance.models.statements import RecordedUnit
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, format_number, to_yen

TABLES = Path(__file__).resolve().parent.parent / "reference"

Row = dict[str, str]
Accounts = dict[str, Account]


class _Key(NamedTuple):
    """What one statement of the files is: everything of a year and stage that was known from the same day."""

    fiscal_year: str
    stage: str
    known_from: str
    unit: str
    source: str


@transaction.atomic
def load(center: Center, result: LoadResult) -> None:
    """Load all of it for the center, in one transaction. A second run adds nothing and overwrites nothing.

    The support measures, which accounts may name, must be there already.
    """
    accounts = _accounts(center, result)
    lines, totals = _by_statement("statement_lines.csv"), _by_statement("statement_totals.csv")
    for key, of_year in lines.items():
        _statement(center, key, of_year, totals.get(key, []), accounts, result)


def _accounts(center: Center, result: LoadResult) -> Accounts:
    """The file lists an account after the one that it stands under or in."""
    measures = {measure.code: measure for measure in SupportMeasure.objects.filter(center=center)}
    accounts: Accounts = {}
    for row in rows(TABLES / "accounts.csv"):
        facts = {
            "position": int(row["position"]),
            "side": Side(row["side"]),
            "name": row["name"],
            "parent": accounts.get(row["parent"]),
            "within": accounts.get(row["within"]),
            "first_year": FiscalYear(int(row["first_year"])),
            "last_year": FiscalYear(int(row["last_year"])) if row["last_year"] else None,
            "prints_subtotal": row["prints_subtotal"] == "yes",
            "purpose": Purpose(row["purpose"]),
            "measure": measures[row["measure"]] if row["measure"] else None,
            "source": row["source"],
        }
        account, added = result.add_or_compare(Account, {"center": center, "code": row["code"]}, facts)
        accounts[account.code] = account
        if added:
            history.record(
                by=Source(account.source),
                action="account.add",
                subject=account,
                center=center,
                after={
                    name: value for name, value in row.items() if value and name not in ("code", "source")
                },
            )
    return accounts


def _by_statement(file: str) -> dict[_Key, list[Row]]:
    found: dict[_Key, list[Row]] = defaultdict(list)
    for row in rows(TABLES / file):
        found[_Key(*(row[name] for name in _Key._fields))].append(row)
    return found


def _statement(
    center: Center, of: _Key, lines: list[Row], totals: list[Row], accounts: Accounts, result: LoadResult
) -> None:
    """First revisions only; what was corrected in the portal stands above them."""
    key: dict[str, Any] = {
        "center": center,
        "fiscal_year": FiscalYear(int(of.fiscal_year)),
        "stage": Stage(of.stage),
        "revision": 1,
    }
    facts: dict[str, Any] = {
        "unit": RecordedUnit(MoneyUnit(of.unit).name.lower()),
        "known_from": date.fromisoformat(of.known_from),
        "source": of.source,
    }
    stored = Statement.objects.filter(**key).first()
    if stored is None:
        _add_statement(key, facts, lines, totals, accounts)
        result.added += 1 + len(lines) + len(totals)
        return
    result.compare(stored, key, facts)
    place = (key["fiscal_year"], key["stage"])
    held_lines = {line.account.code: line for line in stored.lines.select_related("account")}
    for row in lines:
        _compare(held_lines.get(row["account"]), (*place, row["account"]), _yen(row), result)
    held_totals = {
        (total.of, total.account.code if total.account else ""): total
        for total in stored.totals.select_related("account")
    }
    for row in totals:
        total = held_totals.get((TotalOf(row["of"]), row["account"]))
        _compare(total, (*place, row["of"], row["account"]), _yen(row), result)


def _compare(
    stored: StatementLine | StatementTotal | None, place: tuple[object, ...], yen: int, result: LoadResult
) -> None:
    key = {str(number): part for number, part in enumerate(place)}
    if stored is None:
        result.differing.append(f"finance.Statement {'/'.join(map(str, place))}: missing in the database")
    else:
        result.compare(stored, key, {"amount": yen})


def _add_statement(
    key: dict[str, Any], facts: dict[str, Any], lines: list[Row], totals: list[Row], accounts: Accounts
) -> None:
    statement = Statement(**key, unit=facts["unit"], source=facts["source"])
    statement.full_clean()
    statement.save()
    StatementLine.objects.bulk_create(
        StatementLine(statement=statement, account=accounts[row["account"]], amount=_yen(row))
        for row in lines
    )
    StatementTotal.objects.bulk_create(
        StatementTotal(
            statement=statement,
            of=TotalOf(row["of"]),
            account=accounts[row["account"]] if row["account"] else None,
            amount=_yen(row),
        )
        for row in totals
    )
    # The lines lock with the statement's acceptance, so it comes last.
    statement.state = ReviewState.ACCEPTED
    statement.known_from = facts["known_from"]
    statement.save(update_fields=["state", "known_from"])
    history.record(
        by=Source(statement.source),
        action="statement.accept",
        subject=statement,
        center=statement.center,
        after={"known_from": statement.known_from, "unit": statement.get_unit_display()}
        | {accounts[row["account"]].name: _as_read(row) for row in lines},
    )


def _yen(row: Row) -> int:
    """The printed figure in whole yen. ValueError where `scale` is not what its unit is worth."""
    unit = MoneyUnit(row["unit"])
    if int(row["scale"]) != unit.yen:
        raise ValueError(f"{row['unit']} is not {row['scale']} yen")
    return to_yen(int(row["value"]), unit)


def _as_read(row: Row) -> str:
    """The amount as a reader of the history meets it: 505,794千円."""
    return f"{format_number(int(row['value']))}{row['unit']}"
