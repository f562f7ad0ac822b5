"""What changed between two days, figure by figure: what it was, what it is, who settled that and why.

Both days are read by the same read models as every page; what differs between the two is what changed. So nothing can be
named here that the pages of the two days do not show, and nothing that they show differently can be missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from agreements.models import AmountStage, Duty, Extension, SupportAmount, Verification
from finance.balance import balance
from finance.balance.balance import Absent, Balance, Face, Line
from finance.models import Statement
from iconm_portal.history.snapshot import one_state
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.ordering import blanks_first
from kpi.models import Target
from kpi.plans import scorecard
from kpi.plans.facts import ActualFact, TargetFact
from kpi.plans.scorecard import Board, Row, Scorecard


class Subject(StrEnum):
    """What changed, in the order in which it is told."""

    TARGET = "target"
    ACTUAL = "actual"
    STATEMENT = "statement"
    SUPPORT = "support"
    EXTENSION = "extension"
    DUTY = "duty"

    @property
    def changes_by_name(self) -> bool:
        """A target, a value or a granted amount changes over years; a statement or a year's duties as a whole."""
        match self:
            case Subject.TARGET | Subject.ACTUAL | Subject.SUPPORT:
                return True
            case Subject.STATEMENT | Subject.EXTENSION | Subject.DUTY:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True)
class Changed:
    """A figure that differs, or a duty that was settled. `before` is None for what was not known on the earlier day.

    `who` names the people of both sides; for what came from a source it is empty and `source` is not.
    """

    subject: Subject
    year: FiscalYear
    name: str
    since: date
    who: tuple[str, ...]
    why: str
    source: str
    plan: Scorecard | None = None
    row: Row | None = None
    target: tuple[TargetFact | None, TargetFact | None] = (None, None)
    actual: tuple[ActualFact | None, ActualFact | None] = (None, None)
    yen: tuple[int | None, int | None] = (None, None)
    due: tuple[date | None, date | None] = (None, None)
    face: Face | None = None
    account: str = ""  # the account's, measure's or (agreement/obligation) duty's code
    verification: str = ""  # its kind, where a verification was settled
    agreement: str = ""  # the code of a measure's agreement
    stage: str = ""  # of a measure's amount
    revision: int = 0  # of what holds now; 0 where there are none


@dataclass(frozen=True)
class Between:
    """Everything that changed from the end of one day to the end of another, later one."""

    earlier: date
    later: date
    changes: tuple[Changed, ...]

    def of(self, subject: Subject) -> list[Changed]:
        return [one for one in self.changes if one.subject is subject]


def load(center: Center, *, earlier: date, later: date) -> Between:
    """Read both days, in a fixed number of queries. ValueError unless the first lies before the second."""
    if earlier >= later:
        raise ValueError(f"{earlier} does not lie before {later}")
    with one_state():
        boards = scorecard.load(center, known_at=earlier), scorecard.load(center, known_at=later)
        books = balance.load(center, known_at=earlier), balance.load(center, known_at=later)
        found = (
            *_kpi_changes(*boards, _target_people(center)),
            *_money_changes(*books, _statement_people(books[1])),
            *_support_changes(center, earlier, later),
            *_extensions(center, earlier, later),
            *_duty_changes(center, earlier, later),
        )
    return Between(earlier, later, found)


# -- KPIs --

TargetKey = tuple[int, FiscalYear, int]


def _target_people(center: Center) -> dict[TargetKey, tuple[str, ...]]:
    """Who proposed and who confirmed each revision of a target."""
    rows = Target.objects.filter(indicator__plan__center=center, recorded_by__isnull=False).values_list(
        "indicator_id",
        "fiscal_year",
        "revision",
        "made_from__proposal__proposed_by__name",
        "recorded_by__name",
    )
    return {
        (indicator, year, revision): tuple(dict.fromkeys(filter(None, [proposed, recorded])))
        for indicator, year, revision, proposed, recorded in rows
    }


