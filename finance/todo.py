"""What the money asks of a person at a center: statements that came back, that wait for a review or for a decision."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from finance import statement_phrases
from finance.models import Statement
from iconm_portal import clock
from iconm_portal.access import Right, allowed
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.todo import Task, in_order


def tasks(user: User, center: Center, *, today: date) -> list[Task]:
    """The person's tasks, in one query; none for those who only look."""
    keeps, reviews = allowed(user, center, Right.KEEP), allowed(user, center, Right.REVIEW)
    if not keeps and not reviews:
        return []
    rows = Statement.objects.filter(center=center).exclude(state=ReviewState.ACCEPTED)
    found = (_task(center, row, keeps=keeps) for row in rows)
    return in_order(task for task in found if task is not None)


def _task(center: Center, row: Statement, *, keeps: bool) -> Task | None:
    """What it asks of the foundation's staff (`keeps`), or of the city's."""
    title, page, since = "", "finance:statement", row.submitted_at
    if keeps and row.is_editable:
        page, since = "finance:statement_entry", row.returned_at or row.saved_at or row.recorded_at
        title = (
            _("Revise the returned statement: %(statement)s")
            if row.state == ReviewState.RETURNED
            else _("Finish the draft: %(statement)s")
        )
    elif keeps and row.is_budget:
        title = _("Decide after the consultation: %(statement)s")
    elif not keeps and not row.is_budget and row.is_under_review:
        title = (
            _("Finish the review: %(statement)s")
            if row.state == ReviewState.IN_REVIEW
            else _("Review: %(statement)s")
        )
    if not title:
        return None
    kwargs = {"center": center.code, "year": row.fiscal_year, "stage": row.stage, "revision": row.revision}
    return Task(
        title % {"statement": statement_phrases.title(row)},
        reverse(page, kwargs=kwargs),
        since=clock.day_of(since) if since else None,
    )
