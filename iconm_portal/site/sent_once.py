"""What a form makes is made once, however often it is sent: by a second click, by resending a page, or after going back.

    sent again as it was          answered as the first time: the same address, nothing done; where that had shown a page,
                                  such as a password for once, it is said that it was done
    sent again, changed           nothing done: its page shows what was typed, and where that stands which was done
    sent again after a refusal    tried anew

A form is known by its key, its address and its sender. What is sent without a key, as by a script, is taken as it comes.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _

from iconm_portal.forms import unsent_input
from iconm_portal.history import once
from iconm_portal.models import Sending

WAITS_SECONDS: Final = 5.0
"""So long the second waits for the first one's answer, which is still being made."""
LOOKS_EVERY_SECONDS: Final = 0.05
NOT_CONTENTS: Final = (unsent_input.TOKEN, unsent_input.FORM_KEY)


def key_of(request: HttpRequest) -> str:
    """By what the sent form is known; empty where it carries no key, and for what a script sends while someone types."""
    if request.method != "POST" or not request.user.is_authenticated or request.headers.get("X-While-Typing"):
        return ""
    form = request.POST.get(unsent_input.FORM_KEY, "")
    return _digest([request.user.pk, request.path, form]) if form else ""


def contents_of(request: HttpRequest) -> str:
    """A digest of everything that was sent, files with what is in them. Keyed, because passwords are among it."""
    digest = salted_hmac("iconm_portal.site.sent_once", b"", algorithm="sha256")
    for name, values in sorted(request.POST.lists()):
        if name not in NOT_CONTENTS:
            digest.update(_digest([name, values]).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(_digest([name, file.name, file.size]).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


def _digest(what: list[Any]) -> str:
    return hashlib.sha256(repr(what).encode(errors="surrogatepass")).hexdigest()


class SentOnce:
    """Opens a sending for each form with a key, and answers the second as the first was answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = key_of(request)
        if not key:
            return self.get_response(request)
        contents = contents_of(request)
        if (first := once.first_of(key)) and first.contents == contents:
            return _as_before(request, first)
        with once.sending(key, contents) as opened:
            response = self.get_response(request)
        if opened.is_claimed:
            opened.answered(response.status_code, response.headers.get("Location", ""))
        elif (first := once.first_of(key)) and first.contents == contents:
            # The other one was done meanwhile, and this one refused because of it. What that said goes with it.
            return _as_before(request, first)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Nothing was written. Sent as before, it is answered above; otherwise nothing of what was typed may be lost."""
        if not isinstance(error, once.SentTwice):
            return None
        first = once.first_of(key_of(request))
        if first is None or first.contents == contents_of(request):
            return HttpResponse(status=409)
        unsent_input.keep(request, as_another=True)
        messages.warning(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _(
                    "This form was sent before with something else in it, and that was done. What you typed now is not"
                    " saved: look at it, and send it again if it is meant as well."
                ),
                first.location or request.path,
                _("See what was done"),
            ),
        )
        if request.FILES:
            messages.warning(request, _("Choose the files again: a browser does not send them twice."))
        return redirect(request.path)


def _as_before(request: HttpRequest, first: Sending) -> HttpResponse:
    unsent_input.forget_sent(request)
    end = time.monotonic() + WAITS_SECONDS
    while first.status is None and time.monotonic() < end:
        time.sleep(LOOKS_EVERY_SECONDS)
        first.refresh_from_db()
    if first.location:
        return redirect(first.location)
    return render(request, "iconm_portal/done_before.html")  # it had shown a page, which nobody has kept