def _kpi_changes(was: Board, now: Board, people: dict[TargetKey, tuple[str, ...]]) -> Iterator[Changed]:
    before = {row.indicator.id: row for plan in was.plans for row in plan.rows}
    places = [(plan, row) for plan in now.plans for row in plan.rows]
    for plan, row in places:
        for cell in row.cells:
            old = before[row.indicator.id].cell(cell.year) if row.indicator.id in before else None
            target = (old.target_in_force if old else None, cell.target_in_force)
            if target[1] is not None and _said_of_target(target[0]) != _said_of_target(target[1]):
                who = people.get((row.indicator.id, cell.year, target[1].revision), ())
                yield _of_target(plan, row, cell.year, target, who)
    for plan, row in places:
        for cell in row.cells:
            old = before[row.indicator.id].cell(cell.year) if row.indicator.id in before else None
            actual = (old.actual if old else None, cell.actual)
            if _said_of_actual(actual[0]) != _said_of_actual(actual[1]):
                yield _of_actual(plan, row, cell.year, actual)


def _said_of_target(fact: TargetFact | None) -> object:
    return fact and (fact.value, fact.revision)


def _said_of_actual(fact: ActualFact | None) -> object:
    """What a reader sees of it; a new report that says the same, or leaves blank what was blank, changes nothing."""
    if fact is None or (fact.value is None and not fact.not_applicable):
        return None
    return (fact.value, fact.not_applicable, fact.certainty, fact.report.as_of)


def _of_target(
    plan: Scorecard,
    row: Row,
    year: FiscalYear,
    facts: tuple[TargetFact | None, TargetFact | None],
    who: tuple[str, ...],
) -> Changed:
    now = facts[1]
    if now is None:
        raise ValueError("a target never disappears")
    return Changed(
        Subject.TARGET,
        year,
        row.indicator.name,
        now.since,
        who,
        now.reason,
        now.source,
        plan=plan,
        row=row,
        target=facts,
        revision=now.revision,
    )


def _of_actual(
    plan: Scorecard, row: Row, year: FiscalYear, facts: tuple[ActualFact | None, ActualFact | None]
) -> Changed:
    """Where a later report left a value blank, the report that holds now is what changed it."""
    report = facts[1].report if facts[1] else plan.reports[year]
    return Changed(
        Subject.ACTUAL,
        year,
        row.indicator.name,
        report.known_from,
        tuple(filter(None, [report.submitted_by, report.accepted_by])),
        report.reason,
        facts[1].source if facts[1] else "",
        plan=plan,
        row=row,
        actual=facts,
        revision=report.revision,
    )


# -- Money --


def _statement_people(now: Balance) -> dict[int, tuple[str, ...]]:
    ids = [statement.id for statement in now.statements.values()]
    rows = Statement.objects.filter(pk__in=ids).values_list("pk", "submitted_by__name", "accepted_by__name")
    return {pk: tuple(dict.fromkeys(filter(None, people))) for pk, *people in rows}


def _money_changes(was: Balance, now: Balance, people: dict[int, tuple[str, ...]]) -> Iterator[Changed]:
    faces = (Face.BUDGET, Face.FORECAST, Face.SETTLEMENT)
    for year in now.years:
        for face in faces:
            before, statement = was.statement(year, face), now.statement(year, face)
            if statement is None or (before is not None and before.id == statement.id):
                continue
            for line in _lines(was, now, year, face):
                cells = was.of_line(line, year, face), now.of_line(line, year, face)
                yen = balance.yen(cells[0]), balance.yen(cells[1])
                if yen[0] != yen[1] and cells[1] is not Absent.NOT_APPLICABLE:
                    yield Changed(
                        Subject.STATEMENT,
                        year,
                        line.account.name if line.account else str(line.of.label),
                        statement.known_from,
                        people.get(statement.id, ()),
                        statement.reason,
                        statement.source,
                        yen=yen,
                        face=face,
                        account=line.account.code if line.account else line.of.value,
                        revision=statement.revision,
                    )


