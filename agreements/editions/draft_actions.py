"""Amendments drafted: a copy of the wording that holds, changed provision by provision, or discarded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, assert_never

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.editions import editions
from agreements.editions.actions import STEPS, check_start
from agreements.editions.obligations import amended
from agreements.editions.provisions import as_read, placing
from agreements.instruments import agreements
from agreements.instruments.state import State
from agreements.models import (
    Agreement,
    AgreementKind,
    Edition,
    Obligation,
    ObligationChange,
    Outcome,
    Provision,
    ProvisionKind,
    Timing,
)
from agreements.wording import Provision as Read
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person typed for a provision."""

    heading: str = ""
    text: str = ""
    summary: str = ""
    below: Sequence[Read] = ()
    """What stands under it, as it was read from what was typed."""


_BEING_PREPARED = gettext_lazy("An amendment is being prepared already. Finish or discard it first.")

# -- Drafting --


@transaction.atomic
def start_amendment(
    *, agreement: Agreement, in_force_from: date, reason: str, by: User, at: datetime
) -> Edition:
    """A draft copy of the last settled edition, to take effect from a day. One at a time.

    ValidationError for an agreement that does not stand, a day outside it or not after the last edition's, no reason.
    """
    require(by, agreement.center, Right.SETTLE_JOINTLY)
    base = _base(agreement, clock.day_of(at))
    check_start(agreement, base, in_force_from, known_at=clock.day_of(at))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the agreement is amended.")})
    whole = as_read.of(base)
    last = agreement.editions.order_by("-number").first()
    draft = Edition(
        agreement=agreement,
        number=(last.number if last else base.number) + 1,
        based_on=base,
        in_force_from=in_force_from,
        reason=reason.strip(),
        preamble=whole.preamble,
        closing=whole.closing,
        is_over_summaries=not whole.is_official,
    )
    draft.full_clean()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:
        raise ValidationError(_BEING_PREPARED) from error
    _copy(whole.provisions, draft)
    STEPS.record(
        draft,
        "start",
        by,
        after={"based_on": base.number, "in_force_from": in_force_from},
        reason=draft.reason,
    )
    return draft


def _base(agreement: Agreement, today: date) -> Edition:
    """The edition that is amended: the last that was settled."""
    rows = list(agreement.editions.all())
    if any(row.number > 1 and not row.is_confirmed for row in rows):
        raise ValidationError(_BEING_PREPARED)
    state = agreements.state_of(agreement, today)
    match state:
        case State.DRAFT:
            raise ValidationError(
                _(
                    "The agreement is not concluded yet, so there is nothing to amend:"
                    " import the changed text into its draft instead."
                )
            )
        case State.ENDED:
            raise ValidationError(_("The agreement has ended, so it is not amended any more."))
        case State.CONCLUDED | State.IN_FORCE | State.TERMINATING:
            pass
        case _:
            assert_never(state)
    last = editions.of(agreement, rows, day=today).last_settled
    if last is None:
        raise ValidationError(_("The agreement has no wording yet. Import it first."))
    return last.edition


def _copy(rows: list[Provision], draft: Edition) -> None:
    """Every provision again, each going on from its own."""
    copies = Provision.objects.bulk_create(
        Provision(
            edition=draft,
            continues=row,
            kind=row.kind,
            key=row.key,
            position=row.position,
            label=row.label,
            heading=row.heading,
            text=row.text,
            summary=row.summary,
        )
        for row in rows
    )
    copy_of = {copy.continues_id: copy for copy in copies}
    for row, copy in zip(rows, copies, strict=True):
        copy.parent = copy_of.get(row.parent_id)
    Provision.objects.bulk_update([copy for copy in copies if copy.parent], ["parent"])


@transaction.atomic
def change_draft(
    *,
    edition: Edition,
    version: int,
    in_force_from: date,
    reason: str,
    by: User,
    at: datetime,
    contribution: int | None = None,
    content: str = "",
) -> Edition:
    """Another day, or a reason put better; of an annual agreement also what the city contributes from that day on, in
    whole yen (None: as before), and what is to be done."""
    if edition.based_on is not None:
        check_start(edition.agreement, edition.based_on, in_force_from, known_at=clock.day_of(at))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the agreement is amended.")})
    was: dict[str, Any] = {"in_force_from": edition.in_force_from, "reason": edition.reason}
    now: dict[str, Any] = {"in_force_from": in_force_from, "reason": reason.strip()}
    if edition.agreement.kind == AgreementKind.ANNUAL:
        was |= {"contribution": edition.contribution, "preamble": edition.preamble}
        now |= {"contribution": contribution, "preamble": content.strip()}
    STEPS.take("edit", edition, version=version, by=by, changes=now)
    before, after = history.changed(was, now)
    STEPS.record(edition, "change", by, before=before, after=after)
    return edition


@dataclass(frozen=True, slots=True)
class WantedRule:
    """What a person says becomes of an obligation. Of the date what its timing has: month, day and offset, or the day."""

    outcome: Outcome
    from_year: FiscalYear | None = None
    due_month: int | None = None
    due_day: int | None = None
    due_year_offset: int = 0
    due_on: date | None = None


