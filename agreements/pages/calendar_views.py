"""The calendar: a fiscal year's programme, and storing it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agreements.duties import calendar as read
from agreements.duties import due_rules, programme_actions, reminder_actions, texts
from agreements.duties.calendar import Calendar, StandingDuties
from agreements.duties.items import Item
from agreements.instruments import dates
from agreements.models import Obligation
from agreements.pages import todo
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.values import clock, fiscal
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work.todo import Task

YEARS_AROUND = 2


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """An item in ready words."""

    title: str
    url: str
    basis: str
    concerns: str
    bound: str
    when: str
    late: str
    beside_the_date: tuple[str, ...]
    chip: SafeString
    missing: str
    waits_for_me: bool
    fulfilled: str


@center_view(Right.SEE_SETTLED)
@require_safe
def current(request: HttpRequest, center: Center) -> HttpResponse:
    """To this fiscal year."""
    return redirect("agreements:calendar_of_year", center=center.code, year=FiscalYear.of(clock.today()))


@center_view(Right.SEE_SETTLED)
@require_safe
def year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """The year's programme: overdue first, then by date, then what has no date."""
    user = person(request)
    found = read.load(center, user, _bounded(year), today=clock.today())
    may_store = allowed(user, center, Right.SETTLE_JOINTLY)
    first, *others = texts.findings(found)
    context = {
        "calendar": found,
        "finding": first,
        "findings": others,
        "years": FiscalYear.range(year - YEARS_AROUND, year + YEARS_AROUND),
        "this_year": FiscalYear.of(clock.today()),
        "lacks_obligations": not found.items
        and not Obligation.objects.filter(agreement__center=center).exists(),
        "dated": _rows(found.dated, found),
        "undated": _rows(found.undated, found),
        "elsewhere": _rows(found.elsewhere, found),
        "standing": [_standing(one, found, user) for one in found.standing],
        "can_store": may_store and found.to_store > 0,
        "tasks": _tasks(found, user) if may_store else None,
        "days": [day for day in dates.load(center, today=clock.today()) if FiscalYear.of(day.on) == year],
        "left_behind": found.left_behind if year == FiscalYear.of(clock.today()) else (),
        "unclear": reminder_actions.unclear(center) if may_store else [],
    }
    return render(request, "agreements/pages/calendar/year.html", context)


@center_view(Right.SETTLE_JOINTLY)
def store(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """Store the year's programme of the concluded agreements."""
    if request.method == "POST":
        made = programme_actions.store_year(
            center=center, fiscal_year=_bounded(year), by=person(request), at=clock.now()
        )
        if made:
            said = ngettext("%(count)s duty was stored.", "%(count)s duties were stored.", len(made))
            messages.success(request, said % {"count": len(made)})
        else:
            messages.info(request, _("Everything that the concluded agreements ask for is stored already."))
    return redirect("agreements:calendar_of_year", center=center.code, year=year)


def _tasks(found: Calendar, user: User) -> list[Task]:
    """What the year's programme asks of the person's side now; in the current year all that the agreements ask, as on the
    home page."""
    if found.year == FiscalYear.of(found.today):
        return todo.of_agreements(user, found.center, today=found.today)
    return todo.of_items(found.items, user, found.center)


def _bounded(year: FiscalYear) -> FiscalYear:
    """Http404 where the years around it would leave the portal's calendar."""
    if not fiscal.FIRST_YEAR + due_rules.REACH <= year.start <= fiscal.LAST_YEAR - due_rules.REACH:
        raise Http404(year)
    return year


def _rows(items: tuple[Item, ...], found: Calendar) -> list[CalendarRow]:
    return [
        CalendarRow(
            title=item.obligation.title,
            url=todo.duty_address("agreements:duty", item, found.center),
            basis=texts.basis(item.obligation),
            concerns=texts.concerns(item),
            bound=texts.bound(item.obligation),
            when=texts.when(item),
            late=texts.late(item),
            beside_the_date=tuple(texts.beside_the_date(item)),
            chip=texts.chip(item),
            missing=texts.missing(item) if item.is_stored else "",
            waits_for_me=item.asks(found.side),
            fulfilled=texts.fulfilled(item),
        )
        for item in items
    ]


@dataclass(frozen=True, slots=True)
class StandingRow:
    """What holds at all times or on request, in ready words."""

    title: str
    basis: str
    bound: str
    timing: str
    is_draft: bool
    ask_url: str


def _standing(one: StandingDuties, found: Calendar, user: User) -> StandingRow:
    obligation = one.obligation
    kwargs = {
        "center": found.center.code,
        "year": found.year,
        "agreement": obligation.agreement.code,
        "obligation": obligation.code,
    }
    can_ask = one.is_concluded and programme_actions.may_ask(obligation, user)
    return StandingRow(
        title=obligation.title,
        basis=texts.basis(obligation),
        bound=texts.bound(obligation),
        timing=str(obligation.get_timing_display()),
        is_draft=not one.is_concluded,
        ask_url=reverse("agreements:duty_ask", kwargs=kwargs) if can_ask else "",
    )