def _lines(was: Balance, now: Balance, year: FiscalYear, face: Face) -> tuple[Line, ...]:
    """The rows of the later day, and the parts (内数) that only the earlier one shows."""
    here = now.lines((year,), (face,))
    shown = {line.account.pk for line in here if line.account}
    gone = (line for line in was.lines((year,), (face,)) if line.account and line.account.pk not in shown)
    return (*here, *gone)


def _support_changes(center: Center, earlier: date, later: date) -> Iterator[Changed]:
    """Amounts of support measures, as the highest revision known on each day states them."""
    rows = SupportAmount.objects.filter(measure__center=center, known_from__lte=later).select_related(
        "measure__agreement", "recorded_by"
    )
    was: dict[tuple[int, FiscalYear, AmountStage], SupportAmount] = {}
    now: dict[tuple[int, FiscalYear, AmountStage], SupportAmount] = {}
    for row in rows.order_by("measure__position", "measure_id", "fiscal_year", "stage", "revision"):
        key = (row.measure_id, row.fiscal_year, row.stage)
        now[key] = row
        if row.known_from <= earlier:
            was[key] = row
    for key, row in now.items():
        before = was.get(key)
        if before is None or before.amount != row.amount:
            yield Changed(
                Subject.SUPPORT,
                row.fiscal_year,
                f"{row.measure.title} {row.get_stage_display()}",
                row.known_from,
                (row.recorded_by.name,) if row.recorded_by else (),
                row.reason,
                row.source,
                yen=(before.amount if before else None, row.amount),
                account=row.measure.code,
                agreement=row.measure.agreement.code,
                stage=row.stage,
                revision=row.revision,
            )


def _extensions(center: Center, earlier: date, later: date) -> Iterator[Changed]:
    """Duties whose due date was extended since."""
    rows = Extension.objects.filter(duty__obligation__agreement__center=center).select_related(
        "duty__obligation__agreement", "recorded_by"
    )
    was: dict[int, date] = {}
    now: dict[int, Extension] = {}
    for row in rows.order_by("pk"):
        day = clock.day_of(row.recorded_at)
        if day <= earlier:
            was[row.duty_id] = row.due_on
        elif day <= later:
            now[row.duty_id] = row
    for row in now.values():
        yield Changed(
            Subject.EXTENSION,
            row.duty.fiscal_year,
            row.duty.title,
            clock.day_of(row.recorded_at),
            (row.recorded_by.name,),
            row.reason,
            "",
            due=(was.get(row.duty_id, row.duty.due_on), row.due_on),
            account=_code(row.duty),
        )


def _duty_changes(center: Center, earlier: date, later: date) -> Iterator[Changed]:
    """Duties that were settled since, by themselves or by the verification that fulfils them."""
    settled = {"state": ReviewState.ACCEPTED, "known_from__gt": earlier, "known_from__lte": later}
    duties = Duty.objects.filter(obligation__agreement__center=center, **settled).select_related(
        "obligation__agreement", "submitted_by", "accepted_by", "decided_by"
    )
    verifications = Verification.objects.filter(center=center, **settled).select_related(
        "submitted_by", "accepted_by"
    )
    for duty in duties.order_by(blanks_first("known_from"), "pk"):
        people = _names(duty.submitted_by, duty.accepted_by, duty.decided_by)
        yield _settled(duty, duty.title, people, later, account=_code(duty))
    for row in verifications.order_by(blanks_first("known_from"), "pk"):
        people = _names(row.submitted_by, row.accepted_by)
        yield _settled(row, row.get_kind_display(), people, later, verification=row.kind, reason=row.reason)


def _settled(
    row: Duty | Verification,
    name: str,
    who: tuple[str, ...],
    later: date,
    *,
    account: str = "",
    verification: str = "",
    reason: str = "",
) -> Changed:
    return Changed(
        Subject.DUTY,
        row.fiscal_year,
        name,
        row.known_from or later,
        who,
        reason,
        row.source,
        account=account,
        verification=verification,
    )


def _code(duty: Duty) -> str:
    return f"{duty.obligation.agreement.code}/{duty.place}"


def _names(*people: User | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(person.name for person in people if person))
