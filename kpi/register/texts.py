"""How the register is said: dates as far as they are known, numbers with their units, and what a list comes to.

Names, notes and units are data and stay Japanese.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, assert_never

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from iconm_portal.display import template_tags
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed
from kpi.models import Category, Measured, Record
from kpi.plans import texts
from kpi.register.records import CategoryLine, Counting


def when(record: Record) -> str:
    """令和2年9月; by the end of April 2021; FY2015–FY2020; or nothing."""
    if record.is_period_total:
        return period(record.first_year, record.last_year)
    if record.happened:
        return partial_date.label(record.happened, get_language() or "ja")
    if record.latest is None:
        return ""
    day = {"day": template_tags.era_date(record.latest)}
    return _("at some time until %(day)s") % day if record.is_level else _("by %(day)s") % day


def period(first: FiscalYear | None, last: FiscalYear | None) -> str:
    """H27–R2, or one year."""
    if first is None or last is None:
        return ""
    if first == last:
        return texts.year_label(first)
    return template_tags.span(texts.year_short(first), texts.year_short(last))


def figures(record: Record) -> list[str]:
    """What was counted of it: 約4,200人, 60件, 90%; the single one that a record is by itself is not said."""
    category, said = record.category, []
    if record.quantity is not None and (record.quantity != 1 or record.stands_for_many):
        said.append(_about(format_number(record.quantity) + category.unit, record.is_approximate))
    if record.people is not None:
        said.append(_about(format_number(record.people) + "人", record.people_are_approximate))
    if record.satisfaction is not None:
        said.append(_("satisfied: %(share)s%%") % {"share": percent(record.satisfaction)})
    return said


def percent(share: Decimal) -> str:
    return format_number(share, strip_zeros=True)


def _about(figure: str, is_approximate: bool) -> str:
    return _("about %(figure)s") % {"figure": figure} if is_approximate else figure


def chip(record: Record) -> SafeString:
    """Valid or withdrawn; or that it is the total of a period, or a level."""
    if record.is_withdrawn:
        return template_tags.chip("unreported", str(record.get_status_display()))
    if record.is_period_total:
        return template_tags.chip("neutral", _("total of a period"))
    if record.is_level:
        return template_tags.chip("neutral", _("level at a time"))
    return template_tags.chip("met", str(record.get_status_display()))


def finding(lines: Sequence[CategoryLine], year: FiscalYear) -> str:
    """How many of what were recorded this year."""
    total = sum(line.this_year for line in lines)
    words = {"year": texts.year_label(year), "count": f"{total:,}"}
    if not total:
        return _("Nothing is recorded for %(year)s yet.") % words
    text = ngettext("%(year)s: %(count)s record so far", "%(year)s: %(count)s records so far", total) % words
    named = [
        f"{line.category.name} {line.this_year:,}{line.category.unit or '件'}"
        for line in sorted(lines, key=lambda line: -line.this_year)
        if line.this_year
    ]
    rest = listed(named[:4]) + (_(" and others") if len(named) > 4 else "")
    return _("%(text)s (%(named)s).") % {"text": text, "named": rest}


def lacking(lines: Sequence[CategoryLine]) -> list[str]:
    """What the register lacks, each in a sentence; nothing where all is there."""
    without_date = sum(line.without_date for line in lines)
    without_file = sum(line.without_file for line in lines)
    said = []
    if without_date:
        said.append(
            ngettext(
                "%(count)s record has no date, so no fiscal year counts it.",
                "%(count)s records have no date, so no fiscal year counts them.",
                without_date,
            )
            % {"count": f"{without_date:,}"}
        )
    if without_file:
        said.append(
            ngettext(
                "%(count)s record has no file that shows it.",
                "%(count)s records have no file that shows them.",
                without_file,
            )
            % {"count": f"{without_file:,}"}
        )
    return said


def narrowed(total: int, *, valid: int, people: int) -> str:
    """What the list comes to after narrowing."""
    text = ngettext("%(count)s record is found", "%(count)s records are found", total) % {
        "count": f"{total:,}"
    }
    if not total:
        return _("No record is found.")
    parts = [_("valid: %(number)s") % {"number": f"{valid:,}"}]
    if people:
        parts.append(_("people: %(number)s") % {"number": f"{people:,}"})
    return _("%(text)s (%(parts)s).") % {"text": text, "parts": _("; ").join(parts)}


def counting(entry: Counting, record: Record) -> str:
    """Whether an indicator counts the record, and from when on."""
    if record.is_withdrawn:
        return _("It is withdrawn, so it is not counted.")
    if record.is_period_total:
        return _("It is the total of a period, so it is not counted.")
    if record.is_level:
        return _("It says how many there were at a time, so it is not counted.")
    if entry.year is not None:
        from_then_on = entry.indicator.kind.counts_all_so_far
        text = _("Counted from %(year)s on.") if from_then_on else _("Counted in %(year)s.")
        return text % {"year": texts.year_label(entry.year)}
    if entry.is_vague:
        return _("Its date is too vague for one fiscal year, so it is not counted.")
    return _("It did not happen in the years of this plan.")


def measured(value: Decimal, what: Measured | Literal[""], category: Category, unit: str) -> str:
    """The register's number with its unit."""
    match what:
        case Measured.SATISFACTION:
            return f"{percent(value)}%"
        case Measured.PEOPLE:
            return f"{format_number(value)}人"
        case Measured.RECORDS | Measured.QUANTITY | "":
            return f"{format_number(value)}{unit or category.unit}"
        case _:
            assert_never(what)


def title(record: Record) -> SafeString:
    """The title with its number, for crumbs and lists of likenesses."""
    return format_html('<span lang="ja">{}</span> <span class="quiet">{}</span>', record.title, when(record))
