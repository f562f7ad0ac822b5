"""What changed between two days, in words and with the way to each figure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, assert_never

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from finance.balance import texts
from iconm_portal.display import template_tags
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.dashboard.changes_between import Between, Changed, Subject
from kpi.plans import labels
from kpi.plans import texts as plan_texts
from kpi.plans.achievement import Certainty
from kpi.plans.addresses import Addresses
from kpi.plans.facts import ActualFact, TargetFact
from kpi.plans.scorecard import Row
from kpi.plans.sources import in_words

HEADINGS: dict[Subject, str | Promise] = {
    Subject.TARGET: gettext_lazy("Targets"),
    Subject.ACTUAL: gettext_lazy("Reported values"),
    Subject.STATEMENT: gettext_lazy("Budgets and settlements"),
    Subject.SUPPORT: gettext_lazy("Amounts of support measures"),
    Subject.EXTENSION: gettext_lazy("Extended due dates"),
    Subject.DUTY: gettext_lazy("Settled duties and verifications"),
}


class TwoDays(forms.Form):
    """The days whose knowledge is compared; without them, the last fiscal year's end and today."""

    def __init__(self, data: Any, *, today: date) -> None:
        self.usual = FiscalYear.of(today).previous.last_day, today
        names = ("earlier", "later")
        asked = {name: data[name] for name in names if data.get(name)}
        usual = {
            name: EraDateFormField().prepare_value(day) for name, day in zip(names, self.usual, strict=True)
        }
        super().__init__(usual | asked)
        self.fields["earlier"] = EraDateFormField(label=gettext_lazy("As known on"), latest=today)
        self.fields["later"] = EraDateFormField(label=gettext_lazy("beside"), latest=today)

    def clean(self) -> dict[str, Any]:
        days = super().clean() or {}
        if days.get("earlier") and days.get("later") and days["earlier"] >= days["later"]:
            self.add_error("later", _("The second day must come after the first."))
        return days

    @property
    def days(self) -> tuple[date, date] | None:
        """The two days; None while they cannot be compared."""
        return (self.cleaned_data["earlier"], self.cleaned_data["later"]) if self.is_valid() else None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change in words."""

    name: str
    url: str
    year: str
    before: str
    after: str
    since: date
    who: str
    why: str
    revision: int


@dataclass(frozen=True, slots=True)
class FigureChanges:
    """What changed of one figure over the years, or of one year. `url` is empty where each line has its own."""

    heading: str
    url: str
    lines: tuple[ChangeLine, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The changes of one kind; `has_values` where there is something before and after."""

    key: str
    heading: str
    lines: tuple[ChangeLine, ...]
    has_values: bool
    is_by_name: bool

    @property
    def parts(self) -> list[FigureChanges]:
        """Figure by figure, or year by year, in the order of the lines."""
        if self.is_by_name:
            named = groupby(self.lines, key=lambda line: (line.name, line.url))
            return [FigureChanges(*heading, tuple(lines)) for heading, lines in named]
        return [
            FigureChanges(year, "", tuple(lines))
            for year, lines in groupby(self.lines, key=lambda line: line.year)
        ]

    @property
    def has_reasons(self) -> bool:
        return any(line.why for line in self.lines)


def finding(between: Between) -> str:
    """How many figures changed, kind by kind."""
    if not between.changes:
        return _("Nothing changed between the two days: every page shows the same on both.")
    counts = [f"{HEADINGS[subject]} {len(between.of(subject))}" for subject in Subject if between.of(subject)]
    said = ngettext(
        "%(count)s change became known between the two days: %(parts)s.",
        "%(count)s changes became known between the two days: %(parts)s.",
        len(between.changes),
    )
    return said % {"count": len(between.changes), "parts": pgettext("list", ", ").join(counts)}


def groups(between: Between, center: str) -> Iterator[Group]:
    """In the order of the subjects; those without changes are left out."""
    to = Addresses(center)
    for subject in Subject:
        found = between.of(subject)
        if found:
            lines = tuple(line(one, to, center) for one in found)
            has_values = subject is not Subject.DUTY
            yield Group(subject.value, str(HEADINGS[subject]), lines, has_values, subject.changes_by_name)


