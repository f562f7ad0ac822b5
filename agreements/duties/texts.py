"""What pages, mails and the calendar feed say of duties: states, dates, who is bound by which article, what is next."""

from collections.abc import Iterable
from datetime import date
from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from agreements.duties.calendar import Calendar
from agreements.duties.items import Item, Status
from agreements.duties.parties import is_joint
from agreements.instruments import sources
from agreements.models import Bound, Obligation, Provision, Timing, VerificationKind, Way
from agreements.wording.keys import numbers_of
from iconm_portal.display import template_tags
from iconm_portal.models import Side
from iconm_portal.standing import deeds
from iconm_portal.standing.deeds import DeedState
from iconm_portal.values.text import listed

_CHIPS = {
    Status.PREVIEW: "unreported",
    Status.OPEN: "neutral",
    Status.HANDED_IN: "active",
    Status.IN_REVIEW: "active",
    Status.RETURNED: "interim",
    Status.UNSETTLED: "neutral",
    Status.SETTLED: "met",
    Status.DROPPED: "neutral",
    Status.ENDED: "neutral",
}


def chip(item: Item) -> SafeString:
    """The state as sign, word and colour."""
    kind = "warning" if item.corrected_since else _CHIPS[item.status]
    return template_tags.chip(kind, state(item))


def state(item: Item) -> str:
    """The state in one word, by the way in which the duty is decided."""
    obligation = item.obligation
    match item.status:
        case Status.PREVIEW:
            return (
                pgettext("state of a duty", "not stored")
                if item.is_concluded
                else pgettext("state of a duty", "draft")
            )
        case Status.OPEN:
            return pgettext("state of a duty", "open")
        case Status.UNSETTLED:
            return pgettext("state of a duty", "not settled yet")
        case Status.RETURNED:
            return (
                pgettext("state of a duty", "declined")
                if is_joint(obligation)
                else pgettext("state of a duty", "returned")
            )
        case Status.IN_REVIEW:
            return pgettext("state of a duty", "in review")
        case Status.HANDED_IN:
            is_proposal = is_joint(obligation) and not obligation.verification and item.deed is None
            return (
                pgettext("state of a duty", "proposed")
                if is_proposal
                else pgettext("state of a duty", "handed in")
            )
        case Status.SETTLED:
            return item.corrected_since or _settled(item)
        case Status.DROPPED:
            return pgettext("state of a duty", "no longer asked for (amended)")
        case Status.ENDED:
            return pgettext("state of a duty", "ended with the agreement")
        case _:
            assert_never(item.status)


def _settled(item: Item) -> str:
    obligation = item.obligation
    if item.deed is not None:
        return pgettext("state of a duty", "fulfilled")
    if obligation.verification:
        return pgettext("state of a duty", "verified")
    match obligation.way:
        case Way.JOINT:
            return pgettext("state of a duty", "agreed")
        case Way.REVIEW if is_joint(obligation):
            return pgettext("state of a duty", "agreed")
        case Way.OPERATOR_DECIDES:
            return pgettext("state of a duty", "decided")
        case Way.REVIEW | Way.NONE:
            return pgettext("state of a duty", "accepted")
        case _:
            assert_never(obligation.way)


def late(item: Item) -> str:
    """By how many days it is late; empty where it is not."""
    if not item.is_overdue:
        return ""
    return ngettext("%(count)s day overdue", "%(count)s days overdue", item.days_over) % {
        "count": item.days_over
    }


def concerns(item: Item) -> str:
    """The fiscal year that it concerns, and which one of that year it is: 令和7年度分."""
    said = _("for %(year)s") % {"year": template_tags.fiscal_year(item.fiscal_year)}
    if item.obligation.timing != Timing.ON_REQUEST:
        return said
    return _("%(year)s, no. %(number)s") % {"year": said, "number": item.number}


