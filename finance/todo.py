"""What the money asks of a person at a center: statements, and years that can be closed."""

from collections.abc import Iterator
from datetime import date
from typing import assert_never

from django.db.models import Exists, Min, OuterRef, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from finance.models import MonthTotal, Stage, Statement, YearClosing
from finance.statements import texts
from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values import clock
from iconm_portal.work.todo import Task, in_order


def tasks(user: User, center: Center, *, today: date) -> list[Task]:
    """The person's tasks, in one query where nothing is open and three at most; none for those who only look."""
    keeps, reviews = allowed(user, center, Right.KEEP), allowed(user, center, Right.REVIEW)
    if not keeps and not reviews:
        return []
    statements = Statement.objects.filter(center=center).exclude(state=ReviewState.ACCEPTED)
    never = Value(False)
    stated, settled = (
        Center.objects.filter(pk=center.pk)
        .values_list(
            Exists(statements),
            Exists(_to_be_closed(center)) if allowed(user, center, Right.CLOSE_YEAR) else never,
        )
        .get()
    )
    found = [_task(center, row, keeps=keeps) for row in statements] if stated else []
    if settled:
        found.extend(_to_close(center))
    return in_order(task for task in found if task is not None)


def _to_be_closed(center: Center) -> QuerySet[Statement]:
    """The settlements of years whose ledger is kept and still open."""
    of_year = {"center": center, "fiscal_year": OuterRef("fiscal_year")}
    return Statement.objects.filter(
        Exists(MonthTotal.objects.filter(count__gt=0, **of_year)),
        ~Exists(YearClosing.objects.filter(reopened_at=None, **of_year)),
        center=center,
        stage=Stage.SETTLEMENT,
        state=ReviewState.ACCEPTED,
    ).order_by()


def _to_close(center: Center) -> Iterator[Task]:
    """Years that are settled, so that nothing more should be entered."""
    years = _to_be_closed(center).values("fiscal_year").annotate(since=Min("known_from"))
    for year, since in years.values_list("fiscal_year", "since"):
        yield Task(
            _("Close the ledger of %(year)s: its settlement is accepted") % {"year": fiscal_year(year)},
            reverse("finance:ledger_of_year", kwargs={"center": center.code, "year": year}),
            since=since,
        )


def _task(center: Center, row: Statement, *, keeps: bool) -> Task | None:
    """What it asks of the foundation's staff (`keeps`), or of the city's."""
    page, since = "finance:statement", row.submitted_at
    if keeps and row.is_editable:
        page, since = "finance:statement_entry", row.returned_at or row.saved_at or row.recorded_at
    match row.state:
        case ReviewState.RETURNED if keeps:
            title = _("Revise the returned statement: %(statement)s")
        case ReviewState.DRAFT if keeps:
            title = _("Finish the draft: %(statement)s")
        case ReviewState.SUBMITTED | ReviewState.IN_REVIEW if keeps and row.is_budget:
            title = _("Decide after the consultation: %(statement)s")
        case ReviewState.IN_REVIEW if not (keeps or row.is_budget):
            title = _("Finish the review: %(statement)s")
        case ReviewState.SUBMITTED if not (keeps or row.is_budget):
            title = _("Review: %(statement)s")
        case (
            ReviewState.DRAFT
            | ReviewState.SUBMITTED
            | ReviewState.IN_REVIEW
            | ReviewState.RETURNED
            | ReviewState.ACCEPTED
        ):
            return None
        case _:
            assert_never(row.state)
    kwargs = {"center": center.code, "year": row.fiscal_year, "stage": row.slug, "revision": row.revision}
    return Task(
        title % {"statement": texts.title(row)},
        reverse(page, kwargs=kwargs),
        since=clock.day_of(since) if since else None,
    )
