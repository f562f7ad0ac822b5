"""What the agreements ask of a person at a center: duties, and consultations that wait for an answer."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from enum import Enum
from functools import reduce
from operator import or_
from typing import Any, assert_never

from django.db.models import Case, Exists, F, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.consultations import consultations
from agreements.duties import calendar, due_rules, texts
from agreements.duties.items import Item
from agreements.instruments import dates
from agreements.instruments.addresses import address
from agreements.instruments.dates import AgreementDay, DayKind
from agreements.models import Conclusion, Consultation, Duty, Edition, Ending, Verification, WordingProposal
from agreements.support.texts import years_label
from agreements.verifications import texts as verification_texts
from agreements.verifications import verification_access, verification_years
from iconm_portal.display import template_tags
from iconm_portal.models import Center, ProposalState, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work.todo import Task, in_order


def tasks(user: User, center: Center, *, today: date) -> list[Task]:
    """The person's tasks, in a fixed number of queries, or in one where nothing can be; none for those who only look."""
    if not allowed(user, center, Right.SETTLE_JOINTLY) or not _is_anything_there(center):
        return []
    agreed = due_rules.agreements_of(center)
    over = {one.agreement.pk for one in agreed if one.facts.has_ended(today)}
    asked = of_agreements(user, center, today=today, agreed=agreed)
    known = {task.url for task in asked}  # what fulfils a duty is asked for once, with the duty's date
    answers = [*_to_answer(user, center), *_proposals(user, center, over)]
    return in_order([*asked, *(task for task in answers if task.url not in known)])


def _is_anything_there(center: Center) -> bool:
    """Whether anything could become a task: an agreement that binds, or something that waits. Asked first, because the
    home page asks for tasks every time."""
    of_agreement = {"agreement__center": center, "state": ProposalState.PROPOSED}
    rows = (
        Conclusion.objects.filter(agreement__center=center),
        Duty.objects.filter(obligation__agreement__center=center).exclude(state=ReviewState.ACCEPTED),
        Verification.objects.filter(center=center).exclude(state=ReviewState.ACCEPTED),
        Consultation.objects.filter(center=center, state=ProposalState.PROPOSED),
        Ending.objects.filter(**of_agreement),
        Edition.objects.filter(**of_agreement),
        Conclusion.objects.filter(**of_agreement),
        WordingProposal.objects.filter(edition__agreement__center=center, state=ProposalState.PROPOSED),
    )
    return Center.objects.filter(reduce(or_, map(Exists, rows)), pk=center.pk).exists()


def of_agreements(
    user: User, center: Center, *, today: date, agreed: list[due_rules.Agreed] | None = None
) -> list[Task]:
    """What duties, verifications and the agreements' own days ask of the person's side; on the home page and in the
    calendar alike."""
    verifications = list(verification_access.of(center))
    if agreed is None:
        agreed = due_rules.agreements_of(center)
    asked = calendar.outstanding(
        center, user, today=today, verifications=verifications, agreed=agreed, with_forgotten=True
    )
    due = of_items(asked, user, center)
    known = {task.url for task in due}
    to_verify, facts = verification_years.obligations(center), {one.agreement.pk: one.facts for one in agreed}
    waiting = [
        row
        for row in verifications
        if row.fiscal_year
        in verification_years.open_years(
            row.kind, to_verify, today=today, facts=facts, even_ended=row.is_under_review or row.is_anew
        )
    ]
    verified = [task for task in _verified(user, center, waiting) if task.url not in known]
    days = dates.coming(center, today=today, agreed=[one.agreement for one in agreed])
    days_of = (_of_day(day, center) for day in days)
    forgotten = _forgotten(asked, user, center)
    return in_order([*due, *forgotten, *verified, *_amended(asked, center), *days_of])


def _forgotten(items: Iterable[Item], user: User, center: Center) -> Iterator[Task]:
    """What this side left undone, and nobody stored, in years long past: still due, but one line and not thirty."""
    side = center.side_of(user)
    late = [item for item in items if item.is_forgotten and side in item.waits_for and item.due_on]
    if not late:
        return
    years = sorted({FiscalYear.of(item.due_on) for item in late if item.due_on})
    words = {"years": years_label(years), "count": len(late)}
    yield Task(
        ngettext(
            "Store and settle what was left undone in earlier years (%(years)s): %(count)s duty",
            "Store and settle what was left undone in earlier years (%(years)s): %(count)s duties",
            len(late),
        )
        % words,
        reverse("agreements:calendar_of_year", kwargs={"center": center.code, "year": years[0]}),
        due=min(item.due_on for item in late if item.due_on),
        is_overdue=True,
        mark=texts.state(late[0]),
    )


