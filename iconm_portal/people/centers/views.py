"""団体 and センター for administrators, and the way in that leads through both to the people."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center, Organisation
from iconm_portal.people import administered
from iconm_portal.people.access import Right, administered_view, person
from iconm_portal.people.centers import center_actions, organisation_actions
from iconm_portal.people.centers.first_steps import first_steps
from iconm_portal.people.centers.forms import CenterForm, NewCenterForm, OrganisationForm
from iconm_portal.people.centers.setting_up import next_of
from iconm_portal.values import clock
from iconm_portal.values.text import listed


@administered_view(Right.ADMINISTER)
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """The way in: what is there, what is missing, what works already."""
    steps = first_steps(person(request))
    return render(request, "iconm_portal/people/centers/begin.html", {"steps": steps, "next": next_of(steps)})


# -- Organisations --


@administered_view(Right.ADMINISTER)
@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The organisations that the administrator looks after."""
    own = person(request).organisation
    rows = administered.organisations(own).prefetch_related(
        "supported_centers", "operated_centers", "audited_centers"
    )
    return render(request, "iconm_portal/people/centers/organisations.html", {"rows": rows, "own": own})


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Enter an organisation."""

    def save(form: OrganisationForm) -> HttpResponse:
        made = organisation_actions.create(
            code=form.cleaned_data["code"], facts=form.facts(), by=person(request)
        )
        messages.success(
            request, _("%(name)s is entered. It can be a party to a center now.") % {"name": made.name}
        )
        return redirect("begin")

    return form_page(
        request,
        "iconm_portal/people/centers/organisation.html",
        form=lambda data, _files: OrganisationForm(data),
        save=save,
        context=lambda _form: {"organisation": None},
    )


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest, organisation: str) -> HttpResponse:
    """Name an organisation otherwise."""
    by = person(request)

    def save(form: OrganisationForm) -> HttpResponse:
        organisation_actions.change(
            organisation=_organisation(request, organisation),
            seen=form.cleaned_data["seen"],
            facts=form.facts(),
            by=by,
        )
        messages.success(request, _("The changes are saved."))
        return redirect("organisations")

    def context(_form: OrganisationForm) -> dict[str, Any]:
        found = _organisation(request, organisation)
        return {
            "organisation": found,
            "kept_because": organisation_actions.kept_because(found),
            "is_kept_elsewhere": administered.keeps_itself(found, by),
            "administrators": listed(one.name for one in administered.administrators_of(found)),
        }

    return form_page(
        request,
        "iconm_portal/people/centers/organisation.html",
        form=lambda data, _files: OrganisationForm(data, organisation=_organisation(request, organisation)),
        save=save,
        context=context,
    )


@administered_view(Right.ADMINISTER)
@require_POST
def organisation_delete(request: HttpRequest, organisation: str) -> HttpResponse:
    """Take away an organisation on which nothing rests."""
    found = _organisation(request, organisation)
    return _deleted(
        request,
        found.name,
        lambda: organisation_actions.delete(organisation=found, by=person(request)),
        back=reverse("organisation", kwargs={"organisation": found.code}),
        on=reverse("organisations"),
    )


# -- Centers --


@administered_view(Right.ADMINISTER)
@require_safe
def centers(request: HttpRequest) -> HttpResponse:
    """The centers to which the administrator's organisation is a party."""
    rows = administered.centers(person(request).organisation)
    return render(request, "iconm_portal/people/centers/centers.html", {"rows": rows, "today": clock.today()})


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def center_new(request: HttpRequest) -> HttpResponse:
    """Enter a center."""
    own = person(request).organisation
    offered = administered.partners(own) | Organisation.objects.filter(pk=own.pk)

    def save(form: NewCenterForm) -> HttpResponse:
        made = center_actions.create(
            code=form.cleaned_data["code"],
            supporter=form.cleaned_data["supporter"],
            operator=form.cleaned_data["operator"],
            facts=form.facts(),
            by=person(request),
        )
        messages.success(
            request, _("%(name)s is entered. Enter the people of both sides next.") % {"name": made.name}
        )
        return redirect("begin")

    return form_page(
        request,
        "iconm_portal/people/centers/center.html",
        form=lambda data, _files: NewCenterForm(data, organisations=offered),
        save=save,
        context=lambda _form: {"found": None, "lacks_partner": not administered.partners(own).exists()},
    )


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def center_change(request: HttpRequest, center: str) -> HttpResponse:
    """Change names and settings of a center."""

    def save(form: CenterForm) -> HttpResponse:
        center_actions.change(
            center=_center(request, center),
            seen=form.cleaned_data["seen"],
            facts=form.facts(),
            by=person(request),
        )
        messages.success(request, _("The changes are saved."))
        return redirect("centers")

    def context(_form: CenterForm) -> dict[str, Any]:
        found = _center(request, center)
        return {"found": found, "kept_because": center_actions.kept_because(found)}

    return form_page(
        request,
        "iconm_portal/people/centers/center.html",
        form=lambda data, _files: CenterForm(data, center=_center(request, center)),
        save=save,
        context=context,
    )


@administered_view(Right.ADMINISTER)
@require_POST
def center_delete(request: HttpRequest, center: str) -> HttpResponse:
    """Take away a center in which nothing was done."""
    found = _center(request, center)
    return _deleted(
        request,
        found.name,
        lambda: center_actions.delete(center=found, by=person(request)),
        back=reverse("center", kwargs={"center": found.code}),
        on=reverse("centers"),
    )


def _deleted(
    request: HttpRequest, name: str, delete: Callable[[], None], *, back: str, on: str
) -> HttpResponse:
    """On to the list; back to the page where it says what rests on it."""
    try:
        delete()
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(back)
    messages.success(request, _("%(name)s is deleted.") % {"name": name})
    return redirect(on)


def _organisation(request: HttpRequest, code: str) -> Organisation:
    """One that the administrator looks after; no other is there for them."""
    return get_object_or_404(administered.organisations(person(request).organisation), code=code)


def _center(request: HttpRequest, code: str) -> Center:
    """One to which the administrator's organisation is a party."""
    return get_object_or_404(administered.centers(person(request).organisation), code=code)
