"""A page with a form: shown, refused with what was typed, or done. A subject says form, action and where to go on."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict

from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import EditedForm, both_versions, sent
from iconm_portal.forms.refusals import (
    Gone,
    Refused,
    Undecided,
    add_refusals,
    kept_text,
    refusal_text,
    typed_texts,
)

Files = MultiValueDict[str, Any]
Form = TypeVar("Form", bound=forms.BaseForm)

Make = Callable[[QueryDict | None, Files | None], Form]
"""A form of what was sent, or of what was kept when a session ended; of None for a fresh page."""


def form_page(
    request: HttpRequest,
    template: str,
    *,
    form: Make[Form],
    save: Callable[[Form], HttpResponse],
    context: Callable[[Form], dict[str, Any]],
    state: Callable[[Form], str] = lambda _form: "",
) -> HttpResponse:
    """The page, or what becomes of what was sent. The template gets `form`, `was_kept`, `refusal`, `differences`
    and `files_again` with the context.

    `form`: an `EditedForm` is made over what is stored now, and made again after a conflict. `save`: the action, and
    where to go on. What it refuses stands at the fields (400), or above the form with what was typed (409): whoever saves
    second sees both versions field by field. `state`: the word for the state that the thing is in, where it has one.
    """

    def page(shown: Form, status: int = 200, *, was_kept: bool = False, refusal: str = "") -> HttpResponse:
        told = {
            "form": shown,
            "was_kept": was_kept,
            "refusal": refusal,
            "differences": shown.disputes.values() if isinstance(shown, EditedForm) else (),
            "files_again": bool(request.FILES),
        }
        return render(request, template, {**context(shown), **told}, status=status)

    def too_late(error: Exception) -> HttpResponse:
        again = both_versions(request.POST, lambda data: form(data, None))
        return page(again, 409, refusal=refusal_text(error, state(again)))

    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        return page(form(kept, None), was_kept=kept is not None)
    try:
        typed = sent(request.POST, lambda data: form(data, request.FILES))
    except Undecided as error:
        return too_late(error)
    if not typed.is_valid():
        return page(typed, 400)
    try:
        answer = save(typed)
    except ValidationError as error:
        add_refusals(typed, error)
        return page(typed, 400)
    except Refused as error:
        return too_late(error)
    except DatabaseError as error:
        if (refusal := kept_text(error)) is None:
            raise
        return page(typed, 409, refusal=refusal)
    except Gone as error:
        error.typed = typed_texts([typed])
        raise
    if answer.status_code < 400:
        unsent_input.forget_sent(request)
    return answer
