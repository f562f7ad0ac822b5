"""The words for what the accounts and the register propose: value, where it comes from, and how a report differs."""

from decimal import Decimal
from typing import assert_never

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.support.texts import joined
from finance.models import Stage
from iconm_portal.display import template_tags
from iconm_portal.models import Center
from iconm_portal.values import clock
from iconm_portal.values.money import MoneyUnit, Rounding, format_number, in_unit
from kpi.models import Indicator, IndicatorBasis, Measured
from kpi.plans.achievement import Certainty
from kpi.register.opening_balances import Opening
from kpi.value_sources import check_messages
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal, RegisterCount


def value_text(proposal: Proposal) -> str:
    """The proposed value as all pages print such values, or the range that vaguely dated records leave open: 1–5."""
    if proposal.value is None or proposal.most is None:
        return ""
    least = check_messages.printed(proposal.indicator, proposal.value)
    most = check_messages.printed(proposal.indicator, proposal.most)
    return least if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}


def with_unit(proposal: Proposal) -> str:
    """The same with its unit: 505百万円."""
    text = value_text(proposal)
    return f"{text}{proposal.indicator.unit}" if text else ""


def source_text(proposal: Proposal) -> str:
    """What the value is taken from, or why there is none."""
    words = {
        "year": template_tags.fiscal_year_short(proposal.fiscal_year),
        "day": template_tags.as_of_short(proposal.as_of),
    }
    if proposal.basis.account is not None:
        return _account_text(proposal, words | {"account": proposal.basis.account.name})
    return _register_text(proposal, words)


def _account_text(proposal: Proposal, words: dict[str, str]) -> str:
    line = proposal.line
    if line is None and proposal.as_of < proposal.fiscal_year.last_day:
        return _("No settlement forecast of %(year)s has “%(account)s” yet.") % words
    if line is None:
        return _("No settlement of %(year)s has “%(account)s” yet.") % words
    words |= {"stage": str(line.stage.label), "amount": thousand_yen(line.amount)}
    return _("“%(account)s” in the %(stage)s of %(year)s: %(amount)s") % words


def _register_text(proposal: Proposal, words: dict[str, str]) -> str:
    category, counted = proposal.basis.category, proposal.counted
    if category is None or counted is None:
        return ""
    sums, opening = counted.sums, counted.opening
    words |= {"category": category.name, "number": number_text(counted)}
    in_year = (
        proposal.basis.indicator.kind.begins_anew_each_year
        or not proposal.basis.indicator.kind.counts_all_so_far
    )
    if opening is not None and counted.as_of < opening.as_of:
        return joined([opening_text(counted), _("It says nothing of an earlier day.")])
    if not counted.is_kept and not sums.vague:
        nothing = (
            _("Nothing to count in the register under “%(category)s” in %(year)s by %(day)s") % words
            if in_year
            else _("Nothing to count in the register under “%(category)s” by %(day)s") % words
        )
        return joined([opening_text(counted), _("Nothing is recorded since.")]) if opening else nothing
    parts = [
        _("Register, “%(category)s” in %(year)s up to %(day)s: %(number)s") % words
        if in_year
        else _("Register, “%(category)s” up to %(day)s: %(number)s") % words
    ]
    if opening is not None:
        parts.append(f"({opening_text(counted)})")
    if sums.vague:
        parts.append(
            ngettext(
                "(%(number)s more is dated too vaguely to be counted)",
                "(%(number)s more are dated too vaguely to be counted)",
                sums.vague,
            )
            % {"number": format_number(sums.vague)}
        )
    if sums.lacking(proposal.basis.measured):
        parts.append(_("(some of them lack what is measured)"))
    if counted.short_of is not None:
        parts.append(short_text(counted))
    return joined(parts)


def number_text(counted: RegisterCount) -> str:
    """What the register comes to with its unit, as pages print it: 640人; how many records there are where they lack what
    is counted."""
    if counted.least is None:
        return ngettext("%(number)s record", "%(number)s records", counted.sums.records) % {
            "number": format_number(counted.sums.records)
        }
    return check_messages.printed_with_unit(counted.basis.indicator, counted.least)


def opening_text(counted: RegisterCount) -> str:
    """9件 until R3.3.31 (source), and what is recorded since; empty without an opening balance."""
    opening, indicator = counted.opening, counted.basis.indicator
    if opening is None:
        return ""
    until = opening_words(indicator, opening)
    if counted.since_opening is None or not counted.sums.records or counted.as_of <= opening.as_of:
        return until
    since = check_messages.printed_with_unit(indicator, counted.since_opening)
    return _("%(opening)s, and %(since)s recorded since") % {"opening": until, "since": since}