def fulfilled(item: Item) -> str:
    """By which deed, when, and whether in time; empty where none fulfils it. Of a verification, that it was settled anew."""
    if item.deed is None:
        return _verified_anew(item.verified_anew_on)
    words = {"deed": item.deed.name, "day": template_tags.era_date(item.handed_in_on)}
    match item.deed.state:
        case DeedState.RETURNED:
            return _("“%(deed)s” was returned, so this is open again.") % words
        case DeedState.HANDED_IN:
            said = [_("“%(deed)s” was handed in on %(day)s.") % words]
        case DeedState.DONE:
            said = [_("Fulfilled by “%(deed)s” of %(day)s.") % words]
        case _:
            assert_never(item.deed.state)
    if item.days_late:
        late = ngettext("That was %(count)s day late.", "That was %(count)s days late.", item.days_late)
        said.append(late % {"count": item.days_late})
    if item.deed.corrected_on:
        day = template_tags.era_date(item.deed.corrected_on)
        said.append(_("It was settled anew on %(day)s.") % {"day": day})
    return _joined(said)


def _joined(sentences: list[str]) -> str:
    """One after the other; Japanese puts no space between them."""
    return ("" if (get_language() or "ja").startswith("ja") else " ").join(sentences)


def _verified_anew(day: date | None) -> str:
    return _("It was verified anew on %(day)s.") % {"day": template_tags.era_date(day)} if day else ""


def fulfilled_by(obligation: Obligation) -> str:
    """What in the portal fulfils it, where something does."""
    kind = deeds.kind(obligation.deed)
    return str(kind.name) if kind else ""


def when(item: Item) -> str:
    """The date that holds, or why there is none."""
    return template_tags.era_date(item.due_on) if item.due_on else pgettext("state of a duty", "no date")


def beside_the_date(item: Item) -> list[str]:
    """What stands under the date: the last working day, the first date of an extended one, whose date it is."""
    said = []
    if item.due_on and item.last_working_day != item.due_on:
        said.append(
            _("last working day %(day)s") % {"day": template_tags.era_date_short(item.last_working_day)}
        )
    if item.extensions:
        said.append(_changed_date(item))
    if item.amended is not None and item.amended.due_on is not None:
        words = {
            "number": item.amended.edition.number,
            "day": template_tags.era_date_short(item.amended.due_on),
        }
        said.append(
            _("stored before edition %(number)s, by which it was due %(day)s") % words
            if item.is_settled
            else _("amended (edition %(number)s): due %(day)s; not taken over yet") % words
        )
    elif item.rule.edition is not None and not item.is_stored and item.due_on:
        said.append(_("as amended (edition %(number)s)") % {"number": item.rule.edition.number})
    if item.is_own_date:
        is_asked = item.obligation.timing == Timing.ON_REQUEST
        said.append(_("the date of the request") if is_asked else _("the parties' own date"))
    if item.is_clamped:
        said.append(_("the rule says 29 February, which this year does not have"))
    return said


def _changed_date(item: Item) -> str:
    """Why the date that holds is not the first one: extended, or brought by an amendment."""
    edition = item.extensions[-1].edition
    if edition is None:
        return _("extended; first due %(day)s") % {"day": template_tags.era_date_short(item.first_due)}
    if item.first_due is None:
        return _("as amended (edition %(number)s)") % {"number": edition.number}
    words = {"number": edition.number, "day": template_tags.era_date_short(item.first_due)}
    return _("as amended (edition %(number)s); first due %(day)s") % words


def amended(item: Item) -> str:
    """What an amendment says of a duty that was stored before it; empty where none does."""
    if item.amended is None:
        return ""
    words = {
        "number": item.amended.edition.number,
        "known": template_tags.era_date(item.amended.edition.known_from),
        "old": when(item),
        "new": template_tags.era_date(item.amended.due_on),
    }
    if item.amended.is_dropped:
        return (
            _("Edition %(number)s, confirmed by both on %(known)s, no longer asks for it in this year.")
            % words
        )
    return (
        _(
            "It was stored under the earlier rule (%(old)s). Edition %(number)s, confirmed by both on %(known)s, makes"
            " it due on %(new)s."
        )
        % words
    )


def bound(obligation: Obligation) -> str:
    """甲（市）, 乙（財団）, or both."""
    match obligation.bound:
        case Bound.SUPPORTER:
            return pgettext("side", "the city")
        case Bound.OPERATOR:
            return pgettext("side", "the foundation")
        case Bound.BOTH:
            return pgettext("side", "both parties")
        case _:
            assert_never(obligation.bound)


