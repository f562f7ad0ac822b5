"""The addresses of steps: a step is posted, and refused it answers with the page as it is now.

`StepViews` makes them all from a table of steps (`settlement/steps.py`) and says what a page shows of it:

    STEPS = StepViews(
        actions.STEPS,
        page="kpi:target_proposal",        # from where the steps are taken; …_take_back is the address of a step
        find=_found,                       # what the address names, as far as the person may know of it (else Http404)
        show=_page,                        # _page(request, found, *, status=200, refusal="", **sent)
        onward={"discard": …},             # where to go on, if not to that page: a function of the item and the result
    )
    urlpatterns = [*proposals.STEPS.paths("kpi/<slug:plan>/targets/<number:proposal>/")]

What is sent from the page and is no single step (saving a draft that may not be there yet, with a button that hands it in
too) is a view of its own that goes through `STEPS.answered`: the same forms, refusals and page.

`show` puts `**STEPS.shown(request, found, sent)` into its context: the buttons (`steps`), and each form that is sent with a
step, filled with what was refused or with what was typed before the session ended.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Textarea
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import EditedForm, both_versions, undecided, with_choices
from iconm_portal.forms.refusals import (
    Gone,
    Refused,
    Undecided,
    WrongStep,
    add_refusals,
    refusal_text,
    typed_texts,
)
from iconm_portal.models import Center, User
from iconm_portal.people.access import center_view, person
from iconm_portal.settlement import texts
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.steps import SentForm, Step, StepTable, itself
from iconm_portal.values import clock

View = Callable[..., HttpResponse]
Found = TypeVar("Found")


def step_from(page: str) -> Callable[[View], View]:
    """A step that is posted. Whoever comes by the address alone, as after logging in again, lands on the page.

    `page` names an address with the same parts as the step's.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def posted(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(page, center=center.code, **parts)
            return view(request, center, **parts)

        return posted

    return decorate


