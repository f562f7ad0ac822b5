"""What can be written down of something that happened: the one place that forms, corrections and imports ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models.known_days import KnownDays
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category


@dataclass(frozen=True, slots=True)
class Facts:
    """What is written down of something that happened. `happened` is a partial date (2015-02-01, 2015-02, 2015);
    `latest` says by when it had happened where nothing nearer is known."""

    title: str
    reference: str = ""
    partner: str = ""
    happened: str = ""
    latest: date | None = None
    is_period_total: bool = False
    is_level: bool = False
    first_year: FiscalYear | None = None
    last_year: FiscalYear | None = None
    quantity: int | None = 1
    people: int | None = None
    is_approximate: bool = False
    people_are_approximate: bool = False
    satisfaction: Decimal | None = None
    theme: str = ""
    stage: str = ""
    became: str = ""
    note: str = ""


_ASKED = {
    "reference": "reference_label",
    "people": "asks_people",
    "satisfaction": "asks_satisfaction",
    "theme": "asks_stage",
    "stage": "asks_stage",
}
Refusal = tuple[str, ValidationError]  # the field, and why


def check(category: Category, facts: Facts, days: KnownDays, was: Facts | None = None) -> None:
    """ValidationError by field. What stood there before and is not typed anew may stay (`was`).

    The messages keep what fills them apart, so that an import can be read in every language.
    """
    found: dict[str, ValidationError] = {}
    for refusals in (_days(facts, days, was), _counts(facts, was), _period(facts, days, was), _level(facts)):
        for name, error in refusals:
            found.setdefault(name, error)
    for name, asked in _ASKED.items():
        is_put_in = was is None or getattr(was, name) != getattr(facts, name)
        if getattr(facts, name) not in ("", None) and not getattr(category, asked) and is_put_in:
            message = _("The category “%(category)s” does not ask for this.")
            found[name] = ValidationError(message, params={"category": category.name})
    if not facts.title.strip():
        found["title"] = ValidationError(_("Say what happened."))
    if found:
        raise ValidationError(found)


def _days(facts: Facts, days: KnownDays, was: Facts | None) -> Iterator[Refusal]:
    """It happened, and not long before the center."""
    begins = ends = None
    if facts.happened and partial_date.is_valid(facts.happened):
        begins, ends = partial_date.first_day(facts.happened), partial_date.last_day(facts.happened)
    for name, first, last in (("happened", begins, ends), ("latest", facts.latest, facts.latest)):
        if first is None or last is None or (was is not None and getattr(was, name) == getattr(facts, name)):
            continue
        if first > days.today:
            text = _("A record is written down after it happened; this day is still to come.")
            yield name, ValidationError(text)
        elif (error := days.too_early(last)) is not None:
            yield name, error
    if facts.happened and facts.latest:
        text = _("The date says it already. Leave this blank, or leave the date blank.")
        yield "latest", ValidationError(text)


def _counts(facts: Facts, was: Facts | None) -> Iterator[Refusal]:
    """What happened, happened at least once; a level and the total of a period may well be 0."""
    is_something = not (facts.is_level or facts.is_period_total)
    is_typed = was is None or (was.quantity, was.is_level, was.is_period_total) != (
        facts.quantity,
        facts.is_level,
        facts.is_period_total,
    )
    if facts.quantity is not None and is_typed and facts.quantity < (1 if is_something else 0):
        text = _("A record is of at least one. Leave it out where nothing happened.")
        yield "quantity", ValidationError(text)
    if facts.satisfaction is not None and not 0 <= facts.satisfaction <= 100:
        yield "satisfaction", ValidationError(_("A share lies between 0 and 100."))


def _period(facts: Facts, days: KnownDays, was: Facts | None) -> Iterator[Refusal]:
    """The total of a period has years, all over by now, in place of a date; nothing else has years."""
    if not facts.is_period_total:
        text = _("Only the total of a period has fiscal years; anything else has a date.")
        yield from (
            (name, ValidationError(text)) for name in ("first_year", "last_year") if getattr(facts, name)
        )
        return
    text = _("The total of a period names its first and its last fiscal year.")
    yield from (
        (name, ValidationError(text)) for name in ("first_year", "last_year") if not getattr(facts, name)
    )
    text = _("The total of a period has fiscal years in place of a date.")
    yield from ((name, ValidationError(text)) for name in ("happened", "latest") if getattr(facts, name))
    first, last = facts.first_year, facts.last_year
    if first is None or last is None:
        return
    if last < first:
        yield "last_year", ValidationError(_("The last year does not come before the first."))
    if was is not None and (was.first_year, was.last_year) == (first, last):
        return
    if last.last_day >= days.today:
        text = _(
            "This period is not over yet, so that nobody knows its total. End it with a year that is over."
        )
        yield "last_year", ValidationError(text)
    if (error := days.too_early(first.first_day)) is not None:
        yield "first_year", error


def _level(facts: Facts) -> Iterator[Refusal]:
    if not facts.is_level:
        return
    if facts.is_period_total:
        yield "is_level", ValidationError(_("A level stands at a time; it is no total of a period."))
    elif not (facts.happened or facts.latest):
        yield "happened", ValidationError(_("Say when there were so many, or by when."))
