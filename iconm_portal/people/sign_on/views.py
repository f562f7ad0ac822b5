"""Signing in by a provider of single sign-on, and the links by which its accounts are ours."""

import logging

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import AuditKind, SignOn, User
from iconm_portal.people import account_actions, administered, reset_actions
from iconm_portal.people.access import Right, administered_view
from iconm_portal.people.access import person as acting
from iconm_portal.people.auth import is_kept_out
from iconm_portal.people.own_addresses import own_address
from iconm_portal.people.second_factor import codes, pending
from iconm_portal.people.sign_in import audit, browsers, confirmed
from iconm_portal.people.sign_in.confirmed import confirmed_lately
from iconm_portal.people.sign_on import provider_client
from iconm_portal.people.sign_on.forms import LinkForm
from iconm_portal.people.sign_on.offered import Provider, providers
from iconm_portal.people.sign_on.provider_client import Astray, Away, NotProven, Proven
from iconm_portal.people.sign_on.refusal import Refusal

log = logging.getLogger(__name__)

_SALT = "iconm_portal.people.sign_on"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, provider: str) -> HttpResponse:
    """By the button of the login page to the provider."""
    chosen = _provider_or_404(provider)
    if request.method != "POST" or request.user.is_authenticated:
        return redirect("home")
    try:
        return provider_client.begin(
            request, chosen, next_url=own_address(request, request.POST.get("next", ""))
        )
    except (Away, Astray) as error:
        return _no_answer(request, chosen, error)


@login_not_required
@never_cache
@require_safe
def back(request: HttpRequest, provider: str) -> HttpResponse:
    """From the provider: signed in, or asked for the second factor, or told why not."""
    chosen = _provider_or_404(provider)
    if request.user.is_authenticated:
        return redirect("home")
    try:
        proven = provider_client.complete(request, chosen)
    except (Away, Astray) as error:
        return _no_answer(request, chosen, error)
    except NotProven as refusal:
        if refusal.is_ours:
            audit.note(AuditKind.SIGN_ON_REFUSED, person=None, request=request, what=chosen.issuer)
            log.warning("Single sign-on: not proven by %s (%s)", chosen.issuer, refusal.code)
        return _page(request, chosen, Refusal.NOT_PROVEN)
    link = SignOn.objects.filter(issuer=chosen.issuer, subject=proven.subject)
    found = link.select_related("person__organisation").first()
    if found is None or not found.person.is_active:
        person = found.person if found else None
        what = f"{chosen.issuer} {_digest(chosen, proven.subject)}"
        audit.note(AuditKind.SIGN_ON_REFUSED, person=person, request=request, what=what)
        if person:
            return _page(request, chosen, Refusal.CLOSED)
        return _page(request, chosen, Refusal.NOT_LINKED, subject=proven.subject)
    if is_kept_out(found.person):
        audit.note(AuditKind.DEMONSTRATION, person=found.person, request=request)
        return _page(request, chosen, Refusal.KEPT_OUT)
    return _signed_in(request, chosen, found.person, proven)


def _signed_in(request: HttpRequest, provider: Provider, person: User, proven: Proven) -> HttpResponse:
    """As after a right password."""
    next_url = proven.next_url or "home"
    if settings.SIGN_ON_SECOND_FACTOR and codes.is_set_up(person):
        pending.begin(request, person, next_url=next_url, sign_on=provider.code)
        return redirect("second_step")
    pending.sign_in(request, person, sign_on=provider.code)
    if proven.shown_at is not None:
        confirmed.confirm_since(request, proven.shown_at)
    response = redirect(next_url)
    browsers.remember(request, response, person.username)
    return response


@administered_view(Right.ADMINISTER)
@confirmed_lately
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, person: int) -> HttpResponse:
    """Link a person with an account of a provider, or propose it to their own side."""
    found = administered.person_or_404(acting(request), person)

    def save(form: LinkForm) -> HttpResponse:
        proposal = reset_actions.link_sign_on(person=found, **form.cleaned_data, by=acting(request))
        messages.success(
            request,
            reset_actions.IS_PROPOSED
            if proposal
            else _("%(name)s can sign in that way.") % {"name": found.name},
        )
        return redirect("person", person=found.pk)

    return form_page(
        request,
        "iconm_portal/people/sign_on/link.html",
        form=lambda data, _files: LinkForm(data),
        save=save,
        context=lambda _form: {
            "found": found,
            "is_kept_elsewhere": account_actions.waits_for_own_side(found, acting(request)),
        },
    )


@administered_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def unlink(request: HttpRequest, person: int, link: int) -> HttpResponse:
    """End such a link."""
    found = administered.person_or_404(acting(request), person)
    if request.method == "POST" and account_actions.unlink_sign_on(
        person=found, number=link, by=acting(request)
    ):
        messages.success(request, _("%(name)s can no longer sign in that way.") % {"name": found.name})
    return redirect("person", person=found.pk)


def _no_answer(request: HttpRequest, provider: Provider, error: Away | Astray) -> HttpResponse:
    """The log says what was wrong, and nothing that was sent."""
    log.error("Single sign-on: no usable answer of %s (%s)", provider.issuer, type(error.__cause__).__name__)
    return _page(request, provider, Refusal.AWAY if isinstance(error, Away) else Refusal.ASTRAY)


def _page(request: HttpRequest, provider: Provider, refusal: Refusal, *, subject: str = "") -> HttpResponse:
    context = {"said": refusal.said(provider.name), "subject": subject}
    return render(request, "iconm_portal/people/sign_on/refused.html", context, status=refusal.status)


def _digest(provider: Provider, subject: str) -> str:
    """Tells one unknown account from another, and no more."""
    return salted_hmac(_SALT, f"{provider.issuer} {subject}", algorithm="sha256").hexdigest()[:16]


def _provider_or_404(code: str) -> Provider:
    found = providers().get(code)
    if found is None:
        raise Http404
    return found
