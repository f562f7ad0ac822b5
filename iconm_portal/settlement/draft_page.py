"""The page of a draft that one side fills in and hands in: typed, checked while typing, saved, by two people at once.

A draft is a sheet of many forms: one about the whole, one for each line, and the decision with which it is handed in.
What two people do to it at once is brought together by `iconm_portal.forms.edited`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import Dispute, EditedForm, brought_up, with_choices
from iconm_portal.forms.refusals import Conflict, Gone, Wrong, WrongStep, wrongs_of
from iconm_portal.models import Reviewed, StoredFile
from iconm_portal.people.access import person
from iconm_portal.settlement import good_cells
from iconm_portal.settlement.good_cells import Unread
from iconm_portal.settlement.step_forms import DecisionForm, seen_version
from iconm_portal.values import clock


class KeysField(forms.MultipleChoiceField):
    """Keys of files that may have gone since the page was made; those are simply not found later."""

    def valid_value(self, value: str) -> bool:
        return value.isdigit()


class DraftForm(ABC):
    """A sheet as one form: its head, a form for each line, and the decision. `data` is None on a fresh page."""

    def __init__(
        self, data: QueryDict | None, head: EditedForm, lines: Sequence[EditedForm], *, today: date
    ) -> None:
        self.data, self.head, self.lines = data, head, lines
        self.decision_form = DecisionForm(data, today=today)
        for form in lines:
            for name, field in form.fields.items():
                # Where messages about the field stand, also those that come while typing.
                field.widget.attrs["aria-describedby"] = f"id_{form.add_prefix(name)}_said"

    @property
    @abstractmethod
    def in_order(self) -> Sequence[EditedForm]:
        """Head and lines in the order of the page."""

    @property
    @abstractmethod
    def warnings(self) -> dict[str, list[str]]:
        """What may be wrong, by field name."""

    @abstractmethod
    def refuse(self, error: ValidationError) -> None:
        """Add what the action found wrong, where it belongs."""

    @abstractmethod
    def removed_files(self) -> Iterable[int]:
        """Keys of the attached files whose removal was asked for."""

    @property
    def wrongs(self) -> list[Wrong]:
        """Every refusal, in the order of the page."""
        lines = [wrong for form in self.in_order for wrong in wrongs_of(form, form.line_name)]
        return [*lines, *wrongs_of(self.decision_form)]

    def is_valid(self) -> bool:
        """Whether everything can be taken as it was typed."""
        return self.data is not None and not self.wrongs

    def errors(self) -> dict[str, list[str]]:
        """The refusals by field name."""
        return {
            form.add_prefix(name): [str(message) for message in messages]
            for form in (*self.in_order, self.decision_form)
            for name, messages in form.errors.items()
        }

    @property
    def disputes(self) -> list[Dispute]:
        """What was changed by two, of the whole first."""
        return [dispute for form in (self.head, *self.lines) for dispute in form.disputes.values()]


Draft = TypeVar("Draft", bound=Reviewed)
Sheet = TypeVar("Sheet")
Form = TypeVar("Form", bound=DraftForm)


class DraftPage(ABC, Generic[Draft, Sheet, Form]):
    """What a kind of draft says about its page; `drafts` is the one that the address names, if the person may know it.

    The template gets `form`, `was_kept`, `conflict` (who was faster), `wrong_title` and `files_again` with the context.
    """

    template: str
    gone_template: str
    typed_fields: tuple[str, ...]  # of a line, to be copied from what was typed into a draft that is gone

    def __init__(self, request: HttpRequest, drafts: QuerySet[Draft]) -> None:
        self.request, self.drafts = request, drafts

    # -- What the subject says --

    @abstractmethod
    def sheet(self, draft: Draft) -> Sheet:
        """All that stands beside the fields."""

    @abstractmethod
    def form(self, sheet: Sheet, data: QueryDict | None = None, uploads: Any = None) -> Form:
        """The sheet as it is stored, or as it was typed."""

    @abstractmethod
    def save(self, draft: Draft, form: Form, **what: Any) -> HttpResponse:
        """Keep the draft, and hand it in where that was asked for; what is said, and where to go on."""

    @abstractmethod
    def keep(self, draft: Draft, form: Form, **what: Any) -> Draft:
        """Keep the draft, and nothing more."""

    @abstractmethod
    def moved_on(self, draft: Draft) -> str:
        """Who saved it or handed it in last, and when."""

    @abstractmethod
    def reading_address(self, draft: Draft) -> str:
        """Where a draft stands that cannot be changed."""

    @abstractmethod
    def context(self, draft: Draft, form: Form) -> dict[str, Any]:
        """What the template needs beside the form."""

    # -- What the page does --

    @property
    def is_submitting(self) -> bool:
        """Whether it is to be handed in, and not only kept."""
        return self.request.POST.get("step") == "submit"

    def entry(self) -> HttpResponse:
        """The page, or what becomes of what was sent."""
        found = self.drafts.first()
        if self.request.method == "POST":
            return self._gone(404) if found is None else self._sent(found)
        if found is None:
            raise Http404
        kept = unsent_input.kept_for(self.request)
        if kept is not None:
            return self._typed(found, kept, was_kept=True)
        if not found.is_editable:
            return redirect(self.reading_address(found))
        return self._page(found, self.form(self.sheet(found)))

    def check(self) -> JsonResponse:
        """What the page would say about what is being typed. Saves nothing."""
        found = self.drafts.first()
        if found is None:
            raise Http404
        form = self._form(self.sheet(found), self.request.POST)
        stale = self.moved_on(found) if self._is_stale(found, self.request.POST) else ""
        return JsonResponse({"errors": form.errors(), "warnings": form.warnings, "stale": stale})

    def _sent(self, found: Draft) -> HttpResponse:
        request = self.request
        if "give_up" in request.POST:
            unsent_input.forget(request)
            return redirect(request.path)
        if self._is_stale(found, request.POST):
            return self._typed(found, request.POST, status=409)
        form = self._form(self.sheet(found), request.POST, request.FILES)
        try:
            if not form.is_valid():
                return self._good_kept(found) or self._page(found, form)
            answer = self.save(found, form, **self._what(form))
        except (Conflict, WrongStep, Gone):  # the database's version decides who comes first
            now = self.drafts.first()
            return self._gone(409) if now is None else self._typed(now, request.POST, status=409)
        except ValidationError as error:  # as it was typed, with what the action found
            now = self.drafts.first()
            if now is None:
                return self._gone(409)
            form = self._form(self.sheet(now), _asking_nothing(request.POST))
            form.refuse(error)
            return self._page(now, form)
        unsent_input.forget(request)
        return answer

    def _what(self, form: Form) -> dict[str, Any]:
        return {
            "version": seen_version(self.request),
            "removed_files": list(StoredFile.objects.filter(pk__in=form.removed_files())),
            "by": person(self.request),
            "at": clock.now(),
        }

    def _good_kept(self, found: Draft) -> HttpResponse | None:
        """Save all that can be read, and show the rest again with what is wrong with it. None where nothing else was typed,
        or nothing is unread but what only a hand-in asks for."""
        request, sheet = self.request, self.sheet(found)
        sent = _without_submitting(request.POST)
        typed = self._form(sheet, sent, request.FILES)
        if typed.is_valid():
            return None
        unread = Unread.of(typed.in_order, typed.decision_form)
        data, uploads = good_cells.readable(sent, request.FILES, unread, self.form(sheet).in_order)
        good = self._form(sheet, data, uploads)
        number = good_cells.number_changed(good.in_order, data, uploads)
        if not number or not good.is_valid():
            return None
        saved = self.keep(found, good, **self._what(good))
        stored = self.form(self.sheet(saved)).in_order
        unsent_input.keep_rest(request, good_cells.left_over(sent, unread, stored, saved.version))
        messages.warning(request, self._said_of_rest(number, unread.number))
        for wrong in unread.of_files:
            messages.error(request, f"{wrong.label}: {wrong.message}" if wrong.label else wrong.message)
        return redirect(request.path)

    def _said_of_rest(self, saved: int, unread: int) -> str:
        said = [
            ngettext("%(number)s entry was saved.", "%(number)s entries were saved.", saved)
            % {"number": saved},
            ngettext("%(number)s could not be read.", "%(number)s could not be read.", unread)
            % {"number": unread},
        ]
        return " ".join([_("Not submitted."), *said] if self.is_submitting else said)

    def _typed(
        self, found: Draft, sent: QueryDict, *, was_kept: bool = False, status: int = 200
    ) -> HttpResponse:
        """What was typed and not saved, brought up to what somebody else saved meanwhile."""
        sheet, data = self.sheet(found), _asking_nothing(sent)
        if not self._is_stale(found, data):
            return self._page(found, self._form(sheet, data), was_kept=was_kept, status=status)
        stored = self.form(sheet).in_order
        ours, disputes = brought_up(with_choices(data, lambda: stored), stored)
        form = self.form(sheet, ours)
        for line in form.in_order:
            own = [one for one in disputes if one.form.prefix == line.prefix]
            line.dispute(own, needs_choice=False)
        return self._page(found, form, was_kept=was_kept, conflict=self.moved_on(found), status=status)

    def _form(self, sheet: Sheet, data: QueryDict, uploads: Any = None) -> Form:
        return self.form(sheet, with_choices(data, lambda: self.form(sheet).in_order), uploads)

    def _is_stale(self, found: Draft, data: QueryDict) -> bool:
        """Whether the draft moved on since the page was made on which this was typed."""
        return data.get("version") != str(found.version) or not found.is_editable

    def _gone(self, status: int) -> HttpResponse:
        """Somebody discarded it, just now (409) or before (404): what was typed is shown to be copied, since there is nothing
        to save it into."""
        messages.error(
            self.request, _("Someone discarded this draft, so there is nothing to save into any more.")
        )
        typed = typed_texts(self.request.POST, *self.typed_fields)
        return render(self.request, self.gone_template, {"typed": typed}, status=status)

    def _page(
        self, found: Draft, form: Form, *, was_kept: bool = False, conflict: str = "", status: int = 200
    ) -> HttpResponse:
        context = self.context(found, form) | {
            "form": form,
            "was_kept": was_kept,
            "conflict": conflict,
            "wrong_title": self._wrong_title(form),
            "files_again": bool(self.request.FILES),
        }
        return render(self.request, self.template, context, status=status)

    def _wrong_title(self, form: Form) -> str:
        """What could not be done, and how many places have to be put right; empty where there are none."""
        number = len(form.wrongs) if form.data is not None else 0
        if not number:
            return ""
        if unsent_input.is_rest(self.request):
            text = ngettext("Please correct %(number)s place.", "Please correct %(number)s places.", number)
        elif self.is_submitting:
            text = ngettext(
                "Not submitted and not saved. Please correct %(number)s place.",
                "Not submitted and not saved. Please correct %(number)s places.",
                number,
            )
        else:
            text = ngettext(
                "Not saved. Please correct %(number)s place.",
                "Not saved. Please correct %(number)s places.",
                number,
            )
        return text % {"number": number}


def _without_submitting(sent: QueryDict) -> QueryDict:
    """What was typed, to be saved only."""
    return _asking_nothing(sent) if sent.get("step") == "submit" else sent


def _asking_nothing(sent: QueryDict) -> QueryDict:
    """What was typed without the button that was pressed: what was asked for then is asked for anew."""
    data = sent.copy()
    data.pop("step", None)
    return data


def typed_texts(data: QueryDict, *endings: str) -> list[tuple[str, str]]:
    """What was typed into the fields with these endings, by the code of its line ("" for the whole)."""
    found = []
    for name, texts in data.lists():
        code, _dash, field = name.rpartition("-")
        found += [(code, str(text)) for text in texts if field in endings and str(text).strip()]
    return found