def line(one: Changed, to: Addresses, center: str) -> ChangeLine:
    """One change in words, with the way to its figure."""
    before, after = _values(one)
    return ChangeLine(
        name=_name(one),
        url=_address(one, to, center),
        year=template_tags.fiscal_year(one.year),
        before=before,
        after=after,
        since=one.since,
        who=pgettext("list", ", ").join(one.who) or (in_words(one.source) if one.source else ""),
        why=one.why,
        revision=one.revision,
    )


def _name(one: Changed) -> str:
    if one.face is not None:
        return f"{texts.face_name(one.face)} {one.name}"
    return f"{one.plan.label} {one.name}" if one.plan else one.name


def _address(one: Changed, to: Addresses, center: str) -> str:
    match one.subject:
        case Subject.STATEMENT:
            return to.balance_year(one.year)
        case Subject.SUPPORT:
            return reverse("agreements:support_measure", kwargs={"center": center, "measure": one.account})
        case Subject.DUTY if one.verification:
            place = {"center": center, "kind": one.verification, "year": one.year}
            return reverse("agreements:verification", kwargs=place)
        case Subject.DUTY | Subject.EXTENSION:
            agreement, obligation = one.account.split("/")
            place = {"center": center, "year": one.year, "agreement": agreement, "obligation": obligation}
            return reverse("agreements:duty", kwargs=place)
        case Subject.TARGET | Subject.ACTUAL:
            if one.plan is None:
                raise ValueError("a KPI's change names its plan")
            return to.indicator(one.plan, _row(one))
        case _:
            assert_never(one.subject)


def _values(one: Changed) -> tuple[str, str]:
    """What was shown before, and what is shown now."""
    match one.subject:
        case Subject.TARGET:
            row, changed = _row(one), plan_texts.moved_mark(_row(one).cell(one.year))
            now = _target(row, one.target[1])
            if changed:
                now = _("%(target)s (%(mark)s)") % {"target": now, "mark": changed}
            return _target(row, one.target[0]), now
        case Subject.ACTUAL:
            return _actual(_row(one), one.year, one.actual[0]), _actual(_row(one), one.year, one.actual[1])
        case Subject.DUTY:
            return "", ""
        case Subject.EXTENSION:
            return _day(one.due[0]), _day(one.due[1])
        case Subject.STATEMENT | Subject.SUPPORT:
            return _yen(one.yen[0]), _yen(one.yen[1])
        case _:
            assert_never(one.subject)


def _row(one: Changed) -> Row:
    if one.row is None:
        raise ValueError("a KPI's change names its row")
    return one.row


def _target(row: Row, fact: TargetFact | None) -> str:
    if fact is None:
        return pgettext("value", "none")
    return plan_texts.target_value(row.indicator, fact.value)


def _actual(row: Row, year: FiscalYear, fact: ActualFact | None) -> str:
    """With its as-of day and certainty, for these are what changed where the figure did not."""
    if fact is None:
        return pgettext("value", "none")
    if fact.not_applicable:
        return "－"
    if fact.value is None:
        return pgettext("value", "none")
    number = plan_texts.quantity(row.indicator.text(fact.value), row.indicator.unit)
    if fact.report.as_of == year.last_day and fact.certainty is Certainty.FINAL:
        return number
    said = _("%(certainty)s, %(day)s") % {
        "certainty": labels.CERTAINTY[fact.certainty],
        "day": template_tags.as_of_short(fact.report.as_of),
    }
    return f"{number} {template_tags.bracketed(said)}"


def _day(day: date | None) -> str:
    return template_tags.era_date(day) if day else pgettext("value", "none")


def _yen(amount: int | None) -> str:
    if amount is None:
        return pgettext("value", "none")
    unit = MoneyUnit.THOUSAND if amount % 1000 == 0 else MoneyUnit.YEN
    return texts.money(amount, unit)