def way(obligation: Obligation) -> str:
    """How it is decided, in a sentence."""
    match obligation.verification:
        case VerificationKind.EFFECT:
            return _("The foundation assesses itself, the city judges.")
        case VerificationKind.SETTLEMENT | VerificationKind.KPI:
            return _("One side writes the result of the verification, the other confirms it.")
        case "":
            return _own_way(obligation)
        case _:
            assert_never(obligation.verification)


def _own_way(obligation: Obligation) -> str:
    match obligation.way:
        case Way.JOINT:
            return _("One side proposes, the other confirms.")
        case Way.OPERATOR_DECIDES:
            return _(
                "The foundation hands in its draft, consults with the city, and decides. The city does not approve it."
            )
        case Way.REVIEW:
            match obligation.bound:
                case Bound.BOTH:
                    return _("One side proposes, the other confirms.")
                case Bound.SUPPORTER:
                    return _("The city hands in; the foundation accepts or returns it.")
                case Bound.OPERATOR:
                    return _("The foundation hands in; the city accepts or returns it.")
                case _:
                    assert_never(obligation.bound)
        case Way.NONE:
            return _("There is nothing to decide.")
        case _:
            assert_never(obligation.way)


def provision_name(provision: Provision | None) -> str:
    """第8条第2項; the first paragraph is named only where it is meant itself. Empty for an agreement as a whole."""
    if provision is None:
        return ""
    parts = provision.key.split("/")
    said = ""
    for place, part in enumerate(parts):
        first, *more = numbers_of(part) or (0,)
        number = f"{first}" if first else ""
        if part.startswith("art"):
            said += f"第{number}条" + "".join(f"の{more_number}" for more_number in more)
        elif part.startswith("par") and (first > 1 or place == len(parts) - 1):
            said += f"第{number}項"
        elif part.startswith("item"):
            said += f"第{number}号"
    return said or provision.label


def basis(obligation: Obligation) -> str:
    """The agreement and the article that oblige: 基本協定（令和4年） 第9条; without one, the source that does."""
    source = sources.in_words(obligation.source)
    is_elsewhere = source != obligation.source and obligation.source != obligation.agreement.source
    if obligation.provision is None and is_elsewhere:
        return source
    return f"{obligation.agreement.short_title} {provision_name(obligation.provision)}".strip()


def next_step(item: Item) -> str:
    """What the side for which it waits has to do, as a task."""
    to_be_done = item.status.is_to_be_done or item.status is Status.PREVIEW
    match item.obligation.verification:
        case VerificationKind.EFFECT if to_be_done and Side.OPERATOR in item.waits_for:
            said = _("Assess yourself: “%(title)s” (%(year)s)")
        case VerificationKind.EFFECT:
            said = _("Judge: “%(title)s” (%(year)s)")
        case VerificationKind.SETTLEMENT | VerificationKind.KPI if to_be_done:
            said = _("Verify: “%(title)s” (%(year)s)")
        case VerificationKind.SETTLEMENT | VerificationKind.KPI:
            said = _("Confirm: “%(title)s” (%(year)s)")
        case "":
            said = _own_step(item)
        case _:
            assert_never(item.obligation.verification)
    return said % {"title": item.obligation.title, "year": concerns(item)}


def _own_step(item: Item) -> str:
    joint = is_joint(item.obligation)
    if item.deed is not None and item.deed.under and joint and item.status.is_being_answered:
        return _("Conclude: “%(title)s” (%(year)s)")
    match item.status:
        case Status.RETURNED:
            return _("Revise: “%(title)s” (%(year)s)")
        case Status.OPEN | Status.PREVIEW:
            return _("Propose: “%(title)s” (%(year)s)") if joint else _("Hand in: “%(title)s” (%(year)s)")
        case _ if joint:  # whatever else it is, the other side has it before it
            return _("Answer the proposal: “%(title)s” (%(year)s)")
        case _ if item.obligation.way == Way.OPERATOR_DECIDES:
            return _("Consult and decide: “%(title)s” (%(year)s)")
        case Status.IN_REVIEW:
            return _("Finish the review: “%(title)s” (%(year)s)")
        case Status.HANDED_IN | Status.UNSETTLED | Status.SETTLED | Status.DROPPED | Status.ENDED:
            return _("Review: “%(title)s” (%(year)s)")
        case _:
            assert_never(item.status)