def _verified(user: User, center: Center, rows: Iterable[Verification]) -> Iterator[Task]:
    """Those that have come to this side, whether or not the year's duty to verify is stored."""
    for row in verification_access.waiting(user, center, rows):
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
    """Endings, amendments, annual agreements, conclusions and official wordings that the other side put forward; one
    query. None of agreements that are over: nothing is settled about them any more."""
    others = [side for side in Side if side != center.side_of(user)]
    waiting = {"state": ProposalState.PROPOSED, "proposed_side__in": others}
    columns = ("agreement", "agreement__code", "agreement__short_title", "proposed_at")

    def rows_of(
        rows: QuerySet[Any], kind: Any, edition: Any, names: Iterable[str] = columns
    ) -> QuerySet[Any]:
        found = rows.order_by().annotate(kind=kind, of_edition=edition)
        return found.values_list(*names, "of_edition", "kind")

    of_center = waiting | {"agreement__center": center}
    none, amended = Value(0), Value(_Answer.AMENDMENT.value)
    first = Case(When(number=1, then=Value(_Answer.TERMS.value)), default=amended)
    signed = Case(
        When(edition=None, then=Value(_Answer.CONCLUSION.value)),
        default=Value(_Answer.SIGNED_AMENDMENT.value),
    )
    wordings = WordingProposal.objects.filter(edition__agreement__center=center, **waiting)
    rows = rows_of(Ending.objects.filter(**of_center), Value(_Answer.ENDING.value), none).union(
        rows_of(Edition.objects.filter(**of_center), first, F("number")),
        rows_of(Conclusion.objects.filter(**of_center), signed, Coalesce("edition__number", none)),
        rows_of(
            wordings,
            Value(_Answer.WORDING.value),
            F("edition__number"),
            (
                "edition__agreement",
                "edition__agreement__code",
                "edition__agreement__short_title",
                "proposed_at",
            ),
        ),
        all=True,
    )
    for key, code, agreement, proposed_at, edition, kind in rows:
        if key in over:
            continue
        title, page, names_edition = _ANSWER[_Answer(kind)]
        at = {"center": center.code, "agreement": code} | ({"edition": edition} if names_edition else {})
        yield Task(
            _("%(title)s: %(agreement)s") % {"title": title, "agreement": agreement},
            reverse(page, kwargs=at),
            since=clock.day_of(proposed_at),
        )


class _Answer(Enum):
    """What waits for an answer."""

    ENDING = 1
    TERMS = 2
    AMENDMENT = 3
    CONCLUSION = 4
    SIGNED_AMENDMENT = 5
    WORDING = 6


# Its title, where it is answered, and whether that is a page of an edition.
_ANSWER = {
    _Answer.ENDING: (gettext_lazy("Answer the proposed ending"), "agreements:ending", False),
    _Answer.TERMS: (gettext_lazy("Answer the proposed terms"), "agreements:agreement", False),
    _Answer.AMENDMENT: (gettext_lazy("Answer the proposed amendment"), "agreements:edition", True),
    _Answer.CONCLUSION: (gettext_lazy("Confirm the recorded conclusion"), "agreements:conclusion", False),
    _Answer.SIGNED_AMENDMENT: (
        gettext_lazy("Confirm the recorded conclusion of the amendment"),
        "agreements:edition_conclusion",
        True,
    ),
    _Answer.WORDING: (gettext_lazy("Confirm the official wording put forward"), "agreements:wording", True),
}


def of_items(items: Iterable[Item], user: User, center: Center) -> list[Task]:
    """What the items ask of the person's side now."""
    side = center.side_of(user)
    return in_order(_task(item, center) for item in items if item.asks(side))


def _amended(items: Iterable[Item], center: Center) -> Iterator[Task]:
    """Duties that were stored before an amendment gave them another due date: either side can take it over."""
    for item in items:
        if item.amended is not None and not item.amended.is_dropped and not item.is_settled:
            words = {
                "title": item.obligation.title,
                "year": template_tags.fiscal_year(item.fiscal_year),
                "number": item.amended.edition.number,
            }
            yield Task(
                _("Take over the due date of edition %(number)s: “%(title)s” (%(year)s)") % words,
                duty_address("agreements:duty", item, center),
                since=item.amended.edition.known_from,
                is_summary=True,
            )


def _of_day(day: AgreementDay, center: Center) -> Task:
    """The last day or the review of an agreement; both sides are told."""
    words = {"agreement": day.agreement.short_title}
    match day.kind:
        case DayKind.LAST_DAY:
            title = _("Prepare for the end of “%(agreement)s”") % words
        case DayKind.REVIEW:
            title = _("Review “%(agreement)s”") % words
        case _:
            assert_never(day.kind)
    url = address("agreements:agreement", center, day.agreement)
    return Task(title, url, due=day.on, is_overdue=day.is_overdue)


def _task(item: Item, center: Center) -> Task:
    # What was handed in on time waits since that day; its due date would read as if it were late.
    is_answered = item.status.is_being_answered and not item.is_overdue
    due = None if is_answered else item.due_on
    unstored = not item.is_stored and not item.obligation.verification and item.deed is None
    return Task(
        texts.next_step(item),
        address_of(item, center),
        due=due,
        since=None if due else _since(item),
        is_overdue=item.is_overdue,
        mark=texts.state(item) if unstored else "",
        is_summary=True,
        store_url=duty_address("agreements:duty_store", item, center) if unstored else "",
    )


def _since(item: Item) -> date | None:
    """The day on which it came to this side; of what has no date, and nobody has begun, the first day for doing it."""
    if item.deed is not None:
        return item.deed.handed_in_on
    row = item.verification or item.duty
    moment = row and (row.opened_at or row.submitted_at or row.returned_at or getattr(row, "asked_at", None))
    if moment:
        return clock.day_of(moment)
    return due_rules.programme_year(item.obligation, item.fiscal_year, item.due_on).first_day


def address_of(item: Item, center: Center) -> str:
    """Where it is done: the page of the verification or of the deed that fulfils the duty, or the duty's own."""
    if item.deed is not None and item.deed.step_url:
        return item.deed.step_url
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
        "obligation": item.place,
    }
    return reverse(name, kwargs=kwargs)
