"""Logging in and out, one's own password, and the language: Django's own views with the house's forms."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import AuditKind
from iconm_portal.people.access import everyone_view, person
from iconm_portal.people.forms import (
    ConfirmForm,
    LoginForm,
    MailedResetForm,
    NewPasswordForm,
    OwnPasswordForm,
)
from iconm_portal.people.own_addresses import own_address
from iconm_portal.people.second_factor import codes, pending
from iconm_portal.people.sign_in import (
    audit,
    browsers,
    confirmed,
    lockout,
    mailed_resets,
    own_sessions,
    password_mails,
)
from iconm_portal.people.sign_in.confirmed import confirmed_to_post
from iconm_portal.people.sign_on import offered


class OwnPasswordView(auth_views.PasswordChangeView):
    """One's own password. Whoever came with a temporary one sees no other page before this is done."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("home")
    title = _("Change the password")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if lockout.is_paused(request, person(request)):
            return self.get(request, *args, **kwargs)  # axes' middleware puts the locked page in its place
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """A wrong present password weighs as one at the login: the page of a session left open is no place to guess it."""
        if form.has_error("old_password", "password_incorrect"):
            audit.note_failure(AuditKind.FAILED, person=person(self.request), request=self.request)
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        before = self.request.session.session_key
        response = super().form_valid(form)
        own_sessions.goes_on_as(self.request, before)
        messages.success(self.request, _("The password is changed."))
        return response


class LoginView(auth_views.LoginView):
    """Django's own; whoever has a second factor is asked for it before they are signed in.

    The answer to a success tells the browser from those of strangers.
    """

    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"sign_ons": offered.providers().values()}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        offered.let_forms_lead_there(response)
        return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        if codes.is_set_up(user):
            pending.begin(self.request, user, next_url=self.get_success_url())
            return redirect("second_step")
        response = super().form_valid(form)
        browsers.remember(self.request, response, form.get_user().get_username())
        return response


login = LoginView.as_view()

# Whoever is logged out already is simply taken to the login page.
logout = login_not_required(auth_views.LogoutView.as_view())


@everyone_view
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What one keeps oneself about one's account."""
    return render(
        request,
        "iconm_portal/people/account.html",
        {"has_second_factor": codes.is_set_up(person(request))},
    )


@everyone_view
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """One's password again, before something that opens the account is changed."""

    def save(form: ConfirmForm) -> HttpResponse:
        confirmed.confirm(request)
        return redirect(own_address(request, request.GET.get("next", "")) or "account")

    return form_page(
        request,
        "iconm_portal/people/confirm.html",
        form=lambda data, _files: ConfirmForm(data, request=request),
        save=save,
        context=lambda _form: {},
    )


@everyone_view
@confirmed_to_post
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """One's own sessions; by POST all but this one end."""
    if request.method == "POST":
        ended = own_sessions.end_all(person(request), but=request.session.session_key)
        _ended(request, ended)
        return redirect("own_sessions")
    found = own_sessions.of(person(request), request)
    others = [session for session in found if not session.is_this_one]
    return render(request, "iconm_portal/people/sessions.html", {"sessions": found, "others": len(others)})


@everyone_view
@confirmed_to_post
@require_http_methods(["GET", "HEAD", "POST"])
def session_end(request: HttpRequest, session: int) -> HttpResponse:
    """End one of one's own sessions."""
    if request.method == "POST":
        _ended(request, own_sessions.end(person(request), session))
    return redirect("own_sessions")


def _ended(request: HttpRequest, count: int) -> None:
    """Said and written down, if any was there."""
    if count:
        audit.note(AuditKind.SESSION_CLOSED, person=person(request), request=request, what=str(count))
        messages.success(request, _("Ended: %(count)s.") % {"count": count})


password_change: Callable[..., Any] = everyone_view(OwnPasswordView.as_view())  # type: ignore[arg-type]


class PasswordResetView(auth_views.PasswordResetView):
    """A link by mail, where mails go out and the settings say where the portal is; else whom to ask.

    A stranger learns nothing: the answer is always the same, and as quick.
    """

    form_class = MailedResetForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"goes_by_mail": password_mails.go_out()}

    def form_valid(self, form: Any) -> HttpResponse:
        if not password_mails.go_out():
            return self.render_to_response(self.get_context_data(form=form))
        mailed_resets.ask(self.request, form.cleaned_data["email"])
        return redirect(self.get_success_url())


password_reset = PasswordResetView.as_view()
password_reset_done = auth_views.PasswordResetDoneView.as_view()
password_reset_confirm = auth_views.PasswordResetConfirmView.as_view(form_class=NewPasswordForm)
password_reset_complete = auth_views.PasswordResetCompleteView.as_view()

set_language = login_not_required(require_POST(django_set_language))
