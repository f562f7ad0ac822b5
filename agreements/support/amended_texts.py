"""What pages say of the terms of a support measure, and of what amendments make of them."""

from typing import assert_never

from django.utils.translation import gettext as _

from agreements.models import MeasureChange, MeasureOutcome, SupportMeasure
from agreements.support.texts import large
from iconm_portal.display.template_tags import fiscal_year, fiscal_year_short, span
from iconm_portal.values.fiscal import FiscalYear


def terms_in_words(measure: SupportMeasure) -> str:
    """For which years it is granted, and how much in all where it has one amount: H27〜R3・総額10億円."""
    return _terms(measure.first_year, measure.last_year, measure.total)


def _terms(first: FiscalYear, last: FiscalYear | None, total: int | None) -> str:
    # Without a last year of its own it ends with its agreement, which has one or none: nothing is said of that here.
    said = fiscal_year_short(first)
    years = span(said, fiscal_year_short(last)) if last else _("from %(year)s") % {"year": said}
    if total is None:
        return years
    return _("%(years)s, %(total)s in all") % {"years": years, "total": large(total)}


def change_in_words(change: MeasureChange) -> str:
    """What an amendment makes of a measure, in a sentence."""
    number = {"number": change.edition.number}
    outcome = MeasureOutcome(change.outcome)
    match outcome:
        case MeasureOutcome.UNCHANGED:
            return _("It stays as it is.")
        case MeasureOutcome.DROPPED:
            words = number | {"year": fiscal_year(change.from_year)}
            return _("Not granted any more from %(year)s on (edition %(number)s).") % words
        case MeasureOutcome.NEW_TERMS:
            terms = _terms(change.measure.first_year, change.last_year, change.total)
            return _("Amended terms: %(terms)s (edition %(number)s).") % (number | {"terms": terms})
        case _:
            assert_never(outcome)
