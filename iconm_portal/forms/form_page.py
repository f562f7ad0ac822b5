"""A page with a form: shown, refused with what was typed, or done. The subject says form, action and where to go on."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import EditedForm, brought_up, show_disputes, undecided, with_choices
from iconm_portal.forms.refusals import Refused, add_refusals, refusal_text

Sent = QueryDict | None
Files = MultiValueDict[str, Any] | None
Thing = TypeVar("Thing")
Form = TypeVar("Form", bound=forms.BaseForm)
Edited = TypeVar("Edited", bound=EditedForm)


def form_page(
    request: HttpRequest,
    template: str,
    *,
    form: Callable[[Sent, Files], Form],
    save: Callable[[Form], HttpResponse],
    context: Callable[[Form], dict[str, Any]],
) -> HttpResponse:
    """A form for something new. The template gets `form`, `was_kept` and `refusal` with the context.

    `form`: made of what was sent, or of what was kept when a session ended; of None for a fresh page. `save`: the action
    and where to go on; what it refuses stands at the fields (400), or above the form (409) with what was typed.
    """
    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        return _page(request, template, context, form(kept, None), was_kept=kept is not None)
    typed = form(request.POST, request.FILES)
    try:
        return _saved(request, typed, save) or _page(request, template, context, typed, status=400)
    except Refused as error:
        return _page(request, template, context, typed, refusal=refusal_text(error, ""), status=409)


def edit_page(
    request: HttpRequest,
    template: str,
    *,
    load: Callable[[], Thing],
    form: Callable[[Thing, Sent, Files], Edited],
    save: Callable[[Thing, Edited], HttpResponse],
    context: Callable[[Thing, Edited], dict[str, Any]],
    state: Callable[[Thing], str] = lambda _thing: "",
) -> HttpResponse:
    """A form over something that others may change too: whoever saves second sees both versions field by field.

    `load`: the thing as it is now, also after a conflict. `state`: the word for the state that it is in, where it has
    one. The rest as for `form_page`.
    """
    thing = load()

    def page(edited: Edited, now: Thing, **told: Any) -> HttpResponse:
        return _page(request, template, lambda form: context(now, form), edited, **told)

    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        return page(form(thing, kept, None), thing, was_kept=kept is not None)
    data = with_choices(request.POST, lambda: [form(thing, None, None)])

    def both_versions(refusal: str) -> HttpResponse:
        now = load()
        ours, disputes = brought_up(data, [form(now, None, None)])
        edited = form(now, ours, None)
        show_disputes(disputes, [edited])
        edited.refuse_disputes()
        return page(edited, now, refusal=refusal, status=409)

    if undecided(request.POST):
        return both_versions(_("Nothing was saved: choose at each field that both changed which text stays."))
    typed = form(thing, data, request.FILES)
    try:
        return _saved(request, typed, lambda valid: save(thing, valid)) or page(typed, thing, status=400)
    except Refused as error:
        return both_versions(refusal_text(error, state(load())))


def _saved(request: HttpRequest, typed: Form, save: Callable[[Form], HttpResponse]) -> HttpResponse | None:
    """The answer of what was saved, which ends the keeping of unsent input; None where the form refuses."""
    if not typed.is_valid():
        return None
    try:
        answer = save(typed)
    except ValidationError as error:
        add_refusals(typed, error)
        return None
    if answer.status_code < 400:
        unsent_input.forget(request)
    return answer


def _page(
    request: HttpRequest,
    template: str,
    context: Callable[[Any], dict[str, Any]],
    form: forms.BaseForm,
    *,
    was_kept: bool = False,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    told = {"form": form, "was_kept": was_kept, "refusal": refusal, "files_again": bool(request.FILES)}
    return render(request, template, context(form) | told, status=status)
