"""Logging in and out, one's own password, and the language: Django's own views with the house's forms."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from iconm_portal.people.access import everyone_view
from iconm_portal.people.forms import LoginForm, MailedResetForm, NewPasswordForm, OwnPasswordForm
from iconm_portal.people.sign_in import browsers, mailed_resets


class OwnPasswordView(auth_views.PasswordChangeView):
    """One's own password. Whoever came with a temporary one sees no other page before this is done."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("home")
    title = _("Change the password")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, _("The password is changed."))
        return response


class LoginView(auth_views.LoginView):
    """Django's own; the answer to a success tells the browser from those of strangers."""

    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        browsers.remember(self.request, response, form.get_user().get_username())
        return response


login = LoginView.as_view()

# Whoever is logged out already is simply taken to the login page.
logout = login_not_required(auth_views.LogoutView.as_view())

password_change: Callable[..., Any] = everyone_view(OwnPasswordView.as_view())  # type: ignore[arg-type]


class PasswordResetView(auth_views.PasswordResetView):
    """A link by mail, where mails go out and the settings say where the portal is; else whom to ask.

    The link is built from PORTAL_URL: the request's Host is whatever its sender wrote.
    """

    form_class = MailedResetForm
    email_template_name = "registration/password_reset_mail.txt"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"goes_by_mail": _goes_by_mail()}

    def form_valid(self, form: Any) -> HttpResponse:
        if not _goes_by_mail():
            return self.render_to_response(self.get_context_data(form=form))
        if mailed_resets.is_allowed(self.request, form.cleaned_data["email"]):
            self.extra_email_context = {"portal_url": settings.PORTAL_URL}
            return super().form_valid(form)
        return redirect(self.get_success_url())  # the same answer as ever: a stranger learns nothing


def _goes_by_mail() -> bool:
    return bool(settings.MAIL_IS_SET and settings.PORTAL_URL)


password_reset = PasswordResetView.as_view()
password_reset_done = auth_views.PasswordResetDoneView.as_view()
password_reset_confirm = auth_views.PasswordResetConfirmView.as_view(form_class=NewPasswordForm)
password_reset_complete = auth_views.PasswordResetCompleteView.as_view()

set_language = login_not_required(require_POST(django_set_language))
