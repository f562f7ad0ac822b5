"""Two people at once on one thing: a form knows what it was made from, so that nothing typed and nothing saved is lost.

Beside its fields stands, hidden, the text of each as the page had it. When somebody else saved meanwhile, three states
are compared (`iconm_portal.forms.merging`): what the other changed alone stands in the field now, what both changed is
put to the choice, field by field. A page of many forms (a sheet with a form for each line) is treated as one.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from iconm_portal.forms import merging
from iconm_portal.forms.refusals import Undecided

Form = TypeVar("Form", bound=forms.BaseForm)

MINE, STORED = "mine", "stored"
LONGEST_SAID = 80


@dataclass(frozen=True, slots=True)
class Dispute:
    """A field that somebody else changed while the person typed; both texts as the page says them.

    `is_taken_over`: the person had left the field as it was, so that what is saved stands in it now.
    """

    form: "EditedForm"
    name: str
    saved: str
    typed: str
    is_taken_over: bool

    @property
    def field(self) -> str:
        """The name of the field on the page."""
        return self.form.add_prefix(self.name)

    @property
    def label(self) -> str:
        """What the field is called."""
        return self.form.label_of(self.name)

    @property
    def line(self) -> str:
        """What the field's line is called, where several lines have the same fields."""
        return self.form.line_name


class EditedField(forms.BoundField):
    """A field that shows what it is in dispute with."""

    @property
    def dispute(self) -> Dispute | None:
        return cast(EditedForm, self.form).disputes.get(self.name)


class EditedForm(forms.Form):
    """A form over something that others may change too; its `initial` is what is stored.

    Whatever hidden field it has (a version) names the state that the page showed.
    """

    bound_field_class = EditedField
    line_name = ""
    saved_together: tuple[tuple[str, ...], ...] = ()
    """Fields that say nothing without each other: in a draft, none of them is saved while one cannot be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.disputes: dict[str, Dispute] = {}

    @property
    def made_from(self) -> SafeString:
        """What stood in the fields when the page was made, hidden; a refused form carries on what it was sent with."""
        texts = json.dumps(self.stored_texts(), ensure_ascii=False)
        name = self.add_prefix("original")
        return format_html(
            '<input type="hidden" name="{}" value="{}">',
            name,
            self.data.get(name, "") if self.is_bound else texts,
        )

    def stored_texts(self) -> dict[str, str]:
        """What is stored in each field that is typed or chosen, as the field writes it."""
        return {
            bound.name: _text_of(bound.field.prepare_value(bound.initial))
            for bound in self
            if _is_typed(bound)
        }

    def label_of(self, name: str) -> str:
        """What a field is called where it is spoken of."""
        return str(self.fields[name].label)

    def is_disputable(self, name: str, fields: Mapping[str, str]) -> bool:
        """Whether two people have to agree on the field, given what stands in all of them."""
        return True

    def in_words(self, name: str, text: str) -> str:
        """A field's text as the page says it: a choice by its words; empty for a blank."""
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("yes") if text else _("no")
        if isinstance(field, forms.ChoiceField):
            return next((str(label) for key, label in _choices_of(field) if str(key) == text), text)
        return text

    def dispute(self, disputes: Iterable[Dispute], *, needs_choice: bool = True) -> None:
        """Put the disputes at their fields. Where both changed it, it is said there what is saved now, and the form is
        not valid until one of the two is chosen; `needs_choice`: unless one's own is chosen already."""
        for one in disputes:
            self.disputes[one.name] = one
            if needs_choice and not one.is_taken_over:
                saved = Truncator(one.saved or "－").chars(LONGEST_SAID)
                self.add_error(one.name, _("Saved now: %(value)s") % {"value": saved})


class VersionedForm(EditedForm):
    """A form over a row with a version; 0, which never was, where none was sent."""

    version = forms.IntegerField(
        min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput, initial=0
    )

    def clean_version(self) -> int:
        """What the page showed."""
        return self.cleaned_data["version"] or 0


