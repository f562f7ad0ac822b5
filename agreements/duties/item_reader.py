"""Builds items: what is owed and what is stored, with what fulfils it, what amendments and endings make of it, and whose
step is next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import assert_never

from agreements.duties import due_rules
from agreements.duties.due_rules import Agreed, Owed
from agreements.duties.items import Amended, Item, Status
from agreements.duties.parties import BOTH, bound_sides, is_joint, side_that_handed_in, sides_handing_in
from agreements.editions.obligations import rules
from agreements.editions.obligations.rules import Rule
from agreements.editions.provisions import cited
from agreements.endings import resting
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.obligation_deeds import deed_of
from agreements.models import (
    Duty,
    Extension,
    Obligation,
    Verification,
    Way,
    in_force,
)
from iconm_portal.models import Center, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.standing.deeds import Deed, Deeds, DeedState
from iconm_portal.values.fiscal import FiscalYear

_OF_DEED = {
    DeedState.RETURNED: Status.RETURNED,
    DeedState.HANDED_IN: Status.HANDED_IN,
    DeedState.DONE: Status.SETTLED,
}
_OF_STATE = {
    ReviewState.DRAFT: Status.OPEN,
    ReviewState.SUBMITTED: Status.HANDED_IN,
    ReviewState.IN_REVIEW: Status.IN_REVIEW,
    ReviewState.RETURNED: Status.RETURNED,
    ReviewState.ACCEPTED: Status.SETTLED,
}


class ItemReader:
    """Builds items as one person may see them. Reads the center's verifications once."""

    def __init__(
        self,
        center: Center,
        user: User,
        today: date,
        verifications: Iterable[Verification] | None = None,
        agreed: Iterable[Agreed] | None = None,
    ) -> None:
        self.center, self.user, self.today = center, user, today
        self.side = center.side_of(user)
        self.sees_submitted = allowed(user, center, Right.SEE_SUBMITTED)
        if verifications is None:
            verifications = Verification.objects.filter(center=center).select_related(
                "submitted_by", "accepted_by"
            )
        verifications = in_force(center, verifications, known_at=today)
        resting.mark(center, verifications, known_at=today)
        self.verifications = {(one.kind, one.fiscal_year): one for one in verifications}
        self.deeds = Deeds(center)
        self.citations = cited.load(center, day=today)
        self.facts = (
            instrument_agreements.of_center(center)
            if agreed is None
            else {one.agreement.pk: one.facts for one in agreed}
        )

    def programme(
        self,
        agreed: list[Agreed],
        duties: Iterable[Duty],
        year: FiscalYear,
        since: FiscalYear | None = None,
    ) -> Iterator[Item]:
        """What is owed around the year, or `since` an earlier one, with the duty where it is stored; then what else is
        stored."""
        by_key = {(duty.obligation_id, duty.fiscal_year, duty.number): duty for duty in duties}
        for one in due_rules.owed_around(agreed, year, today=self.today, since=since):
            duty = by_key.pop((one.obligation.pk, one.fiscal_year, 1), None)
            yield self._as_it_ended(self.of_duty(duty, one) if duty else self.preview(one))
        for duty in by_key.values():
            yield self._as_it_ended(self.of_duty(duty))

    def of_duties(self, duties: Iterable[Duty]) -> Iterator[Item]:
        """What is stored."""
        return (self._as_it_ended(self.of_duty(duty)) for duty in duties)

    def _as_it_ended(self, item: Item) -> Item:
        """What was not settled when its agreement ended is asked of nobody any more; what was handed in before is still
        answered, and is late no more (decision record 16)."""
        facts = self.facts[item.agreement.pk]
        last_day = facts.binds_until(self.today)
        if item.is_settled or item.is_dropped or last_day is None:
            return item
        if not facts.has_ended(self.today):
            return _before_its_end(item, last_day)
        falls = item.deed is not None and item.deed.falls_with_agreement
        if item.status.is_with_the_other_side and not falls:
            return replace(item, is_pending=False, amended=None, ended_on=last_day)
        return replace(
            item,
            status=Status.ENDED,
            is_pending=False,
            waits_for=frozenset(),
            amended=None,
            ended_on=last_day,
        )

    def of_duty(self, duty: Duty, one: Owed | None = None) -> Item:
        """A stored duty; `one` is what the rule says of it, where it still does."""
        rule = rules.rule_of(duty.obligation, duty.fiscal_year, known_at=self.today)
        obligation = self.citations.of(rules.under(duty.obligation, rule), rule.edition)
        verification, deed = self._fulfilled_by(obligation, duty.fiscal_year, duty)
        status = _status(obligation, duty, verification, deed)
        if rule.is_dropped and status is not Status.SETTLED:
            status = Status.DROPPED
        return Item(
            agreement=obligation.agreement,
            obligation=obligation,
            fiscal_year=duty.fiscal_year,
            number=duty.number,
            duty=duty,
            verification=verification,
            deed=deed,
            is_concluded=True,
            status=self._shown(status),
            first_due=duty.due_on,
            extensions=tuple(duty.extensions.all()),
            is_clamped=bool(one and one.due and one.due.clamped and one.due.on == duty.due_on),
            is_pending=_is_pending(obligation, status),
            waits_for=self._waits_for(obligation, duty.fiscal_year, status, verification or duty, deed),
            sees_draft=self._sees_draft(obligation),
            today=self.today,
            amended=_amended(status, duty, rule),
            rule=rule,
        )

    def preview(self, one: Owed) -> Item:
        """What is owed and not stored. Under a concluded agreement it is due all the same; a verification or a deed may
        have fulfilled it. Under a draft nothing is: what nobody has agreed on is not fulfilled."""
        obligation = self.citations.of(one.obligation, one.rule.edition)
        is_concluded = one.agreed.facts.is_concluded(self.today)
        verification, deed = (
            self._fulfilled_by(obligation, one.fiscal_year, None) if is_concluded else (None, None)
        )
        status = _status(obligation, None, verification, deed)
        shown = self._shown(status)
        if shown is Status.OPEN:
            shown = Status.PREVIEW
        return Item(
            agreement=one.agreed.agreement,
            obligation=obligation,
            fiscal_year=one.fiscal_year,
            number=1,
            duty=None,
            verification=verification,
            deed=deed,
            is_concluded=is_concluded,
            status=shown,
            first_due=one.due.on if one.due else None,
            extensions=(),
            is_clamped=bool(one.due and one.due.clamped),
            is_pending=is_concluded and _is_pending(obligation, status),
            waits_for=self._waits_for(obligation, one.fiscal_year, status, verification, deed)
            if is_concluded
            else frozenset(),
            sees_draft=self._sees_draft(obligation),
            today=self.today,
            rule=one.rule,
        )

    def _fulfilled_by(
        self, obligation: Obligation, year: FiscalYear, duty: Duty | None
    ) -> tuple[Verification | None, Deed | None]:
        """What fulfils the duty in its place: the year's verification, or a deed, unless it goes its own way already."""
        if obligation.verification:
            return self.verifications.get((obligation.verification, year)), None
        if not obligation.deed or (duty is not None and duty.is_settled):
            return None, None
        deed = deed_of(self.deeds, obligation, year, duty)
        is_on_its_way = duty is not None and duty.is_under_review
        return None, None if deed and is_on_its_way and deed.state is not DeedState.DONE else deed

    def _shown(self, status: Status) -> Status:
        return status if self.sees_submitted else status.to_viewers

    def _sees_draft(self, obligation: Obligation) -> bool:
        return self.sees_submitted and self.side in sides_handing_in(obligation)

    def _waits_for(
        self,
        obligation: Obligation,
        year: FiscalYear,
        status: Status,
        one: Duty | Verification | None,
        deed: Deed | None,
    ) -> frozenset[Side]:
        """Whose step is next."""
        if not self.sees_submitted or status.is_over:
            return frozenset()
        if deed is not None:
            return deed.waits_for
        author = side_that_handed_in(one, self.center) if one else None
        if obligation.verification and status.is_to_be_done and year.last_day >= self.today:
            return frozenset()  # a year is verified when it has ended
        if obligation.verification and not obligation.verification.is_joint:
            # The city owes it; the foundation's part waits for it once it is asked for, or has begun it itself.
            is_asked = isinstance(one, Verification) and (one.asked_at is not None or one.begun_at is None)
            is_the_foundations = status.is_to_be_done and (is_asked or status is Status.RETURNED)
            return frozenset({Side.OPERATOR if is_the_foundations else Side.SUPPORTER})
        if obligation.verification:
            if status.is_to_be_done:
                # Once one side writes it, the other has nothing to do until it is handed in.
                writer = author or (one.author_side if one else None) or None
                return frozenset({writer}) if writer else BOTH
            return BOTH - {author}
        if status.is_to_be_done:
            return sides_handing_in(obligation)
        if is_joint(obligation):
            return BOTH - {author}
        match obligation.way:
            case Way.REVIEW:
                return BOTH - bound_sides(obligation)
            case Way.OPERATOR_DECIDES:
                return bound_sides(obligation)
            case Way.JOINT | Way.NONE:
                return frozenset()
            case _:
                assert_never(obligation.way)


