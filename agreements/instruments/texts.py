"""What pages say about agreements in sentences: the finding of the list, the state of one in words."""

from collections.abc import Sequence
from datetime import date
from typing import assert_never

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agreements.instruments.agreements import AgreementOnDay, AgreementsOnDay
from agreements.instruments.state import State
from agreements.models import Conclusion
from iconm_portal.display import template_tags
from iconm_portal.settlement.texts import side
from iconm_portal.values import clock, partial_date
from iconm_portal.values.text import listed


def names(entries: Sequence[AgreementOnDay]) -> str:
    """Short titles in one line."""
    return listed(entry.agreement.short_title for entry in entries)


def partial(text: str) -> str:
    """A date as precisely as it is known."""
    return partial_date.label(text, get_language() or "ja")


def findings(on_day: AgreementsOnDay) -> list[str]:
    """What is in force on the day, and what asks for attention; the first sentence is the answer."""
    day = template_tags.era_date(on_day.day)
    bound = on_day.in_state(State.IN_FORCE, State.TERMINATING)
    if bound:
        found = [
            ngettext(
                "%(count)s agreement is in force on %(day)s: %(names)s.",
                "%(count)s agreements are in force on %(day)s: %(names)s.",
                len(bound),
            )
            % {"count": len(bound), "day": day, "names": names(bound)}
        ]
    else:
        found = [_("No agreement is recorded as in force on %(day)s.") % {"day": day}]
    drafts = [entry for entry in on_day.in_state(State.DRAFT) if entry.agreement.starts_on <= on_day.day]
    if drafts:
        found.append(
            ngettext(
                "%(count)s draft has passed its start without a recorded conclusion: %(names)s.",
                "%(count)s drafts have passed their start without a recorded conclusion: %(names)s.",
                len(drafts),
            )
            % {"count": len(drafts), "names": names(drafts)}
        )
    terminating = on_day.in_state(State.TERMINATING)
    if terminating:
        found.append(_("Termination is under discussion: %(names)s.") % {"names": names(terminating)})
    reviews = [entry for entry in on_day.entries if entry.is_due_for_review]
    if reviews:
        found.append(_("The day of the review has come: %(names)s.") % {"names": names(reviews)})
    return found


def in_words(entry: AgreementOnDay, ended_by: AgreementOnDay | None = None) -> list[str]:
    """The state of one agreement, and why it is that; `ended_by`: the agreement above it, with which it ends."""
    start = template_tags.era_date(entry.agreement.starts_on)
    match entry.state:
        case State.DRAFT:
            found = [
                _(
                    "This is a draft (案): no conclusion is confirmed by both sides. Its duties are shown as a preview only."
                )
            ]
            if entry.agreement.starts_on <= entry.day:
                found.append(_("Its start, %(day)s, has passed.") % {"day": start})
            return found
        case State.CONCLUDED if entry.facts.never_starts(entry.day):
            return [
                _("Concluded; it was to come into force on %(day)s, but it will not.") % {"day": start},
                *_agreed(entry, ended_by),
            ]
        case State.CONCLUDED:
            return [
                _("Concluded; it comes into force on %(day)s.") % {"day": start},
                *_agreed(entry, ended_by),
            ]
        case State.ENDED:
            return [_ended(entry, ended_by)]
        case State.TERMINATING:
            return [_term(entry, start), *_noticed(entry)]
        case State.IN_FORCE:
            return [_term(entry, start), *_agreed(entry, ended_by)]
        case _:
            assert_never(entry.state)


def _term(entry: AgreementOnDay, start: str) -> str:
    if entry.last_day is None:
        return _("In force since %(start)s; no end is agreed.") % {"start": start}
    return _("In force since %(start)s, until %(end)s.") % {
        "start": start,
        "end": template_tags.era_date(entry.last_day),
    }


def ending_mark(entry: AgreementOnDay) -> str:
    """The mark where both agreed on the last day only after it."""
    ending = entry.agreed_ending
    is_by_consent = ending is not None and ending.ends_on == entry.last_day
    return recorded_later(ending.ends_on, ending.known_from) if ending and is_by_consent else ""


def _ended(entry: AgreementOnDay, ended_by: AgreementOnDay | None) -> str:
    words = {"day": template_tags.era_date(entry.facts.binds_until(entry.day)) + ending_mark(entry)}
    if ended_by is None and entry.facts.never_starts(entry.day):
        return _("Both sides agreed that it ends on %(day)s; it did not come into force.") % words
    if ended_by is None:
        return _("It ended; %(day)s was its last day in force.") % words
    words["above"] = ended_by.agreement.short_title
    if entry.conclusion is None:
        return _("It was not concluded before %(above)s ended on %(day)s, and can no longer be.") % words
    if entry.last_day is not None and entry.last_day < entry.agreement.starts_on:
        return _("It did not come into force: %(above)s, under which it stands, ended on %(day)s.") % words
    return _("It ended with %(above)s, under which it stands; %(day)s was its last day in force.") % words


def _agreed(entry: AgreementOnDay, ended_by: AgreementOnDay | None = None) -> list[str]:
    if ended_by is not None:
        return [
            _("It ends with %(above)s, under which it stands.") % {"above": ended_by.agreement.short_title}
        ]
    if entry.agreed_ending is None:
        return []
    ending = entry.agreed_ending
    day = template_tags.era_date(ending.ends_on) + recorded_later(ending.ends_on, ending.known_from)
    return [_("Both sides agreed that %(day)s is its last day.") % {"day": day}]


def _noticed(entry: AgreementOnDay) -> list[str]:
    notice = entry.notice
    if notice is None:
        return []
    words = {
        "side": side(notice.side),
        "day": template_tags.era_date(notice.given_on)
        + recorded_later(notice.given_on, clock.day_of(notice.recorded_at)),
    }
    return [_("Notice of termination by %(side)s of %(day)s; the parties consult.") % words]


def concluded(conclusion: Conclusion | None) -> str:
    """When it was signed, as precisely as it is known, with the day on which that was recorded, where it was later."""
    if conclusion is None:
        return _("not recorded")
    return partial(conclusion.concluded_on) + conclusion_mark(conclusion)


def conclusion_mark(conclusion: Conclusion) -> str:
    """The mark where a conclusion was recorded later than the day, month or year that it names."""
    last = partial_date.last_day(conclusion.concluded_on)
    return recorded_later(last, None if conclusion.source else conclusion.known_from)


def recorded_later(speaks_of: date, known_from: date | None) -> str:
    """（R8.5.1に記録）: a mark beside a fact that was recorded after the day of which it speaks; empty for others."""
    if known_from is None or known_from <= speaks_of:
        return ""
    return _(" (recorded %(day)s)") % {"day": template_tags.era_date_short(known_from)}