def with_choices(data: QueryDict, stored: Callable[[], Iterable[EditedForm]]) -> QueryDict:
    """The sent fields, with what is stored put where the person chose it over their own.

    `stored` makes the forms of what is stored now; it is asked only where a choice was sent.
    """
    if STORED not in (value for name, value in data.items() if name.endswith("-choice")):
        return data
    chosen = data.copy()
    for form in stored():
        for name, text in form.stored_texts().items():
            field = form.add_prefix(name)
            if data.get(f"{field}-choice") == STORED:
                chosen[field] = text
    return chosen


def undecided(data: QueryDict) -> set[str]:
    """The fields in dispute that were put to the choice on the page, and for which none was made."""
    return {field for field in data.getlist("disputed") if data.get(f"{field}-choice") not in (MINE, STORED)}


def brought_up(data: QueryDict, stored: Iterable[EditedForm]) -> tuple[QueryDict, list[Dispute]]:
    """The sent fields with what others saved where the person had typed nothing, and every field in dispute.

    `stored` are the forms of what is stored now. What is sent again names that state, and was made from it.
    """
    ours, disputes, open_still = data.copy(), [], undecided(data)
    for form in stored:
        now, seen = form.stored_texts(), _read(data.get(form.add_prefix("original")))
        fields, differences = merging.merge(
            seen={name: text for name, text in seen.items() if form.add_prefix(name) not in open_still},
            typed={name: _sent(form, name, data, seen.get(name, text), text) for name, text in now.items()},
            now=now,
        )
        for name, text in fields.items():
            ours[form.add_prefix(name)] = text
        for bound in form.hidden_fields():
            ours[bound.html_name] = _text_of(bound.field.prepare_value(bound.initial))
        ours[form.add_prefix("original")] = json.dumps(now, ensure_ascii=False)
        disputes += [
            Dispute(
                form,
                name,
                saved=form.in_words(name, difference.stored),
                typed=form.in_words(name, difference.typed),
                is_taken_over=difference.is_taken_over,
            )
            for name, difference in differences.items()
            if form.is_disputable(name, fields)
        ]
    return ours, disputes


def sent(data: QueryDict, make: Callable[[QueryDict | None], Form]) -> Form:
    """The form as it was sent, with what is stored where that was chosen. Undecided where a choice was not made."""
    if undecided(data):
        raise Undecided
    return make(with_choices(data, lambda: _edited(make(None))))


def both_versions(data: QueryDict, make: Callable[[QueryDict | None], Form]) -> Form:
    """The form as it is now with what was typed, and at its fields what two people changed; of what was sent too late.

    `make`: the form over what is stored now, of what is sent or of None. A form that edits nothing is only as typed.
    """
    stored = _edited(make(None))
    ours, disputes = brought_up(with_choices(data, lambda: stored), stored)
    form = make(ours)
    for edited in _edited(form):
        edited.dispute(disputes)
    return form


def _edited(form: forms.BaseForm) -> list[EditedForm]:
    return [form] if isinstance(form, EditedForm) else []


def _choices_of(field: forms.ChoiceField) -> Iterator[tuple[Any, Any]]:
    """Keys and words, also of those that stand in groups."""
    for key, label in cast(Iterable[tuple[Any, Any]], field.choices):
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _is_typed(bound: forms.BoundField) -> bool:
    """Files and marks on files are not part of what is compared: a browser does not send them twice."""
    field = bound.field
    return not (
        bound.is_hidden or field.disabled or isinstance(field, forms.FileField | forms.MultipleChoiceField)
    )


def _sent(form: EditedForm, name: str, data: QueryDict, *known: str) -> str:
    """What was sent for a field, in the notation of a known text that means the same: R6.6.1 is 令和6年6月1日."""
    field = form.fields[name]
    text = _text_of(field.widget.value_from_datadict(data, cast(Any, {}), form.add_prefix(name)))
    return next((one for one in known if _means_same(field, one, text)), text)


def _means_same(field: forms.Field, one: str, other: str) -> bool:
    if one == other:
        return True
    if isinstance(field, forms.ChoiceField):
        return False
    try:
        return bool(field.to_python(one) == field.to_python(other))
    except ValidationError:
        return False


def _text_of(value: Any) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "on"
    return str(value)


def _read(text: str | None) -> Mapping[str, str]:
    """What the page was made from; nothing when that is not readable, which makes everything a dispute."""
    try:
        seen = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(part) for name, part in seen.items()} if isinstance(seen, dict) else {}