def _before_its_end(item: Item, last_day: date) -> Item:
    """What would fall due after the last day on which both agreed is asked of nobody; it can still be handed in."""
    if item.due_on is None or item.due_on <= last_day or not item.status.is_to_be_done:
        return item
    return replace(item, is_pending=False, waits_for=frozenset(), falls_on=last_day)


def _amended(status: Status, duty: Duty, rule: Rule) -> Amended | None:
    """Of what is settled, only that its date was another one: it was not dropped any more."""
    found = amended(duty, rule)
    return None if found and found.is_dropped and status is Status.SETTLED else found


def amended(duty: Duty, rule: Rule, known: Sequence[Extension] | None = None) -> Amended | None:
    """What an amendment that was confirmed after the duty was stored says of it, until a date was set since.

    The stored date stays where it was stored by; with `extensions` fetched there is no query. `known`: those of its
    extensions that count, where not all do.
    """
    edition = rule.edition
    if edition is None or edition.confirmed_at is None or edition.confirmed_at <= duty.stored_at:
        return None
    if rule.is_dropped:
        return Amended(edition, None)
    extensions = list(duty.extensions.all() if known is None else known)
    due = rule.due(duty.fiscal_year)
    holds = extensions[-1].due_on if extensions else duty.due_on
    if due is None or due.on == holds or any(one.recorded_at > edition.confirmed_at for one in extensions):
        return None
    return Amended(edition, due.on)


def _status(
    obligation: Obligation, duty: Duty | None, verification: Verification | None, deed: Deed | None
) -> Status:
    """That of the verification or the deed where one fulfils the duty: it is open until there is one."""
    if deed is not None:
        return _OF_DEED[deed.state]
    row = verification if obligation.verification else duty
    return _OF_STATE[row.state] if row else Status.OPEN


def _is_pending(obligation: Obligation, status: Status) -> bool:
    """What was handed in for review or decision is not late any more; what both must settle is, until they have."""
    if status.is_over:
        return False
    if obligation.verification or is_joint(obligation):
        return True
    return obligation.way != Way.NONE and status.is_to_be_done
