"""What templates write with: dates, years and figures in the reader's language, and the small signs of the house.

A template builtin (settings), so no `{% load %}` is needed. A missing value is written as nothing: whether it means
未報告 or 「－」 is the page's to say.
"""

from datetime import date, datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from iconm_portal.models import ReviewState
from iconm_portal.values import fiscal, money
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import bracketed

register = template.Library()

SIGNS = {
    "met": "✓",
    "nearly": "△",
    "not-met": "×",
    "interim": "◐",
    "unreported": "–",
    "success": "✓",
    "info": "i",
    "warning": "!",
    "error": "×",
}


register.filter(bracketed)


def _language() -> str:
    return get_language() or "ja"


def _day(value: date | datetime) -> date:
    """The day in Japan of a moment; a date stays what it is."""
    return timezone.localtime(value).date() if isinstance(value, datetime) else value


@register.filter
def era_date(value: date | datetime | None) -> str:
    """令和3年11月30日, or 30 November 2021."""
    return fiscal.date_label(_day(value), _language()) if value else ""


@register.filter
def era_date_short(value: date | datetime | None) -> str:
    """R3.11.30, or 30 Nov 2021."""
    if not value:
        return ""
    day = _day(value)
    return (
        fiscal.era_date_short(day)
        if _japanese()
        else f"{day.day} {fiscal.month_label(day.year, day.month, _language())[:3]} {day.year}"
    )


@register.filter
def era_time(value: datetime | None) -> str:
    """令和3年11月30日 14:02, or 30 November 2021, 14:02; Japanese time."""
    if not value:
        return ""
    separator = " " if _japanese() else ", "
    return f"{era_date(value)}{separator}{timezone.localtime(value):%H:%M}"


@register.filter
def as_of(value: date | None) -> str:
    """令和3年11月末, or end of November 2021."""
    return fiscal.as_of_text(value, _language()) if value else ""


@register.filter
def as_of_short(value: date | None) -> str:
    """R3.11末, or 30 Nov 2021."""
    if not value:
        return ""
    return fiscal.as_of_short(value) if _japanese() else era_date_short(value)


@register.filter
def fiscal_year(value: FiscalYear | None) -> str:
    """令和5年度, or FY2023."""
    return value.label(_language()) if value else ""


@register.filter
def fiscal_year_short(value: FiscalYear | None) -> str:
    """R5, or FY2023."""
    if not value:
        return ""
    return value.short if _japanese() else value.english


@register.filter
def fiscal_years(first: FiscalYear | None, last: FiscalYear | None) -> str:
    """令和4年度〜令和7年度, or FY2022–FY2025; one year by itself, and what has no end is open."""
    return span(fiscal_year(first), fiscal_year(last))


@register.filter
def fiscal_years_short(first: FiscalYear | None, last: FiscalYear | None) -> str:
    """R4〜R7, or FY2022–FY2025."""
    return span(fiscal_year_short(first), fiscal_year_short(last))


def span(first: str, last: str) -> str:
    """Two years or days in words; where both are the same, that one alone."""
    if first == last:
        return first
    return f"{first}〜{last}" if _japanese() else f"{first}–{last}"


@register.filter
def number(value: Decimal | int | None, decimals: int | None = None) -> str:
    """1,234.5, with ▲ for negatives; nothing for None, and 0 for zero."""
    return "" if value is None else money.format_number(value, decimals, strip_zeros=decimals is None)


@register.simple_tag
def chip(kind: str, word: str) -> SafeString:
    """A verdict or state: sign, word and colour. Kinds: met, nearly, not-met, interim, unreported, neutral, active."""
    sign = SIGNS.get(kind)
    mark = format_html('<span class="chip__sign" aria-hidden="true">{}</span>', sign) if sign else ""
    return format_html('<span class="chip chip--{}">{}{}</span>', kind, mark, word)


REVIEW_CHIPS = {
    ReviewState.DRAFT: "neutral",
    ReviewState.SUBMITTED: "active",
    ReviewState.IN_REVIEW: "active",
    ReviewState.RETURNED: "interim",
    ReviewState.ACCEPTED: "met",
}


@register.simple_tag
def review_chip(state: ReviewState) -> SafeString:
    """The state of what is reviewed as sign, word and colour."""
    return chip(REVIEW_CHIPS[state], str(state.label))


@register.filter
def sign(level: str) -> str:
    """The sign that goes with a message's level, so that colour never speaks alone."""
    return SIGNS.get(level, SIGNS["info"])


def _japanese() -> bool:
    return _language().startswith("ja")
