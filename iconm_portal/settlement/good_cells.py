"""What of a draft can be saved although something typed into it cannot be read: every other cell, and every other file.

In the place of what cannot be read stands what is stored, together with the fields that say nothing without it (the certainty of
a value). What was typed there is shown again, with what is wrong with it.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.refusals import Wrong, wrongs_of
from iconm_portal.settlement.step_forms import DecisionForm


@dataclass(frozen=True)
class Unread:
    """The fields of a draft that cannot be taken as they were typed; `names` as they stand on the page."""

    names: frozenset[str]
    number: int
    of_files: tuple[Wrong, ...]  # what a page cannot show again at its field, since files are not sent twice

    @classmethod
    def of(cls, forms: Iterable[EditedForm], decision: DecisionForm) -> "Unread":
        """Of a bound sheet."""
        names, number, of_files = set(decision.errors), sum(1 for _one in wrongs_of(decision)), list[Wrong]()
        for form in forms:
            wrong = {name for name in form.errors if name != NON_FIELD_ERRORS}
            for together in form.saved_together:
                if wrong & set(together):
                    wrong |= set(together)
            names |= {form.add_prefix(name) for name in wrong}
            number += sum(1 for _one in wrongs_of(form))
            of_files += _of_files(form)
        return cls(frozenset(names), number, tuple(of_files))


def _of_files(form: EditedForm) -> Iterator[Wrong]:
    typed = form.stored_texts()
    for name, messages in form.errors.items():
        if name not in typed:
            label = form.line_name or ("" if name == NON_FIELD_ERRORS else form.label_of(name))
            yield from (Wrong(label, str(message), "") for message in messages)


def readable(
    sent: QueryDict, uploads: MultiValueDict[str, Any], unread: Unread, stored: Iterable[EditedForm]
) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    """What was sent, with what is stored in the place of what cannot be read, and without files that are refused."""
    data, files = sent.copy(), uploads.copy()
    texts = {form.add_prefix(name): text for form in stored for name, text in form.stored_texts().items()}
    for name in unread.names:
        data[name] = texts.get(name, "")
        files.pop(name, None)
    return data, files


def number_changed(typed: Sequence[EditedForm], data: QueryDict, uploads: MultiValueDict[str, Any]) -> int:
    """How many lines (the head is one) say something else than what is stored, or have a file added or taken away."""
    return sum(_is_changed(form, data, uploads) for form in typed)


def _is_changed(form: EditedForm, data: QueryDict, uploads: MultiValueDict[str, Any]) -> bool:
    stored = form.stored_texts()
    texts = {name: data.get(form.add_prefix(name), "").replace("\r\n", "\n") for name in stored}
    others = [form.add_prefix(name) for name in form.fields if name not in stored]
    return texts != stored or any(uploads.getlist(name) or any(data.getlist(name)) for name in others)


def left_over(sent: QueryDict, unread: Unread, saved: Iterable[EditedForm], version: int) -> QueryDict:
    """The sheet as it is saved now, with what could not be read in its place: to be shown, and sent again."""
    data = QueryDict(mutable=True)
    data["version"] = str(version)
    for form in saved:
        texts = form.stored_texts()
        data[form.add_prefix("original")] = json.dumps(texts, ensure_ascii=False)
        for name, text in texts.items():
            data[form.add_prefix(name)] = text
    for name in unread.names:
        if name in sent:
            data.setlist(name, sent.getlist(name))
    return data
