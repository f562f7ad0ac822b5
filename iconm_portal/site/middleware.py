"""What happens to every request before a view sees it."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import translation

from iconm_portal.forms import unsent_input
from iconm_portal.forms.inspection import virus_scan
from iconm_portal.forms.refusals import kept_text
from iconm_portal.history import history
from iconm_portal.models import User
from iconm_portal.people.second_factor import codes
from iconm_portal.people.sign_in import audit, browsers, signed_on
from iconm_portal.values import clock, money

log = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestSizeLimit:
    """Refuse a request that is too large before anything reads it; Django itself has no limit for files."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > settings.REQUEST_MAX_BYTES:
            return HttpResponse(
                "Request too large / 送信されたデータが大きすぎます",
                status=413,
                content_type="text/plain; charset=utf-8",
            )
        return self.get_response(request)


class EveryAnswer:
    """The headers that no answer goes without: also where a request is refused before Django's own middleware."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in (
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", settings.SECURE_REFERRER_POLICY),
            ("Cross-Origin-Opener-Policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
            ("Cross-Origin-Resource-Policy", "same-origin"),
        ):
            response.headers.setdefault(name, value)
        return response


class NothingKept:
    """What a person sees who is signed in is kept by no browser and no proxy, unless its view has said otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # A page that asked for nobody has not read the session, and shall not begin to.
        if request.session.accessed and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ChosenLanguage:
    """Japanese unless the person switched: the language comes from the cookie alone, not from the browser's list."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            if isinstance(response, TemplateResponse) and not response.is_rendered:
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response


class KeepTypedInput:
    """Before the login page takes over from a form sent after the session's end, keep what it held.

    For people who have signed in with this browser before: whoever never did has had no session to lose.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if (
            request.method == "POST"
            and getattr(view, "login_required", True)
            and not request.user.is_authenticated
            and browsers.is_somebodys(request)
        ):
            unsent_input.keep(request)


class ScannedFilesNoted:
    """What the virus scanner refuses is in the record of use, with who sent it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with virus_scan.noted_by(lambda refusal: audit.note_scan(refusal, request)):
            return self.get_response(request)


class NegativesAsUsual:
    """Figures have the mark of no center before a page says whose it shows: a thread answers one request after another."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        money.write_negatives_with()
        return self.get_response(request)


class TimeGoesOn:
    """What is sent is never answered at a time before what happened last, though the server's clock was set back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self.get_response(request)
        with clock.not_before(history.last_moment()):
            return self.get_response(request)


class KeptByTheDatabase:
    """What a guard of the database refuses is a refusal like another (409), also where no form or step says it itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DatabaseError) or (said := kept_text(error)) is None:
            return None
        log.warning("Refused by a guard of the database: %s", str(error).splitlines()[0])
        return render(request, "409.html", {"said": said}, status=409)


class OwnPasswordFirst:
    """A password that an administrator gave opens one page only: the one that replaces it."""

    ALLOWED = ("password_change", "logout", "set_language")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        match = request.resolver_match
        if (
            isinstance(user, User)
            and user.must_change_password
            and match
            and match.url_name not in self.ALLOWED
        ):
            return redirect("password_change")
        return None


class SecondFactorFirst:
    """Who needs a second factor by their role and has none sees no other pages than those that set one up."""

    ALLOWED = (
        *OwnPasswordFirst.ALLOWED,
        "confirm",
        "second_factor",
        "second_factor_app",
        "passkey_new",
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if (
            isinstance(user, User)
            and codes.is_required_of(user)
            and not signed_on.needs_no_second_factor(request)
            and match
            and match.url_name not in self.ALLOWED
            and not codes.is_set_up(user)
        ):
            return redirect("second_factor")
        return None
