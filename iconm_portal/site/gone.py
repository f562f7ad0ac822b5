"""What was typed into something that is not there any more: nothing of it is lost.

A draft that a colleague discards takes its pages with it, so that no view could show what somebody else was just typing.
Whatever was posted to an address that is not there, or to a thing that went while it was being saved (`Gone`), is answered
with everything that was sent, to be copied from.
"""

from collections.abc import Callable, Sequence
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from iconm_portal.forms import unsent_input
from iconm_portal.forms.refusals import Gone

HIDDEN: Final = ("version", "original", "seen", "disputed", "step", "choice")
"""How the names of fields end that nobody types."""


class NothingTypedIsLost:
    """Answers instead of the view: 409 where somebody discarded the thing just now, 404 where there is none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """None where nothing was typed, or a script asks: the usual page says enough."""
        if request.method != "POST" or request.headers.get("X-While-Typing"):
            return None
        match error:
            case Gone():
                return _page(request, error.typed or sent_texts(request), 409)
            case Http404() if request.user.is_authenticated and (typed := sent_texts(request)):
                return _page(request, typed, 404)
        return None


def sent_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Everything that was typed or chosen, without labels: there is no form any more that would know them."""
    return [
        ("", str(text))
        for name, texts in request.POST.lists()
        if name not in (unsent_input.TOKEN, unsent_input.FORM_KEY)
        and not name.endswith(HIDDEN)
        and "password" not in name
        for text in texts
        if str(text).strip()
    ]


def _page(request: HttpRequest, typed: Sequence[tuple[str, str]], status: int) -> HttpResponse:
    unsent_input.forget_sent(request)
    context = {"typed": typed, "is_discarded": status == 409, "files_again": bool(request.FILES)}
    return render(request, "iconm_portal/gone.html", context, status=status)
