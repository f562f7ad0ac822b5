"""Committee papers: choose a day, see what the workbook will hold, download it."""

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from iconm_portal.forms import files
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.values import clock
from iconm_portal.values.fields import AsOfFormField
from kpi.papers import pack
from kpi.papers.contents import NothingKnownError
from kpi.papers.pack_page import visible
from kpi.papers.workbook import Made


class AsOfForm(forms.Form):
    """The day whose knowledge the papers show."""

    def __init__(self, *args: object, today: date, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["as_of"] = AsOfFormField(
            label=_("As known at the end of"),
            latest=today,
            help_text=_("For example R4.1.27 or 2022-01-27. Figures accepted later are not shown."),
        )


@require_safe
@center_view(Right.SEE_SETTLED)
def packs(request: HttpRequest, center: Center) -> HttpResponse:
    """What a pack as of the chosen day (today at first) would hold, and its download."""
    form, contents = _chosen(request, center)
    context = {
        "form": form,
        "contents": contents,
        "lacks_plan": contents is None and not center.plans.exists(),
        "packs": visible(person(request), center),
        "can_make": allowed(person(request), center, Right.REVIEW),
    }
    return render(request, "kpi/papers/downloads.html", context)


@require_safe
@center_view(Right.SEE_SETTLED)
def committee(request: HttpRequest, center: Center) -> HttpResponse:
    """The workbook as a download; without anything known on that day, the page that says so."""
    form, contents = _chosen(request, center)
    if contents is None:
        status = 404 if form.is_valid() else 400
        return render(request, "kpi/papers/downloads.html", {"form": form, "contents": None}, status=status)
    return files.made(contents.to_bytes(), pack.file_name(contents))


def _chosen(request: HttpRequest, center: Center) -> tuple[AsOfForm, Made | None]:
    today = clock.today()
    asked = request.GET if "as_of" in request.GET else {"as_of": AsOfFormField().prepare_value(today)}
    form = AsOfForm(asked, today=today)
    if not form.is_valid():
        return form, None
    try:
        return form, pack.contents(center, as_of=form.cleaned_data["as_of"])
    except NothingKnownError:
        return form, None
