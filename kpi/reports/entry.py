"""What the entry sheet, the report page and the review page show: one report with everything that stands beside it.

Built with a fixed number of queries for any number of indicators. Earlier values and targets come from the
scorecard, so that the sheet can never disagree with the dashboard.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, assert_never

from django.db.models import QuerySet, Subquery

from iconm_portal.models import Center, HistoryEvent, ReviewState, StoredFile, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from kpi.models import Continuity, Indicator, Report, ReviewComment
from kpi.plans import scorecard, texts
from kpi.plans.achievement import Certainty, is_part_year_flow
from kpi.reports.entry_lines import Earlier, EntryLine, of_fact
from kpi.value_sources import check_messages, suggested_values
from kpi.value_sources.checks import Known
from kpi.value_sources.entry_values import Entered

BLANK = Entered()

# Which right opens a report in which state (the access table of the domain page).
_RIGHT_TO_SEE = {
    ReviewState.DRAFT: Right.SEE_DRAFTS,
    ReviewState.RETURNED: Right.SEE_DRAFTS,
    ReviewState.SUBMITTED: Right.SEE_SUBMITTED,
    ReviewState.IN_REVIEW: Right.SEE_SUBMITTED,
    ReviewState.ACCEPTED: Right.SEE_SETTLED,
}


def visible_reports(user: User, center: Center) -> QuerySet[Report]:
    """The center's reports of which the person may know, with their plan and the people of their steps."""
    states = [state for state, right in _RIGHT_TO_SEE.items() if allowed(user, center, right)]
    return Report.objects.filter(plan__center=center, state__in=states).select_related(
        "plan__center", "saved_by", "submitted_by", "opened_by", "returned_by", "accepted_by"
    )


@dataclass(frozen=True)
class EntrySheet:
    """A report with a line for every indicator of its plan, in the plan's order."""

    report: Report
    lines: tuple[EntryLine, ...]
    comments: tuple[ReviewComment, ...]

    @cached_property
    def unreported(self) -> list[Indicator]:
        """The indicators for which nothing is entered yet."""
        return [line.indicator for line in self.lines if not line.is_reported]

    @property
    def usual_certainty(self) -> Certainty:
        """The certainty that a value entered now has in all likelihood."""
        at_year_end = self.report.as_of >= self.report.fiscal_year.last_day
        return Certainty.FINAL if at_year_end else Certainty.INTERIM

    @cached_property
    def earlier_is_last_year(self) -> bool:
        """Whether every earlier value is that of the year before, so that the column may be named so."""
        last = self.report.fiscal_year.previous
        return all(line.earlier is None or line.earlier.year == last for line in self.lines)

    @cached_property
    def deviating(self) -> list[EntryLine]:
        """The lines whose stored value is not what the accounts or the register say."""
        return [line for line in self.lines if line.proposed and line.proposed.deviation]

    @cached_property
    def has_proposals(self) -> bool:
        """Whether any indicator names what its value is counted or taken from."""
        return any(line.proposal is not None for line in self.lines)

    @cached_property
    def can_take_over(self) -> bool:
        """Whether there is a proposal for something that is not reported yet."""
        return any(line.proposed and line.proposed.entry and not line.is_reported for line in self.lines)

    @property
    def as_of_warnings(self) -> list[str]:
        """What may be wrong with the as-of day of the whole report."""
        return check_messages.sheet_warning_texts(self.report.as_of, self.report.fiscal_year)

    @property
    def has_accepted(self) -> bool:
        """Whether figures for this year were accepted before."""
        return any(line.accepted is not None for line in self.lines)


def load(report: Report, *, today: date) -> EntrySheet:
    """Everything that the pages of a report show, in a fixed number of queries."""
    plan = report.plan
    board = scorecard.load(plan.center, known_at=today)
    rows = {row.indicator.id: row for card in board.plans for row in card.rows}
    followers = {
        row.indicator.predecessor_id: row
        for row in rows.values()
        if row.indicator.continuity == Continuity.CONTINUES
    }
    in_force = {card.id: card.reports.get(report.fiscal_year) for card in board.plans}.get(plan.pk)
    is_accepted_before = in_force is not None and in_force.id != report.pk
    actuals = {actual.indicator_id: actual for actual in report.actuals.all()}
    attached = _attached(report)
    comments = _comments(report)
    returned = _when_returned(report)
    proposals = {
        indicator_id: one
        for indicator_id, one in suggested_values.load(
            plan, report.fiscal_year, as_of=report.as_of, today=today
        ).items()
        # What was accepted is not judged anew by a source that was chosen since.
        if not (report.is_settled and one.basis.was_chosen_after(report.accepted_at))
    }
    lines = []
    for indicator in plan.indicators.all():
        cell = _cell(rows.get(indicator.pk), report.fiscal_year)
        earlier, breaks = _earlier(indicator, rows, report.fiscal_year)
        known = _known(report, rows.get(indicator.pk), followers.get(indicator.pk))
        actual = actuals.get(indicator.pk)
        accepted = cell.actual if cell and is_accepted_before else None
        stored = _of_row(actual)
        before = of_fact(accepted) if accepted else BLANK if is_accepted_before else None
        lines.append(
            EntryLine(
                indicator=indicator,
                fiscal_year=report.fiscal_year,
                as_of=report.as_of,
                nearly_threshold=plan.nearly_threshold,
                is_baseline=report.fiscal_year == plan.baseline_year,
                year_runs=report.fiscal_year >= FiscalYear.of(today),
                earlier=earlier,
                breaks=breaks,
                known=tuple(known),
                target=cell.target.value if cell and cell.target else None,
                moved_target=_moved_target(rows.get(indicator.pk), cell),
                accepted=accepted,
                stored=stored,
                is_stored=actual is not None,
                source=actual.source if actual else "",
                files=tuple(attached.get(indicator.pk, [])),
                comments=tuple(comments.get(indicator.pk, [])),
                before=before if returned is None else returned.get(indicator.code, stored),
                proposal=proposals.get(indicator.pk),
                in_force=cell
                if in_force is not None and in_force.id == report.pk and _holds(stored)
                else None,
            )
        )
    return EntrySheet(report, tuple(lines), tuple(comments.get(None, [])))


