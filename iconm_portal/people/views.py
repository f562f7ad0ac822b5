"""People, for the administrators of their organisations. A temporary password is shown once, in the answer that made it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.display.tables import PeopleTable, configure
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import ResetKind, ResetProposal, Role, User
from iconm_portal.people import account_actions, actions, administered, reset_actions
from iconm_portal.people.access import Right, administered_view
from iconm_portal.people.access import person as acting
from iconm_portal.people.account_actions import IssuedPassword
from iconm_portal.people.centers import first_steps
from iconm_portal.people.filters import PeopleFilter
from iconm_portal.people.forms import ChangePersonForm, DeactivateForm, NewPersonForm
from iconm_portal.people.second_factor import codes
from iconm_portal.people.sign_in import password_mails
from iconm_portal.people.sign_in.confirmed import confirmed_to_post
from iconm_portal.people.sign_on import offered
from iconm_portal.values.text import listed


@administered_view(Right.ADMINISTER)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """The administered people, searched and filtered."""
    organisation = acting(request).organisation
    found = PeopleFilter(
        request.GET or None,
        queryset=administered.people(organisation),
        organisations=administered.organisations(organisation),
    )
    rows = User.objects.none() if found.is_wrong else found.qs
    table = configure(PeopleTable(rows), request)
    waiting = reset_actions.waiting_for(acting(request))
    return render(
        request, "iconm_portal/people/people.html", {"filter": found, "table": table, "waiting": waiting}
    )


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a new person."""
    return _new_person(request)


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_in(request: HttpRequest, organisation: str) -> HttpResponse:
    """Enter a new person of an organisation, as its staff."""
    found = get_object_or_404(administered.organisations(acting(request).organisation), code=organisation)
    return _new_person(request, organisation=found.pk, role=Role.STAFF)


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def another(request: HttpRequest, person: int) -> HttpResponse:
    """Enter a new person with the organisation and the role of one who is there."""
    like = administered.person_or_404(acting(request), person)
    return _new_person(request, organisation=like.organisation_id, role=like.role)


def _new_person(request: HttpRequest, **initial: Any) -> HttpResponse:
    """The page; the answer shows the temporary password, or says that the invitation goes out. `initial`: what is chosen."""

    def save(form: NewPersonForm) -> HttpResponse:
        typed = dict(form.cleaned_data)
        is_invited = bool(typed.pop("invites", ""))
        try:
            if is_invited:
                invited = actions.invite_person(**typed, by=acting(request))
                messages.success(
                    request, _("The invitation goes to %(address)s.") % {"address": invited.email}
                )
                return redirect("people")
            issued = actions.create_person(**typed, by=acting(request))
        except IntegrityError as error:  # another administrator took the name a moment ago
            raise ValidationError({"username": _("This user name is taken.")}) from error
        return _show_password(request, issued)

    return form_page(
        request,
        "iconm_portal/people/new.html",
        form=lambda data, _files: NewPersonForm(
            data,
            initial=initial,
            organisations=administered.entered_by(acting(request)),
            mails_go_out=password_mails.go_out(),
        ),
        save=save,
        context=lambda _form: {"mails_go_out": password_mails.go_out()},
    )


@administered_view(Right.ADMINISTER)
@confirmed_to_post
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, person: int) -> HttpResponse:
    """Change a person."""
    found = administered.person_or_404(acting(request), person)

    def save(form: ChangePersonForm) -> HttpResponse:
        actions.change_person(person=found, **form.cleaned_data, by=acting(request))
        messages.success(request, _("The changes are saved."))
        _tell_of_the_last_administrator(request, found)
        return redirect("people")

    return form_page(
        request,
        "iconm_portal/people/person.html",
        form=lambda data, _files: _change_form(request, found, data),
        save=save,
        context=lambda _form: _person_context(request, found),
    )


@administered_view(Right.ADMINISTER)
def deactivate(request: HttpRequest, person: int) -> HttpResponse:
    """Close an account."""
    found = administered.person_or_404(acting(request), person)
    if request.method != "POST":
        return redirect("person", person=found.pk)
    form = DeactivateForm(request.POST)
    if form.is_valid():
        try:
            actions.deactivate_person(person=found, reason=form.cleaned_data["reason"], by=acting(request))
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("%(name)s can no longer log in.") % {"name": found.name})
            _tell_of_the_last_administrator(request, found)
            return redirect("people")
    context = _person_context(request, found) | {"form": _change_form(request, found), "deactivating": form}
    return render(request, "iconm_portal/people/person.html", context)


@administered_view(Right.ADMINISTER)
@confirmed_to_post
@never_cache
def reactivate(request: HttpRequest, person: int) -> HttpResponse:
    """Open a closed account again, with a temporary password."""
    return _reset(request, person, ResetKind.REACTIVATION)