def findings(calendar: Calendar) -> list[str]:
    """The year in words, the answer first: what is late, what comes next, what is not stored or not signed."""
    said = []
    year = template_tags.fiscal_year(calendar.year)
    if not calendar.items:
        return [_("Nothing falls due in %(year)s, and nothing concerns it.") % {"year": year}]
    if calendar.overdue:
        number = len(calendar.overdue)
        said.append(
            ngettext("%(count)s duty is overdue.", "%(count)s duties are overdue.", number)
            % {"count": number}
        )
    elif any(item.is_concluded for item in calendar.items):
        said.append(_("Nothing is overdue."))
    if calendar.next_due:
        item = calendar.next_due
        said.append(
            _("Next: “%(title)s”, due %(day)s.") % {"title": item.obligation.title, "day": when(item)}
        )
    if calendar.drafts:
        said.append(
            ngettext(
                "%(count)s duty comes from an agreement that is not concluded (案).",
                "%(count)s duties come from agreements that are not concluded (案).",
                calendar.drafts,
            )
            % {"count": calendar.drafts}
        )
    if calendar.to_store:
        said.append(
            ngettext(
                "%(count)s duty is not stored yet.", "%(count)s duties are not stored yet.", calendar.to_store
            )
            % {"count": calendar.to_store}
        )
    return said


def _settled_in_words(item: Item) -> str:
    """When and how it was settled, and that what it rests on has changed since: that did not happen on the same day."""
    words = {"day": template_tags.era_date(item.settled_on), "state": _settled(item)}
    said = [_("Settled on %(day)s: %(state)s.") % words]
    if item.corrected_since:
        said.append(_("%(changed)s.") % {"changed": item.corrected_since})
    return _joined(said)


def standing(item: Item, side: Side | None) -> str:
    """Where the duty stands, and whose step is next, in a sentence."""
    if item.is_draft:
        return _("The agreement is not concluded: this is only what its draft would ask for.")
    match item.status:
        case Status.PREVIEW:
            said = _("It is not stored yet. Store it to begin.")
        case Status.SETTLED:
            return _settled_in_words(item)
        case Status.DROPPED:
            return amended(item) or _("An amendment no longer asks for it in this year.")
        case Status.ENDED:
            return _ended(item)
        case Status.OPEN | Status.RETURNED if item.falls_on:
            said = falls(item)
        case Status.OPEN | Status.UNSETTLED if not item.waits_for:
            said = _("It is not settled yet.")
        case Status.OPEN | Status.UNSETTLED | Status.HANDED_IN | Status.IN_REVIEW | Status.RETURNED:
            is_ours = side in item.waits_for
            said = _("Your side has the next step.") if is_ours else _("The other side has the next step.")
        case _:
            assert_never(item.status)
    return _("%(late)s. %(said)s") % {"late": late(item), "said": said} if item.is_overdue else said


def falls(item: Item) -> str:
    """That its agreement ends before it falls due; empty where it does not."""
    if item.falls_on is None:
        return ""
    return _("The agreement ends on %(day)s, before this falls due: it is no longer asked for.") % {
        "day": template_tags.era_date(item.falls_on)
    }


def _ended(item: Item) -> str:
    words = {"day": template_tags.era_date(item.ended_on)}
    if item.was_due:
        return (
            _("The agreement ended on %(day)s; this was not settled by then, and is no longer asked for.")
            % words
        )
    return _("The agreement ended on %(day)s; this is no longer asked for.") % words


def missing(item: Item) -> str:
    """The documents that are not there yet, in one line."""
    return names(one.name for one in item.missing)


def names(found: Iterable[str]) -> str:
    """Japanese names in one line."""
    return listed(found)