def _of_row(actual: Any) -> Entered:
    if actual is None:
        return BLANK
    return Entered(actual.value, actual.not_applicable, actual.certainty, actual.note)


def _holds(stored: Entered) -> bool:
    """Whether the report says anything of it; of a blank an earlier report's value may hold."""
    return stored.value is not None or stored.not_applicable


def _moved_target(row: scorecard.Row | None, cell: scorecard.Cell | None) -> str:
    return texts.moved_target(row.indicator, cell) if row and cell else ""


def _cell(row: scorecard.Row | None, year: FiscalYear) -> scorecard.Cell | None:
    return next((cell for cell in row.cells if cell.year == year), None) if row else None


def _earlier(
    indicator: Indicator, rows: dict[int, scorecard.Row], year: FiscalYear
) -> tuple[Earlier | None, bool]:
    """The nearest value before the year, and whether a changed definition is why there is none.

    A plan's baseline is a value of a year that the plan before it reports as well: of one year's values the latest holds.
    """
    row, continuity, before = rows.get(indicator.pk), indicator.continuity, indicator.predecessor_id
    found: list[Earlier] = []
    while True:
        if (nearest := _nearest(row, year)) is not None:
            found.append(nearest)
        match continuity:
            case Continuity.CONTINUES if before in rows:
                row = rows[before]
            case Continuity.BREAKS | Continuity.CONTINUES | Continuity.NONE:
                break
            case _:
                assert_never(continuity)
        continuity, before = row.indicator.continuity, row.indicator.predecessor_id
    if found:
        return max(found, key=lambda earlier: (earlier.year, earlier.as_of)), False
    return None, continuity is Continuity.BREAKS


def _nearest(row: scorecard.Row | None, year: FiscalYear) -> Earlier | None:
    for cell in sorted(row.cells if row else (), key=lambda cell: cell.year, reverse=True):
        if row is not None and cell.year < year and cell.actual is not None and cell.actual.value is not None:
            actual = cell.actual
            part_year = actual.as_of < cell.year.last_day
            return Earlier(
                year=cell.year,
                value=cell.actual.value,
                certainty=actual.certainty,
                as_of=actual.as_of,
                is_part_year=is_part_year_flow(row.indicator.kind, actual.certainty, part_year=part_year),
                said=texts.beside_value(cell),
            )
    return None


def _known(report: Report, row: scorecard.Row | None, follower: scorecard.Row | None) -> Iterator[Known]:
    """The year's value as of another day, and that of the next year with one, in this plan or else in the next."""
    if row is None:
        return
    cells = [*row.cells, *(cell for cell in (follower.cells if follower else ()) if not cell.is_baseline)]
    settled = [(cell.year, cell.actual) for cell in cells if cell.actual is not None]
    of_year = [fact for year, fact in settled if year == report.fiscal_year and fact.as_of != report.as_of]
    after = [fact for year, fact in settled if year > report.fiscal_year and fact.value is not None]
    for fact in (*of_year, *after[:1]):
        if fact.value is not None:
            yield Known(fact.value, fact.as_of)


def _attached(report: Report) -> dict[int, list[StoredFile]]:
    found: dict[int, list[StoredFile]] = {}
    for evidence in report.evidence.select_related("file"):
        found.setdefault(evidence.indicator_id, []).append(evidence.file)
    return found


def _comments(report: Report) -> dict[int | None, list[ReviewComment]]:
    found: dict[int | None, list[ReviewComment]] = {}
    for comment in report.comments.select_related("written_by"):
        found.setdefault(comment.indicator_id, []).append(comment)
    return found


def _when_returned(report: Report) -> dict[str, Entered] | None:
    """What each changed indicator (by code) held when the city returned the report; None if it never did.

    The draft itself keeps only the present; the history of its saves says what each of them replaced.
    """
    if report.returned_at is None:
        return None
    events = HistoryEvent.objects.filter(subject=report.history_key())
    last_return = events.filter(action="report.return").order_by("-pk").values("pk")[:1]
    saves = events.filter(action="report.save", pk__gt=Subquery(last_return)).order_by("pk")
    found: dict[str, Entered] = {}
    for before in saves.values_list("before", flat=True):
        for code, was in before.items():
            if isinstance(was, dict) or was is None:
                found.setdefault(code, _of_history(was))
    return found


def _of_history(was: dict[str, Any] | None) -> Entered:
    """The reverse of how `kpi.actions` writes an actual into the history."""
    if was is None:
        return BLANK
    value = was["value"]
    not_applicable = value == check_messages.NOT_APPLICABLE_TEXT
    return Entered(
        None if value is None or not_applicable else Decimal(value),
        not_applicable,
        Certainty(was["certainty"]),
        was["note"],
    )


def may_correct(report: Report, user: User, others: Sequence[Report]) -> bool:
    """Whether the person can correct it. `others`: the other reports of the same plan and year they may see."""
    superseded = any(
        not other.is_settled or (other.as_of == report.as_of and other.revision > report.revision)
        for other in others
    )
    return report.is_settled and not superseded and allowed(user, report.center, Right.KEEP)


def names(indicators: Iterable[Indicator]) -> str:
    """The indicators' names in one line."""
    return listed(indicator.name for indicator in indicators)
