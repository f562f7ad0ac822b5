"""One's own second factor, and the step of the login that asks for it."""

import base64
from typing import Any

from allauth.mfa.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import AuditKind, User
from iconm_portal.people.access import everyone_view
from iconm_portal.people.access import person as acting
from iconm_portal.people.second_factor import actions, codes, passkeys, pending
from iconm_portal.people.second_factor.codes import Proof
from iconm_portal.people.second_factor.forms import CodeForm, NewPasskeyForm, SetUpAppForm, UsePasskeyForm
from iconm_portal.people.sign_in import audit, browsers, lockout
from iconm_portal.people.sign_in.confirmed import confirmed_lately


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: the code. Wrong ones count with wrong passwords, by the same limits."""
    if request.user.is_authenticated:
        return redirect("home")
    person = pending.person(request)
    if person is None:
        if request.method == "POST":
            messages.warning(request, _("That took too long. Log in again."))
        return redirect("login")
    by_passkey = "credential" in request.POST
    form = CodeForm(None if by_passkey else request.POST or None)
    if (
        request.method == "POST"
        and not lockout.is_paused(request, person)
        and (by_passkey or form.is_valid())
    ):
        proof = _passkey_of(request, person) if by_passkey else codes.take(person, form.cleaned_data["code"])
        if proof is not None:
            return signed_in(request, person, proof)
        audit.note_failure(AuditKind.WRONG_CODE, person=person, request=request)
        if not by_passkey:
            form.add_error("code", actions.wrong_code())
    has_passkey = passkeys.work_here(request) and bool(passkeys.of(person))
    context = {
        "form": form,
        "passkey_form": UsePasskeyForm() if has_passkey else None,
        "question": passkeys.question(person) if has_passkey else "",
        "passkey_failed": by_passkey,
        "by_sign_on": pending.is_by_sign_on(request),
    }
    return render(request, "registration/second_step.html", context)


def _passkey_of(request: HttpRequest, person: User) -> Proof | None:
    form = UsePasskeyForm(request.POST)
    if form.is_valid() and passkeys.is_answered(person, form.cleaned_data["credential"]):
        return Proof.PASSKEY
    return None


def signed_in(request: HttpRequest, person: User, proof: Proof) -> HttpResponse:
    """Both factors were right: the answer that a login gives, and the browser is the person's from now on."""
    if proof is Proof.RECOVERY_CODE:
        left = len(codes.unused_recovery_codes(person))
        audit.note(AuditKind.CODE_USED, person=person, request=request, what=str(left))
        messages.warning(request, _("You used a recovery code. You have %(count)s left.") % {"count": left})
    response = redirect(pending.complete(request, person))
    browsers.remember(request, response, person.username)
    return response


@everyone_view
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What second factor one has."""
    person = acting(request)
    return render(
        request,
        "iconm_portal/people/second_factor/overview.html",
        {
            "app": codes.app_of(person),
            "is_set_up": codes.is_set_up(person),
            "passkeys": passkeys.of(person),
            "passkeys_work_here": passkeys.work_here(request),
            "is_required": codes.is_required_of(person),
            "codes_left": len(codes.unused_recovery_codes(person)),
        },
    )


@everyone_view
@confirmed_lately
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app; the answer leads to the recovery codes."""
    person = acting(request)
    if codes.app_of(person) and request.method != "POST":
        return redirect("second_factor")

    def save(form: SetUpAppForm) -> HttpResponse:
        actions.set_up_app(secret=form.secret, code=form.cleaned_data["code"], by=person)
        messages.success(request, _("The authenticator app is set up. It is asked for at the next login."))
        return redirect("recovery_codes")

    return form_page(
        request,
        "iconm_portal/people/second_factor/app.html",
        form=lambda data, _files: SetUpAppForm(data, person=person),
        save=save,
        context=lambda form: _offer(person, form),
    )


def _offer(person: User, form: SetUpAppForm) -> dict[str, Any]:
    """The secret for a camera and for the eye."""
    adapter = get_adapter()
    drawn: str = adapter.build_totp_svg(adapter.build_totp_url(person, form.secret))
    groups = [form.secret[start : start + 4] for start in range(0, len(form.secret), 4)]
    return {
        "picture": f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}",
        "secret": " ".join(groups),
        "has_app": codes.app_of(person) is not None,
    }


@everyone_view
@confirmed_lately
@require_http_methods(["GET", "HEAD", "POST"])
def app_remove(request: HttpRequest) -> HttpResponse:
    """Do without the authenticator app."""
    if request.method == "POST" and actions.remove_app(by=acting(request)):
        messages.success(request, _("The authenticator app is removed."))
    return redirect("second_factor")


@everyone_view
@confirmed_lately
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_new(request: HttpRequest) -> HttpResponse:
    """Have the browser make a passkey; the answer leads to the recovery codes."""
    person = acting(request)
    if not passkeys.work_here(request):
        messages.warning(request, _("Passkeys work over https and on localhost alone."))
        return redirect("second_factor")

    def save(form: NewPasskeyForm) -> HttpResponse:
        actions.add_passkey(**form.cleaned_data, by=person)
        messages.success(request, _("The passkey is set up. It is asked for at the next login."))
        return redirect("recovery_codes")

    return form_page(
        request,
        "iconm_portal/people/second_factor/passkey.html",
        form=lambda data, _files: NewPasskeyForm(data),
        save=save,
        context=lambda _form: {"question": passkeys.registration(person)},
    )


@everyone_view
@confirmed_lately
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_remove(request: HttpRequest, passkey: int) -> HttpResponse:
    """Do without one of one's passkeys."""
    if request.method == "POST" and actions.remove_passkey(number=passkey, by=acting(request)):
        messages.success(request, _("The passkey is removed."))
    return redirect("second_factor")


@everyone_view
@confirmed_lately
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes that are left, to be written down or printed; by POST, ten new ones."""
    person = acting(request)
    if not codes.is_set_up(person):
        return redirect("second_factor")
    if request.method == "POST":
        actions.renew_recovery_codes(by=person)
        messages.success(request, _("There are ten new recovery codes. Those of before no longer work."))
        return redirect("recovery_codes")
    left = codes.unused_recovery_codes(person)
    return render(request, "iconm_portal/people/second_factor/codes.html", {"codes": left})


@everyone_view
@confirmed_lately
@never_cache
@require_safe
def recovery_codes_file(request: HttpRequest) -> HttpResponse:
    """The same as a text file."""
    left = codes.unused_recovery_codes(acting(request))
    return HttpResponse(
        "".join(f"{code}\r\n" for code in left),
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="recovery-codes.txt"'},
    )