def step_on(
    page: str,
    find: Callable[..., Found],
    refused: Callable[[HttpRequest, Found, Exception], HttpResponse],
) -> Callable[[Callable[[HttpRequest, Found], HttpResponse]], View]:
    """A step from the page on what `find` makes of the address (Http404 where the person may not know of it).

    `refused` answers with that thing as it is now and why the step was not taken, status 409.
    """

    def decorate(view: Callable[[HttpRequest, Found], HttpResponse]) -> View:
        @step_from(page)
        @wraps(view)
        def taken(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
            found = find(request, center, **parts)
            try:
                return view(request, found)
            except Refused as error:
                return refused(request, found, error)

        return taken

    return decorate


def _state_word(found: Any) -> str:
    return str(found.get_state_display())


def _stored(form: type[SentForm], about: Any, user: User) -> list[EditedForm]:
    """The form over what is stored, where two people may change that at once."""
    made = form.of(about, user)
    return [made] if isinstance(made, EditedForm) else []


def _words(form: SentForm | type[SentForm], data: QueryDict) -> list[str]:
    """What was typed into its areas for text; of the kind of form, where there is nothing that one could be about."""
    fields = getattr(form, "fields", getattr(form, "base_fields", {}))
    areas = [name for name, one in fields.items() if isinstance(one.widget, Textarea)]
    return [text for name in areas if (text := data.get(name, "").strip())]


@dataclass(frozen=True, kw_only=True)
class StepViews:
    """The addresses of a table's steps, and what their page shows of it. The head of this module shows one.

    `item`: what the steps are taken with, of what `find` found; None where there is none, which is refused with
    `nothing`, or else as a step that its state does not allow. `state_word`: the word for the state in which that is,
    of which `refusal_text` says why a step was not taken.
    `tells` says what else the person is told when a step is done, beside what the table says. `only` the steps that
    are taken from this page, where others are taken from another one: then each page has its own StepViews.
    `forms`: those of steps that need the read model, beside those of the table; by step, then by name in the context.
    `about`: what the forms are about, of what `find` found, if not the item.
    `gone` answers where the person may not know of the thing any more, and `missing` where they may not from the first;
    without them, that is a 404.
    `fields_refuse`: what an action refuses stands at the fields of the form (400), not above the page (409).
    """

    table: StepTable[Any]
    page: str
    find: Callable[..., Any]
    show: Callable[..., HttpResponse]
    item: Callable[[Any], Any] = itself
    about: Callable[[Any], Any] | None = None
    nothing: str | Promise = ""
    state_word: Callable[[Any], str] = _state_word
    refusal_text: Callable[[Exception, str], str] = refusal_text
    after: str = ""  # the page to go on to after a step, if not the one from which it is taken
    onward: Mapping[str, Callable[[Any, Any], str]] = field(default_factory=dict)
    tells: Mapping[str, Callable[[HttpRequest, Any, Any], None]] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    names: str = ""  # what the names of the addresses begin with, if not with the page's
    forms: Mapping[str, Mapping[str, type[SentForm]]] = field(default_factory=dict)
    gone: Callable[[HttpRequest, Center, str], HttpResponse] | None = None
    missing: Callable[[HttpRequest, Center], HttpResponse] | None = None
    fields_refuse: bool = False

    def __post_init__(self) -> None:
        VIEWS.append(self)

    @property
    def steps(self) -> list[Step]:
        """Those that have an address here."""
        own = self.only or [step.name for step in self.table.steps]
        return [step for step in self.table.steps if step.has_address and step.name in own]

    def paths(self, route: str) -> list[URLPattern]:
        """The addresses: `<route>take-back/`, and so on, in the order of the table."""
        return [
            path(
                f"{route}{step.name.replace('_', '-')}/",
                self.view(step.name),
                name=self.address(step).partition(":")[2],
            )
            for step in self.steps
        ]

    def view(self, name: str) -> Callable[..., HttpResponseBase]:
        """The view of one step."""
        step = self.table[name]

        @center_view(step.right)
        @step_from(self.page)
        def take(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
            return self._taken(request, center, step, parts)

        return take

    def shown(self, request: HttpRequest, found: Any, sent: Mapping[str, Any]) -> dict[str, Any]:
        """For the page's context: what the person can do now, and the forms that go with it."""
        item, user = self.item(found), person(request)
        about = (self.about or self.item)(found)
        steps = self.table.possible(item, user)
        at = request.resolver_match.kwargs if request.resolver_match else {}
        unanswered = texts.nobody_answers(user, item.center, self.table.awaited(item)) if item else ""
        context: dict[str, Any] = {"steps": steps, "nobody_answers": unanswered}
        for step in self.table.steps:
            for name, form in self._forms(step).items():
                if name in sent:
                    context[name] = sent[name]
                elif step.name in steps.names and name not in context:
                    addresses = [
                        reverse(self.address(other), kwargs=at)
                        for other in self.table.steps
                        if name in self._forms(other)
                    ]
                    context[name] = form.of(about, user, unsent_input.kept_for(request, *addresses))
        return context

    def _there(self, found: Any) -> None:
        """Refused where there is no item with which a step could be taken."""
        if self.item(found) is None:
            raise ValidationError(str(self.nothing)) if self.nothing else WrongStep("")

    def address(self, step: Step) -> str:
        """The name of the step's address."""
        return f"{self.names or self.page}_{step.name}"

    def _forms(self, step: Step) -> Mapping[str, type[SentForm]]:
        return {**step.forms, **self.forms.get(step.name, {})}

    def _taken(
        self, request: HttpRequest, center: Center, step: Step, parts: Mapping[str, Any]
    ) -> HttpResponse:
        def take(found: Any, **given: Any) -> HttpResponse:
            item = self.item(found)
            result = self.table.take(
                step.name, item, version=seen_version(request), by=person(request), at=clock.now(), **given
            )
            said = step.says(item, result) if callable(step.says) else step.says
            if said:
                messages.success(request, said)
            if step.name in self.tells:
                self.tells[step.name](request, item, result)
            if step.name in self.onward:
                return redirect(self.onward[step.name](item, result))
            return redirect(self.after or self.page, center=center.code, **parts)

        return self.answered(request, center, parts, self._forms(step), take)

    def answered(
        self,
        request: HttpRequest,
        center: Center,
        parts: Mapping[str, Any],
        forms: Mapping[str, type[SentForm]],
        take: Callable[..., HttpResponse],
        *,
        needs_item: bool = True,
    ) -> HttpResponse:
        """What `take` answers to what was sent, where it is no single step of the table: with what was found, and what
        the forms give. Where a form cannot be taken, or the step is refused, the page as it is now (400, 409).

        `needs_item`: not where the first save begins the item.
        """
        user = person(request)
        try:
            found = self.find(request, center, **parts)
        except Http404:
            if self.missing is None:
                raise  # iconm_portal/site/gone.py shows what was typed
            self._hand_back(request, None, forms)
            return self.missing(request, center)
        sent: dict[str, SentForm] = {}
        try:
            if needs_item:
                self._there(found)
            about = (self.about or self.item)(found)
            for name, form in forms.items():
                data = with_choices(request.POST, partial(_stored, form, about, user))
                sent[name] = form.of(about, user, data, request.FILES)
            if undecided(request.POST):
                raise Undecided
            if any(form.errors for form in sent.values()):
                return self.show(request, found, status=400, **sent)
            given = {key: value for form in sent.values() for key, value in form.given().items()}
            answer = take(found, **given)
        except Refused as error:
            return self.refused(request, center, found, parts, error, sent, forms)
        except Gone as error:
            error.typed = typed_texts(sent.values())
            raise
        if sent and answer.status_code == HTTPStatus.FOUND:  # otherwise it is asked for once more
            unsent_input.forget(request)
        return answer

    def refused(
        self,
        request: HttpRequest,
        center: Center,
        found: Any,
        parts: Mapping[str, Any],
        error: Exception,
        sent: Mapping[str, Any] | None = None,
        forms: Mapping[str, type[SentForm]] | None = None,
    ) -> HttpResponse:
        """The page as it is now with what was typed, and why the step was not taken.

        `parts`: of its address. `forms`: those that go with it, to be handed back where the page does
        not show them any more; `sent` lacks them where there is no item. None: the page always shows what was sent.
        """
        sent = sent or {}
        all_sent = {} if forms is None else {**forms, **sent}
        if self.fields_refuse and sent and isinstance(error, ValidationError):
            add_refusals(next(iter(sent.values())), error)
            self._hand_back(request, found, all_sent)
            return self.show(request, found, status=400, **sent)
        try:
            now = self.find(request, center, **parts)
        except Http404:
            if self.gone is None:
                raise
            self._hand_back(request, None, all_sent)
            return self.gone(request, center, self.refusal_text(error, self.state_word(found)))
        about, refusal = (self.about or self.item)(now), self.refusal_text(error, self.state_word(now))
        self._hand_back(request, now, all_sent)
        # What two people changed shows both versions.
        edited = {
            name: both_versions(request.POST, partial(sent[name].of, about, person(request)))
            for name, form in sent.items()
            if isinstance(form, EditedForm)
        }
        return self.show(request, now, status=409, refusal=refusal, **{**sent, **edited})

    def _hand_back(self, request: HttpRequest, now: Any, sent: Mapping[str, Any]) -> None:
        """Say what was typed into forms of steps that the page does not show any more, as where somebody was faster.

        `now`: what is there; None where the person may not know of it any more. What goes with no step of the table
        is the draft, which the page shows as long as it can be begun or edited.
        """
        item = None if now is None else self.item(now)
        still = self.table.possible(item, person(request)).names
        forms = {step.name: set(self._forms(step)) for step in self.table.steps}
        shown = set().union(*(names for step, names in forms.items() if step in still))
        if now is not None and (item is None or "edit" in still):
            shown |= sent.keys() - set().union(*forms.values())
        for name, form in sent.items():
            for text in _words(form, request.POST) if name not in shown else ():
                copy = _("Nothing was saved. Copy from here what you still need.")
                messages.warning(request, f"{copy}\n{text}")


VIEWS: list[StepViews] = []
"""All of them, for the tests."""
