"""What the agreements ask of a person at a center: duties, and consultations that wait for an answer."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, F, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.consultations import consultations
from agreements.duties import calendar, texts
from agreements.duties.items import Item, Status
from agreements.instruments import agreements as instrument_agreements
from agreements.models import Consultation, Duty, Edition, Ending, Verification
from agreements.verifications import texts as verification_texts
from agreements.verifications import verification
from iconm_portal.models import Center, ProposalState, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values import clock
from iconm_portal.work.todo import Task, in_order

# What is open is a task from two months before it falls due; what has no date is one when it has come back, or lies
# with the other side.
AHEAD = timedelta(days=60)


def tasks(user: User, center: Center, *, today: date) -> list[Task]:
    """The person's tasks, in six queries, or in one where nothing is open; none for those who only look."""
    if not allowed(user, center, Right.SETTLE_JOINTLY) or not _is_anything_open(center):
        return []
    verifications = list(verification.of(center))
    outstanding = calendar.outstanding(center, user, today=today, verifications=verifications)
    due = of_items(outstanding, user, center)
    known = {task.url for task in due}
    asked, facts = verification.obligations(center), instrument_agreements.of_center(center)
    over = {key for key, known_facts in facts.items() if known_facts.has_ended(today)}
    waiting = [
        row
        for row in verifications
        if row.fiscal_year
        in verification.open_years(row.kind, asked, today=today, facts=facts, even_ended=row.is_under_review)
    ]
    verified = [task for task in _verified(user, center, waiting) if task.url not in known]
    return in_order([*due, *verified, *_to_answer(user, center), *_proposals(user, center, over)])


def _is_anything_open(center: Center) -> bool:
    """Whether there is a row that could become a task. Asked first, because the home page asks for tasks every time."""
    of_agreement = {"agreement__center": center, "state": ProposalState.PROPOSED}
    rows = (
        Duty.objects.filter(obligation__agreement__center=center).exclude(state=ReviewState.ACCEPTED),
        Verification.objects.filter(center=center).exclude(state=ReviewState.ACCEPTED),
        Consultation.objects.filter(center=center, state=ProposalState.PROPOSED),
        Ending.objects.filter(**of_agreement),
        Edition.objects.filter(**of_agreement),
    )
    return Center.objects.filter(reduce(or_, map(Exists, rows)), pk=center.pk).exists()


def _verified(user: User, center: Center, rows: Iterable[Verification]) -> Iterator[Task]:
    """Those that have come to this side, whether or not the year's duty to verify is stored."""
    for row in verification.waiting(user, center, rows):
        moment = row.submitted_at or row.returned_at or row.asked_at
        kwargs = {"center": center.code, "kind": row.kind, "year": row.fiscal_year}
        yield Task(
            verification_texts.task(row),
            reverse("agreements:verification", kwargs=kwargs),
            since=clock.day_of(moment) if moment else None,
        )


def _to_answer(user: User, center: Center) -> Iterator[Task]:
    """Consultations that the other side recorded."""
    for talk in consultations.to_answer(center, user):
        kwargs = {"center": center.code, "number": talk.number}
        yield Task(
            _("Confirm or decline: “%(talk)s”") % {"talk": talk},
            reverse("agreements:consultation", kwargs=kwargs),
            since=clock.day_of(talk.proposed_at) if talk.proposed_at else None,
        )


def _proposals(user: User, center: Center, over: Collection[int]) -> Iterator[Task]:
    """Endings, amendments and annual agreements that the other side proposed; one query. None of agreements that are
    over: nothing is settled about them any more."""
    others = [side for side in Side if side != center.side_of(user)]
    waiting = {"agreement__center": center, "state": ProposalState.PROPOSED, "proposed_side__in": others}
    columns = ("agreement", "agreement__code", "agreement__short_title", "proposed_at")
    endings = Ending.objects.filter(**waiting).order_by().annotate(edition=Value(0))
    editions = Edition.objects.filter(**waiting).order_by().annotate(edition=F("number"))
    rows = endings.values_list(*columns, "edition").union(editions.values_list(*columns, "edition"), all=True)
    for key, code, agreement, proposed_at, edition in rows:
        if key in over:
            continue
        title, page = _ANSWER[min(edition, 2)]
        at = {"center": center.code, "agreement": code} | ({"edition": edition} if edition > 1 else {})
        yield Task(
            _("%(title)s: %(agreement)s") % {"title": title, "agreement": agreement},
            reverse(page, kwargs=at),
            since=clock.day_of(proposed_at),
        )


# What waits for an answer and where it is given: an ending, the terms of an annual agreement, an amendment.
_ANSWER = (
    (gettext_lazy("Answer the proposed ending"), "agreements:ending"),
    (gettext_lazy("Answer the proposed terms"), "agreements:agreement"),
    (gettext_lazy("Answer the proposed amendment"), "agreements:edition"),
)


def of_items(items: Iterable[Item], user: User, center: Center) -> list[Task]:
    """The tasks among the items that wait for the person's side."""
    side = center.side_of(user)
    return in_order(_task(item, center) for item in items if side in item.waits_for and _is_task(item))


def _is_task(item: Item) -> bool:
    if item.status is not Status.OPEN:
        return True
    return item.due_on is not None and item.due_on <= item.today + AHEAD


def _task(item: Item, center: Center) -> Task:
    # What was handed in on time waits since that day; its due date would read as if it were late.
    is_answered = item.status.is_being_answered and not item.is_overdue
    due = None if is_answered else item.due_on
    return Task(
        texts.next_step(item),
        address_of(item, center),
        due=due,
        since=None if due else _since(item),
        is_overdue=item.is_overdue,
    )


def _since(item: Item) -> date | None:
    """The day on which it came to this side."""
    row = item.verification or item.duty
    moment = row and (row.opened_at or row.submitted_at or row.returned_at or getattr(row, "asked_at", None))
    return clock.day_of(moment) if moment else None


def address_of(item: Item, center: Center) -> str:
    """Where it is done: the page of the verification that fulfils the duty, or the duty's own."""
    if item.obligation.verification:
        kwargs = {"center": center.code, "kind": item.obligation.verification, "year": item.fiscal_year}
        return reverse("agreements:verification", kwargs=kwargs)
    return duty_address("agreements:duty", item, center)


def duty_address(name: str, item: Item, center: Center) -> str:
    """The address of the page or a step of a duty."""
    kwargs = {
        "center": center.code,
        "year": item.fiscal_year,
        "agreement": item.agreement.code,
        "obligation": item.obligation.code,
    }
    return reverse(name, kwargs=kwargs)
