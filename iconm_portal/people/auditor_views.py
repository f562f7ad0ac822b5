"""Organisations that audit a center from outside, for administrators."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.master_data import CodeFormField
from iconm_portal.models import Center, CenterQuerySet
from iconm_portal.people import administered, auditor_actions
from iconm_portal.people.access import Right, administered_view, person


class AuditorForm(forms.Form):
    """A center and who is to audit it."""

    center = forms.ModelChoiceField(label=gettext_lazy("Center"), queryset=Center.objects.none())
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("English name"), max_length=120, required=False)
    code = CodeFormField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy("Small letters, digits and hyphens. It cannot be changed later."),
    )

    def __init__(self, data: Any, *, centers: CenterQuerySet) -> None:
        super().__init__(data)
        field = cast(forms.ModelChoiceField, self.fields["center"])
        field.queryset = centers
        field.empty_label = None if centers.count() == 1 else _("Choose one")


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def auditors(request: HttpRequest) -> HttpResponse:
    """Who audits the administered centers from outside; another one is entered here."""
    centers = administered.centers(person(request).organisation)

    def save(form: AuditorForm) -> HttpResponse:
        made = auditor_actions.appoint(**form.cleaned_data, by=person(request))
        messages.success(
            request,
            _("%(name)s can audit the center. Enter its people now: their role is auditor.")
            % {"name": made.name},
        )
        return redirect("auditors")

    return form_page(
        request,
        "iconm_portal/people/auditors.html",
        form=lambda data, _files: AuditorForm(data, centers=centers),
        save=save,
        context=lambda _form: {"centers": centers.prefetch_related("auditors")},
    )


@administered_view(Right.ADMINISTER)
def dismiss(request: HttpRequest, center: str, organisation: str) -> HttpResponse:
    """End an audit from outside."""
    found = get_object_or_404(administered.centers(person(request).organisation), code=center)
    auditor = found.auditors.filter(code=organisation).first()
    if request.method != "POST":
        return redirect("auditors")
    if auditor is None:
        raise Http404(organisation)
    auditor_actions.dismiss(center=found, organisation=auditor, by=person(request))
    messages.success(request, _("%(name)s no longer sees the center.") % {"name": auditor.name})
    return redirect("auditors")
