"""What pages say about editions: names, what each is on the day, how two differ."""

from collections.abc import Iterable
from typing import assert_never

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from agreements.editions.comparison import ChangeKind, Mark, Op
from agreements.editions.editions import EditionLine, Editions, EditionStanding, Text
from agreements.editions.side_by_side import Compared, Comparison
from agreements.instruments.texts import recorded_later
from agreements.models import Edition
from iconm_portal.display import template_tags
from iconm_portal.values.text import listed

STANDING: dict[EditionStanding, Promise] = {
    EditionStanding.UNCONCLUDED: pgettext_lazy("edition", "draft: not concluded"),
    EditionStanding.COMING: pgettext_lazy("edition", "settled, not yet in force"),
    EditionStanding.IN_FORCE: pgettext_lazy("edition", "in force"),
    EditionStanding.PAST: pgettext_lazy("edition", "replaced by an amendment"),
    EditionStanding.ENDED: pgettext_lazy("edition", "ended with the agreement"),
    EditionStanding.NEVER: pgettext_lazy("edition", "never in force: the agreement ends before"),
    EditionStanding.DRAFTED: pgettext_lazy("edition", "amendment being drafted"),
    EditionStanding.PROPOSED: pgettext_lazy("edition", "amendment proposed"),
    EditionStanding.DECLINED: pgettext_lazy("edition", "amendment declined"),
}
_CHIPS = {
    EditionStanding.UNCONCLUDED: "unreported",
    EditionStanding.COMING: "active",
    EditionStanding.IN_FORCE: "met",
    EditionStanding.PAST: "neutral",
    EditionStanding.ENDED: "neutral",
    EditionStanding.NEVER: "neutral",
    EditionStanding.DRAFTED: "unreported",
    EditionStanding.PROPOSED: "active",
    EditionStanding.DECLINED: "not-met",
}
CHANGES: dict[ChangeKind, Promise] = {
    ChangeKind.SAME: pgettext_lazy("provision compared", "unchanged"),
    ChangeKind.CHANGED: pgettext_lazy("provision compared", "changed"),
    ChangeKind.RENUMBERED: pgettext_lazy("provision compared", "renumbered"),
    ChangeKind.ADDED: pgettext_lazy("provision compared", "added"),
    ChangeKind.REMOVED: pgettext_lazy("provision compared", "removed"),
}


_CHANGE_CHIPS = {
    ChangeKind.SAME: "",
    ChangeKind.CHANGED: "active",
    ChangeKind.RENUMBERED: "active",
    ChangeKind.ADDED: "active",
    ChangeKind.REMOVED: "neutral",
}


def change_chip(kind: ChangeKind) -> SafeString:
    """What became of a provision, as sign, word and colour; quiet where nothing did."""
    if look := _CHANGE_CHIPS[kind]:
        return template_tags.chip(look, str(CHANGES[kind]))
    return format_html('<span class="quiet">{}</span>', CHANGES[kind])


def marked(mark: Mark) -> SafeString | str:
    """A run of words, marked as what became of it."""
    match mark.op:
        case Op.SAME:
            return mark.text
        case Op.ADDED:
            return format_html("<ins>{}</ins>", mark.text)
        case Op.REMOVED:
            return format_html("<del>{}</del>", mark.text)
        case _:
            assert_never(mark.op)


def standing_chip(standing: EditionStanding) -> SafeString:
    """What the edition is, as sign, word and colour."""
    return template_tags.chip(_CHIPS[standing], str(STANDING[standing]))


def name(line: EditionLine) -> str:
    """第2版（令和9年4月1日から）; Edition 2 (from 1 April 2027)."""
    day = template_tags.era_date(line.edition.in_force_from)
    return _("Edition %(number)s (from %(day)s)") % {"number": line.number, "day": day}


def which_holds(known: Editions) -> str:
    """Which wording binds today, in a sentence."""
    if not known.lines:
        return _("No wording of this agreement is recorded.")
    if known.in_force is not None:
        return _("%(edition)s is in force.") % {"edition": name(known.in_force)}
    current = known.current
    if current is not None and current.standing is EditionStanding.UNCONCLUDED:
        return _("The agreement is not concluded: its wording is a draft.")
    if current is not None and current.standing is EditionStanding.COMING:
        return _("%(edition)s is settled and not yet in force.") % {"edition": name(current)}
    return _("No wording of this agreement is in force today.")