def opening_words(indicator: Indicator, opening: Opening | None) -> str:
    """9件 until R3.3.31 (source); empty without one."""
    if opening is None:
        return ""
    return _("%(value)s until %(day)s by “%(source)s”") % {
        "value": check_messages.printed_with_unit(indicator, Decimal(opening.value) * indicator.scale),
        "day": template_tags.era_date_short(opening.as_of),
        "source": opening.source,
    }


def chosen_text(basis: IndicatorBasis) -> str:
    """Who chose the source when, and why; empty for what came from a document."""
    if basis.chosen_at is None or basis.chosen_by is None:
        return ""
    return _("%(day)s, %(person)s: %(reason)s") % {
        "day": template_tags.era_date_short(clock.day_of(basis.chosen_at)),
        "person": basis.chosen_by.name,
        "reason": basis.reason,
    }


def short_text(counted: RegisterCount) -> str:
    """Why the register proposes nothing and is held against no report; empty where it is."""
    short = counted.short_of
    if short is None:
        return ""
    words = {
        "value": check_messages.printed_with_unit(counted.basis.indicator, short.value),
        "year": template_tags.fiscal_year_short(short.year),
        "day": template_tags.as_of_short(short.as_of),
    }
    if counted.basis.indicator.kind.counts_all_so_far:
        return (
            _(
                "The register holds less than was accepted (%(value)s as of %(day)s), so it proposes nothing and no report"
                " is held against it. An opening balance, or the missing records, make it whole."
            )
            % words
        )
    return (
        _(
            "The register holds less of %(year)s than was accepted (%(value)s as of %(day)s), so it proposes nothing and"
            " no report is held against it."
        )
        % words
    )


def thousand_yen(yen: int) -> str:
    """505,794千円; yen that are left over stay as decimals."""
    return f"{format_number(in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP, 3), strip_zeros=True)}千円"


def url(proposal: Proposal, center: Center) -> str:
    """Where the proposal can be read: the statement, or the records counted; empty where there is neither."""
    if proposal.line is not None:
        statement = proposal.line.statement
        where = {"year": statement.fiscal_year, "stage": statement.slug, "revision": statement.revision}
        return reverse("finance:statement", kwargs={"center": center.code, **where})
    if proposal.counted is None:
        return ""
    one = proposal.indicator
    counted = {"plan": one.plan.code, "indicator": one.code, "year": proposal.fiscal_year}
    address = reverse("kpi:counted", kwargs={"center": center.code, **counted})
    return f"{address}?as_of={proposal.as_of}"


def basis_text(basis: IndicatorBasis) -> str:
    """What an indicator's value is counted or taken from."""
    if basis.account is not None:
        return _("Taken from the account “%(account)s” of the settlement") % {"account": basis.account.name}
    words = {"category": basis.category.name if basis.category else ""}
    match basis.measured:
        case Measured.RECORDS:
            return _("Counted from the register: the number of things recorded under “%(category)s”") % words
        case Measured.QUANTITY:
            return _("Counted from the register: how many all records under “%(category)s” name") % words
        case Measured.PEOPLE:
            return _("Counted from the register: the people of all records under “%(category)s”") % words
        case Measured.SATISFACTION:
            return (
                _("From the register: the share of the satisfied of all records under “%(category)s”") % words
            )
        case "":
            raise ValueError("a basis of the register says what it counts")
        case _:
            assert_never(basis.measured)


def agreement_text(proposal: Proposal, entered: Entered) -> str:
    """That the report says the same, or that nothing stands beside it to say so."""
    if proposal.value is None or entered.value is None:
        return ""
    is_forecast = proposal.line is not None and proposal.line.stage == Stage.FORECAST
    if not proposal.is_firm or (is_forecast and entered.certainty != Certainty.FORECAST):
        return _("The report's value cannot be held against it.")
    if proposal.value != proposal.most:
        return _("The report's value is within what the register leaves open: %(range)s.") % {
            "range": with_unit(proposal)
        }
    return _("The report says the same.")


def deviation_text(proposal: Proposal, indicator: Indicator, value: Decimal) -> str:
    """How a reported value differs from the proposal: 6社 are counted, 7社 are reported."""
    words = {"proposed": with_unit(proposal), "reported": check_messages.printed_with_unit(indicator, value)}
    if proposal.line is not None:
        words |= {"account": proposal.line.account.name, "stage": str(proposal.line.stage.label)}
        return _("The %(stage)s says %(proposed)s (“%(account)s”), the report %(reported)s.") % words
    return _("The register says %(proposed)s, the report %(reported)s.") % words
