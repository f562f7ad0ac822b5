"""What the entry pages of drafts share: the sent fields brought up to what somebody else saved meanwhile.

A page has groups of fields: one about the whole draft, then one for each line. Beside each group stands, hidden, what
the page was made from (`<prefix>seen`), so that `iconm_portal.forms.merging` can tell who changed what.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django import forms
from django.http import QueryDict
from django.utils.translation import ngettext

from iconm_portal.forms import merging
from iconm_portal.forms.merging import Difference
from iconm_portal.models import Reviewed

About = TypeVar("About")


class KeysField(forms.MultipleChoiceField):
    """Keys of files that may have gone since the page was made; those are simply not found later."""

    def valid_value(self, value: str) -> bool:
        return value.isdigit()


@dataclass(frozen=True, slots=True)
class Group(Generic[About]):
    """Fields that belong together: the prefix of their names, what they are about, and the stored text of each."""

    prefix: str
    about: About
    now: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changed(Generic[About]):
    """A field that somebody else changed while the person typed."""

    about: About
    name: str
    difference: Difference


def saved_since(draft: Reviewed, data: QueryDict) -> bool:
    """Whether the draft moved on since the page was made on which this was typed."""
    return data.get("version") != str(draft.version) or not draft.is_editable


def seen_text(texts: Mapping[str, str]) -> str:
    """What a group is made from, as its hidden field carries it."""
    return json.dumps(dict(texts), ensure_ascii=False)


def with_choices(data: QueryDict, groups: Iterable[Group[About]]) -> QueryDict:
    """The sent fields, with the stored text put where the person chose it over their own."""
    chosen = data.copy()
    for group in groups:
        for name, text in group.now.items():
            field = group.prefix + name
            if data.get(f"{field}-choice") == "stored":
                chosen[field] = text
    return chosen


def brought_up(data: QueryDict, groups: Iterable[Group[About]]) -> tuple[QueryDict, list[Changed[About]]]:
    """The sent fields with what others saved where the person had typed nothing, and every field in dispute."""
    ours, changed = data.copy(), []
    for group in groups:
        fields, differences = merging.merge(
            seen=_read_seen(data.get(f"{group.prefix}seen")),
            typed={name: data.get(group.prefix + name, "") for name in group.now},
            now=group.now,
        )
        for name, text in fields.items():
            ours[group.prefix + name] = text
        ours[f"{group.prefix}seen"] = seen_text(group.now)
        changed += [Changed(group.about, name, difference) for name, difference in differences.items()]
    return ours, changed


def _read_seen(text: str | None) -> dict[str, str]:
    """What the page was made from; nothing when that is not readable, which makes everything a dispute."""
    try:
        seen = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(part) for name, part in seen.items()} if isinstance(seen, dict) else {}


def wrong_title(number: int, *, is_submitting: bool) -> str:
    """What could not be done, and how many places have to be put right."""
    if is_submitting:
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