@transaction.atomic
def settle_obligation(
    *,
    edition: Edition,
    version: int,
    obligation: Obligation,
    wanted: WantedRule,
    by: User,
    at: datetime,
) -> ObligationChange:
    """Say in the draft what becomes of an obligation of the agreement. ValidationError, by field, for what cannot be."""
    STEPS.take("edit", edition, version=version, by=by)
    if obligation.agreement_id != edition.agreement_id:
        raise ValidationError(_("This is no obligation of the agreement that is amended."))
    held = edition.obligation_changes.filter(obligation=obligation).first()
    before = _rule(held) if held else {}
    change = held or ObligationChange(edition=edition, obligation=obligation)
    change.edition, change.obligation = edition, obligation
    has_date = wanted.outcome is Outcome.NEW_RULE
    is_once = obligation.timing == Timing.ONCE
    change.outcome = wanted.outcome
    change.from_year = _year_of(wanted, obligation) if wanted.outcome.has_year else None
    change.due_month = wanted.due_month if has_date and not is_once else None
    change.due_day = wanted.due_day if has_date and not is_once else None
    change.due_year_offset = wanted.due_year_offset if has_date and not is_once else 0
    change.due_on = wanted.due_on if has_date and is_once else None
    if wanted.outcome.has_year and change.from_year is None:
        raise ValidationError({"from_year": _("Say from which fiscal year on.")})
    change.full_clean(exclude=["edition", "obligation"])
    amended.check_change(change, obligation)
    change.save()
    was, now = history.changed(before, _rule(change))
    STEPS.record(edition, "change", by, before={obligation.code: was}, after={obligation.code: now})
    return change


@transaction.atomic
def leave_the_rest(*, edition: Edition, version: int, by: User, at: datetime) -> Edition:
    """Say of every obligation that rests on what changes, and of which nothing is said yet, that it stays as it is."""
    STEPS.take("edit", edition, version=version, by=by)
    left = [one.obligation for one in amended.of(edition) if one.is_open]
    ObligationChange.objects.bulk_create(
        ObligationChange(edition=edition, obligation=obligation, outcome=Outcome.UNCHANGED)
        for obligation in left
    )
    after = {obligation.code: {"outcome": Outcome.UNCHANGED} for obligation in left}
    STEPS.record(edition, "change", by, after=after)
    return edition


def _year_of(wanted: WantedRule, obligation: Obligation) -> FiscalYear | None:
    """What falls due once concerns one year only."""
    if obligation.timing == Timing.ONCE and wanted.from_year is None:
        return obligation.first_year or FiscalYear.of(obligation.due_on or obligation.agreement.starts_on)
    return wanted.from_year


def _rule(change: ObligationChange) -> dict[str, Any]:
    names = ("outcome", "due_month", "due_day", "due_year_offset", "due_on")
    year = change.from_year.start if change.from_year else None
    return {name: getattr(change, name) for name in names} | {"from_year": year}


@transaction.atomic
def change_provision(
    *, edition: Edition, version: int, key: str, wanted: Wanted, by: User, at: datetime
) -> Edition:
    """Another heading, text or summary of one provision of the draft."""
    STEPS.take("edit", edition, version=version, by=by)
    row = edition.provisions.get(key=key)
    was, now = _words(row), _cleaned(wanted)
    if not any(now.values()) and any(was.values()):
        raise ValidationError(_("A provision is not left empty. Remove it instead."))
    Provision.objects.filter(pk=row.pk).update(**now, is_amended=row.is_amended or was != now)
    added: list[Provision] = []
    if wanted.below:
        rows = list(edition.provisions.all())
        if any(other.parent_id == row.pk for other in rows):
            raise ValidationError(
                {
                    "text": _(
                        "Something stands under this provision already. Write each part in its own place."
                    )
                }
            )
        added = placing.under(row, wanted.below, is_amended=True)
        placing.insert(rows, added)
    before, after = history.changed(was, now)
    below = {new.key: _words(new) for new in added}
    STEPS.record(edition, "change", by, before={key: before}, after={key: after} | below)
    return edition


@transaction.atomic
def add_provision(
    *, edition: Edition, version: int, within: str, number: str, wanted: Wanted, by: User, at: datetime
) -> Provision:
    """A new provision at the place of its number: an article, or what stands under the provision `within`.

    A text given with an article goes into its first paragraph, where an article's text always stands.
    """
    STEPS.take("edit", edition, version=version, by=by)
    rows = list(edition.provisions.all())
    words = _cleaned(wanted)
    new = {"edition": edition, "is_amended": True}
    row = placing.numbered(rows, within=within, number=number, **words, **new)
    if not any(words.values()) and not wanted.below:
        raise ValidationError({"text": _("Write the text of the provision.")})
    added = [row, *placing.under(row, wanted.below, is_amended=True)]
    if row.kind == ProvisionKind.ARTICLE and not wanted.below:
        row.text = ""
        first = {"kind": ProvisionKind.PARAGRAPH, "key": f"{row.key}/par1", "text": words["text"]}
        added.append(Provision(parent=row, **first, **new))
    placing.insert(rows, added)
    below = {part.key: _words(part) for part in added[1:] if wanted.below}
    STEPS.record(edition, "change", by, after={row.key: words} | below)
    return row


@transaction.atomic
def remove_provision(*, edition: Edition, version: int, key: str, by: User, at: datetime) -> int:
    """Take a provision out of the draft with all that stands under it; how many went."""
    STEPS.take("edit", edition, version=version, by=by)
    leaving = placing.with_all_below(list(edition.provisions.all()), key)
    before = {row.key: _words(row) for row in leaving}
    edition.removes.add(*(row.continues_id for row in leaving if row.continues_id))
    gone = Provision.objects.filter(pk__in=[row.pk for row in leaving])
    gone.update(parent=None)
    gone.delete()
    STEPS.record(edition, "change", by, before=before)
    return len(leaving)


def _words(row: Provision) -> dict[str, str]:
    return {"heading": row.heading, "text": row.text, "summary": row.summary}


def _cleaned(wanted: Wanted) -> dict[str, str]:
    """Without spaces around, and with one kind of line end."""
    texts = {"heading": wanted.heading, "text": wanted.text, "summary": wanted.summary}
    return {name: text.replace("\r\n", "\n").strip() for name, text in texts.items()}