@administered_view(Right.ADMINISTER)
@confirmed_to_post
@never_cache
def reset_password(request: HttpRequest, person: int) -> HttpResponse:
    """Replace a person's password by a temporary one."""
    return _reset(request, person, ResetKind.PASSWORD)


@administered_view(Right.ADMINISTER)
@confirmed_to_post
def reset_second_factor(request: HttpRequest, person: int) -> HttpResponse:
    """Take away a person's second factor."""
    return _reset(request, person, ResetKind.SECOND_FACTOR)


@administered_view(Right.ADMINISTER)
@confirmed_to_post
@never_cache
def confirm_reset(request: HttpRequest, proposal: int) -> HttpResponse:
    """Let take effect what the other side's administrator proposed."""
    found = _proposal_or_404(request, proposal)
    return _answered(request, found, lambda by: reset_actions.confirm(proposal=found, by=by))


@administered_view(Right.ADMINISTER)
def decline_reset(request: HttpRequest, proposal: int) -> HttpResponse:
    """Let it come to nothing."""
    found = _proposal_or_404(request, proposal)
    return _answered(request, found, lambda by: reset_actions.decline(proposal=found, by=by))


def _tell_of_the_last_administrator(request: HttpRequest, was: User) -> None:
    """Who keeps the people of an organisation whose own last administrator (`was`, as before) has just gone."""
    left = was.organisation
    if was.role != Role.ADMINISTRATOR or not was.is_active or administered.administrators_of(left).exists():
        return
    keepers = listed(one.name for one in administered.who_administer(left))
    messages.warning(
        request,
        _("%(organisation)s has no administrator of its own any more. Its people are kept by %(people)s.")
        % {"organisation": left.name, "people": keepers},
    )


def _reset(request: HttpRequest, key: int, kind: ResetKind) -> HttpResponse:
    """The reset, or its proposal to the administrators of the person's own side."""
    found = administered.person_or_404(acting(request), key)
    if request.method != "POST":
        return redirect("person", person=found.pk)
    try:
        done = reset_actions.reset(kind=kind, person=found, by=acting(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("person", person=found.pk)
    match done:
        case IssuedPassword():
            return _show_password(request, done)
        case ResetProposal():
            messages.success(request, reset_actions.IS_PROPOSED)
        case None:
            messages.success(
                request, _("The account of %(name)s is as it was asked for.") % {"name": found.name}
            )
    return redirect("person", person=found.pk)


def _answered(
    request: HttpRequest, proposal: ResetProposal, answer: Callable[[User], IssuedPassword | None]
) -> HttpResponse:
    if request.method != "POST":
        return redirect("person", person=proposal.person.pk)
    try:
        issued = answer(acting(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    except WrongStep:
        messages.error(request, _("It was answered meanwhile."))
    else:
        if issued:
            return _show_password(request, issued)
        messages.success(request, _("Done."))
    return redirect("person", person=proposal.person.pk)


def _proposal_or_404(request: HttpRequest, key: int) -> ResetProposal:
    administered_people = administered.people(acting(request).organisation)
    return get_object_or_404(
        ResetProposal.objects.select_related("person"), pk=key, person__in=administered_people
    )


def _change_form(request: HttpRequest, found: User, data: object = None) -> ChangePersonForm:
    by = acting(request)
    # A copy, because validating a model form writes into its instance, and the page still shows the person.
    instance = User.objects.select_related("organisation").get(pk=found.pk)
    return ChangePersonForm(
        data,
        instance=instance,
        organisations=administered.organisations(by.organisation),
        is_self=found == by,
        is_kept_elsewhere=account_actions.waits_for_own_side(found, by),
    )


def _person_context(request: HttpRequest, found: User) -> dict[str, Any]:
    return {
        "found": found,
        "deactivating": DeactivateForm(),
        "is_self": found == acting(request),
        "has_second_factor": codes.is_set_up(found),
        "is_kept_elsewhere": account_actions.waits_for_own_side(found, acting(request)),
        "sign_on_is_offered": offered.is_offered(),
        "sign_ons": [
            (link, offered.name_of(link.issuer)) for link in found.sign_ons.select_related("linked_by")
        ]
        if offered.is_offered()
        else [],
        "proposals": [
            (proposal, reset_actions.may_confirm(proposal, acting(request)))
            for proposal in reset_actions.open_ones(acting(request)).filter(person=found)
        ],
    }


@never_cache
def _show_password(request: HttpRequest, issued: IssuedPassword) -> HttpResponse:
    """never_cache says no-store: neither the browser nor a proxy keeps the page."""
    context = {"issued": issued, "still_begins": not first_steps.has_begun(acting(request))}
    return render(request, "iconm_portal/people/password.html", context)