def what_it_is(line: EditionLine, known: Editions) -> str:
    """What an edition is today, in a sentence."""
    day = template_tags.era_date(line.edition.in_force_from)
    if line.number > 1:
        day += recorded_later(line.edition.in_force_from, line.edition.known_from)
    if known.comes_too_late(line):
        return _("This amendment cannot take effect on %(day)s: the agreement ends before that day.") % {
            "day": day
        }
    match line.standing:
        case EditionStanding.UNCONCLUDED:
            return _("This is the draft of an agreement that is not concluded.")
        case EditionStanding.IN_FORCE:
            return _("This wording is in force since %(day)s.") % {"day": day}
        case EditionStanding.COMING:
            return _("This wording is settled and takes effect on %(day)s.") % {"day": day}
        case EditionStanding.PAST:
            until = next_settled(line, known)
            if until is None:
                return _("This wording is no longer in force.")
            return _(
                "This wording was in force from %(day)s until another one took its place on %(until)s."
            ) % {
                "day": day,
                "until": template_tags.era_date(until.edition.in_force_from),
            }
        case EditionStanding.ENDED:
            return _("This wording was the last one. It ended with the agreement.")
        case EditionStanding.NEVER:
            return _("This wording was to take effect on %(day)s. The agreement ends before that day.") % {
                "day": day
            }
        case EditionStanding.PROPOSED:
            return _("This amendment waits for an answer. It would take effect on %(day)s.") % {"day": day}
        case EditionStanding.DECLINED:
            return _("This amendment was declined. It can be changed and proposed again.")
        case EditionStanding.DRAFTED:
            return _("This amendment is being drafted. It would take effect on %(day)s.") % {"day": day}
        case _:
            assert_never(line.standing)


def next_settled(line: EditionLine, known: Editions) -> EditionLine | None:
    """The edition that took or will take this one's place."""
    later = [
        other
        for other in known.lines
        if other.standing.is_settled and other.edition.in_force_from > line.edition.in_force_from
    ]
    return min(later, key=lambda other: other.edition.in_force_from, default=None)


def newer(line: EditionLine, known: Editions) -> EditionLine | None:
    """Where a reader of a past edition finds what holds now."""
    return known.in_force if line.standing is EditionStanding.PAST else None


def remarks(text: Text) -> list[str]:
    """What a reader of an edition has to know about its text."""
    said = []
    if not text.parts:
        return [_("No provision is recorded yet.")]
    if not text.has_official_text:
        return [
            _(
                "The official wording is not imported. What stands here is a summary in our own words;"
                " it binds nobody."
            )
        ]
    if text.has_summaries:
        said.append(_("Summaries in our own words are marked as such; they are no part of the wording."))
    if text.paraphrased:
        said.append(
            _("Changed in our own words only; the official wording of the change is not there: %(places)s.")
            % {"places": listed(part.place for part in text.paraphrased)}
        )
    if text.missing:
        said.append(
            _("The imported text does not have: %(places)s.")
            % {"places": listed(part.place for part in text.missing)}
        )
    return said


def of_draft(edition: Edition, compared: Comparison | None) -> str:
    """What an amendment changes, in a sentence: provisions, or of an annual agreement the amount alone."""
    if compared is None:
        return ""
    if edition.contribution is None or compared.changed:
        return difference(compared)
    words = {
        "amount": f"{edition.contribution:,}",
        "day": template_tags.era_date(edition.in_force_from),
    }
    return _("The contribution of the city is %(amount)s yen from %(day)s on; nothing else changes.") % words


def caveats(edition: Edition, compared: Comparison | None, *, above_text: bool = False) -> list[str]:
    """What a reader of the comparison has to know before anything rests on it: what is not compared word by word.

    `above_text`: on the edition's own page, which says already of its text what it has in our own words only.
    """
    said = []
    if edition.is_over_summaries and (compared is None or (compared.by_summary and compared.rows)):
        said.append(
            _(
                "This amendment is drafted over summaries in our own words: the official wording of the edition that it"
                " amends is not imported. Once it is, everything that the amendment does not change reads as that."
            )
        )
    if compared is None:
        return said
    if compared.is_impossible:
        said.append(
            _(
                "The two cannot be compared: one has the official wording only, the other only summaries in our own words."
            )
        )
    elif compared.unlike:
        said.append(
            _("Not compared word by word, because a summary stands beside a wording: %(places)s.")
            % {"places": _places(compared.unlike)}
        )
    if compared.paraphrased and not above_text:
        said.append(
            _("Changed in our own words only; the official wording of the change is not there: %(places)s.")
            % {"places": _places(compared.paraphrased)}
        )
    return said


def _places(rows: Iterable[Compared]) -> str:
    return listed(dict.fromkeys(row.new_place or row.old_place for row in rows))


def difference(compared: Comparison) -> str:
    """How many provisions differ, in a sentence."""
    if compared.is_impossible:
        return _("The two cannot be compared.")
    if not compared.changed:
        return _("The two say the same.")
    texts = {
        ChangeKind.CHANGED: _("%(count)s changed"),
        ChangeKind.ADDED: _("%(count)s added"),
        ChangeKind.REMOVED: _("%(count)s removed"),
        ChangeKind.RENUMBERED: _("%(count)s renumbered"),
        ChangeKind.SAME: "",  # is no difference
    }
    counts = [(said, compared.count(kind)) for kind, said in texts.items() if said]
    joined = listed(said % {"count": n} for said, n in counts if n)
    return _("Provisions: %(differences)s.") % {"differences": joined}
