"""One entry: its page, posting the next, taking it back, correcting it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from finance.ledger import actions, ledger, texts
from finance.ledger.entry_forms import CorrectionForm, EntryForm, ReasonForm, as_typed
from finance.ledger.posting import Books
from finance.ledger.views import crumbs, year_crumb
from finance.models import Entry
from iconm_portal.forms.form_page import Make, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]

Form = TypeVar("Form", bound=forms.Form)


@center_view(Right.SEE_SETTLED)
@require_safe
def entry(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """An entry with what it reverses or corrects, and what reversed or corrected it."""
    found = _found(request, center, number)
    return _page(request, found)


def _page(
    request: HttpRequest,
    found: Entry,
    *,
    refusal: str = "",
    unsaved: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    answers = list(Entry.objects.filter(reverses=found)) + list(Entry.objects.filter(corrects=found))
    reversal = next((one for one in answers if one.reverses_id == found.pk), None)
    is_closed = found.fiscal_year in ledger.closed_years(found.center)
    context = {
        "entry": found,
        "finding": texts.entry(found, reversal),
        "chip": texts.entry_chip(found, is_reversed=reversal is not None),
        "reversed_by": reversal,
        "corrected_by": next((one for one in answers if one.corrects_id == found.pk), None),
        "is_closed": is_closed,
        "can_reverse": allowed(person(request), found.center, Right.KEEP)
        and not is_closed
        and reversal is None
        and found.reverses_id is None,
        "refusal": refusal,
        "unsaved": unsaved,
        "crumbs": [*crumbs(found.center), year_crumb(found.center, found.fiscal_year)],
    }
    return render(request, "finance/ledger/entry.html", context, status=status)


@center_view(Right.KEEP)
@require_http_methods(READS_AND_WRITES)
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Post a line; the form stays for the next one, with its date and account. What is posted already is shown before it
    is posted all the same."""
    books = Books.load(center, today=clock.today())
    initial = {name: request.GET[name] for name in ("date", "account", "part") if name in request.GET}

    template = "finance/ledger/new.html"
    latest = Entry.objects.filter(center=center, recorded_by=person(request))

    def context(_form: EntryForm) -> dict[str, Any]:
        return {
            "latest": latest.select_related("account", "part").order_by("-pk")[:5],
            "crumbs": crumbs(center),
        }

    def save(form: EntryForm) -> HttpResponse:
        alike = [] if form.is_sure else ledger.alike(center, form.new_entry())
        if alike:
            asking = EntryForm(request.POST, books=books, asks_again=True)
            shown = context(asking) | {"form": asking, "alike": alike}
            return render(request, template, shown, status=409)
        made = actions.post(center=center, new=form.new_entry(), by=person(request), at=clock.now())
        messages.success(request, texts.posted(made))
        page = reverse("finance:entry_new", kwargs={"center": center.code})
        return redirect(f"{page}?{_for_the_next(form)}")

    return form_page(
        request,
        template,
        form=lambda data, _files: EntryForm(data, books=books, initial=initial),
        save=save,
        context=context,
    )


def _for_the_next(form: EntryForm) -> str:
    typed = {"date": form.data["date"], "account": form.cleaned_data["account"]}
    return urlencode(typed | ({"part": part} if (part := form.cleaned_data.get("part")) else {}))


@center_view(Right.KEEP)
@require_http_methods(READS_AND_WRITES)
def reverse_entry(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Take an entry back by a red one."""
    found = _found(request, center, number)

    def save(form: ReasonForm) -> HttpResponse:
        red = actions.reverse(
            entry=found, reason=form.cleaned_data["reason"], by=person(request), at=clock.now()
        )
        messages.success(
            request,
            _("Entry no. %(number)s is taken back by no. %(red)s.") % {"number": found.pk, "red": red.pk},
        )
        return redirect("finance:entry", center=center.code, number=found.pk)

    return _step_page(
        request, found, "finance/ledger/reverse.html", lambda data, _files: ReasonForm(data), save
    )


@center_view(Right.KEEP)
@require_http_methods(READS_AND_WRITES)
def correct(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Take an entry back and write it anew."""
    found = _found(request, center, number)
    books = Books.load(center, today=clock.today())

    def save(form: CorrectionForm) -> HttpResponse:
        black = actions.correct(
            entry=found,
            new=form.new_entry(),
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(
            request,
            _("Entry no. %(number)s is taken back and written anew as no. %(black)s.")
            % {"number": found.pk, "black": black.pk},
        )
        return redirect("finance:entry", center=center.code, number=black.pk)

    return _step_page(
        request,
        found,
        "finance/ledger/correct.html",
        lambda data, _files: CorrectionForm(data, books=books, initial=as_typed(found)),
        save,
    )


def _step_page(
    request: HttpRequest,
    found: Entry,
    template: str,
    form: Make[Form],
    save: Callable[[Form], HttpResponse],
) -> HttpResponse:
    """What is refused stands at its field; what the entry itself does not allow is said on its page."""

    def save_if_open(typed: Form) -> HttpResponse:
        try:
            return save(typed)
        except ValidationError as refused:
            open_still = Entry.objects.filter(pk=found.pk, reversed_by=None, reverses=None)
            if hasattr(refused, "error_dict") or open_still.exists():
                raise
            return _page(
                request, found, refusal=" ".join(refused.messages), unsaved=_typed(typed), status=409
            )

    way = [
        *crumbs(found.center),
        year_crumb(found.center, found.fiscal_year),
        Crumb(
            texts.number(found),
            reverse("finance:entry", kwargs={"center": found.center.code, "number": found.pk}),
        ),
    ]
    return form_page(
        request,
        template,
        form=form,
        save=save_if_open,
        context=lambda _form: {"entry": found, "crumbs": way},
    )


def _typed(form: Any) -> list[tuple[str, str]]:
    """What was typed, by the names of the fields, so that it can be copied; choices by their words."""
    found = []
    for field in form:
        words = {str(key): str(label) for key, label in getattr(field.field, "choices", [])}
        text = str(field.value() or "")
        if text:
            found.append((str(field.label), words.get(text, text)))
    return found


def _found(request: HttpRequest, center: Center, number: int) -> Entry:
    """The entry, if the person sees the entries of its year: 404 for another center's, 403 for an open year's."""
    rows = Entry.objects.filter(center=center).select_related(
        "center", "account", "part", "recorded_by", "reverses", "corrects", "imported"
    )
    found = get_object_or_404(rows, pk=number)
    if not ledger.sees(person(request), center, found.fiscal_year, ledger.closed_years(center)):
        raise PermissionDenied("the ledger of an open year is the operator's own")
    return found
